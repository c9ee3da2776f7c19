/**
 * Beats: what this peer tells its neighbours of who leads, and what it makes of what they tell. News of leaders travels
 * from link to link, so that it reaches those who have none to the leader.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { Claim, MessageOf } from '../../protocol/messages.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { CoreParts, LinkState } from './core-parts.ts';
import type { CoreMessage } from './core-types.ts';
import { isSameClaim } from './election.ts';
import type { Hearsay } from './leadership.ts';

export interface Gossip {
  /** All of a beat but its marks. */
  says(): Omit<MessageOf<'beat'>, 't' | 'ping' | 'pong'>;
  /** @returns true if that neighbour has a later roster of our leader */
  heard(link: LinkState, beat: MessageOf<'beat'>, now: number): boolean;
  hear(from: PeerId, hearsay: Hearsay, now: number): void;
  /** A neighbour is behind the times. What it said while it was cut off may come all at once: one answer is enough. */
  correct(link: LinkState, now: number): void;
  /** What no peer says that keeps to the protocol; null if it does. */
  violation(from: PeerId, received: CoreMessage): string | null;
}

/** Terms grow by one an election. Whoever names one so far ahead wants to use them up. */
const TERM_LEAP = 2 ** 20;

/**
 * @param version of the roster that neighbours may ask us for
 * @param accepted another leader was accepted; the roster is the old one still
 */
export function createGossip(parts: CoreParts, version: () => number, accepted: () => void): Gossip {
  const { leadership, roster, liveness } = parts;

  const isAbsurd = (claim: Claim | null): boolean =>
    claim !== null && leadership.claim !== null && claim.term > leadership.freshTerm() + TERM_LEAP;

  function correct(link: LinkState, now: number): void {
    if (now - link.correctedAt < LIMITS.beatMs / 2) return;
    link.correctedAt = now;
    parts.sendBeat(link.peer);
  }

  /** The leader that was accepted here must hear of a rival, wherever it is. */
  function passRival(from: PeerId): void {
    if (!leadership.leading) parts.flood(from);
  }

  function hear(from: PeerId, hearsay: Hearsay, now: number): void {
    switch (leadership.hear(from, hearsay, now)) {
      case 'accepted':
        roster.follow();
        parts.flood(from);
        accepted();
        return parts.changed();
      case 'rival':
        return passRival(from);
      case 'outdated': {
        const link = liveness.get(from);
        return link && correct(link, now);
      }
      case 'fresher':
      case 'known':
        return;
    }
  }

  return {
    says() {
      const { claim, tick, provisional, rival } = leadership;
      return { claim, tick, provisional, roster: version(), rival };
    },
    hear,
    correct,
    heard(link, beat, now) {
      link.beat = beat;
      if (beat.pong !== undefined && liveness.ponged(link, beat.pong, now)) parts.changed();
      if (beat.claim) hear(link.peer, { claim: beat.claim, tick: beat.tick, provisional: beat.provisional }, now);
      if (beat.rival && leadership.noteRival(beat.rival)) passRival(link.peer);
      if (beat.ping !== undefined) parts.sendBeat(link.peer, { pong: beat.ping });
      return !leadership.leading && beat.roster > roster.version && beat.claim !== null && isSameClaim(beat.claim, leadership.claim);
    },
    violation(from, received) {
      switch (received.t) {
        case 'beat':
          return isAbsurd(received.claim) || isAbsurd(received.rival) ? 'beat: term' : null;
        case 'vote?':
          return received.claim.leader !== from ? 'vote?: for another' : isAbsurd(received.claim) ? 'vote?: term' : null;
        case 'vote':
          return isAbsurd(received.claim) ? 'vote: term' : null;
        case 'status':
          return received.hops === 0 && received.entry.peer !== from ? 'status: of another' : null;
        case 'leave':
        case 'roster':
        case 'roster?':
          return null;
      }
    },
  };
}
