/** How sure a share of right answers is, and whether one engine is better than another. Pure. */
import { createNumbers } from './seeded.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** For 95 %. */
const Z = 1.959963984540054;

/**
 * Wilson's score interval (1927) of a share: right also where all or none are right, where the usual one has no width.
 *
 * @param right of `count`
 * @returns the whole of [0, 1] if there is nothing to judge by
 */
export function wilson(right: number, count: number): Interval {
  if (count === 0) return { low: 0, high: 1 };
  const share = right / count;
  const spread = (Z * Z) / count;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / count + spread / (4 * count));
  // Rounding must not leave the only possible ends out.
  return { low: right === 0 ? 0 : Math.max(0, middle - half), high: right === count ? 1 : Math.min(1, middle + half) };
}

/**
 * McNemar's exact test of two engines that were asked the same questions: is what only one has right more than chance?
 *
 * @param onlyOne right with the one, wrong with the other
 * @param onlyOther the other way round
 * @returns how likely a difference of this size is if they are equally good (two-sided, binomial)
 */
export function mcnemar(onlyOne: number, onlyOther: number): number {
  const count = onlyOne + onlyOther;
  const least = Math.min(onlyOne, onlyOther);
  let term = -count * Math.LN2;
  let below = 0;
  for (let k = 0; k <= least; k += 1) {
    below += Math.exp(term);
    term += Math.log(count - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * below);
}

/**
 * The difference between two engines' shares, with an interval from resampled questions (Efron's percentile bootstrap).
 *
 * @param one whether the one had each question right
 * @param other the same questions in the same order
 * @returns how much the one is ahead, and the middle 95 % of `rounds` resamplings
 * @throws RangeError if they don't match or are empty
 */
export function pairedBootstrap(one: readonly boolean[], other: readonly boolean[], { seed = 1, rounds = 2000 } = {}): Interval & { readonly difference: number } {
  if (one.length !== other.length || one.length === 0) throw new RangeError(`${one.length} and ${other.length} answers are no pairs.`);
  const ahead = one.map((right, index) => Number(right) - Number(other[index]));
  const count = ahead.length;
  const next = createNumbers(seed);
  const means = Array.from({ length: rounds }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < count; drawn += 1) sum += ahead[Math.floor(next() * count)]!;
    return sum / count;
  }).sort((a, b) => a - b);
  const at = (share: number): number => means[Math.min(rounds - 1, Math.floor(share * rounds))]!;
  return { difference: ahead.reduce((sum, value) => sum + value, 0) / count, low: at(0.025), high: at(0.975) };
}
