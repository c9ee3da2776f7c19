import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { NativeServerInfo } from '../../protocol/native.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { StoreController } from '../store-controller.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import './native-form.ts';
import { hostOf, stateWords } from './native-words.ts';
import { rowStyles } from './row.styles.ts';

/**
 * The servers that work for this tab, and what can be done with each.
 *
 * @fires llambo-server-remove
 * @fires llambo-server-retry
 */
export class NativeServers extends LitElement {
  static override styles = [
    sharedStyles,
    rowStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.875rem;
      }
      h3,
      p {
        margin: 0;
      }
      h3 {
        font-size: 1rem;
      }
      .rows {
        margin: 0;
      }
      .state {
        font-size: var(--wa-font-size-s);
        line-height: 1.45;
        overflow-wrap: anywhere;
      }
      .failed {
        color: var(--wa-color-danger-on-quiet);
      }
      .rows native-form {
        flex: 1 1 100%;
        padding: 0.5rem 0;
      }
      .open {
        justify-self: start;
      }
    `,
  ];
  static override properties = { editing: { state: true } };

  /** The server whose form is open; empty: that of a new one; null: none. */
  protected declare editing: string | null;
  readonly #state = new StoreController(this, ({ native, nodes }: Snapshot) => ({ native, nodes }));

  constructor() {
    super();
    this.editing = null;
  }

  protected override render(): TemplateResult {
    const { servers, test } = this.#state.value.native;
    return html`
      <h3 tabindex="-1">Servers</h3>
      <p class="quiet">llama-server, vLLM, Ollama or anything with OpenAI’s interface can answer for this tab. What you ask then goes to that server.</p>
      <ul class="rows">${servers.map((server) => this.#renderServer(server))}</ul>
      ${this.editing === ''
        ? html`<native-form .server=${null} .test=${test} @close=${this.#close}></native-form>`
        : html`<wa-button class="open" size="s" appearance="outlined" @click=${() => (this.editing = '')}><wa-icon slot="start" name="plus"></wa-icon>Add a server</wa-button>`}
    `;
  }

  #renderServer(server: NativeServerInfo): TemplateResult {
    const { id, url, address, share } = server;
    const node = this.#state.value.nodes.find((one) => one.address === address);
    const failed = node?.state === 'error';
    const host = hostOf(url);
    return html`
      <li>
        <div class="grow">
          <div class="truncate" dir="ltr"><strong>${host}</strong>${share ? html` <span class="quiet">shared</span>` : nothing}</div>
          <div class="state ${failed ? 'failed' : 'quiet'}" role=${failed ? 'alert' : nothing}>${stateWords(node)}</div>
        </div>
        ${failed ? html`<wa-button class="icon" size="s" appearance="plain" title="Try again" @click=${() => emit(this, 'llambo-server-retry', { id })}><wa-icon name="refresh" label="Try ${host} again"></wa-icon></wa-button>` : nothing}
        <wa-button class="icon" size="s" appearance="plain" title="Change" data-server=${id} @click=${() => (this.editing = id)}><wa-icon name="pencil" label="Change ${host}"></wa-icon></wa-button>
        <wa-button class="icon" size="s" appearance="plain" title="Remove" @click=${() => this.#remove(id)}><wa-icon name="trash" label="Remove ${host}"></wa-icon></wa-button>
        ${this.editing === id ? html`<native-form .server=${server} .test=${null} @close=${this.#close}></native-form>` : nothing}
      </li>
    `;
  }

  #remove(id: string): void {
    if (this.editing === id) this.editing = null;
    // The button goes with its server: the focus must not go with it.
    this.renderRoot.querySelector<HTMLElement>('h3')?.focus();
    emit(this, 'llambo-server-remove', { id });
  }

  readonly #close = (): void => {
    const opener = this.editing === '' ? 'wa-button.open' : `wa-button[data-server="${this.editing}"]`;
    this.editing = null;
    // The form that had the focus is gone: it goes back to what opened it.
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(opener)?.focus());
  };
}
customElements.define('native-servers', NativeServers);

declare global {
  interface HTMLElementTagNameMap {
    'native-servers': NativeServers;
  }
}
