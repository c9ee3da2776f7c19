/** Whom to ask to carry, and when to try without. Pure: what is known of the swarm comes in. */
import type { PeerEntry } from '../../protocol/peer.ts';
import type { Random } from '../../shared/env.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { CoreView } from '../core/core-types.ts';

/**
 * Neighbours that are linked with that peer too, by what either of the two says, the best first: not one that is silent just
 * now, rather one whose tab is in sight than one that its browser may slow down, then the nearest.
 */
export function waysThrough(to: PeerId, { entries, links }: Pick<CoreView, 'entries' | 'links'>): PeerId[] {
  const target = entries.find(({ peer }) => peer === to);
  const costOf = ({ peer, visible }: PeerEntry): number => {
    const link = links.get(peer);
    return (link?.suspect ? 1e9 : 0) + (visible ? 0 : 1e6) + (link?.rttMs ?? 1e5);
  };
  return entries
    .filter((entry) => entry.peer !== to && links.has(entry.peer) && (entry.links.includes(to) || target?.links.includes(entry.peer)))
    .sort((one, other) => costOf(one) - costOf(other))
    .map(({ peer }) => peer);
}

export interface DirectAgain {
  /**
   * @param relayed peers whose link is relayed
   * @returns those to dial directly now; a link that comes of it takes the place of the relayed one
   */
  due(relayed: readonly PeerId[], now: number): readonly PeerId[];
}

/** A network that lets nothing through seldom changes; a machine that moves to another is dialled anew anyway. */
const FIRST_MS = 60_000;
const LAST_MS = 10 * 60_000;

/** The end with the smaller id dials, so that never both do: then both keep the direct link, see `links.ts`. */
export function createDirectAgain(self: PeerId, random: Random): DirectAgain {
  let tries = new Map<PeerId, { readonly at: number; readonly waitMs: number }>();
  const later = (now: number, waitMs: number) => ({ at: now + waitMs * (0.8 + 0.4 * random.next()), waitMs: Math.min(waitMs * 2, LAST_MS) });
  return {
    due(relayed, now) {
      const ours = relayed.filter((peer) => self < peer);
      // Whoever is no longer relayed is forgotten, so that the next time counts from the start.
      tries = new Map(ours.map((peer) => [peer, tries.get(peer) ?? later(now, FIRST_MS)]));
      const due = ours.filter((peer) => tries.get(peer)!.at <= now);
      for (const peer of due) tries.set(peer, later(now, tries.get(peer)!.waitMs));
      return due;
    },
  };
}
