/**
 * Whether a leader has most of its swarm with it, or only a part that was cut off from the rest. It remembers those who
 * vanished without a word from a leader that had not most of them: to such a leader they may as well be the healthy part,
 * and the roster, from which it buries them, can't tell. Who can be reached is judged in `judge.ts`.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { CoreParts } from './core-parts.ts';

export interface Quorum {
  /** This peer leads from now on. Called while `leadership` still has what was accepted before. @returns true if it takes over a part that was cut off */
  begin(now: number): boolean;
  /** Its status came in this term: it follows us. A handshake does not say that. */
  follows(peer: PeerId): void;
  /** It was judged dead by a leader that had not most of its swarm. */
  missed(peer: PeerId, now: number): void;
  /** It said good-bye: nobody waits for it. */
  left(peer: PeerId): void;
  /** @param reached members that can be reached, this peer included. Half are enough to go on in full, more than half to become a leader in full */
  hasMost(reached: ReadonlySet<PeerId>, now: number): boolean;
}

/** So long those who died without a word are dialled: whoever was not found by then is not waited for either. */
const MISSED_MS = LIMITS.redialForMs;

export function createQuorum({ self, leadership, roster }: Pick<CoreParts, 'self' | 'leadership' | 'roster'>): Quorum {
  /** Since when each is missed. */
  const missing = new Map<PeerId, number>();
  const followers = new Set<PeerId>();

  function missed(peer: PeerId, now: number): void {
    // A member that invents others must not make us remember them without end.
    if (missing.size < LIMITS.peers) missing.set(peer, now);
  }

  /** Nobody is given up while this peer is alone: then it can't know whether the others are gone or it is. */
  function giveUp(now: number): void {
    for (const [peer, since] of missing) {
      if (roster.has(peer) || (followers.size > 0 && now - since > MISSED_MS)) missing.delete(peer);
    }
  }

  return {
    begin(now) {
      const { claim, provisional } = leadership;
      const isCutOff = claim !== null && provisional;
      followers.clear();
      if (claim?.leader === self) return isCutOff;
      missing.clear();
      // What the leader before missed is known from its tombstones only.
      if (isCutOff) for (const { peer, reason } of roster.tombstones()) if (reason === 'dead') missed(peer, now);
      return isCutOff;
    },
    follows: (peer) => void followers.add(peer),
    missed,
    left: (peer) => void missing.delete(peer),
    hasMost(reached, now) {
      giveUp(now);
      const all = roster.size + missing.size;
      if (!leadership.provisional) return reached.size * 2 >= all;
      return [...reached].filter((peer) => peer === self || followers.has(peer)).length * 2 > all;
    },
  };
}

/** Nobody to ask and nobody to wait for: a founder, or the last one. */
export const isAlone = ({ self, leadership: { claim }, roster, liveness }: Pick<CoreParts, 'self' | 'leadership' | 'roster' | 'liveness'>): boolean =>
  liveness.size === 0 && roster.size === (roster.has(self) ? 1 : 0) && (claim === null || roster.version > 0 || claim.leader === self);
