import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, html, type TemplateResult } from 'lit';
import { copyText } from '../copy-text.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';

/**
 * Copies a text and says so until the person looks elsewhere.
 *
 * @fires llambo-announce
 */
export class CopyButton extends LitElement {
  static override styles = sharedStyles;
  static override properties = { text: { attribute: false }, label: {}, copied: { state: true } };

  declare text: string;
  declare label: string;
  protected declare copied: boolean;

  constructor() {
    super();
    this.text = '';
    this.label = 'Copy';
    this.copied = false;
  }

  protected override render(): TemplateResult {
    const label = this.copied ? 'Copied' : this.label;
    return html`
      <wa-button class="icon" appearance="plain" size="s" title=${label} @click=${this.#copy} @blur=${this.#forget} @pointerleave=${this.#forget}>
        <wa-icon name=${this.copied ? 'check' : 'copy'} label=${label}></wa-icon>
      </wa-button>
    `;
  }

  readonly #copy = async (): Promise<void> => {
    this.copied = await copyText(this.text);
    emit(this, 'llambo-announce', { text: this.copied ? 'Copied.' : 'The browser refused to copy.' });
  };

  readonly #forget = (): void => {
    this.copied = false;
  };
}
customElements.define('copy-button', CopyButton);

declare global {
  interface HTMLElementTagNameMap {
    'copy-button': CopyButton;
  }
}
