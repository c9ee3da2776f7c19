/** One number of several, each with a weight: mean, median, trimmed mean. Pure arithmetic; the order of the numbers changes nothing. */
import type { Average } from '../../protocol/fusion.ts';

export interface Point {
  readonly value: number;
  /** Above 0. */
  readonly weight: number;
}

/** What is left out at each end: 20 % are the usual choice (Wilcox 2012, "Introduction to Robust Estimation"); one liar of five is out. */
const TRIMMED = 0.2;

/** @param points at least one */
export function averageOf(average: Exclude<Average, 'mode'>, points: readonly Point[]): number {
  const sorted = [...points].sort((one, other) => one.value - other.value || one.weight - other.weight);
  switch (average) {
    case 'mean':
      return meanBetween(sorted, 0);
    case 'median':
      return medianOf(sorted);
    case 'trimmed':
      return meanBetween(sorted, TRIMMED);
  }
}

/** The mean of what is left when this share of the weight is cut off at each end; of a number on the edge a part is left. */
function meanBetween(sorted: readonly Point[], cut: number): number {
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const kept = total * (1 - 2 * cut);
  let before = 0;
  let mean = 0;
  for (const { value, weight } of sorted) {
    const inside = Math.max(0, Math.min(before + weight, total * (1 - cut)) - Math.max(before, total * cut));
    before += weight;
    // Shares first: sums of large numbers would be infinite.
    mean += value * (inside / kept);
  }
  return mean;
}

/** Half of the weight is on each side; where that is between two numbers, the middle between them. */
function medianOf(sorted: readonly Point[]): number {
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let before = 0;
  for (const [index, { value, weight }] of sorted.entries()) {
    before += weight;
    if (before > half) return value;
    if (before === half) return value / 2 + (sorted[index + 1] ?? sorted[index]!).value / 2;
  }
  return sorted.at(-1)!.value;
}
