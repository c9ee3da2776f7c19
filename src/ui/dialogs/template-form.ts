import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { css, html, type TemplateResult } from 'lit';
import type { PromptTemplate } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { fillTemplate, templateFields } from '../template-fields.ts';
import { PanelElement } from './panel-base.ts';

/**
 * Asks for the fields of a template, then puts the result into the prompt box.
 *
 * @fires llambo-prompt-fill
 */
export class TemplateForm extends PanelElement {
  static override styles = [
    sharedStyles,
    css`
      form {
        display: grid;
        gap: 0.75rem;
      }
      .preview {
        margin: 0 0 0.75rem;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        max-height: 8rem;
        overflow-y: auto;
      }
    `,
  ];
  static override properties = { template: { attribute: false } };

  declare template: PromptTemplate;
  protected readonly panel = 'templates';
  #filled = '';

  protected override render(): TemplateResult {
    const fields = templateFields(this.template.text);
    return html`
      <wa-dialog label=${this.template.name} light-dismiss>
        <p class="preview quiet" dir="auto">${this.template.text}</p>
        <form id="fields" @submit=${this.#onSubmit} @keydown=${this.#onKeydown}>
          ${fields.map((field, index) => html`<wa-textarea name=${field} label=${field} rows="1" resize="auto" ?autofocus=${index === 0}></wa-textarea>`)}
        </form>
        <wa-button slot="footer" appearance="plain" @click=${() => this.close()}>Cancel</wa-button>
        <wa-button slot="footer" variant="brand" @click=${this.#use}>Put into the message</wa-button>
      </wa-dialog>
    `;
  }

  protected override afterClose(): void {
    if (this.#filled !== '') emit(this, 'llambo-prompt-fill', { text: this.#filled });
  }

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#use();
  };

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    this.#use();
  };

  readonly #use = (): void => {
    const fields = [...this.renderRoot.querySelectorAll('wa-textarea')];
    this.#filled = fillTemplate(this.template.text, new Map(fields.map((field) => [field.name ?? '', field.value ?? ''])));
    this.close();
  };
}
customElements.define('template-form', TemplateForm);

declare global {
  interface HTMLElementTagNameMap {
    'template-form': TemplateForm;
  }
}
