/**
 * The best of several texts, by a score. For open questions, where no two are the same and a count says nothing.
 *
 * - `agreement`: the one that resembles the others most: minimum Bayes risk (Kumar and Byrne 2004, "Minimum Bayes-risk decoding
 *   for statistical machine translation"), with likeness for the gain and each candidate as likely as any other.
 * - `likelihood`: the one whose own engine found its words likeliest, of a token on average, so that length neither helps nor
 *   harms. One that claims to be sure of nonsense wins: only for engines that are trusted.
 * - `judge`: the one with the highest mark from outside; before there are marks, by agreement.
 */
import type { Confidence, Score } from '../../protocol/fusion.ts';
import { UNCOMPARED } from './posterior.ts';
import { indicesOf } from './tally.ts';
import { profileOf, similarity, type Profile } from './similarity.ts';
import type { Ballot, FusionPolicy, Verdict } from './types.ts';
import { NOTHING } from './vote.ts';

/** What a judge thinks of a candidate, 0 to 1; null: not judged. */
export type MarkOf = (index: number) => number | null;

export interface SelectOptions {
  readonly score?: Score;
  /** Of `judge`. */
  readonly markOf?: MarkOf;
}

interface Scored {
  readonly ballot: Ballot;
  /** 0 to 1. */
  readonly score: number;
}

const UNMARKED: MarkOf = () => null;

/** Each text may still be overtaken by one that is to come, and a score is no probability: all are heard. */
export function createSelect({ score = 'agreement', markOf = UNMARKED }: SelectOptions = {}): FusionPolicy {
  const profiles = createProfiles();
  return {
    name: 'select',
    judge(ballots) {
      const said = ballots.filter(({ answer }) => answer !== '');
      const empty = ballots.filter(({ answer }) => answer === '').map((ballot): Scored => ({ ballot, score: 0 }));
      return verdictOf(scoresOf(said, score, markOf, profiles), empty);
    },
  };
}

function scoresOf(ballots: readonly Ballot[], score: Score, markOf: MarkOf, profiles: (text: string) => Profile): readonly Scored[] {
  switch (score) {
    case 'agreement':
      return ballots.map((ballot) => ({ ballot, score: likeness(ballot, ballots, profiles) }));
    case 'likelihood':
      return ballots.map((ballot) => ({ ballot, score: ballot.logprob === null ? 0 : Math.exp(Math.min(0, ballot.logprob)) }));
    case 'judge': {
      const marks = new Map(ballots.map(({ index }) => [index, markOf(index)]));
      if ([...marks.values()].every((mark) => mark === null)) return scoresOf(ballots, 'agreement', markOf, profiles);
      return ballots.map((ballot) => ({ ballot, score: Math.min(1, Math.max(0, marks.get(ballot.index) ?? 0)) }));
    }
  }
}

/** To the others, on average. Added up in the order of their indices: the last digit must not depend on who came first. */
function likeness(ballot: Ballot, ballots: readonly Ballot[], profiles: (text: string) => Profile): number {
  const others = ballots.filter((other) => other !== ballot).sort((one, other) => one.index - other.index);
  const mine = profiles(ballot.text);
  return others.length === 0 ? 0 : others.reduce((sum, { text }) => sum + similarity(mine, profiles(text)), 0) / others.length;
}

/** @param empty those that said nothing: chosen only where nobody says more */
function verdictOf(scored: readonly Scored[], empty: readonly Scored[]): Verdict {
  const ranked = [...[...scored].sort(betterFirst), ...[...empty].sort(betterFirst)];
  const [best] = ranked;
  if (!best) return NOTHING;
  const { text, index } = best.ballot;
  const groups = byAnswer(ranked);
  const total = [...groups.values()].reduce((sum, [first]) => sum + first!.score, 0);
  const votes = [...groups].map(([answer, members]) => ({
    answer,
    text: members[0]!.ballot.text,
    count: members.length,
    weight: total === 0 ? 0 : members[0]!.score / total,
    candidates: indicesOf(members.map(({ ballot }) => ballot)),
  }));
  return { text, chosen: index, votes, confidence: scored.length > 1 ? lead(ranked) : UNCOMPARED };
}

/** In the order of their best. */
function byAnswer(scored: readonly Scored[]): ReadonlyMap<string, readonly Scored[]> {
  const groups = new Map<string, Scored[]>();
  for (const each of scored) groups.set(each.ballot.answer, [...(groups.get(each.ballot.answer) ?? []), each]);
  return groups;
}

/** How far ahead of the best one that says something else. */
function lead(ranked: readonly Scored[]): Confidence {
  const [best] = ranked;
  const next = ranked.find(({ ballot }) => ballot.answer !== best!.ballot.answer);
  return { value: best!.score - (next?.score ?? 0), meaning: 'score' };
}

function betterFirst(one: Scored, other: Scored): number {
  const logprob = ({ ballot }: Scored): number => ballot.logprob ?? -Infinity;
  if (one.score !== other.score) return other.score - one.score;
  return logprob(one) === logprob(other) ? one.ballot.index - other.ballot.index : logprob(other) - logprob(one);
}

/** Each text is taken apart once, however often it is compared. */
function createProfiles(): (text: string) => Profile {
  const known = new Map<string, Profile>();
  return (text) => {
    const found = known.get(text) ?? profileOf(text);
    known.set(text, found);
    return found;
  };
}
