import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { checkModelUrl } from './model-url.ts';

/**
 * Brings a model of one's own: a file, all parts of a split one, or an address.
 *
 * @fires llambo-model-add-files
 * @fires llambo-model-add-url
 */
export class ModelAdd extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
        padding-top: 1rem;
      }
      h3 {
        margin: 0;
        font-size: 0.9375rem;
      }
      .zone {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: 0.5rem;
        padding: 1rem;
        border: 1.5px dashed var(--wa-color-neutral-border-loud);
        border-radius: var(--wa-border-radius-l);
        text-align: center;
      }
      form {
        display: flex;
        align-items: flex-start;
        gap: 0.5rem;
      }
      wa-input {
        flex: 1;
        min-width: 0;
      }
      wa-input::part(form-control-label) {
        position: absolute;
        clip-path: inset(50%);
      }
      .wrong {
        color: var(--wa-color-danger-on-quiet);
        font-size: var(--wa-font-size-xs);
      }
    `,
  ];
  static override properties = { wrong: { state: true } };

  /** What is wrong with the address. */
  protected declare wrong: string;

  constructor() {
    super();
    this.wrong = '';
  }

  protected override render(): TemplateResult {
    return html`
      <h3>Bring your own</h3>
      <div class="zone">
        <span class="quiet">Drop a GGUF file anywhere on the page, or</span>
        <wa-button size="s" appearance="outlined" @click=${this.#pick}><wa-icon slot="start" name="document"></wa-icon>Choose files</wa-button>
        <input type="file" accept=".gguf" multiple hidden aria-label="GGUF files" @change=${this.#onFiles} />
      </div>
      <form @submit=${this.#onSubmit}>
        <wa-input size="s" type="url" inputmode="url" label="Address of a GGUF file" placeholder="https://…/model.gguf" autocomplete="off" @keydown=${this.#onKeydown} @input=${() => (this.wrong = '')}></wa-input>
        <wa-button size="s" appearance="outlined" @click=${this.#add}>Add</wa-button>
      </form>
      <span class="wrong" role="alert">${this.wrong === '' ? nothing : this.wrong}</span>
    `;
  }

  readonly #pick = (): void => this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')!.click();

  readonly #onFiles = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = '';
    if (files.length > 0) emit(this, 'llambo-model-add-files', { files });
  };

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      this.#add();
    }
  };

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    this.#add();
  };

  readonly #add = (): void => {
    const field = this.renderRoot.querySelector('wa-input')!;
    const checked = checkModelUrl(field.value ?? '');
    this.wrong = 'wrong' in checked ? checked.wrong : '';
    if ('wrong' in checked) return field.focus();
    field.value = '';
    emit(this, 'llambo-model-add-url', { url: checked.url });
  };
}
customElements.define('model-add', ModelAdd);

declare global {
  interface HTMLElementTagNameMap {
    'model-add': ModelAdd;
  }
}
