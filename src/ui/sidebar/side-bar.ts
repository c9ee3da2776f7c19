import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { formatCount } from '../format.ts';
import { logo } from '../logo.ts';
import { StoreController } from '../store-controller.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import './conversation-item.ts';
import { sideBarStyles } from './side-bar.styles.ts';

/** Rows. More are shown on request: nobody scrolls through thousands. */
const FIRST = 200;

const select = ({ conversations, conversation }: Snapshot): { conversations: Snapshot['conversations']; current: string } => ({ conversations, current: conversation.id });

/**
 * The brand, the conversations, and what can be done with all of them. Places of the page (chat, later: batch, swarm,
 * models) will be listed between the brand and the conversations.
 *
 * @fires llambo-conversation-new
 * @fires llambo-conversations-export
 * @fires llambo-conversations-import
 * @fires llambo-panel-open
 */
export class SideBar extends LitElement {
  static override styles = [sharedStyles, sideBarStyles];
  static override properties = { all: { state: true } };

  protected declare all: boolean;
  readonly #state = new StoreController(this, select);

  constructor() {
    super();
    this.all = false;
  }

  protected override render(): TemplateResult {
    const { conversations, current } = this.#state.value;
    const shown = this.all ? conversations : conversations.slice(0, FIRST);
    return html`
      <div class="weave" aria-hidden="true"></div>
      <header class="brand"><span class="mark">${logo()}</span><span class="name">Llambo</span></header>
      <wa-button class="new" size="s" appearance="outlined" @click=${() => emit(this, 'llambo-conversation-new', null)}>
        <wa-icon slot="start" name="new-chat"></wa-icon>New chat
      </wa-button>
      <nav aria-label="Conversations">
        ${shown.length === 0 ? nothing : html`<h2>Conversations</h2>`}
        <ul>
          ${repeat(shown, ({ id }) => id, (conversation) => html`<li><conversation-item .conversation=${conversation} ?current=${conversation.id === current}></conversation-item></li>`)}
        </ul>
        ${shown.length < conversations.length
          ? html`<wa-button class="more" size="s" appearance="plain" @click=${() => (this.all = true)}>Show all ${formatCount(conversations.length)}</wa-button>`
          : nothing}
      </nav>
      <div class="foot">
        <wa-button class="wide" size="s" appearance="plain" @click=${() => emit(this, 'llambo-panel-open', { panel: 'templates' })}>
          <wa-icon slot="start" name="template"></wa-icon>Prompt templates
        </wa-button>
        <wa-button class="icon" size="s" appearance="plain" title="Import conversations" @click=${this.#pickFile}><wa-icon name="upload" label="Import conversations"></wa-icon></wa-button>
        <wa-button class="icon" size="s" appearance="plain" title="Export all conversations" @click=${() => emit(this, 'llambo-conversations-export', {})}><wa-icon name="download" label="Export all conversations"></wa-icon></wa-button>
        <input type="file" accept=".json,application/json" hidden aria-label="File with conversations" @change=${this.#onFile} />
      </div>
    `;
  }

  readonly #pickFile = (): void => this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')!.click();

  readonly #onFile = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    // Emptied, so that the same file can be chosen again.
    input.value = '';
    if (file) emit(this, 'llambo-conversations-import', { file });
  };
}
customElements.define('side-bar', SideBar);

declare global {
  interface HTMLElementTagNameMap {
    'side-bar': SideBar;
  }
}
