import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { ConfigField } from '../../protocol/config-fields.ts';
import type { ConfigInfo } from '../../protocol/config-info.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { groupsOf, problemOf, titleOf, valueFrom, type FieldGroup } from './config-words.ts';
import { configStyles } from './config.styles.ts';

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/**
 * One part of the configuration as a form. It has a field for each key of the schema, shows in each empty one what counts
 * instead, and beneath each what is wrong with it. Every change acts at once.
 *
 * @fires llambo-config-value
 */
export class ConfigForm extends LitElement {
  static override styles = [
    sharedStyles,
    configStyles,
    css`
      details {
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-m);
      }
      summary {
        padding: 0.5rem 0.75rem;
        cursor: pointer;
        font-weight: var(--wa-font-weight-semibold);
      }
      .fields {
        display: grid;
        gap: 0.875rem;
        padding: 0.25rem 0.75rem 0.75rem;
      }
      .field {
        display: grid;
        gap: 0.25rem;
        min-width: 0;
      }
      .changed::after {
        content: ' · changed';
        color: var(--wa-color-text-quiet);
        font-weight: normal;
      }
    `,
  ];
  static override properties = { info: { attribute: false }, whose: { attribute: false }, locked: { type: Boolean } };

  declare info: ConfigInfo;
  declare whose: 'swarm' | 'device';
  /** Shown, and not to be changed by this person. */
  declare locked: boolean;

  constructor() {
    super();
    this.locked = false;
  }

  protected override render(): TemplateResult {
    return html`${groupsOf(this.info, this.whose).map((group) => this.#renderGroup(group))}`;
  }

  /** What was refused in a field goes with its reason: without that it would look as if it counted. */
  protected override updated(changed: PropertyValues<this>): void {
    for (const { key } of changed.get('info')?.problems ?? []) {
      const control = this.renderRoot.querySelector<Control>(`[id="${CSS.escape(key)}"]`);
      if (control && problemOf(this.info.problems, key) === null) control.value = this.#valueOf(key);
    }
  }

  /** Of what was decided for all, the person's own file says nothing. */
  #valueOf(key: string): string {
    return (this.locked || (this.info.fromSwarm && this.whose === 'swarm') ? this.info.counts : this.info.own)[key] ?? '';
  }

  #renderGroup({ title, about, fields }: FieldGroup): TemplateResult {
    const isChanged = fields.some(({ key }) => this.info.own[key] !== undefined);
    return html`
      <details>
        <summary class=${isChanged ? 'changed' : ''}>${title}</summary>
        <div class="fields"><p class="quiet small">${about}</p>${fields.map((field) => this.#renderField(field))}</div>
      </details>
    `;
  }

  #renderField(field: ConfigField): TemplateResult {
    const problem = problemOf(this.info.problems, field.key);
    const { key } = field;
    return html`
      <div class="field">
        <label for=${key}>${titleOf(key)}</label>
        ${this.#renderControl(field, problem !== null)}
        <span class="hint quiet" id="${key}-hint">${field.description}</span>
        <span class="wrong" id="${key}-wrong" role="alert">${problem === null ? nothing : `${problem.message}${problem.message.endsWith('?') ? '' : '.'}`}</span>
      </div>
    `;
  }

  #renderControl(field: ConfigField, isWrong: boolean): TemplateResult {
    const { key, kind } = field;
    const own = this.#valueOf(key);
    const otherwise = this.info.below[key] ?? '';
    const described = `${key}-hint ${key}-wrong`;
    const invalid = isWrong ? 'true' : 'false';
    const change = (event: Event): void => emit(this, 'llambo-config-value', { key, value: valueFrom(field, (event.target as Control).value) });
    if (kind === 'list') {
      const entries = Number(own || otherwise || 0);
      return html`<input id=${key} readonly aria-describedby=${described} aria-invalid=${invalid} .value=${entries === 0 ? 'none; add them as text' : `${entries}; change them as text`} />`;
    }
    if (kind === 'flag' || kind === 'choice') {
      const choices = kind === 'flag' ? ['true', 'false'] : (field.choices ?? []);
      const word = (value: string): string => (kind === 'flag' ? (value === 'true' ? 'yes' : 'no') : value);
      return html`
        <select id=${key} ?disabled=${this.locked} aria-describedby=${described} aria-invalid=${invalid} .value=${own} @change=${change}>
          <option value="" ?selected=${own === ''}>${word(otherwise)} (unless changed)</option>
          ${choices.map((value) => html`<option value=${value} ?selected=${own === value}>${word(value)}</option>`)}
        </select>
      `;
    }
    if (kind === 'texts') return html`<textarea id=${key} rows="2" ?disabled=${this.locked} aria-describedby=${described} aria-invalid=${invalid} placeholder="one a line" .value=${own} @change=${change}></textarea>`;
    return html`
      <input id=${key} type="text" inputmode=${kind === 'count' ? 'numeric' : 'text'} autocomplete="off" spellcheck="false" ?disabled=${this.locked} aria-describedby=${described} aria-invalid=${invalid} placeholder=${otherwise === '' ? 'not set' : otherwise} .value=${own} @change=${change} />
    `;
  }
}
customElements.define('config-form', ConfigForm);

declare global {
  interface HTMLElementTagNameMap {
    'config-form': ConfigForm;
  }
}
