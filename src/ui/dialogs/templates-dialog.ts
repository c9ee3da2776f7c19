import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { PromptTemplate, Snapshot } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { StoreController } from '../store-controller.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { templateFields } from '../template-fields.ts';
import { PanelElement } from './panel-base.ts';
import { rowStyles } from './row.styles.ts';

const FRESH: PromptTemplate = { id: '', name: '', text: '' };

/**
 * Saved prompts: use, write, change, delete.
 *
 * @fires llambo-template-use
 * @fires llambo-template-save
 * @fires llambo-template-delete
 */
export class TemplatesDialog extends PanelElement {
  static override styles = [
    sharedStyles,
    rowStyles,
    css`
      wa-dialog {
        --width: 36rem;
      }
      form {
        display: grid;
        gap: 0.75rem;
      }
      .text {
        margin: 0.125rem 0 0;
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
      }
    `,
  ];
  static override properties = { editing: { state: true }, deleting: { state: true }, draft: { state: true } };

  protected readonly panel = 'templates';
  /** The template in the form; null: the list. */
  protected declare editing: PromptTemplate | null;
  protected declare draft: string;
  protected declare deleting: string;
  readonly #state = new StoreController(this, ({ templates }: Snapshot) => ({ templates }));

  constructor() {
    super();
    this.editing = null;
    this.draft = '';
    this.deleting = '';
  }

  protected override render(): TemplateResult {
    const { editing } = this;
    return html`
      <wa-dialog label=${editing === null ? 'Prompt templates' : editing.id === '' ? 'New template' : 'Edit template'}>
        ${editing === null ? this.#renderList() : this.#renderForm(editing)}
      </wa-dialog>
    `;
  }

  #renderList(): TemplateResult {
    const { templates } = this.#state.value;
    return html`
      ${templates.length === 0 ? html`<p class="quiet">Prompts that you use often, with fields to fill in: <code>Translate {{text}} to {{language}}</code>.</p>` : nothing}
      <ul class="rows">
        ${templates.map((template) => this.#renderRow(template))}
      </ul>
      <wa-button size="s" appearance="outlined" @click=${() => this.#edit(FRESH)}><wa-icon slot="start" name="plus"></wa-icon>New template</wa-button>
    `;
  }

  #renderRow(template: PromptTemplate): TemplateResult {
    const { id, name, text } = template;
    return html`
      <li>
        <div class="grow">
          <strong dir="auto">${name}</strong>
          <p class="text quiet" dir="auto">${text}</p>
        </div>
        ${this.deleting === id
          ? html`
              <wa-button size="s" variant="danger" @click=${() => this.#delete(id)}>Delete</wa-button>
              <wa-button size="s" appearance="plain" @click=${() => (this.deleting = '')}>Keep</wa-button>
            `
          : html`
              <wa-button size="s" appearance="outlined" @click=${() => emit(this, 'llambo-template-use', { template })}>Use</wa-button>
              <wa-button class="icon" size="s" appearance="plain" title="Edit" @click=${() => this.#edit(template)}><wa-icon name="pencil" label="Edit ${name}"></wa-icon></wa-button>
              <wa-button class="icon" size="s" appearance="plain" title="Delete" @click=${() => (this.deleting = id)}><wa-icon name="trash" label="Delete ${name}"></wa-icon></wa-button>
            `}
      </li>
    `;
  }

  #renderForm({ name, text }: PromptTemplate): TemplateResult {
    const fields = templateFields(this.draft);
    return html`
      <form @submit=${(event: Event) => event.preventDefault()}>
        <wa-input label="Name" name="name" required maxlength="100" .value=${name}></wa-input>
        <wa-textarea label="Text" name="text" required rows="5" resize="auto" hint="Write a field as {{name}}." .value=${text} @input=${this.#onText}></wa-textarea>
        <span class="quiet" role="status">${fields.length === 0 ? 'No fields yet.' : `Fields: ${fields.join(', ')}`}</span>
      </form>
      <wa-button slot="footer" appearance="plain" @click=${() => (this.editing = null)}>Back</wa-button>
      <wa-button slot="footer" variant="brand" @click=${this.#save}>Save</wa-button>
    `;
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('editing') || changed.get('editing') === undefined) return;
    const target = this.renderRoot.querySelector<HTMLElementTagNameMap['wa-input']>(this.editing === null ? 'wa-button' : 'wa-input');
    void target?.updateComplete.then(() => target.focus());
  }

  #edit(template: PromptTemplate): void {
    this.editing = template;
    this.draft = template.text;
  }

  #delete(id: string): void {
    this.deleting = '';
    emit(this, 'llambo-template-delete', { id });
  }

  readonly #onText = (event: Event): void => {
    this.draft = (event.target as HTMLElementTagNameMap['wa-textarea']).value ?? '';
  };

  readonly #save = (): void => {
    const name = this.renderRoot.querySelector('wa-input')!;
    const text = this.renderRoot.querySelector('wa-textarea')!;
    if (!name.reportValidity() || !text.reportValidity() || this.editing === null) return;
    emit(this, 'llambo-template-save', { template: { id: this.editing.id, name: name.value?.trim() ?? '', text: text.value ?? '' } });
    this.editing = null;
  };
}
customElements.define('templates-dialog', TemplatesDialog);

declare global {
  interface HTMLElementTagNameMap {
    'templates-dialog': TemplatesDialog;
  }
}
