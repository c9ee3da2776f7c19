/**
 * Ballots counted: those that say the same are one group. Equal answers are found by their canonical form, so "85." and
 * "The answer is 85" are two votes for one answer. Says what was counted; what to make of it is a policy's business.
 */
import type { Vote } from '../../protocol/fusion.ts';
import { normaliseAnswer } from '../../shared/normalise-answer.ts';
import type { Standing } from './posterior.ts';
import type { Ballot, Matter } from './types.ts';

/** How much each ballot counts, and the most that one can. */
export interface Weighing {
  weightOf(ballot: Ballot): number;
  readonly most: number;
}

export const EQUAL: Weighing = { weightOf: () => 1, most: 1 };

/** Those that say the same. */
export interface Group {
  readonly answer: string;
  readonly weight: number;
  /** Mean of its members' mean log-probabilities; −∞ if none of them told. */
  readonly logprob: number;
  /** The first to be done comes first: its words stand for the group, and whoever comes later does not change them. */
  readonly ballots: readonly [Ballot, ...Ballot[]];
}

export interface Tally {
  /** Best first: by weight, then by log-probability, then by the smallest index. */
  readonly groups: readonly Group[];
  readonly standing: Standing;
}

/**
 * Weights are whole multiples of this (2⁻²⁰): sums of them are exact in any order, so that a tie is a tie and the order of
 * ballots changes nothing.
 */
export const QUANTUM = 2 ** -20;

const inQuanta = (weight: number): number => Math.max(1, Math.round(weight / QUANTUM)) * QUANTUM;

/** All ways in which an engine says that it can't tell are one answer: else they lose to two that guess the same. */
export function answerOf({ answer }: Ballot, { format }: Matter): string {
  const mayRefuse = format !== 'open' && format !== 'json';
  return mayRefuse && normaliseAnswer(answer, 'refusal') === 'refusal' ? 'refusal' : answer;
}

/**
 * @param keyOf what each ballot says; empty: nothing, so it counts for nothing, and wins where nobody says more
 * @param pending how many more may come
 */
export function tally(ballots: readonly Ballot[], pending: number, keyOf: (ballot: Ballot) => string, { weightOf, most }: Weighing): Tally {
  const byAnswer = new Map<string, Ballot[]>();
  for (const ballot of [...ballots].sort((one, other) => one.arrival - other.arrival)) {
    const key = keyOf(ballot);
    byAnswer.set(key, [...(byAnswer.get(key) ?? []), ballot]);
  }
  const weights = new Map(ballots.map((ballot) => [ballot, keyOf(ballot) === '' ? 0 : inQuanta(weightOf(ballot))]));
  const groups = [...byAnswer].map(([answer, members]): Group => ({
    answer,
    weight: members.reduce((sum, ballot) => sum + weights.get(ballot)!, 0),
    logprob: meanLogprob(members),
    ballots: members as [Ballot, ...Ballot[]],
  }));
  groups.sort(betterFirst);
  const counting = groups.filter(({ weight }) => weight > 0);
  return {
    groups,
    standing: {
      weights: counting.map(({ weight }) => weight),
      ballots: counting.flatMap((group) => group.ballots.map((ballot) => weights.get(ballot)!)),
      pending: pending * inQuanta(most),
    },
  };
}

/** As votes are shown. */
export function votesOf({ groups }: Tally, field?: string): readonly Vote[] {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  return groups.map(({ answer, weight, ballots }) => ({
    answer,
    text: ballots[0].text,
    count: ballots.length,
    weight: total === 0 ? 0 : weight / total,
    candidates: indicesOf(ballots),
    ...(field === undefined ? {} : { field }),
  }));
}

export const indicesOf = (ballots: readonly Ballot[]): number[] => ballots.map(({ index }) => index).sort((one, other) => one - other);

function betterFirst(one: Group, other: Group): number {
  if (one.weight !== other.weight) return other.weight - one.weight;
  if (one.logprob !== other.logprob) return other.logprob - one.logprob;
  return Math.min(...indicesOf(one.ballots)) - Math.min(...indicesOf(other.ballots));
}

function meanLogprob(ballots: readonly Ballot[]): number {
  const known = ballots.flatMap(({ logprob }) => (logprob === null ? [] : [logprob]));
  return known.length === 0 ? -Infinity : known.reduce((sum, logprob) => sum + logprob, 0) / known.length;
}
