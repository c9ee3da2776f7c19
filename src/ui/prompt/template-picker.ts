import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/divider/divider.js';
import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { PromptTemplate } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';

const MANAGE = 'manage';

/**
 * A menu of the saved prompts.
 *
 * @fires llambo-template-use
 * @fires llambo-panel-open
 */
export class TemplatePicker extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      wa-dropdown::part(menu) {
        max-width: min(22rem, 90vw);
        max-height: 50vh;
      }
    `,
  ];
  static override properties = { templates: { attribute: false } };

  declare templates: readonly PromptTemplate[];

  constructor() {
    super();
    this.templates = [];
  }

  protected override render(): TemplateResult {
    return html`
      <wa-dropdown placement="top-start" size="s" @wa-select=${this.#onSelect}>
        <wa-button slot="trigger" class="icon" appearance="plain" title="Prompt templates"><wa-icon name="template" label="Prompt templates"></wa-icon></wa-button>
        ${this.templates.map(({ id, name }) => html`<wa-dropdown-item value=${`use:${id}`}>${name}</wa-dropdown-item>`)}
        ${this.templates.length === 0 ? nothing : html`<wa-divider></wa-divider>`}
        <wa-dropdown-item value=${MANAGE}><wa-icon slot="icon" name="pencil"></wa-icon>Edit templates</wa-dropdown-item>
      </wa-dropdown>
    `;
  }

  readonly #onSelect = (event: CustomEvent<{ item: { value: string } }>): void => {
    const { value } = event.detail.item;
    if (value === MANAGE) emit(this, 'llambo-panel-open', { panel: 'templates' });
    const template = this.templates.find(({ id }) => `use:${id}` === value);
    if (template) emit(this, 'llambo-template-use', { template });
  };
}
customElements.define('template-picker', TemplatePicker);

declare global {
  interface HTMLElementTagNameMap {
    'template-picker': TemplatePicker;
  }
}
