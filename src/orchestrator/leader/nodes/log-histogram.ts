/**
 * Quantiles of what is measured without keeping it: counts in buckets whose bounds grow by a twelfth of an octave, so that a
 * quantile is at most 6% off (as in HdrHistogram and DDSketch, Masson, Rim and Lee, VLDB 2019). All counts are halved now and
 * then: what was an hour ago counts for little.
 */
export interface LogHistogram {
  add(value: number): void;
  /** @returns null while fewer than `least` values count */
  quantile(share: number, least?: number): number | null;
}

const BUCKETS_PER_OCTAVE = 12;
/** Everything below and above counts as these: 1/1024 and 2^22. */
const [LOW, HIGH] = [-10, 22];
/** When so many count, all are halved. */
const MOST = 1024;
/** A quantile is kept for so many more values: finding it looks at all buckets. */
const KEEP_FOR = 16;

export function createLogHistogram(): LogHistogram {
  const counts = new Float64Array((HIGH - LOW) * BUCKETS_PER_OCTAVE);
  let total = 0;
  let added = 0;
  const kept = new Map<number, { readonly value: number; readonly until: number }>();

  function find(share: number): number {
    let left = share * total;
    for (let bucket = 0; bucket < counts.length; bucket += 1) {
      left -= counts[bucket]!;
      if (left <= 0) return 2 ** (LOW + (bucket + 0.5) / BUCKETS_PER_OCTAVE);
    }
    return 2 ** HIGH;
  }

  return {
    add(value) {
      const place = Math.floor((Math.log2(Math.max(value, Number.MIN_VALUE)) - LOW) * BUCKETS_PER_OCTAVE);
      counts[Math.min(counts.length - 1, Math.max(0, place))]! += 1;
      added += 1;
      total += 1;
      if (total < MOST) return;
      for (let bucket = 0; bucket < counts.length; bucket += 1) counts[bucket]! /= 2;
      total /= 2;
    },
    quantile(share, least = 1) {
      if (total < least) return null;
      const before = kept.get(share);
      if (before && added < before.until) return before.value;
      const value = find(share);
      kept.set(share, { value, until: added + KEEP_FOR });
      return value;
    },
  };
}
