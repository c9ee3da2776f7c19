import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import { LitElement, html, type PropertyValues, type TemplateResult } from 'lit';
import type { ConversationSummary } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { plainButtonStyles } from '../styles/plain-button.styles.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { conversationItemStyles } from './conversation-item.styles.ts';

type Act = 'rename' | 'export' | 'delete';

/**
 * One conversation in the list: open it, rename it in place, export or delete it. The menu is made when it is wanted,
 * since a list may have thousands of these.
 *
 * @fires llambo-conversation-open
 * @fires llambo-conversation-rename
 * @fires llambo-conversation-delete
 * @fires llambo-conversations-export
 */
export class ConversationItem extends LitElement {
  static override styles = [sharedStyles, plainButtonStyles, conversationItemStyles];
  static override properties = {
    conversation: { attribute: false },
    current: { type: Boolean, reflect: true },
    mode: { state: true },
  };

  declare conversation: ConversationSummary;
  declare current: boolean;
  protected declare mode: 'plain' | 'menu' | 'rename';
  #next: Act | undefined;

  constructor() {
    super();
    this.current = false;
    this.mode = 'plain';
  }

  protected override render(): TemplateResult {
    return this.mode === 'rename' ? this.#renderField() : this.#renderRow();
  }

  #renderRow(): TemplateResult {
    const { id, title } = this.conversation;
    return html`
      <div class="row" @dblclick=${this.#rename}>
        <button class="open truncate" type="button" dir="auto" title=${title} aria-current=${this.current ? 'true' : 'false'} @click=${() => emit(this, 'llambo-conversation-open', { id })}>${title}</button>
        ${this.mode === 'menu' ? this.#renderMenu() : this.#renderDots(() => (this.mode = 'menu'))}
      </div>
    `;
  }

  #renderDots(open?: () => void): TemplateResult {
    const label = `Actions for ${this.conversation.title}`;
    return html`
      <button slot="trigger" class="dots" type="button" aria-haspopup="menu" aria-label=${label} @click=${open}><wa-icon name="ellipsis"></wa-icon></button>
    `;
  }

  #renderMenu(): TemplateResult {
    return html`
      <wa-dropdown size="s" placement="bottom-start" @wa-select=${this.#onSelect} @wa-after-hide=${this.#onHidden}>
        ${this.#renderDots()}
        <wa-dropdown-item value="rename"><wa-icon slot="icon" name="pencil"></wa-icon>Rename</wa-dropdown-item>
        <wa-dropdown-item value="export"><wa-icon slot="icon" name="download"></wa-icon>Export</wa-dropdown-item>
        <wa-dropdown-item value="delete" variant="danger"><wa-icon slot="icon" name="trash"></wa-icon>Delete</wa-dropdown-item>
      </wa-dropdown>
    `;
  }

  #renderField(): TemplateResult {
    return html`
      <wa-input size="s" label="New title" maxlength="200" .value=${this.conversation.title} @keydown=${this.#onFieldKey} @blur=${this.#endRename}></wa-input>
    `;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('mode') && changed.get('mode') !== undefined) void this.#followFocus();
  }

  /** Focus goes to what just appeared, and back to the button of the row. */
  async #followFocus(): Promise<void> {
    const menu = this.renderRoot.querySelector('wa-dropdown');
    const field = this.renderRoot.querySelector('wa-input');
    await (menu ?? field)?.updateComplete;
    if (menu) menu.open = true;
    else if (field) field.select();
    (field ?? this.renderRoot.querySelector<HTMLElement>('.dots'))?.focus();
  }

  readonly #onSelect = (event: CustomEvent<{ item: { value: string } }>): void => {
    this.#next = event.detail.item.value as Act;
  };

  /** Acts after the menu is gone, so that its closing does not take the focus from what comes next. */
  readonly #onHidden = (): void => {
    const { id } = this.conversation;
    this.mode = this.#next === 'rename' ? 'rename' : 'plain';
    if (this.#next === 'export') emit(this, 'llambo-conversations-export', { ids: [id] });
    if (this.#next === 'delete') emit(this, 'llambo-conversation-delete', { id });
    this.#next = undefined;
  };

  readonly #rename = (): void => {
    this.mode = 'rename';
  };

  readonly #onFieldKey = (event: KeyboardEvent): void => {
    if (event.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return;
    event.stopPropagation();
    event.preventDefault();
    if (event.key === 'Enter') this.#endRename();
    else this.mode = 'plain';
  };

  readonly #endRename = (): void => {
    if (this.mode !== 'rename') return;
    const title = this.renderRoot.querySelector('wa-input')?.value?.trim() ?? '';
    this.mode = 'plain';
    if (title !== '' && title !== this.conversation.title) emit(this, 'llambo-conversation-rename', { id: this.conversation.id, title });
  };
}
customElements.define('conversation-item', ConversationItem);

declare global {
  interface HTMLElementTagNameMap {
    'conversation-item': ConversationItem;
  }
}
