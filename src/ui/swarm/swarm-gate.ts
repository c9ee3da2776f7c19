import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/switch/switch.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { GateInfo, NamedDevice } from '../../protocol/peer.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { safeText } from './safe-text.ts';
import { deviceCode } from './swarm-words.ts';
import { swarmStyles } from './swarm.styles.ts';

/**
 * How newcomers come in, and who may not: for those who may decide it.
 *
 * @fires llambo-gate-set
 * @fires llambo-gate-admit
 */
export class SwarmGate extends LitElement {
  static override styles = [
    sharedStyles,
    swarmStyles,
    css`
      section {
        display: grid;
        gap: 0.5rem;
      }
      h3:focus {
        outline: none;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 0.75rem;
        padding-block: 0.25rem;
      }
      .who {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      wa-button {
        flex: none;
      }
    `,
  ];
  static override properties = { gate: { attribute: false } };

  declare gate: GateInfo;

  protected override render(): TemplateResult | typeof nothing {
    const { on, mine, barred } = this.gate;
    if (mine === null) return on ? html`<p class="quiet small">Newcomers are let in by hand.</p>` : nothing;
    return html`
      <section aria-labelledby="gate">
        <h3 id="gate" tabindex="-1">Newcomers</h3>
        ${mine === 'founder'
          ? html`<wa-switch size="s" .checked=${on} @change=${this.#onSwitch}>Ask me before anybody comes in</wa-switch>`
          : html`<p class="quiet small">${on ? 'You may let newcomers in, and put devices out.' : 'Whoever has the invitation comes in. You may put devices out.'}</p>`}
        ${barred.length === 0 ? nothing : html`<p class="small" id="barred">Barred</p><ul aria-labelledby="barred">${barred.map((one) => this.#renderBarred(one))}</ul>`}
      </section>
    `;
  }

  #renderBarred({ device, name }: NamedDevice): TemplateResult {
    const who = name === '' ? 'A device' : safeText(name);
    return html`
      <li>
        <span class="who"><bdi>${who}</bdi> <span class="quiet small figures">${deviceCode(device)}</span></span>
        <wa-button size="s" appearance="outlined" @click=${() => this.#allow(device)}>Allow again<span class="visually-hidden">: ${who}, ${deviceCode(device)}</span></wa-button>
      </li>
    `;
  }

  #allow(device: NamedDevice['device']): void {
    this.renderRoot.querySelector('h3')?.focus();
    emit(this, 'llambo-gate-admit', { device, verdict: 'admitted' });
  }

  readonly #onSwitch = (event: Event): void => emit(this, 'llambo-gate-set', { on: (event.target as HTMLInputElement).checked });
}
customElements.define('swarm-gate', SwarmGate);

declare global {
  interface HTMLElementTagNameMap {
    'swarm-gate': SwarmGate;
  }
}
