import '@awesome.me/webawesome/dist/components/checkbox/checkbox.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import '@awesome.me/webawesome/dist/components/switch/switch.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { PeerInfo, Sharing } from '../../protocol/peer.ts';
import { emit } from '../events.ts';
import { plural } from '../format.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { safeText } from './safe-text.ts';
import { sharedSlots, wholeNumber } from './sharing.ts';
import { swarmStyles } from './swarm.styles.ts';

/** Tokens. A number beyond it is a slip of the finger. */
const MOST_TOKENS = 100_000_000;

/**
 * What this tab gives to the others. Every change acts at once.
 *
 * @fires llambo-settings-change
 */
export class SharingForm extends LitElement {
  static override styles = [
    sharedStyles,
    swarmStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.75rem;
      }
      .top {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 0.75rem;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr));
        gap: 0.875rem;
      }
      fieldset {
        display: grid;
        gap: 0.375rem;
        margin: 0;
        padding: 0;
        border: 0;
        min-width: 0;
      }
      legend {
        padding: 0 0 0.25rem;
      }
    `,
  ];
  static override properties = { sharing: { attribute: false }, nodes: { attribute: false }, shared: { attribute: false } };

  declare sharing: Sharing;
  /** Of this tab. */
  declare nodes: readonly NodeInfo[];
  /** What the swarm was told; null while alone. */
  declare shared: PeerInfo['sharing'] | null;

  constructor() {
    super();
    this.nodes = [];
    this.shared = null;
  }

  protected override render(): TemplateResult {
    const { on } = this.sharing;
    const slots = this.shared?.slots ?? sharedSlots(this.nodes, this.sharing);
    const total = this.nodes.reduce((sum, node) => sum + node.slots, 0);
    const busy = this.shared?.busy ?? 0;
    return html`
      <div class="top">
        <div>
          <h3 class="figures">${headline(slots, total, this.shared === null)}</h3>
          <p class="quiet small">${this.#note(slots, total, busy)}</p>
        </div>
        <wa-switch .checked=${on} @change=${this.#onSwitch}><span class="visually-hidden">Share engines with the swarm</span></wa-switch>
      </div>
      ${on ? this.#renderLimits(total) : nothing}
    `;
  }

  #note(slots: number, total: number, busy: number): string {
    if (!this.sharing.on) return 'Others can’t use your engines. You can still use theirs.';
    if (total === 0) return 'No engine runs here yet.';
    if (slots === 0) return 'Every model here is kept for you.';
    if (this.shared === null) return 'What the others may use once you are in.';
    return busy > 0 ? `${busy} ${busy === 1 ? 'works' : 'work'} for others now.` : 'None works for others now.';
  }

  #renderLimits(total: number): TemplateResult {
    const { slots, tokensPerHour } = this.sharing;
    return html`
      <div class="grid">
        <wa-input type="number" size="s" label="At most this many slots" placeholder="all" min="1" max=${Math.max(1, total)} step="1" .value=${slots === 0 ? '' : String(slots)} @change=${(event: Event) => this.#change({ slots: numberOf(event, Math.max(1, total)) })}></wa-input>
        <wa-input type="number" size="s" label="Tokens an hour, per device" placeholder="no limit" min="1" max=${MOST_TOKENS} step="1000" .value=${tokensPerHour === 0 ? '' : String(tokensPerHour)} @change=${(event: Event) => this.#change({ tokensPerHour: numberOf(event, MOST_TOKENS) })}></wa-input>
      </div>
      ${this.#renderModels()}
    `;
  }

  #renderModels(): TemplateResult | typeof nothing {
    const models = new Map(this.nodes.flatMap(({ model }) => (model === null ? [] : [[model.id, model.name] as const])));
    for (const id of this.sharing.keptModels) if (!models.has(id)) models.set(id, id);
    if (models.size === 0) return nothing;
    return html`
      <fieldset>
        <legend class="small quiet">Models that you keep for yourself</legend>
        ${[...models].map(([id, name]) => html`<wa-checkbox size="s" .checked=${this.sharing.keptModels.includes(id)} @change=${(event: Event) => this.#keep(id, (event.target as HTMLInputElement).checked)}>${safeText(name, 60)}</wa-checkbox>`)}
      </fieldset>
    `;
  }

  #keep(id: string, kept: boolean): void {
    const others = this.sharing.keptModels.filter((model) => model !== id);
    this.#change({ keptModels: kept ? [...others, id] : others });
  }

  #change(change: Partial<Sharing>): void {
    emit(this, 'llambo-settings-change', { settings: { sharing: { ...this.sharing, ...change } } });
  }

  readonly #onSwitch = (event: Event): void => this.#change({ on: (event.target as HTMLInputElement).checked });
}

function headline(slots: number, total: number, alone: boolean): string {
  if (slots === 0) return alone ? 'In a swarm you share nothing' : 'You share nothing';
  return `${alone ? 'In a swarm you share' : 'You share'} ${slots} of ${plural(total, 'slot')}`;
}

const numberOf = (event: Event, most: number): number => wholeNumber((event.target as HTMLElementTagNameMap['wa-input']).value ?? '', most);

customElements.define('sharing-form', SharingForm);

declare global {
  interface HTMLElementTagNameMap {
    'sharing-form': SharingForm;
  }
}
