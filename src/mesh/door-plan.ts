/**
 * Who holds which door, so that newcomers find the swarm: the leader one, the deputy one, then the next fittest. Holding
 * is sticky; who holds what is in the roster. A door that a stranger holds may lead to another part of the swarm.
 */
import { LIMITS } from '../protocol/limits.ts';
import type { PeerEntry } from '../protocol/peer.ts';
import type { PeerId } from '../shared/ids.ts';
import { isFitter } from './election.ts';

export type DoorEffect =
  | { readonly type: 'hold door'; readonly door: number }
  | { readonly type: 'release door'; readonly door: number }
  | { readonly type: 'knock'; readonly door: number };

export interface DoorPlan {
  /** Doors that this peer holds, in order. */
  held(): readonly number[];
  /** What became of a door. @returns what to do, and whether `held` changed */
  became(door: number, state: 'held' | 'taken' | 'unreachable' | 'lost', entries: Iterable<PeerEntry>): { readonly changed: boolean; readonly effects: readonly DoorEffect[] };
  due(situation: DoorSituation, now: number): readonly DoorEffect[];
}

export interface DoorSituation {
  readonly self: PeerId;
  readonly leader: PeerId | null;
  readonly deputy: PeerId | null;
  readonly entries: Iterable<PeerEntry>;
}

const DOORS = Array.from({ length: LIMITS.doors }, (_, door) => door);

/** Those without a door, in the order in which they should take one. */
function queue({ leader, deputy, entries }: DoorSituation): PeerId[] {
  const place = (peer: PeerId): number => (peer === leader ? 0 : peer === deputy ? 1 : 2);
  return [...entries]
    .filter(({ doors }) => doors.length === 0)
    .sort((one, other) => place(one.peer) - place(other.peer) || (isFitter({ rank: one.rank, leader: one.peer }, { rank: other.rank, leader: other.peer }) ? -1 : 1))
    .map(({ peer }) => peer);
}

export function createDoorPlan(self: PeerId): DoorPlan {
  let held: readonly number[] = [];
  /** Somebody ahead of us in the queue may have no signalling: after a while it is our turn. */
  let freeSince: number | null = null;
  let tryAt = 0;

  const holderOf = (door: number, entries: Iterable<PeerEntry>): PeerEntry | undefined =>
    [...entries].find(({ peer, doors }) => peer !== self && doors.includes(door));

  return {
    held: () => held,
    became(door, state, entries) {
      const changed = held.includes(door) !== (state === 'held');
      if (state === 'held') held = [...new Set([...held, door])].sort((one, other) => one - other);
      else held = held.filter((other) => other !== door);
      const isStranger = state === 'taken' && !holderOf(door, entries);
      return { changed, effects: isStranger ? [{ type: 'knock', door }] : [] };
    },
    due(situation, now) {
      const entries = [...situation.entries];
      // Two of one number can be on the list while the roster is behind; one of two of ours is too many.
      const [keep, ...more] = held;
      if (keep !== undefined && more.length > 0) {
        held = [keep];
        return more.map((door) => ({ type: 'release door', door }));
      }
      const free = DOORS.filter((door) => !held.includes(door) && !holderOf(door, entries));
      if (held.length > 0 || free.length === 0) {
        freeSince = null;
        return [];
      }
      freeSince ??= now;
      const place = queue({ ...situation, entries }).indexOf(self);
      const turn = freeSince + Math.max(place - free.length + 1, 0) * LIMITS.doorMs;
      if (place < 0 || now < turn || now < tryAt) return [];
      tryAt = now + LIMITS.doorMs;
      return [{ type: 'hold door', door: free[place % free.length]! }];
    },
  };
}
