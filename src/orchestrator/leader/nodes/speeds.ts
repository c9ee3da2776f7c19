/**
 * How fast a node reads and writes: what its tasks measured, before that what it claims, before that what others with its model do.
 *
 * Several streams are decoded in one batch, so a step takes a part that is the same for any number of them (the weights are
 * read once) and a part for each. The time for one token of one stream is therefore taken to be `base + slope × (others)`,
 * a line that is fitted to the measurements by least squares with forgetting; the slope is drawn towards half the base while
 * there is little to see it by.
 */
import { createLogHistogram, type LogHistogram } from './log-histogram.ts';

/** What nodes with one model have measured. */
export interface ModelSpeeds {
  /** Milliseconds for a token of a single stream, and for a token of a prompt. */
  readonly tokenMs: LogHistogram;
  readonly prefillMs: LogHistogram;
  /** Time to the first token ÷ the expected one. */
  readonly firstToken: LogHistogram;
}

export const createModelSpeeds = (): ModelSpeeds => ({ tokenMs: createLogHistogram(), prefillMs: createLogHistogram(), firstToken: createLogHistogram() });

export interface NodeSpeeds {
  /** Whether it claimed or measured anything. */
  readonly isKnown: boolean;
  /** Nothing is known of it, and it is to be found out: from now on it is taken to be among the fastest, until it is measured. */
  hope(): void;
  /** Time for one token of one stream while `streams` are written, milliseconds. */
  tokenMs(streams: number): number;
  prefillMs(tokens: number): number;
  /** Tokens a second; 0: not known. */
  claim(tokensPerSecond: number, prefillPerSecond: number): void;
  /** @param streams that were written meanwhile, this one included, on average */
  wrote(tokens: number, ms: number, streams: number): void;
  read(tokens: number, ms: number): void;
}

/** If nobody knows anything: a laptop's small model. */
const UNKNOWN = { tokenMs: 100, prefillMs: 20 };
const HOPED = 0.1;
/** Slope ÷ base, and what that counts against measurements: one at two streams counts 1. */
const SLOPE_SHARE = 0.5;
const SLOPE_WEIGHT = 0.2;
/** Measurements after which a claim counts no more. */
const CLAIM_LASTS = 2;
/** A measurement of fewer tokens says more of the clock than of the node. */
const LEAST_TOKENS = 4;
/** Nobody is faster or slower than this, whatever a report says. */
const [FASTEST_MS, SLOWEST_MS] = [0.005, 60_000];

/** Of the measurements, the older ones less. `x`: other streams, `y`: milliseconds a token. */
interface Sums {
  readonly count: number;
  readonly x: number;
  readonly xx: number;
  readonly y: number;
  readonly xy: number;
}

const plausible = (ms: number): number => Math.min(SLOWEST_MS, Math.max(FASTEST_MS, ms));

/**
 * @param weight of the newest measurement, 0 to 1
 * @param others what nodes with the same model have measured
 */
export function createNodeSpeeds(weight: () => number, others: () => ModelSpeeds | null): NodeSpeeds {
  const claimed = { tokenMs: 0, prefillMs: 0 };
  let seen: Sums = { count: 0, x: 0, xx: 0, y: 0, xy: 0 };
  let line: { readonly base: number; readonly slope: number } | null = null;
  let prefillMs: number | null = null;
  /** Of nodes that are unknown: like the others, or among their fastest tenth. */
  let quantile = 0.5;

  /** Least squares of y = base + slope × x, with a claim as one more point at x = 0, and the slope's own pull. */
  function fit(): void {
    const claim = claimed.tokenMs > 0 ? Math.max(0, 1 - seen.count / CLAIM_LASTS) : 0;
    const [count, y] = [seen.count + claim, seen.y + claim * claimed.tokenMs];
    if (count === 0) return void (line = null);
    const a = count + SLOPE_WEIGHT * SLOPE_SHARE ** 2;
    const b = seen.x - SLOPE_WEIGHT * SLOPE_SHARE;
    const c = seen.xx + SLOPE_WEIGHT;
    const determinant = a * c - b * b;
    const base = (y * c - b * seen.xy) / determinant;
    const slope = (a * seen.xy - b * y) / determinant;
    // A line that falls, or starts below nothing, is noise: the mean, and the usual slope.
    const mean = y / count / (1 + (SLOPE_SHARE * seen.x) / count);
    line = base > 0 && slope >= 0 ? { base: plausible(base), slope } : { base: plausible(mean), slope: mean * SLOPE_SHARE };
  }

  return {
    get isKnown() {
      return line !== null;
    },
    hope() {
      quantile = HOPED;
    },
    tokenMs(streams) {
      const extra = Math.max(0, streams - 1);
      if (line) return line.base + line.slope * extra;
      return (others()?.tokenMs.quantile(quantile) ?? UNKNOWN.tokenMs) * (1 + SLOPE_SHARE * extra);
    },
    prefillMs(tokens) {
      return tokens * (prefillMs ?? (claimed.prefillMs > 0 ? claimed.prefillMs : (others()?.prefillMs.quantile(quantile) ?? UNKNOWN.prefillMs)));
    },
    claim(tokensPerSecond, prefillPerSecond) {
      const tokenMs = tokensPerSecond > 0 ? plausible(1000 / tokensPerSecond) : 0;
      claimed.prefillMs = prefillPerSecond > 0 ? plausible(1000 / prefillPerSecond) : 0;
      if (tokenMs === claimed.tokenMs) return;
      claimed.tokenMs = tokenMs;
      fit();
    },
    wrote(tokens, ms, streams) {
      if (tokens < LEAST_TOKENS || !(ms > 0)) return;
      const [x, y, keep] = [Math.max(0, streams - 1), plausible(ms / tokens), 1 - weight()];
      const { count, x: sumX, xx, y: sumY, xy } = seen;
      seen = { count: count * keep + 1, x: sumX * keep + x, xx: xx * keep + x * x, y: sumY * keep + y, xy: xy * keep + x * y };
      fit();
      others()?.tokenMs.add(y / (1 + SLOPE_SHARE * x));
    },
    read(tokens, ms) {
      if (tokens < LEAST_TOKENS || !(ms > 0)) return;
      const measured = plausible(ms / tokens);
      const before = prefillMs ?? (claimed.prefillMs > 0 ? claimed.prefillMs : measured);
      prefillMs = before + (measured - before) * weight();
      others()?.prefillMs.add(measured);
    },
  };
}
