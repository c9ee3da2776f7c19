import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { LitElement, css, html, type PropertyValues, type TemplateResult } from 'lit';
import type { UserTurn } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { formatCount } from '../format.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import './copy-button.ts';
import { messageStyles } from './message.styles.ts';

/** Characters. A pasted book is shown by its beginning: laying out a megabyte would freeze the page. */
const SHOWN = 4000;

/**
 * What the person said, and the way to say it differently.
 *
 * @fires llambo-edit-and-ask
 */
export class UserMessage extends LitElement {
  static override styles = [
    sharedStyles,
    messageStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        align-items: flex-end;
      }
      .bubble {
        max-width: min(85%, 36rem);
        padding: 0.5rem 0.875rem;
        border-radius: var(--wa-border-radius-l);
        border-end-end-radius: 2px;
        background: var(--wa-color-brand-fill-quiet);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .editor {
        width: 100%;
      }
      .buttons {
        display: flex;
        justify-content: flex-end;
        gap: 0.5rem;
        margin-top: 0.5rem;
      }
      wa-textarea::part(form-control-label) {
        position: absolute;
        clip-path: inset(50%);
      }
      wa-textarea::part(textarea) {
        max-height: 40vh;
      }
    `,
  ];
  static override properties = { turn: { attribute: false }, locked: { type: Boolean }, editing: { state: true } };

  declare turn: UserTurn;
  /** No editing now: an answer is being written. */
  declare locked: boolean;
  protected declare editing: boolean;

  constructor() {
    super();
    this.locked = false;
    this.editing = false;
  }

  /** Opens the editor. */
  edit(): void {
    if (!this.locked) this.editing = true;
  }

  protected override render(): TemplateResult {
    return this.editing ? this.#renderEditor() : this.#renderText();
  }

  #renderText(): TemplateResult {
    const { text } = this.turn;
    const rest = text.length - SHOWN;
    return html`
      <h2 class="visually-hidden">You</h2>
      <div class="bubble" dir="auto">${rest > 0 ? html`${text.slice(0, SHOWN)}… <span class="quiet">(${formatCount(rest)} more characters)</span>` : text}</div>
      <div class="actions">
        <wa-button class="icon edit" appearance="plain" size="s" title="Edit and ask again" ?disabled=${this.locked} @click=${this.edit}>
          <wa-icon name="pencil" label="Edit and ask again"></wa-icon>
        </wa-button>
        <copy-button label="Copy your message" .text=${text}></copy-button>
      </div>
    `;
  }

  #renderEditor(): TemplateResult {
    return html`
      <div class="editor" @keydown=${this.#onKeydown}>
        <wa-textarea label="Edit your message" resize="auto" rows="2" .value=${this.turn.text}></wa-textarea>
        <div class="buttons">
          <wa-button size="s" appearance="plain" @click=${this.#cancel}>Cancel</wa-button>
          <wa-button size="s" variant="brand" @click=${this.#submit}>Ask again</wa-button>
        </div>
      </div>
    `;
  }

  protected override updated(changed: PropertyValues): void {
    // Focus follows the person into the editor and back.
    if (!changed.has('editing') || changed.get('editing') === undefined) return;
    const target = this.renderRoot.querySelector<HTMLElement>(this.editing ? 'wa-textarea' : '.edit');
    void Promise.resolve((target as LitElement | null)?.updateComplete).then(() => target?.focus());
  }

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      this.#cancel();
    } else if (event.key === 'Enter' && !event.shiftKey && event.composedPath()[0] instanceof HTMLTextAreaElement) {
      event.preventDefault();
      this.#submit();
    }
  };

  readonly #cancel = (): void => {
    this.editing = false;
  };

  readonly #submit = (): void => {
    const text = this.renderRoot.querySelector('wa-textarea')?.value?.trim() ?? '';
    if (text === '') return;
    this.editing = false;
    emit(this, 'llambo-edit-and-ask', { turn: this.turn.id, text });
  };
}
customElements.define('user-message', UserMessage);

declare global {
  interface HTMLElementTagNameMap {
    'user-message': UserMessage;
  }
}
