/** What a run comes to: plain data that can be stored, exported and read again. All shares are 0 to 1. */
import * as v from 'valibot';
import type { Interval } from '../questions/statistics.ts';

/** How many of some questions were right; with its 95 % interval (Wilson). */
export interface Score extends Interval {
  readonly right: number;
  readonly count: number;
}

/** How far one is ahead of another on the same questions; with its 95 % interval (paired bootstrap). */
export interface Lead extends Interval {
  readonly difference: number;
  /** Right with the one and wrong with the other; and the other way round. */
  readonly gained: number;
  readonly lost: number;
  /** McNemar's exact test, two-sided: how likely so much is if both are equally good. */
  readonly chance: number;
}

/** A contender with so many candidates, on one group of questions. */
export interface GroupResult {
  /** A kind, `easy`, `hard` or `all`. */
  readonly group: string;
  readonly score: Score;
  /** Against the best single engine. */
  readonly lead: Lead;
  /** `lead.chance`, made larger for having looked at all kinds (Holm 1979); of what is no kind the same as `lead.chance`. */
  readonly adjusted: number;
}

/** Means for one question. */
export interface Cost {
  readonly calls: number;
  readonly promptTokens: number;
  /** Written. */
  readonly tokens: number;
  /** Estimated: written tokens of the longest way on the stated nodes, at the speed of the run. */
  readonly seconds: number;
}

/** The same, stopped as soon as the contender says that it is enough. */
export interface EarlyResult {
  readonly score: Score;
  /** Against the same contender without early stop. */
  readonly lead: Lead;
  /** Share of questions with another answer than that of all candidates. */
  readonly changed: number;
  readonly cost: Cost;
  /** Share of the written tokens that were not written. */
  readonly saved: number;
}

export interface ContenderResult {
  readonly contender: string;
  readonly n: number;
  readonly groups: readonly GroupResult[];
  readonly cost: Cost;
  readonly early: EarlyResult;
}

/** One greedy engine. */
export interface SingleResult {
  readonly model: string;
  /** Its place in the plan. */
  readonly index: number;
  readonly groups: readonly { readonly group: string; readonly score: Score }[];
}

/** Those statements that lie between two figures, and how often they came true. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean of what was stated. */
  readonly stated: number;
  readonly came: number;
}

/** Whether statements come true as often as they say. */
export interface Calibration {
  readonly contender: string;
  readonly n: number;
  /**
   * - `holds`: before all have answered, that the leader will win.
   * - `right`: the winner's share of all votes, taken as the probability that it is right. Nobody states that; it shows what the share is worth.
   */
  readonly of: 'holds' | 'right';
  readonly bins: readonly Bin[];
  /** Expected calibration error: the mean distance between `stated` and `came`, by how many are in a bin (Naeini et al. 2015). */
  readonly error: number;
}

export interface Evaluation {
  readonly version: 1;
  readonly questions: number;
  /** Of the run, left out because not all of the plan's candidates have been asked. */
  readonly unfinished: number;
  readonly kinds: readonly string[];
  readonly models: readonly string[];
  /** How many work in parallel in what is said of early stop and seconds. */
  readonly nodes: number;
  /** A written token with its share of the reading, mean of the run. */
  readonly msPerToken: number;
  readonly singles: readonly SingleResult[];
  /** Of `singles`, the one with most right: what contenders are compared with. */
  readonly best: number;
  readonly results: readonly ContenderResult[];
  readonly calibrations: readonly Calibration[];
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const difference = v.pipe(v.number(), v.minValue(-1), v.maxValue(1));
const text = v.pipe(v.string(), v.maxLength(400));

const score = v.object({ right: count, count, low: share, high: share });
const lead = v.object({ difference, low: difference, high: difference, gained: count, lost: count, chance: share });
const cost = v.object({ calls: amount, promptTokens: amount, tokens: amount, seconds: amount });

const bin = v.object({ from: share, to: share, count, stated: share, came: share });

const evaluationSchema: v.GenericSchema<unknown, Evaluation> = v.object({
  version: v.literal(1),
  questions: count,
  unfinished: count,
  kinds: v.array(text),
  models: v.array(text),
  nodes: count,
  msPerToken: amount,
  singles: v.array(v.object({ model: text, index: count, groups: v.array(v.object({ group: text, score })) })),
  best: count,
  results: v.array(
    v.object({
      contender: text, n: count, groups: v.array(v.object({ group: text, score, lead, adjusted: share })), cost,
      early: v.object({ score, lead, changed: share, cost, saved: share }),
    }),
  ),
  calibrations: v.array(v.object({ contender: text, n: count, of: v.picklist(['holds', 'right']), bins: v.array(bin), error: share })),
});

/** @returns null if it is none: a file of something else, or of a later version */
export function parseEvaluation(value: unknown): Evaluation | null {
  const result = v.safeParse(evaluationSchema, value);
  return result.success ? result.output : null;
}
