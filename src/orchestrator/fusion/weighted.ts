/** A vote in which some count more than others; of numbers also one between them. */
import type { Average } from '../../protocol/fusion.ts';
import { inFull, numberIn, type Amount } from '../../shared/normalise-answer.ts';
import { averageOf } from './averages.ts';
import { UNCOMPARED } from './posterior.ts';
import { QUANTUM, type Weighing } from './tally.ts';
import type { Ballot, FusionPolicy, Matter, Verdict } from './types.ts';
import { judgeByCount } from './vote.ts';
import { UNMEASURED, weighingBy, type AccuracyOf } from './weights.ts';

export interface WeightedOptions {
  readonly accuracyOf?: AccuracyOf;
  /** Of numbers; of all else it is the answer with most weight. */
  readonly average?: Average;
}

interface Estimate {
  readonly ballot: Ballot;
  readonly amount: Amount;
}

/**
 * A mean is changed by each one who is still to come, so it has no certainty, and no probability of winning: all are heard.
 */
export function createWeighted(matter: Matter, { accuracyOf = UNMEASURED, average = 'mode' }: WeightedOptions = {}): FusionPolicy {
  const weighing = weighingBy(accuracyOf, matter.promptClass);
  return {
    name: 'weighted',
    judge(ballots, pending) {
      const byWeight = judgeByCount(matter, weighing, ballots, pending);
      if (average === 'mode' || matter.format !== 'number') return byWeight;
      return averaged(byWeight, ballots, weighing, average) ?? byWeight;
    },
  };
}

/** @returns null if there are no two numbers that can be compared */
function averaged(byWeight: Verdict, ballots: readonly Ballot[], weighing: Weighing, average: Exclude<Average, 'mode'>): Verdict | null {
  const estimates = comparable([...ballots].sort((one, other) => one.arrival - other.arrival), weighing);
  if (estimates.length < 2) return null;
  const unit = estimates.find(({ amount }) => amount.unit !== null)?.amount.unit;
  const exact = averageOf(average, estimates.map(({ ballot, amount }) => ({ value: amount.value, weight: weightIn(weighing, ballot) })));
  const value = rounded(exact, estimates.map(({ amount }) => amount.value));
  const same = estimates.find(({ amount }) => amount.value === value)?.ballot;
  return {
    text: same?.text ?? [inFull(value), unit].filter((part) => part !== undefined).join(' '),
    chosen: same?.index ?? null,
    votes: byWeight.votes,
    confidence: UNCOMPARED,
  };
}

const weightIn = (weighing: Weighing, ballot: Ballot): number => Math.max(QUANTUM, weighing.weightOf(ballot));

/** Numbers of the unit that has most weight; one without a unit is taken to mean it. */
function comparable(ballots: readonly Ballot[], weighing: Weighing): readonly Estimate[] {
  const all = ballots.flatMap((ballot): Estimate[] => {
    const amount = numberIn(ballot.answer);
    return amount ? [{ ballot, amount }] : [];
  });
  const weights = new Map<string, number>();
  for (const { ballot, amount: { unit } } of all) if (unit !== null) weights.set(unit, (weights.get(unit) ?? 0) + weightIn(weighing, ballot));
  const [usual] = [...weights].sort(([one, weight], [other, more]) => more - weight || (one < other ? -1 : 1));
  return all.filter(({ amount: { unit } }) => unit === null || unit === usual?.[0]);
}

/** One decimal more than the numbers have: more would claim what nobody said. */
function rounded(value: number, values: readonly number[]): number {
  const digits = Math.max(...values.map((each) => inFull(each).split('.')[1]?.length ?? 0)) + 1;
  return Number(value.toLocaleString('en', { useGrouping: false, maximumFractionDigits: Math.min(20, digits) })) + 0;
}
