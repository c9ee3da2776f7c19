/** Whether there is room for somebody: the swarm's own number counts for newcomers, the protocol's for whoever was in. Pure. */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { CoreParts } from './core-parts.ts';

/** Those who were taken for dead belong to it: a number that was lowered meanwhile must not keep the other part of a divided swarm out. */
export function hasRoomFor(peer: PeerId, { roster, topology }: Pick<CoreParts, 'roster' | 'topology'>): boolean {
  if (roster.has(peer)) return true;
  const wasIn = roster.tombstone(peer)?.reason === 'dead';
  return roster.size < (wasIn ? LIMITS.peers : topology.peers);
}
