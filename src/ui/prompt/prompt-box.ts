import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { FusionOptions } from '../../protocol/fusion.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { PromptTemplate } from '../../protocol/snapshot.ts';
import type { ConversationId, TurnId } from '../../shared/ids.ts';
import { emit } from '../events.ts';
import { formatCount } from '../format.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { loadDraft, saveDraft } from './draft.ts';
import { promptBoxStyles } from './prompt-box.styles.ts';
import './engines-picker.ts';
import './template-picker.ts';

/** Characters. A longer paste becomes an attachment: laying it out in the field would freeze the page. */
const LONG_PASTE = 20_000;
/** Characters from which the length is shown. */
const SHOW_LENGTH = 2000;

/**
 * Where the person writes. Enter asks, Shift+Enter breaks the line, an input method's Enter does neither. The text is
 * kept per conversation.
 *
 * @fires llambo-ask
 * @fires llambo-stop
 * @fires llambo-ask-on when the person lets go of the chosen node
 * @fires llambo-prompt-edit-last when the person presses Up in the empty field
 */
export class PromptBox extends LitElement {
  static override styles = [sharedStyles, promptBoxStyles];
  static override properties = {
    conversation: { attribute: false },
    answering: { attribute: false },
    templates: { attribute: false },
    ready: { attribute: false },
    placeholder: { attribute: false },
    asked: { attribute: false },
    askedGone: { attribute: false },
    open: { attribute: false },
    fusion: { attribute: false },
    text: { state: true },
    attached: { state: true },
  };

  declare conversation: ConversationId;
  /** The turn that is being answered, if any. */
  declare answering: TurnId | undefined;
  declare templates: readonly PromptTemplate[];
  declare ready: boolean;
  declare placeholder: string;
  /** What the node is called that the person chose to ask; empty: the engines of this tab. */
  declare asked: string;
  /** That node can't answer now. */
  declare askedGone: boolean;
  /** Any tab of the swarm may answer, and so read what is asked. */
  declare open: boolean;
  /** How many engines answer; null: one. */
  declare fusion: FusionOptions | null;
  protected declare text: string;
  protected declare attached: string;

  constructor() {
    super();
    this.templates = [];
    this.ready = false;
    this.placeholder = 'Ask anything';
    this.asked = '';
    this.askedGone = false;
    this.open = false;
    this.fusion = null;
    this.text = '';
    this.attached = '';
  }

  override focus(): void {
    this.renderRoot.querySelector('wa-textarea')?.focus();
  }

  /** Puts a text into the field, instead of what is there. */
  fill(text: string): void {
    if (text.length > LONG_PASTE) this.attached = text;
    else this.#write(text);
    this.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('conversation')) return;
    this.text = loadDraft(this.conversation);
    this.attached = '';
  }

  protected override render(): TemplateResult {
    const total = this.text.length + this.attached.length;
    const tooLong = total > LIMITS.requestChars;
    const empty = this.text.trim() === '' && this.attached.trim() === '';
    return html`
      <div class="card">
        ${this.asked === '' ? nothing : this.#renderAsked()}
        ${this.attached === '' ? nothing : this.#renderAttachment()}
        <wa-textarea
          label="Message"
          placeholder=${this.placeholder}
          resize="auto"
          rows="1"
          enterkeyhint="send"
          .value=${this.text}
          @input=${this.#onInput}
          @keydown=${this.#onKeydown}
          @paste=${this.#onPaste}
        ></wa-textarea>
        <div class="bar">
          <template-picker .templates=${this.templates}></template-picker>
          <engines-picker .fusion=${this.fusion}></engines-picker>
          <span class="hint figures" role=${tooLong ? 'alert' : nothing}>${this.#hint(total, tooLong)}</span>
          ${this.answering === undefined
            ? html`<wa-button class="send" variant="brand" title="Send" ?disabled=${empty || tooLong} @click=${this.#send}><wa-icon name="send" label="Send"></wa-icon></wa-button>`
            : html`<wa-button class="send" variant="neutral" title="Stop" @click=${this.#stop}><wa-icon name="stop" label="Stop writing"></wa-icon></wa-button>`}
        </div>
      </div>
    `;
  }

  #renderAsked(): TemplateResult {
    return html`
      <div class="attached asked ${this.askedGone ? 'gone' : ''}">
        <wa-icon name=${this.askedGone ? 'alert' : 'users'}></wa-icon>
        <span class="truncate">${this.askedGone ? '' : 'Asks '}<bdi>${this.asked}</bdi></span>
        <wa-button class="icon" size="xs" appearance="plain" title="Ask anywhere" @click=${this.#askAnywhere}><wa-icon name="xmark" label="Ask anywhere"></wa-icon></wa-button>
      </div>
    `;
  }

  #renderAttachment(): TemplateResult {
    return html`
      <div class="attached">
        <wa-icon name="document"></wa-icon>
        <span class="truncate figures">Pasted text, ${formatCount(this.attached.length)} characters</span>
        <wa-button class="icon" size="xs" appearance="plain" title="Remove pasted text" @click=${this.#detach}><wa-icon name="xmark" label="Remove pasted text"></wa-icon></wa-button>
      </div>
    `;
  }

  #hint(total: number, tooLong: boolean): TemplateResult | string {
    if (tooLong) return `${formatCount(total)} characters: the most is ${formatCount(LIMITS.requestChars)}`;
    if (total >= SHOW_LENGTH) return `${formatCount(total)} characters`;
    if (this.open && this.answering === undefined) return 'Any tab of the swarm may read and answer this';
    return html`<span class="keys">${this.answering === undefined ? 'Enter to send, Shift+Enter for a new line' : 'Esc to stop'}</span>`;
  }

  #write(text: string): void {
    this.text = text;
    saveDraft(this.conversation, text);
  }

  readonly #onInput = (event: Event): void => this.#write((event.target as HTMLElementTagNameMap['wa-textarea']).value ?? '');

  readonly #onKeydown = (event: KeyboardEvent): void => {
    // 229: what Safari reports for the Enter that ends a composition.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === 'ArrowUp' && this.text === '') {
      event.preventDefault();
      emit(this, 'llambo-prompt-edit-last', null);
    }
  };

  readonly #onPaste = (event: ClipboardEvent): void => {
    const pasted = event.clipboardData?.getData('text/plain') ?? '';
    if (pasted.length <= LONG_PASTE) return;
    event.preventDefault();
    this.attached = this.attached === '' ? pasted : `${this.attached}\n\n${pasted}`;
  };

  readonly #askAnywhere = (): void => {
    emit(this, 'llambo-ask-on', { node: null });
    this.focus();
  };

  readonly #detach = (): void => {
    this.attached = '';
    this.focus();
  };

  readonly #send = (): void => {
    const text = [this.text.trim(), this.attached].filter((part) => part.trim() !== '').join('\n\n');
    if (text === '' || text.length > LIMITS.requestChars || this.answering !== undefined) return;
    this.#write('');
    this.attached = '';
    this.focus();
    emit(this, 'llambo-ask', { text });
  };

  readonly #stop = (): void => {
    if (this.answering !== undefined) emit(this, 'llambo-stop', { turn: this.answering });
    this.focus();
  };
}
customElements.define('prompt-box', PromptBox);

declare global {
  interface HTMLElementTagNameMap {
    'prompt-box': PromptBox;
  }
}
