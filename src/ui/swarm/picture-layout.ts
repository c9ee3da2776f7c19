/**
 * Where things stand in the picture of a swarm: peers on an ellipse, this tab at the top, links between them. Pure
 * geometry in the units of the picture's own view box.
 */
import type { PeerInfo } from '../../protocol/peer.ts';

export const WIDTH = 440;
/** Units between two lines of a label. */
export const LINE = 15;
/** Up to this many there is room for every name and for engines inside the discs. */
const ROOMY = 12;
/** Engines of one peer that are drawn; the list has all. */
export const MOST_DOTS = 4;

export interface Spot {
  readonly x: number;
  readonly y: number;
  /** Unit vector away from the middle. */
  readonly outX: number;
  readonly outY: number;
}

export interface Layout {
  readonly height: number;
  /** Radius of a peer's disc. */
  readonly disc: number;
  /** Names are written outside of the discs; otherwise only those of leader and self, inside. */
  readonly roomy: boolean;
  readonly spots: readonly Spot[];
}

export function layoutOf(count: number): Layout {
  const roomy = count <= ROOMY;
  const disc = count <= 6 ? 16 : roomy ? 13 : count <= 32 ? 7 : 4.5;
  const radiusX = count === 1 ? 0 : roomy ? 104 : 150;
  const radiusY = count === 1 ? 0 : count <= 3 ? 66 : roomy ? 104 : 150;
  // Two stand side by side, where their names have room.
  const first = count === 2 ? Math.PI : -Math.PI / 2;
  const angles = Array.from({ length: count }, (_, index) => first + (index * 2 * Math.PI) / Math.max(1, count));
  const outs = angles.map((angle): [number, number] => (count === 1 ? [0, 1] : [Math.cos(angle), Math.sin(angle)]));
  const rim = disc + (roomy ? LINE + 21 : 40);
  const top = Math.min(...outs.map(([, outY]) => outY)) * radiusY;
  const bottom = Math.max(...outs.map(([, outY]) => outY)) * radiusY;
  const spots = outs.map(([outX, outY]): Spot => ({ x: round(WIDTH / 2 + radiusX * outX), y: round(rim - top + radiusY * outY), outX: round(outX), outY: round(outY) }));
  return { height: round(2 * rim + bottom - top), disc, roomy, spots };
}

const round = (value: number): number => Math.round(value * 100) / 100;

export interface Label {
  readonly x: number;
  /** Baseline of the first line. */
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** Beside its disc: outside where names have room, else towards the middle. */
export function labelAt({ x, y, outX, outY }: Spot, { disc, roomy }: Pick<Layout, 'disc' | 'roomy'>, lines: number): Label {
  const way = roomy ? 1 : -1;
  const [dx, dy] = [outX * way, outY * way];
  const gap = disc + 7;
  const anchor = Math.abs(dx) < 0.3 ? 'middle' : dx > 0 ? 'start' : 'end';
  // Above: the last line stands on the gap. Below: the first hangs from it. Beside: all are centred.
  const top = anchor !== 'middle' ? 4.5 - ((lines - 1) * LINE) / 2 : dy > 0 ? gap + 9 : -gap - (lines - 1) * LINE;
  const side = anchor === 'middle' ? 0 : Math.sign(dx) * (gap * Math.max(0.8, Math.abs(dx)) + 2);
  return { x: round(x + side), y: round(y + (anchor === 'middle' ? top : dy * gap * 0.6 + top)), anchor };
}

export interface Link {
  readonly from: number;
  readonly to: number;
  /** This tab has not heard from the other for a while. */
  readonly suspect: boolean;
  /** This tab is at one end. */
  readonly own: boolean;
}

/** @returns each link once, however many of its ends tell of it; ends that are not in the swarm are left out. */
export function linksOf(peers: readonly PeerInfo[]): readonly Link[] {
  const places = new Map(peers.map(({ id }, index) => [id, index]));
  const found = new Map<number, Link>();
  const add = (a: number, b: number): void => {
    const [from, to] = a < b ? [a, b] : [b, a];
    const [one, other] = [peers[from]!, peers[to]!];
    const own = one.self || other.self;
    const far = one.self ? other : one;
    // What this tab knows of its own links is newer than what the other end last told.
    if (from === to || (own && far.link === 'none')) return;
    found.set(from * peers.length + to, { from, to, own, suspect: own && far.link === 'suspect' });
  };
  const self = peers.findIndex((peer) => peer.self);
  peers.forEach((peer, index) => {
    for (const id of peer.links) {
      const other = places.get(id);
      if (other !== undefined) add(index, other);
    }
    if (self >= 0 && index !== self && (peer.link === 'direct' || peer.link === 'suspect')) add(self, index);
  });
  return [...found.values()];
}
