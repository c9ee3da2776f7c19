import { LitElement, html, nothing, svg, type PropertyValues, type SVGTemplateResult, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { PeerInfo, SwarmInfo } from '../../protocol/peer.ts';
import { LINE, MOST_DOTS, WIDTH, labelAt, layoutOf, linksOf, type Layout, type Link, type Spot } from './picture-layout.ts';
import { safeText } from './safe-text.ts';
import { pictureStyles } from './swarm-picture.styles.ts';
import { pictureText } from './swarm-words.ts';

/** Characters of a name that fit beside a disc, and above or below one. */
const NAME = 11;
const LONG_NAME = 18;
/** A five-pointed star of radius 8 around the origin. */
const STAR = 'M0-8 2.35-3.24 7.61-2.47 3.8 1.24 4.7 6.47 0 4 -4.7 6.47 -3.8 1.24 -7.61-2.47 -2.35-3.24Z';

/**
 * Who is connected with whom, who leads, and what the engines do. One picture for people who see; its name says the
 * essentials for those who don't. Only peers that changed are drawn anew, and links only when one came or went.
 */
export class SwarmPicture extends LitElement {
  static override styles = pictureStyles;
  static override properties = { swarm: { attribute: false } };

  declare swarm: SwarmInfo;
  #layout: Layout = layoutOf(1);
  #links: readonly Link[] = [];
  #shape = '';

  protected override willUpdate(_changed: PropertyValues<this>): void {
    const { peers } = this.swarm;
    if (peers.length !== this.#layout.spots.length) this.#layout = layoutOf(peers.length);
    this.#links = linksOf(peers);
    this.#shape = JSON.stringify([peers.length, this.#links]);
  }

  protected override render(): TemplateResult {
    const { peers } = this.swarm;
    const layout = this.#layout;
    return html`
      <svg class=${layout.roomy ? 'roomy' : 'crowded'} role="img" aria-label=${`Picture of the swarm: ${pictureText(this.swarm, this.#links.length)}.`} viewBox="0 0 ${WIDTH} ${layout.height}">
        ${guard([this.#shape], () => svg`<g>${this.#links.map((link) => renderLink(link, layout.spots))}</g>`)}
        ${repeat(peers, ({ id }) => id, (peer, index) => guard([peer, layout, index], () => renderPeer(peer, layout.spots[index]!, layout)))}
      </svg>
    `;
  }
}

function renderLink({ from, to, own, suspect }: Link, spots: readonly Spot[]): SVGTemplateResult {
  const [a, b] = [spots[from]!, spots[to]!];
  return svg`<line class="link ${own ? 'own' : ''} ${suspect ? 'suspect' : ''}" x1=${a.x} y1=${a.y} x2=${b.x} y2=${b.y}></line>`;
}

function renderPeer(peer: PeerInfo, spot: Spot, layout: Layout): SVGTemplateResult {
  const { disc, roomy } = layout;
  const star = roomy ? 1 : 0.8;
  return svg`
    <g class="peer ${peer.self ? 'self' : ''} ${peer.link === 'suspect' ? 'suspect' : ''}">
      <circle class="disc" cx=${spot.x} cy=${spot.y} r=${disc}></circle>
      ${peer.nodes.slice(0, MOST_DOTS).map((node, index) => renderEngine(node, index, Math.min(MOST_DOTS, peer.nodes.length), spot, layout))}
      ${peer.leader ? svg`<path class="star" d=${STAR} transform="translate(${spot.x - spot.outX * (disc + 2)} ${spot.y - spot.outY * (disc + 2)}) scale(${star})"></path>` : nothing}
      ${roomy || peer.leader ? renderLabel(peer, spot, layout) : peer.self ? renderYou(peer, spot, layout) : nothing}
    </g>
  `;
}

/** In a row inside a large disc; outside of a small one, one behind the other. */
function renderEngine({ state }: NodeInfo, index: number, count: number, { x, y, outX, outY }: Spot, { disc, roomy }: Layout): SVGTemplateResult {
  const radius = roomy ? disc / 5.5 : 2;
  const step = roomy ? radius * 2.2 : 5;
  const inRow = (index - (count - 1) / 2) * step;
  const behind = disc + 5 + index * step;
  const [cx, cy] = roomy ? [x + inRow, y] : [x + outX * behind, y + outY * behind];
  return svg`<circle class="engine ${state}" cx=${cx} cy=${cy} r=${radius}></circle>`;
}

function renderLabel(peer: PeerInfo, spot: Spot, layout: Layout): SVGTemplateResult {
  const roles = [peer.self ? 'you' : '', peer.leader ? 'leader' : ''].filter(Boolean).join(', ');
  const at = labelAt(spot, layout, roles === '' ? 1 : 2);
  return svg`
    <text x=${at.x} y=${at.y} text-anchor=${at.anchor}>${safeText(peer.name, at.anchor === 'middle' ? LONG_NAME : NAME)}</text>
    ${roles === '' ? nothing : svg`<text class="roles" x=${at.x} y=${at.y + LINE} text-anchor=${at.anchor}>${roles}</text>`}
  `;
}

/** Where names have no room: outside, beyond the engines. */
function renderYou({ nodes }: PeerInfo, { x, y, outX, outY }: Spot, { disc }: Layout): SVGTemplateResult {
  const away = disc + 11 + Math.min(MOST_DOTS, nodes.length) * 5;
  return svg`<text x=${x + outX * away} y=${y + outY * away + (outY < 0 ? 3 : 8)} text-anchor="middle">you</text>`;
}

customElements.define('swarm-picture', SwarmPicture);

declare global {
  interface HTMLElementTagNameMap {
    'swarm-picture': SwarmPicture;
  }
}
