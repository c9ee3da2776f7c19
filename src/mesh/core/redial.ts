/**
 * When to dial whom: members that a link is wanted with, and the dead, who may be the other part of a divided swarm. Back-off
 * with jitter, a few at a time, the side with the smaller id first, so that seldom both dial at once.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { Random } from '../../shared/env.ts';
import type { EndpointId, PeerId } from '../../shared/ids.ts';

export interface DialEffect {
  readonly type: 'dial';
  readonly peer: PeerId;
  readonly endpoints: readonly EndpointId[];
}

export interface Redial {
  /** A peer died without a word: it is dialled for a while at the endpoints it had. */
  lost(entry: PeerEntry, now: number): void;
  /** No more need: it is in again, or it said good-bye. */
  found(peer: PeerId): void;
  linked(peer: PeerId): void;
  /** A link is gone: dial again soon, if it is still wanted. */
  unlinked(peer: PeerId, now: number): void;
  failed(peer: PeerId, now: number): void;
  /**
   * @param wanted members without a link that should have one
   * @param isOurs whether a lost peer is to be dialled by this one; in a large swarm not everybody dials each
   */
  due(wanted: readonly PeerEntry[], isOurs: (peer: PeerId) => boolean, now: number): readonly DialEffect[];
}

interface Attempt {
  failures: number;
  /** When the first of them was wanted. */
  readonly since: number;
  nextAt: number;
  /** A dial is under way since then. */
  pendingSince: number | null;
}

/** The one with the larger id leaves the other this much time to dial. */
const SECOND_MS = 2_000;
/** So long it is likely that a network comes back, and that the swarm waits for it; later dials are rarer. */
const EAGER_MS = 2 * 60_000;
const RARE_MS = 30_000;
/**
 * Whoever loses more than these at once is cut off itself, most likely, and few of its dials will ever answer: it dials more
 * of them at a time, so that it finds those on its side soon (docs/decisions/0019).
 */
const MANY_LOST = LIMITS.fullMeshPeers;
/** A dial that was never reported on counts no longer. */
const FORGET_MS = LIMITS.dialMs * 2 + LIMITS.handshakeMs;

export function createRedial(self: PeerId, random: Random): Redial {
  const attempts = new Map<PeerId, Attempt>();
  const lost = new Map<PeerId, { endpoints: readonly EndpointId[]; since: number }>();

  function attempt(peer: PeerId, now: number): Attempt {
    let known = attempts.get(peer);
    if (!known) attempts.set(peer, (known = { failures: 0, since: now, nextAt: self < peer ? now : now + SECOND_MS, pendingSince: null }));
    return known;
  }

  function backOff({ failures, since }: Attempt, now: number): number {
    const longest = now - since < EAGER_MS ? LIMITS.redialLastMs : RARE_MS;
    return Math.min(LIMITS.redialFirstMs * 2 ** failures, longest) * (0.6 + 0.4 * random.next());
  }

  function isDue(peer: PeerId, now: number): boolean {
    const known = attempt(peer, now);
    if (known.pendingSince !== null && now - known.pendingSince > FORGET_MS) known.pendingSince = null;
    return known.pendingSince === null && now >= known.nextAt;
  }

  function pick(peers: readonly DialEffect[], most: number, now: number): DialEffect[] {
    const picked = peers
      .filter(({ peer }) => isDue(peer, now))
      .sort((one, other) => attempt(one.peer, now).nextAt - attempt(other.peer, now).nextAt)
      .slice(0, Math.max(most, 0));
    for (const { peer } of picked) attempt(peer, now).pendingSince = now;
    return picked;
  }

  function pending(): { all: number; lost: number } {
    const count = { all: 0, lost: 0 };
    for (const [peer, { pendingSince }] of attempts) {
      if (pendingSince === null) continue;
      count.all += 1;
      if (lost.has(peer)) count.lost += 1;
    }
    return count;
  }

  return {
    lost(entry, now) {
      if (entry.endpoints.length > 0) lost.set(entry.peer, { endpoints: entry.endpoints, since: now });
    },
    found(peer) {
      lost.delete(peer);
    },
    linked(peer) {
      lost.delete(peer);
      attempts.delete(peer);
    },
    unlinked(peer, now) {
      attempts.delete(peer);
      attempt(peer, now);
    },
    failed(peer, now) {
      const known = attempts.get(peer);
      if (!known) return;
      known.pendingSince = null;
      known.nextAt = now + backOff(known, now);
      known.failures += 1;
    },
    due(wanted, isOurs, now) {
      for (const [peer, { since }] of lost) if (now - since > LIMITS.redialForMs) lost.delete(peer);
      if (wanted.length === 0 && lost.size === 0) return NONE;
      const members = wanted.map(({ peer, endpoints }): DialEffect => ({ type: 'dial', peer, endpoints }));
      const others = [...lost].flatMap(([peer, { endpoints }]): DialEffect[] => (isOurs(peer) ? [{ type: 'dial', peer, endpoints }] : []));
      const busy = pending();
      const most = lost.size > MANY_LOST ? LIMITS.pendingDialsCutOff : LIMITS.pendingDials;
      const first = pick(members, most - busy.all, now);
      // Half of all at the most, so that members need not wait for dials that never answer.
      const second = pick(others, Math.min(most / 2 - busy.lost, most - busy.all - first.length), now);
      return [...first, ...second];
    },
  };
}

const NONE: readonly DialEffect[] = [];
