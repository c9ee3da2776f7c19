import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { GateInfo, PeerInfo } from '../../protocol/peer.ts';
import type { Address } from '../../shared/ids.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { modelName } from './places.ts';
import { safeText } from './safe-text.ts';
import { peerStyles } from './swarm-peer.styles.ts';
import { canAsk, enginesText, linkText, nodeFacts } from './swarm-words.ts';
import { swarmStyles } from './swarm.styles.ts';

/**
 * One peer: who it is, how it is linked, and its engines, of which one can be chosen. Its properties are compared by
 * identity: of a swarm's many, only those that changed are drawn again.
 *
 * @fires llambo-ask-on
 * @fires llambo-gate-admit
 * @fires llambo-gate-mark
 */
export class SwarmPeer extends LitElement {
  static override styles = [sharedStyles, swarmStyles, peerStyles];
  static override properties = { peer: { attribute: false }, asked: { attribute: false }, unfold: { attribute: false }, gate: { attribute: false }, open: { state: true } };

  declare peer: PeerInfo;
  /** The node of this peer that the person chose; null if none of these. */
  declare asked: Address | null;
  /** Show the engines from the start. What the person does later counts more. */
  declare unfold: boolean;
  /** What this tab's person may decide about this peer's device. */
  declare gate: GateInfo | null;
  protected declare open: boolean;

  constructor() {
    super();
    this.asked = null;
    this.unfold = false;
    this.gate = null;
    this.open = false;
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    if (!this.hasUpdated) this.open = this.unfold || this.asked !== null;
  }

  protected override render(): TemplateResult {
    const { peer } = this;
    return html`
      <details ?open=${this.open} @toggle=${this.#onToggle}>
        <summary>
          <wa-icon class="turn" name="chevron-right"></wa-icon>
          <span class="who"><bdi class="name">${safeText(peer.name)}</bdi>${this.#renderBadges()}</span>
          <span class="facts figures">
            <span class=${peer.link === 'suspect' ? 'late' : ''}>${linkText(peer)}</span>
            <span>${enginesText(peer)}</span>
            ${peer.self || peer.nodes.length === 0 ? nothing : html`<span>${peer.sharing.slots === 0 ? 'shares nothing' : `shares ${peer.sharing.slots}, ${peer.sharing.busy} in use`}</span>`}
            ${peer.visible || peer.self ? nothing : html`<span>in the background</span>`}
          </span>
        </summary>
        ${this.open ? [this.#renderNodes(), this.#renderPowers()] : nothing}
      </details>
    `;
  }

  #renderBadges(): TemplateResult {
    const { self, leader, deputy, link, device } = this.peer;
    return html`
      ${self ? html`<span class="badge brand">you</span>` : nothing}
      ${leader ? html`<span class="badge"><wa-icon name="star"></wa-icon>leader</span>` : nothing}
      ${deputy ? html`<span class="badge" title="Leads if the leader goes">deputy</span>` : nothing}
      ${this.gate?.on && this.gate.founder === device ? html`<span class="badge">founder</span>` : nothing}
      ${this.gate?.stewards.includes(device) ? html`<span class="badge" title="May let others in">lets in</span>` : nothing}
      ${link === 'suspect' ? html`<span class="badge warning">suspect</span>` : nothing}
      ${this.asked === null || this.open ? nothing : html`<span class="badge brand">asked</span>`}
    `;
  }

  #renderNodes(): TemplateResult {
    const { nodes, self } = this.peer;
    if (nodes.length === 0) return html`<p class="empty quiet small">${self ? 'No engine runs in this tab.' : 'It has no engines: it only asks.'}</p>`;
    return html`<ul>${nodes.map((node) => this.#renderNode(node))}</ul>`;
  }

  /** A steward decides nothing about the founder and other stewards; nobody about the own device. */
  #renderPowers(): TemplateResult | typeof nothing {
    const { gate, peer: { self, device, name } } = this;
    if (!gate || gate.mine === null || self || device === gate.founder) return nothing;
    const isSteward = gate.stewards.includes(device);
    if (gate.mine === 'steward' && isSteward) return nothing;
    const who = html`<span class="visually-hidden">: ${safeText(name)}</span>`;
    return html`
      <div class="powers row">
        ${gate.mine === 'founder'
          ? html`<wa-button size="s" appearance="outlined" @click=${() => emit(this, 'llambo-gate-mark', { device, steward: !isSteward })}>${isSteward ? 'May let nobody in any more' : 'May let others in'}${who}</wa-button>`
          : nothing}
        <wa-button size="s" variant="danger" appearance="outlined" @click=${() => emit(this, 'llambo-gate-admit', { device, verdict: 'barred' })}>Remove and bar this device${who}</wa-button>
      </div>
    `;
  }

  #renderNode(node: NodeInfo): TemplateResult {
    const chosen = this.asked === node.address;
    const model = modelName(node);
    return html`
      <li class="node">
        <div>
          <bdi>${model}</bdi>
          <div class="facts figures ${node.state === 'error' ? 'failed' : ''}">${nodeFacts(node).map((fact) => html`<span>${fact}</span>`)}</div>
        </div>
        ${chosen || canAsk(node, this.peer)
          ? html`
              <button class="ask" type="button" aria-pressed=${chosen ? 'true' : 'false'} title=${node.address} @click=${() => this.#ask(node.address, chosen)}>
                ${chosen ? html`<wa-icon name="check"></wa-icon>` : nothing}Ask this node<span class="visually-hidden">: ${model}, ${safeText(this.peer.name)}</span>
              </button>
            `
          : nothing}
      </li>
    `;
  }

  #ask(node: Address, chosen: boolean): void {
    emit(this, 'llambo-ask-on', { node: chosen ? null : node });
  }

  readonly #onToggle = (event: Event): void => {
    this.open = (event.target as HTMLDetailsElement).open;
  };
}
customElements.define('swarm-peer', SwarmPeer);

declare global {
  interface HTMLElementTagNameMap {
    'swarm-peer': SwarmPeer;
  }
}
