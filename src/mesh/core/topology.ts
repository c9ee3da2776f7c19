/**
 * Who should be linked with whom. In a small swarm everybody with everybody; in a large one each with the leader, the
 * deputy and a few neighbours on a ring that everybody computes alike, so that both ends of a link want it. What is small,
 * and what a few, is the swarm's to decide. Pure.
 */
import type { Topology } from '../../protocol/policy.ts';
import type { PeerId } from '../../shared/ids.ts';

export interface Plan {
  /** With whom this peer should have a link. */
  readonly wanted: ReadonlySet<PeerId>;
  /** After each peer on the ring, and before it. */
  neighbours(peer: PeerId): readonly PeerId[];
}

export interface Situation {
  readonly self: PeerId;
  readonly members: ReadonlySet<PeerId>;
  readonly leader: PeerId | null;
  readonly deputy: PeerId | null;
  readonly topology: Topology;
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo): spreads ids that start alike. Not for secrets. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

/** Members in the order of their hashes: a ring in which whoever comes or goes moves only its neighbours. */
export function ringOf(members: Iterable<PeerId>): readonly PeerId[] {
  return Array.from(members, (peer) => ({ peer, place: hash(peer) }))
    .sort((one, other) => one.place - other.place || (one.peer < other.peer ? -1 : 1))
    .map(({ peer }) => peer);
}

function around(ring: readonly PeerId[], peer: PeerId, most: number): PeerId[] {
  const place = ring.indexOf(peer);
  // Somebody who is not in: where it was, by its hash.
  const at = place >= 0 ? place : ringOf([...ring, peer]).indexOf(peer);
  const step = place >= 0 ? 0 : 1;
  const found = new Set<PeerId>();
  for (let distance = 1; distance <= most && ring.length > 0; distance += 1) {
    found.add(ring[(at + distance - step) % ring.length]!);
    found.add(ring[(at - distance + ring.length * most) % ring.length]!);
  }
  found.delete(peer);
  return [...found];
}

export function planLinks({ self, members, leader, deputy, topology: { fullMesh, neighbours } }: Situation): Plan {
  const isSmall = members.size <= fullMesh;
  const ring = isSmall ? [] : ringOf(members);
  const all = isSmall || self === leader || self === deputy;
  const wanted = new Set(all ? members : around(ring, self, neighbours));
  if (!all) for (const hub of [leader, deputy]) if (hub !== null && members.has(hub)) wanted.add(hub);
  wanted.delete(self);
  return { wanted, neighbours: (peer) => (isSmall ? [...members] : around(ring, peer, neighbours)) };
}
