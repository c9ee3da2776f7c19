/**
 * Who holds which door, so that newcomers find the swarm: the leader one, the deputy one, then the next fittest. Holding
 * is sticky; who holds what is in the roster. A door that a stranger holds may lead to another part of the swarm.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';
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
  /** Doors that turned out to be a stranger's are passed over until all were tried. */
  const tried = new Set<number>();

  const holderOf = (door: number, entries: Iterable<PeerEntry>): PeerEntry | undefined =>
    [...entries].find(({ peer, doors }) => peer !== self && doors.includes(door));

  /** The next free door that was not tried in this round; each round takes at least `doorMs`. */
  function attempt(free: readonly number[], place: number, now: number): readonly DoorEffect[] {
    const fresh = free.filter((door) => !tried.has(door));
    if (fresh.length === 0) {
      tried.clear();
      tryAt = now + LIMITS.doorMs;
      return [];
    }
    const door = fresh[place % fresh.length]!;
    tried.add(door);
    tryAt = now + LIMITS.beatMs;
    return [{ type: 'hold door', door }];
  }

  return {
    held: () => held,
    became(door, state, entries) {
      const changed = held.includes(door) !== (state === 'held');
      if (state === 'held') held = [...held, ...(changed ? [door] : [])];
      else held = held.filter((other) => other !== door);
      const isStranger = state === 'taken' && !holderOf(door, entries);
      return { changed, effects: isStranger ? [{ type: 'knock', door }] : [] };
    },
    due(situation, now) {
      // One each: a second one was free, and that was all that we wanted to know.
      const [keep, ...more] = held;
      if (keep !== undefined && more.length > 0) {
        held = [keep];
        return more.map((door) => ({ type: 'release door', door }));
      }
      if (now < tryAt || (keep !== undefined && situation.leader !== self)) return [];
      const entries = [...situation.entries];
      const free = DOORS.filter((door) => !held.includes(door) && !holderOf(door, entries));
      const waiting = queue({ ...situation, entries });
      const place = waiting.indexOf(self);
      // When everybody has one, the leader looks after the rest: another part of the swarm may be behind it.
      const isWatch = held.length > 0 && situation.leader === self && waiting.length === 0;
      if (free.length === 0 || (place < 0 && !isWatch)) {
        freeSince = null;
        return [];
      }
      freeSince ??= now;
      const turn = freeSince + Math.max(place - free.length + 1, 0) * LIMITS.doorMs;
      return now < turn ? [] : attempt(free, Math.max(place, 0), now);
    },
  };
}
