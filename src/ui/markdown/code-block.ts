import { LitElement, css, html, type TemplateResult } from 'lit';
import { copyText } from '../copy-text.ts';
import { plainButtonStyles } from '../styles/plain-button.styles.ts';
import { sharedStyles } from '../styles/shared.styles.ts';

/**
 * A block of code with its language and a copy button. The code is text, never markup. A long answer has hundreds of
 * these, so the button is a plain one: Web Awesome's copy button brings a tooltip and three icons each.
 *
 * @csspart code - the scrolling box
 */
export class CodeBlock extends LitElement {
  static override styles = [
    sharedStyles,
    plainButtonStyles,
    css`
      :host {
        display: block;
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-l);
        background: var(--wa-color-surface-lowered);
        overflow: hidden;
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        min-height: 2rem;
        padding-inline: 0.875rem 0.25rem;
        border-bottom: 1px solid var(--wa-color-surface-border);
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-xs);
      }
      .box {
        overflow-x: auto;
      }
      .box:focus-visible {
        outline-offset: -2px;
      }
      pre {
        margin: 0;
        padding: 0.75rem 0.875rem;
        font: 0.8125rem/1.55 var(--wa-font-family-code);
        tab-size: 4;
        width: max-content;
        min-width: 100%;
      }
      button {
        min-width: 3.5rem;
        height: 1.75rem;
        padding: 0 0.5rem;
      }
      button:hover {
        background: var(--wa-color-neutral-fill-normal);
        color: var(--wa-color-text-normal);
      }
    `,
  ];

  static override properties = { code: { attribute: false }, language: { attribute: false }, copied: { state: true } };

  declare code: string;
  /** As the model wrote it after the fence; may be empty. */
  declare language: string;
  protected declare copied: boolean;

  constructor() {
    super();
    this.code = '';
    this.language = '';
    this.copied = false;
  }

  protected override render(): TemplateResult {
    const label = this.language || 'text';
    return html`
      <header>
        <span class="truncate">${label}</span>
        <button type="button" aria-label=${this.copied ? 'Copied' : 'Copy code'} @click=${this.#copy} @blur=${this.#forget} @pointerleave=${this.#forget}>
          ${this.copied ? 'Copied' : 'Copy'}
        </button>
      </header>
      <div part="code" class="box" role="group" aria-label="Code, ${label}" tabindex="0" dir="ltr"><pre><code>${this.code}</code></pre></div>
    `;
  }

  readonly #copy = async (): Promise<void> => {
    this.copied = await copyText(this.code);
  };

  /** The word stays until the person looks elsewhere: no timer. */
  readonly #forget = (): void => {
    this.copied = false;
  };
}

customElements.define('code-block', CodeBlock);

declare global {
  interface HTMLElementTagNameMap {
    'code-block': CodeBlock;
  }
}
