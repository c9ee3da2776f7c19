/**
 * When two parts of a swarm merge, the roster of the one leader does not have the members of the other for a moment, and
 * calls some of them dead. Those with whom this peer has a link that is alive are spared: they stay in sight until the
 * roster has them again, so that what runs between the two is not torn.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';

export interface Spared {
  entries(): Iterable<PeerEntry>;
  /** Somebody is to be dead. @returns true if it is spared: its link is alive, and it was not spared before */
  add(entry: PeerEntry, isLive: boolean, now: number): boolean;
  /** It is in the roster again, or said good-bye. @returns true if it was spared until now */
  remove(peer: PeerId): boolean;
  /** Whose time is over, or whose link is gone: they are dead after all. Told once more, they are not spared again. */
  due(isLive: (peer: PeerId) => boolean, now: number): readonly PeerEntry[];
}

/** A merge takes a second or two: a claim, a roster, a status, a roster. */
const SPARE_MS = LIMITS.suspectMs;

export function createSpared(): Spared {
  const spared = new Map<PeerId, { entry: PeerEntry; until: number }>();
  const over = new Set<PeerEntry>();
  return {
    *entries() {
      for (const { entry } of spared.values()) yield entry;
    },
    add(entry, isLive, now) {
      if (over.delete(entry) || !isLive) return false;
      spared.set(entry.peer, { entry, until: now + SPARE_MS });
      return true;
    },
    remove: (peer) => spared.delete(peer),
    due(isLive, now) {
      if (spared.size === 0) return [];
      const due = [...spared.values()].filter(({ entry, until }) => now >= until || !isLive(entry.peer)).map(({ entry }) => entry);
      for (const entry of due) {
        spared.delete(entry.peer);
        over.add(entry);
      }
      return due;
    },
  };
}
