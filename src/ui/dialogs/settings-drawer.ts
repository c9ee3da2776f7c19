import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/drawer/drawer.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { css, html, type TemplateResult } from 'lit';
import { LIMITS } from '../../protocol/limits.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import '../config/config-section.ts';
import { emit } from '../events.ts';
import { StoreController } from '../store-controller.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import './native-servers.ts';
import { PanelElement } from './panel-base.ts';
import { SAMPLING_FIELDS, stopLines, withNumber, withStops, type SamplingField } from './sampling-fields.ts';

type Field = HTMLElementTagNameMap['wa-input'] | HTMLElementTagNameMap['wa-textarea'];
const valueOf = (event: Event): string => (event.target as Field).value ?? '';

/**
 * How this conversation is answered, and how many engines do it. Every change acts at once.
 *
 * @fires llambo-system-prompt-change
 * @fires llambo-sampling-change
 * @fires llambo-settings-change
 */
export class SettingsDrawer extends PanelElement {
  static override styles = [
    sharedStyles,
    css`
      wa-drawer {
        --size: min(25rem, 100vw);
      }
      section {
        display: grid;
        gap: 0.875rem;
        padding-bottom: 1.5rem;
      }
      section + section {
        padding-top: 1.25rem;
        border-top: 1px solid var(--wa-color-surface-border);
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        min-height: 2rem;
      }
      h3 {
        margin: 0;
        font-size: 1rem;
      }
      p {
        margin: 0;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr));
        gap: 0.875rem;
      }
      wa-input::part(hint),
      wa-textarea::part(hint) {
        font-size: var(--wa-font-size-xs);
        line-height: 1.4;
      }
    `,
  ];
  protected readonly panel = 'settings';
  readonly #state = new StoreController(this, ({ conversation: { systemPrompt, sampling }, settings, capabilities: { cores } }: Snapshot) => ({ systemPrompt, sampling, settings, cores }));

  protected override render(): TemplateResult {
    return html`<wa-drawer label="Settings" light-dismiss>${this.#renderPrompt()}${this.#renderSampling()}${this.#renderEngines()}<section><native-servers></native-servers></section>${renderConfig()}</wa-drawer>`;
  }

  #renderPrompt(): TemplateResult {
    return html`
      <section>
        <wa-textarea
          label="System prompt"
          size="s"
          hint="Who the model is and how it should answer, in this conversation. Empty: the model's own."
          rows="3"
          resize="auto"
          .value=${this.#state.value.systemPrompt}
          @change=${(event: Event) => emit(this, 'llambo-system-prompt-change', { text: valueOf(event) })}
        ></wa-textarea>
      </section>
    `;
  }

  #renderSampling(): TemplateResult {
    const { sampling } = this.#state.value;
    const changed = Object.keys(sampling).length > 0;
    return html`
      <section>
        <header>
          <h3>How words are drawn</h3>
          <wa-button size="s" appearance="plain" ?disabled=${!changed} @click=${() => emit(this, 'llambo-sampling-change', { sampling: {} })}>Reset</wa-button>
        </header>
        <p class="quiet">Empty fields take what suits the model.</p>
        <div class="grid">${SAMPLING_FIELDS.map((field) => this.#renderField(field))}</div>
        <wa-textarea
          label="Stop texts"
          size="s"
          hint="One a line. The answer ends before any of them; \\n stands for a line break."
          rows="1"
          resize="auto"
          .value=${stopLines(sampling)}
          @change=${(event: Event) => emit(this, 'llambo-sampling-change', { sampling: withStops(this.#state.value.sampling, valueOf(event)) })}
        ></wa-textarea>
      </section>
    `;
  }

  #renderField(field: SamplingField): TemplateResult {
    const { sampling } = this.#state.value;
    return html`
      <wa-input
        type="number"
        size="s"
        label=${field.label}
        hint=${field.hint}
        placeholder="default"
        min=${field.min}
        max=${field.max}
        step=${field.step}
        .value=${String(sampling[field.name] ?? '')}
        @change=${(event: Event) => emit(this, 'llambo-sampling-change', { sampling: withNumber(this.#state.value.sampling, field, valueOf(event)) })}
      ></wa-input>
    `;
  }

  #renderEngines(): TemplateResult {
    const { cores } = this.#state.value;
    return html`
      <section>
        <header><h3>Engines in this tab</h3></header>
        <p class="quiet">For all conversations. This device has ${cores} cores, which all tabs of this browser share.</p>
        <div class="grid">
          ${this.#renderCount('nodes', 'Engines', 'Each holds the model in memory and answers on its own.', LIMITS.nodes)}
          ${this.#renderCount('threads', 'Threads of each', 'More than the cores allow makes all of them slower.', Math.max(1, cores))}
        </div>
      </section>
    `;
  }

  #renderCount(name: 'nodes' | 'threads', label: string, hint: string, max: number): TemplateResult {
    const value = this.#state.value.settings[name];
    const change = (event: Event): void => {
      const count = Math.round(Number(valueOf(event)));
      emit(this, 'llambo-settings-change', { settings: { [name]: Number.isFinite(count) ? Math.min(max, Math.max(0, count)) : 0 } });
    };
    return html`
      <wa-input type="number" size="s" label=${label} hint=${hint} placeholder="automatic" min="1" max=${max} step="1" .value=${value === 0 ? '' : String(value)} @change=${change}></wa-input>
    `;
  }
}

const renderConfig = (): TemplateResult => html`<section><header><h3>Swarm configuration</h3></header><config-section></config-section></section>`;

customElements.define('settings-drawer', SettingsDrawer);

declare global {
  interface HTMLElementTagNameMap {
    'settings-drawer': SettingsDrawer;
  }
}
