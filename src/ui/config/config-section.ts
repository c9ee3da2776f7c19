import '@awesome.me/webawesome/dist/components/button/button.js';
import { LitElement, css, html, type TemplateResult } from 'lit';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { StoreController } from '../store-controller.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import './config-form.ts';
import './config-text.ts';
import { swarmPartOf } from './config-words.ts';
import { configStyles } from './config.styles.ts';

const TABS = ['form', 'text'] as const;
type Tab = (typeof TABS)[number];

/**
 * `swarm.yaml` in the settings: as a form, as text, and as a file.
 *
 * @fires llambo-config-show
 * @fires llambo-config-import
 * @fires llambo-config-export
 * @fires llambo-config-reset
 */
export class ConfigSection extends LitElement {
  static override styles = [
    sharedStyles,
    configStyles,
    css`
      [role='tablist'] {
        display: flex;
        gap: 1rem;
        border-bottom: 1px solid var(--wa-color-surface-border);
      }
      [role='tab'] {
        padding: 0.375rem 0;
        border: 0;
        border-bottom: 2px solid transparent;
        background: none;
        color: var(--wa-color-text-quiet);
        font: inherit;
        cursor: pointer;
      }
      [role='tab'][aria-selected='true'] {
        border-color: var(--wa-color-brand-border-loud);
        color: inherit;
        font-weight: var(--wa-font-weight-semibold);
      }
      [role='tabpanel'] {
        display: grid;
        gap: 0.75rem;
        min-width: 0;
      }
    `,
  ];
  static override properties = { tab: { state: true } };

  protected declare tab: Tab;
  readonly #state = new StoreController(this, ({ config, swarm }: Snapshot) => ({ config, ...swarmPartOf(swarm, config.fromSwarm) }));

  constructor() {
    super();
    this.tab = 'form';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    emit(this, 'llambo-config-show', null);
  }

  protected override render(): TemplateResult {
    const { config, mine, words } = this.#state.value;
    const isChanged = Object.keys(config.own).length > 0;
    return html`
      <p class="quiet small">How a swarm is run, and what this device gives to it. Every change acts at once.</p>
      <div role="tablist" aria-label="Swarm configuration" @keydown=${this.#onKeydown}>${TABS.map((tab) => this.#renderTab(tab))}</div>
      <div role="tabpanel" id="panel-form" aria-labelledby="tab-form" ?hidden=${this.tab !== 'form'}>
        <h4>For the whole swarm</h4>
        <p class="quiet small">${words}</p>
        <config-form .info=${config} .whose=${'swarm'} ?locked=${!mine}></config-form>
        <h4>For this device</h4>
        <p class="quiet small">Yours alone, in every swarm. Servers are taken when a swarm is joined.</p>
        <config-form .info=${config} .whose=${'device'}></config-form>
      </div>
      <div role="tabpanel" id="panel-text" aria-labelledby="tab-text" ?hidden=${this.tab !== 'text'}>
        <p class="quiet small">${words}</p>
        <config-text .info=${config}></config-text>
      </div>
      <div class="row">
        <wa-button size="s" appearance="outlined" @click=${() => this.#input().click()}>Import</wa-button>
        <wa-button size="s" appearance="outlined" @click=${() => emit(this, 'llambo-config-export', null)}>Export</wa-button>
        <wa-button size="s" appearance="plain" ?disabled=${!isChanged} @click=${() => emit(this, 'llambo-config-reset', null)}>Back to defaults</wa-button>
        <input type="file" accept=".yaml,.yml,text/yaml" aria-label="Import a swarm.yaml" hidden @change=${this.#onFile} />
      </div>
    `;
  }

  #renderTab(tab: Tab): TemplateResult {
    const isOpen = this.tab === tab;
    return html`<button type="button" role="tab" id="tab-${tab}" aria-controls="panel-${tab}" aria-selected=${isOpen ? 'true' : 'false'} tabindex=${isOpen ? 0 : -1} @click=${() => (this.tab = tab)}>${tab === 'form' ? 'Form' : 'Text'}</button>`;
  }

  readonly #onKeydown = ({ key }: KeyboardEvent): void => {
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    this.tab = this.tab === 'form' ? 'text' : 'form';
    this.renderRoot.querySelector<HTMLElement>(`#tab-${this.tab}`)?.focus();
  };

  #input(): HTMLInputElement {
    return this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')!;
  }

  readonly #onFile = (): void => {
    const input = this.#input();
    const [file] = input.files ?? [];
    if (file) emit(this, 'llambo-config-import', { file });
    // The same file again is a change too.
    input.value = '';
  };
}
customElements.define('config-section', ConfigSection);

declare global {
  interface HTMLElementTagNameMap {
    'config-section': ConfigSection;
  }
}
