import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { NamedDevice } from '../../protocol/peer.ts';
import type { Verdict } from '../../protocol/rules-schema.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { safeText } from './safe-text.ts';
import { deviceCode } from './swarm-words.ts';
import { swarmStyles } from './swarm.styles.ts';

/**
 * Who waits to be let in. A name is what somebody calls itself; the code is what cannot be copied.
 *
 * @fires llambo-gate-admit
 */
export class SwarmKnocks extends LitElement {
  static override styles = [
    sharedStyles,
    swarmStyles,
    css`
      section {
        display: grid;
        gap: 0.5rem;
        padding: 0.75rem;
        border: 1px solid var(--wa-color-brand-border-normal);
        border-radius: var(--wa-border-radius-m);
      }
      h3:focus {
        outline: none;
      }
      ul {
        display: grid;
        gap: 0.5rem;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0.375rem 0.75rem;
      }
      .who {
        min-width: 0;
        overflow-wrap: anywhere;
      }
    `,
  ];
  static override properties = { knocking: { attribute: false } };

  declare knocking: readonly NamedDevice[];

  constructor() {
    super();
    this.knocking = [];
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.knocking.length === 0) return nothing;
    return html`
      <section aria-labelledby="knocks">
        <h3 id="knocks" tabindex="-1">At the door</h3>
        <ul>
          ${repeat(this.knocking, ({ device }) => device, (one) => this.#renderOne(one))}
        </ul>
        <p class="quiet small">Anybody can take any name: compare the code with what their page shows. A device that is refused stays barred until you allow it again.</p>
      </section>
    `;
  }

  #renderOne({ device, name }: NamedDevice): TemplateResult {
    const who = safeText(name);
    return html`
      <li>
        <span class="who"><bdi>${who}</bdi> <span class="quiet small figures">device ${deviceCode(device)}</span></span>
        <span class="row">
          <wa-button size="s" variant="brand" @click=${() => this.#decide(device, 'admitted')}>Let in<span class="visually-hidden"> ${who}</span></wa-button>
          <wa-button size="s" appearance="outlined" @click=${() => this.#decide(device, 'barred')}>Refuse<span class="visually-hidden"> ${who}</span></wa-button>
        </span>
      </li>
    `;
  }

  #decide(device: NamedDevice['device'], verdict: Verdict): void {
    // The button goes with the newcomer: the focus must not go with it.
    this.renderRoot.querySelector('h3')?.focus();
    emit(this, 'llambo-gate-admit', { device, verdict });
  }
}
customElements.define('swarm-knocks', SwarmKnocks);

declare global {
  interface HTMLElementTagNameMap {
    'swarm-knocks': SwarmKnocks;
  }
}
