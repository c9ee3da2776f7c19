/**
 * What a strategy is: from the nodes that suit a wish and may be given it, one. It knows neither the queue nor the peers nor how
 * the nodes are kept: a {@link Pool} hands them out without ever listing all, so that a choice costs the same among ten
 * nodes and among ten thousand.
 */
import type { StrategyName } from '../../protocol/policy.ts';
import type { Address } from '../../shared/ids.ts';

/** A node as strategies see it: what it is believed to do, not what it claims. */
export interface Candidate {
  readonly address: Address;
  /** Slots that it is believed to have. */
  readonly slots: number;
  /** Slots that are taken, and more if tasks stand in its line. */
  readonly occupied: number;
  readonly rttMs: number;
  /** Expected time for a token of one more stream, written beside those that run, milliseconds. */
  readonly nextTokenMs: number;
  /** Expected time to read a token of a prompt, milliseconds. */
  readonly prefillTokenMs: number;
}

/** What a strategy may know of the wish. */
export interface Demand {
  readonly promptTokens: number;
  /** Expected, not the bound that was asked for. */
  readonly answerTokens: number;
  readonly affinity: string | null;
  /** The nodes of the asker's own tab. */
  readonly own: readonly Address[];
  /** Of these, full ones at which it may wait for a slot. */
  readonly lines: readonly HomeLine[];
}

/** A full node of the asker's own tab, and for how long its oldest task has run, milliseconds. */
export interface HomeLine {
  readonly candidate: Candidate;
  readonly oldestMs: number;
}

/** How many ranks a strategy may tell apart. */
export const RANKS = 64;

/** The nodes that suit one wish and may be given a task now, in the order of their ranks. */
export interface Pool {
  /** The same for all wishes with the same nodes: whose turn it is is remembered under it. */
  readonly key: object;
  /** How many there are at the most: a few may not suit this very wish. */
  readonly size: number;
  /** Up to `most` of the best ranks, in no order within a rank. */
  best(most: number): readonly Candidate[];
  /** One by chance, each rank as likely as `weight` times its nodes. */
  draw(weight?: (rank: number) => number): Candidate | null;
  /** The one at this place of a fixed order, or the next after it that suits. The order changes only as nodes come, go, or fill up. */
  at(place: number): Candidate | null;
  /** That very one, if it suits and may be given a task. */
  get(address: Address): Candidate | null;
  /** Whether it suits, if it had room. */
  has(address: Address): boolean;
}

export interface Strategy {
  readonly name: StrategyName;
  /** True: it does not look at load, so a full node gets a task too, in its line. */
  readonly blind: boolean;
  /** From 0, the best, to `RANKS` − 1. Asked whenever the node changed: it must depend on nothing else. */
  rank(candidate: Candidate): number;
  /** @returns null if there is none. It may remember what it chose: the table gives the task there. */
  choose(demand: Demand, pool: Pool): Candidate | null;
}

/** Share of the slots in use; above 1 if tasks stand in line. */
export const loadOf = ({ occupied, slots }: Candidate): number => occupied / Math.max(1, slots);

/** Ranks by the speed that the next stream would have: four to an octave, from 4,000 tokens a second down to one in sixteen seconds. */
export function rankBySpeed(candidate: Candidate): number {
  const rank = Math.floor(RANKS_PER_OCTAVE * Math.log2(candidate.nextTokenMs / FASTEST_TOKEN_MS));
  return Math.min(RANKS - 1, Math.max(0, rank));
}
const RANKS_PER_OCTAVE = 4;
const FASTEST_TOKEN_MS = 0.25;

/** The relative speed of a rank of {@link rankBySpeed}. */
export const speedOfRank = (rank: number): number => 2 ** (-rank / RANKS_PER_OCTAVE);

/** @returns the one with the least cost; of equals the first. */
export function cheapest(candidates: readonly Candidate[], cost: (candidate: Candidate) => number): Candidate | null {
  let best: Candidate | null = null;
  let least = Infinity;
  for (const candidate of candidates) {
    const value = cost(candidate);
    if (value < least) [best, least] = [candidate, value];
  }
  return best;
}
