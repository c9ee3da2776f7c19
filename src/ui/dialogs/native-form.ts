import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/checkbox/checkbox.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import '@awesome.me/webawesome/dist/components/option/option.js';
import '@awesome.me/webawesome/dist/components/select/select.js';
import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { LIMITS } from '../../protocol/limits.ts';
import type { NativeServerInfo, NativeTest } from '../../protocol/native.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { NEW_FIELDS, changeOf, draftOf, fieldsOf, testWords, wrongAddress, type NativeFields } from './native-words.ts';

type TextField = Exclude<keyof NativeFields, 'share'>;

/**
 * One server: its address, its key, what it can take. A new one can be tried before it is added.
 *
 * @fires llambo-server-add
 * @fires llambo-server-change
 * @fires llambo-server-test
 * @fires close it is done with
 */
export class NativeForm extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      form,
      .grid {
        display: grid;
        gap: 0.875rem;
      }
      .grid {
        grid-template-columns: repeat(auto-fill, minmax(min(9.5rem, 100%), 1fr));
      }
      .acts {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
      }
      .wrong {
        color: var(--wa-color-danger-on-quiet);
      }
      .outcome {
        font-size: var(--wa-font-size-s);
        line-height: 1.45;
        overflow-wrap: anywhere;
      }
      p,
      ul {
        margin: 0;
      }
      ul {
        padding-left: 1.1rem;
      }
      wa-input::part(hint),
      wa-select::part(hint),
      wa-checkbox::part(hint) {
        font-size: var(--wa-font-size-xs);
        line-height: 1.4;
      }
    `,
  ];
  static override properties = { server: { attribute: false }, test: { attribute: false }, fields: { state: true }, wrong: { state: true }, tried: { state: true } };

  /** The one to be changed; null: a new one. */
  declare server: NativeServerInfo | null;
  declare test: NativeTest | null;
  protected declare fields: NativeFields;
  protected declare wrong: string;
  /** This form asked for the test that is shown. */
  protected declare tried: boolean;

  constructor() {
    super();
    this.server = null;
    this.test = null;
    this.fields = NEW_FIELDS;
    this.wrong = '';
    this.tried = false;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('server') && this.server && this.server.id !== changed.get('server')?.id) this.fields = fieldsOf(this.server);
  }

  protected override firstUpdated(): void {
    const field = this.renderRoot.querySelector('wa-input')!;
    void field.updateComplete.then(() => field.focus());
  }

  protected override render(): TemplateResult {
    const isNew = this.server === null;
    return html`
      <form novalidate @submit=${this.#onSubmit} @keydown=${this.#onKeydown}>
        ${this.#renderText('url', 'Address', 'With or without /v1.', { type: 'url', placeholder: 'http://localhost:8080' })}
        <p class="wrong outcome" role="alert">${this.wrong}</p>
        ${this.#renderText('key', 'Key', `${this.server?.hasKey ? 'Empty: the one that this tab has, unless the address leads elsewhere. ' : 'If the server wants one. '}It stays in this tab and is forgotten with it.`, { type: 'password' })}
        <div class="grid">
          ${this.#renderText('model', 'Model', 'The server’s name for it.', { placeholder: 'the first that it has' })}
          ${this.#renderText('slots', 'Answers at once', 'Over plain http browsers allow 6.', { type: 'number', most: LIMITS.nativeSlots, placeholder: 'as it says' })}
          ${this.#renderText('contextTokens', 'Context', 'Tokens of one conversation.', { type: 'number', most: 2 ** 24, placeholder: 'as it says' })}
          ${this.#renderTier()}
        </div>
        <wa-checkbox size="s" hint="Off: this tab alone asks it. On: others spend your power, or your money." .checked=${this.fields.share} @change=${(event: Event) => this.#set({ share: (event.target as HTMLInputElement).checked })}>Share it with the swarm</wa-checkbox>
        <div class="acts">
          <wa-button size="s" variant="brand" @click=${this.#save}>${isNew ? 'Add' : 'Save'}</wa-button>
          ${isNew ? html`<wa-button size="s" appearance="outlined" ?loading=${this.tried && this.test?.state === 'running'} @click=${this.#try}>Test</wa-button>` : nothing}
          <wa-button size="s" appearance="plain" @click=${this.#close}>Cancel</wa-button>
        </div>
        <div class="outcome" role="status">${this.tried && this.test ? renderOutcome(this.test) : nothing}</div>
      </form>
    `;
  }

  #renderText(name: TextField, label: string, hint: string, { type = 'text', placeholder = '', most = 0 }: { type?: 'text' | 'url' | 'password' | 'number'; placeholder?: string; most?: number }): TemplateResult {
    return html`
      <wa-input
        name=${name}
        type=${type}
        size="s"
        label=${label}
        hint=${hint}
        placeholder=${placeholder}
        autocomplete="off"
        min=${type === 'number' ? '1' : nothing}
        max=${type === 'number' ? most : nothing}
        .value=${this.fields[name]}
        @input=${(event: Event) => this.#set({ [name]: (event.target as HTMLInputElement).value })}
      ></wa-input>
    `;
  }

  #renderTier(): TemplateResult {
    return html`
      <wa-select size="s" label="Tier" hint="How able its model is." .value=${this.fields.tier} @change=${(event: Event) => this.#set({ tier: String((event.target as HTMLSelectElement).value) })}>
        <wa-option value="tiny">tiny</wa-option>
        <wa-option value="medium">medium</wa-option>
        <wa-option value="large">large</wa-option>
      </wa-select>
    `;
  }

  #set(change: Partial<NativeFields>): void {
    this.fields = { ...this.fields, ...change };
    this.wrong = '';
  }

  /** @returns false, with the reason beneath the field, if the address is none */
  #hasAddress(): boolean {
    this.wrong = wrongAddress(this.fields.url);
    if (this.wrong !== '') this.renderRoot.querySelector('wa-input')!.focus();
    return this.wrong === '';
  }

  readonly #try = (): void => {
    if (!this.#hasAddress()) return;
    this.tried = true;
    emit(this, 'llambo-server-test', { draft: draftOf(this.fields) });
  };

  readonly #save = (): void => {
    if (!this.#hasAddress()) return;
    const draft = draftOf(this.fields);
    if (this.server) emit(this, 'llambo-server-change', { id: this.server.id, change: changeOf(draft, this.server) });
    else emit(this, 'llambo-server-add', { draft });
    this.#close();
  };

  readonly #close = (): void => void this.dispatchEvent(new Event('close'));

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    this.#save();
  };

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.isComposing || !(event.target instanceof HTMLElement) || event.target.localName !== 'wa-input') return;
    event.preventDefault();
    this.#save();
  };
}

function renderOutcome(test: NativeTest): TemplateResult {
  const hints = test.state === 'failed' ? test.hints : [];
  return html`<p>${testWords(test)}</p>${hints.length === 0 ? nothing : html`<ul>${hints.map((hint) => html`<li>${hint}</li>`)}</ul>`}`;
}

customElements.define('native-form', NativeForm);

declare global {
  interface HTMLElementTagNameMap {
    'native-form': NativeForm;
  }
}
