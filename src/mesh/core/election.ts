/**
 * Who should lead: the one comparison that every peer makes alike, and how fit a peer is. Pure; the machines that use it
 * are `leadership.ts` (who leads now) and `ballot.ts` (how that is found out).
 */
import type { Claim } from '../../protocol/messages.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { SelfFacts } from './core-types.ts';

/** The larger rank is fitter; between equals the larger id, so that any two peers agree. */
export function isFitter(one: Pick<Claim, 'rank' | 'leader'>, other: Pick<Claim, 'rank' | 'leader'>): boolean {
  return one.rank !== other.rank ? one.rank > other.rank : one.leader > other.leader;
}

/** Compares `(term, rank, leader)`. A strict order: of two claims that are not equal exactly one outranks the other. */
export function outranks(one: Claim, other: Claim): boolean {
  return one.term !== other.term ? one.term > other.term : isFitter(one, other);
}

export const isSameClaim = (one: Claim | null, other: Claim | null): boolean =>
  one === other || (one !== null && other !== null && one.term === other.term && one.leader === other.leader);

/** Being there this long says that a tab is likely to stay. */
export const SETTLED_MS = 60_000;

/** From here on a peer may lead; below it only if there is nobody else. */
const ELIGIBLE = 8;

/**
 * How fit a peer is to lead, 0 to 15. Being eligible counts most, then having been there for a while, then a processor
 * that is not busy with one engine alone, then being looked at (the browser throttles it less).
 */
export function rankOf({ eligible, visible, cores }: Pick<SelfFacts, 'eligible' | 'visible' | 'cores'>, uptimeMs: number): number {
  return (eligible ? ELIGIBLE : 0) + (uptimeMs > SETTLED_MS ? 4 : 0) + (cores > 2 ? 2 : 0) + (visible ? 1 : 0);
}

export const mayLead = (rank: number): boolean => rank >= ELIGIBLE;

/** Who takes over if the leader goes: the fittest of those who have a link to it. Everybody with the same roster finds the same one. */
export function deputyOf(entries: Iterable<PeerEntry>, leader: PeerId | null): PeerId | null {
  let best: { rank: number; leader: PeerId } | null = null;
  for (const { peer, rank, links } of entries) {
    if (peer === leader || leader === null || !links.includes(leader)) continue;
    if (!best || isFitter({ rank, leader: peer }, best)) best = { rank, leader: peer };
  }
  return best?.leader ?? null;
}

/**
 * How long to wait beyond the lease before standing for election, so that not all stand at once: the deputy goes first,
 * those that should not lead come last.
 * @param dice uniform in [0, 1)
 */
export function patience(role: 'deputy' | 'eligible' | 'last', dice: number): number {
  const jitter = LIMITS.electionJitterMs;
  switch (role) {
    case 'deputy':
      return dice * jitter * 0.1;
    case 'eligible':
      return jitter * (0.25 + 0.5 * dice);
    case 'last':
      return jitter * (0.75 + 0.25 * dice);
  }
}
