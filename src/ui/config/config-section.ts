import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/tab-group/tab-group.js';
import '@awesome.me/webawesome/dist/components/tab-panel/tab-panel.js';
import '@awesome.me/webawesome/dist/components/tab/tab.js';
import { LitElement, css, html, type TemplateResult } from 'lit';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { StoreController } from '../store-controller.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import './config-form.ts';
import './config-text.ts';
import { swarmPartOf } from './config-words.ts';
import { configStyles } from './config.styles.ts';

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
      wa-tab-panel::part(base) {
        display: grid;
        gap: 0.75rem;
        padding: 0.75rem 0 0;
      }
      wa-tab-panel > * + * {
        margin-top: 0.75rem;
      }
    `,
  ];
  readonly #state = new StoreController(this, ({ config, swarm }: Snapshot) => ({ config, ...swarmPartOf(swarm) }));

  override connectedCallback(): void {
    super.connectedCallback();
    emit(this, 'llambo-config-show', null);
  }

  protected override render(): TemplateResult {
    const { config, mine, words } = this.#state.value;
    const isChanged = Object.keys(config.own).length > 0;
    return html`
      <p class="quiet small">How a swarm is run, and what this device gives to it. Every change acts at once.</p>
      <wa-tab-group>
        <wa-tab panel="form">Form</wa-tab>
        <wa-tab panel="text">Text</wa-tab>
        <wa-tab-panel name="form">
          <h4>For the whole swarm</h4>
          <p class="quiet small">${words}</p>
          <config-form .info=${config} .whose=${'swarm'} ?locked=${!mine}></config-form>
          <h4>For this device</h4>
          <p class="quiet small">Yours alone, in every swarm. Servers are taken when a swarm is joined.</p>
          <config-form .info=${config} .whose=${'device'}></config-form>
        </wa-tab-panel>
        <wa-tab-panel name="text">
          <p class="quiet small">${words}</p>
          <config-text .info=${config}></config-text>
        </wa-tab-panel>
      </wa-tab-group>
      <div class="row">
        <wa-button size="s" appearance="outlined" @click=${() => this.#input().click()}>Import</wa-button>
        <wa-button size="s" appearance="outlined" @click=${() => emit(this, 'llambo-config-export', null)}>Export</wa-button>
        <wa-button size="s" appearance="plain" ?disabled=${!isChanged} @click=${() => emit(this, 'llambo-config-reset', null)}>Back to defaults</wa-button>
        <input type="file" accept=".yaml,.yml,text/yaml" aria-label="Import a swarm.yaml" hidden @change=${this.#onFile} />
      </div>
    `;
  }

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
