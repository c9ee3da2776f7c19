/**
 * Many measurements in little room: counts in buckets whose bounds grow by a constant factor, so that a quantile is right
 * within a share of its value. Pure. (DDSketch: Masson, Rim, Lee, "A fast and fully-mergeable quantile sketch with
 * relative-error guarantees", VLDB 2019, with a fixed range, so that its size is fixed too.)
 */
import type { HistogramSummary } from '../../protocol/metrics.ts';

/** Share of the value by which a quantile may be wrong, for values within the range. */
export const QUANTILE_ERROR = 0.05;
/** Below `LEAST` all values are one bucket; those above `MOST` (three hours, of milliseconds) count as `MOST`. */
const LEAST = 1;
export const MOST = 1e7;
const FACTOR = (1 + QUANTILE_ERROR) / (1 - QUANTILE_ERROR);
const LOG_FACTOR = Math.log(FACTOR);
/** 162 buckets and the one below 1: 652 bytes. */
const BUCKETS = Math.ceil(Math.log(MOST / LEAST) / LOG_FACTOR) + 1;

export interface Histogram {
  /** @param value not below 0; anything else is ignored */
  add(value: number): void;
  /** All that the other one has seen was seen here too. */
  merge(other: Histogram): void;
  /**
   * @param share 0 to 1
   * @returns the value that this share of all values does not exceed, within {@link QUANTILE_ERROR} of it (within 1 below 1,
   *   `MOST` above that); NaN if there is none
   */
  quantile(share: number): number;
  summary(): HistogramSummary;
  /** For `merge`. */
  parts(): HistogramParts;
}

export interface HistogramParts {
  readonly counts: Uint32Array;
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
}

const bucketOf = (value: number): number => (value <= LEAST ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(value / LEAST) / LOG_FACTOR)));
/** The value whose distance to both bounds of the bucket is the same share of them. */
const middleOf = (bucket: number): number => (bucket === 0 ? LEAST / 2 : (2 * FACTOR ** bucket * LEAST) / (FACTOR + 1));

export function createHistogram(): Histogram {
  const counts = new Uint32Array(BUCKETS);
  let [count, sum, least, most] = [0, 0, Infinity, 0];

  function quantile(share: number): number {
    if (count === 0) return NaN;
    const rank = Math.max(1, Math.ceil(Math.min(1, Math.max(0, share)) * count));
    let bucket = 0;
    for (let seen = counts[0]!; seen < rank && bucket < BUCKETS - 1; seen += counts[bucket]!) bucket += 1;
    // The extremes are known exactly.
    return Math.min(most, Math.max(least, middleOf(bucket)));
  }

  return {
    add(value) {
      if (!(value >= 0) || value === Infinity) return;
      const kept = Math.min(value, MOST);
      counts[bucketOf(kept)]! += 1;
      count += 1;
      sum += kept;
      least = Math.min(least, kept);
      most = Math.max(most, kept);
    },
    merge(other) {
      const theirs = other.parts();
      for (let bucket = 0; bucket < BUCKETS; bucket += 1) counts[bucket]! += theirs.counts[bucket]!;
      count += theirs.count;
      sum += theirs.sum;
      least = Math.min(least, theirs.least);
      most = Math.max(most, theirs.most);
    },
    quantile,
    summary: () => ({ count, sum, least: count === 0 ? 0 : least, most, p50: quantile(0.5) || 0, p95: quantile(0.95) || 0, p99: quantile(0.99) || 0 }),
    parts: () => ({ counts, count, sum, least, most }),
  };
}
