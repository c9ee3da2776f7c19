import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/callout/callout.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/switch/switch.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { SwarmInfo } from '../../protocol/peer.ts';
import { partsOf, type Address } from '../../shared/ids.ts';
import { emit } from '../events.ts';
import { plural } from '../format.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import type { AskedNode } from './places.ts';
import './swarm-gate.ts';
import './swarm-invite.ts';
import './swarm-knocks.ts';
import './swarm-peer.ts';
import './swarm-picture.ts';
import { whoLeads, whomItLeads } from './swarm-words.ts';
import { swarmStyles } from './swarm.styles.ts';

/** Up to this many peers the engines of all are shown at once; of more, each is unfolded by hand. */
const UNFOLDED = 4;

/**
 * A swarm that this tab is in: what is wrong, the picture, the invitation, everybody and their engines.
 *
 * @fires llambo-ask-on
 * @fires llambo-settings-change when questions are to stay here, or no more
 */
export class SwarmMembers extends LitElement {
  static override styles = [
    sharedStyles,
    swarmStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1rem;
      }
      ul {
        margin: 0.25rem 0 0;
        padding: 0;
        list-style: none;
        border-top: 1px solid var(--wa-color-surface-border);
      }
      li:last-child swarm-peer {
        border-bottom: 0;
      }
      .invite > summary {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        min-height: 2.25rem;
        padding: 0.25rem 0.5rem;
        margin-inline: -0.5rem;
        border-radius: var(--wa-border-radius-m);
        font-weight: var(--wa-font-weight-semibold);
        cursor: pointer;
        list-style: none;
      }
      .invite > summary::-webkit-details-marker {
        display: none;
      }
      .invite > summary:hover {
        background: var(--wa-color-neutral-fill-quiet);
      }
      .invite > summary wa-icon:last-child {
        margin-inline-start: auto;
        font-size: 0.875rem;
        color: var(--wa-color-text-quiet);
      }
      .invite[open] > summary wa-icon:last-child {
        rotate: 180deg;
      }
      swarm-invite {
        padding-top: 0.625rem;
      }
      .asked {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 0.5rem;
        min-height: 2rem;
        padding-top: 0.25rem;
      }
      .reach {
        display: grid;
        gap: 0.125rem;
        padding-block: 0.25rem;
      }
      .words {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .anywhere {
        flex: none;
      }
      h3:focus {
        outline: none;
      }
    `,
  ];
  static override properties = { swarm: { attribute: false }, asked: { attribute: false }, askedName: { attribute: false }, stayHere: { attribute: false }, inviting: { state: true } };

  declare swarm: SwarmInfo;
  declare asked: Address | null;
  /** What the chosen node is called. */
  declare askedName: AskedNode | null;
  /** The chat asks the engines of this tab only. */
  declare stayHere: boolean;
  /** The invitation is unfolded; from then on only the person folds it. */
  protected declare inviting: boolean;

  constructor() {
    super();
    this.asked = null;
    this.askedName = null;
    this.stayHere = false;
    this.inviting = false;
  }

  protected override willUpdate(): void {
    if (!this.hasUpdated) this.inviting = this.swarm.peers.length === 1;
  }

  protected override render(): TemplateResult {
    const { swarm } = this;
    const { peers } = swarm;
    const engines = peers.reduce((sum, { nodes }) => sum + nodes.length, 0);
    return html`
      ${this.#renderProblem()}
      <swarm-knocks ?hidden=${!swarm.gate?.knocking.length} .knocking=${swarm.gate?.knocking ?? []}></swarm-knocks>
      <div>
        <swarm-picture .swarm=${swarm}></swarm-picture>
        <p class="quiet small figures">${plural(peers.length, 'peer')}, ${plural(engines, 'engine')}; ${whoLeads(swarm)}${whomItLeads(swarm)}.${peers.length === 1 ? ' Nobody else is here yet.' : ''}</p>
      </div>
      <details class="invite" ?open=${this.inviting} @toggle=${(event: Event) => (this.inviting = (event.target as HTMLDetailsElement).open)}>
        <summary><wa-icon name="user-plus"></wa-icon>Invite others<wa-icon name="chevron-down"></wa-icon></summary>
        ${this.inviting ? html`<swarm-invite .link=${swarm.link} .code=${swarm.code} .gated=${swarm.gate?.on ?? false}></swarm-invite>` : nothing}
      </details>
      <section aria-labelledby="peers">
        <h3 id="peers" tabindex="-1">Peers</h3>
        ${this.#renderAsked()}
        <ul>
          ${repeat(peers, ({ id }) => id, (peer) => html`<li><swarm-peer .peer=${peer} .asked=${this.asked !== null && partsOf(this.asked).peer === peer.id ? this.asked : null} .unfold=${peers.length <= UNFOLDED} .gate=${swarm.gate}></swarm-peer></li>`)}
        </ul>
      </section>
      ${swarm.gate === null ? nothing : html`<swarm-gate .gate=${swarm.gate}></swarm-gate>`}
    `;
  }

  #renderProblem(): TemplateResult | typeof nothing {
    const { problem, signalling } = this.swarm;
    if (problem === null && signalling === 'up') return nothing;
    return html`
      <wa-callout variant="warning" size="s" role="group" aria-label="Not as it should be">
        <wa-icon slot="icon" name="alert"></wa-icon>
        <strong>${problem?.message ?? 'Newcomers can’t find you: signalling is down.'}</strong>
        <p>${problem?.advice ?? 'Everybody who is in stays, and answers go on. It is tried again by itself.'}</p>
      </wa-callout>
    `;
  }

  #renderAsked(): TemplateResult {
    if (this.askedName === null) return this.#renderReach();
    return html`
      <div class="asked small">
        <span class="words">${this.askedName.gone ? '' : 'Questions go to '}<bdi>${this.askedName.label}</bdi></span>
        <wa-button class="anywhere" size="s" appearance="outlined" @click=${this.#askAnywhere}>Ask anywhere</wa-button>
      </div>
    `;
  }

  /** Who reads what is asked: the person must know before asking. */
  #renderReach(): TemplateResult {
    return html`
      <div class="reach">
        <wa-switch size="s" .checked=${this.stayHere} @change=${this.#onStay}>Keep my questions from other tabs</wa-switch>
        <p class="quiet small">${this.stayHere ? 'Only the engines of this tab answer you, and the servers that you added to it.' : 'Whichever engine of the swarm is free answers you, and its tab reads the question.'}</p>
      </div>
    `;
  }

  readonly #onStay = (event: Event): void => {
    emit(this, 'llambo-settings-change', { settings: { stayHere: (event.target as HTMLInputElement).checked } });
  };

  readonly #askAnywhere = (): void => {
    // The button goes with the choice: the focus must not go with it.
    this.renderRoot.querySelector('h3')?.focus();
    emit(this, 'llambo-ask-on', { node: null });
  };
}
customElements.define('swarm-members', SwarmMembers);

declare global {
  interface HTMLElementTagNameMap {
    'swarm-members': SwarmMembers;
  }
}
