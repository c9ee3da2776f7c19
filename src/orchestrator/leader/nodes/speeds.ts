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

/** What one node claims and has measured: plain numbers, for there are thousands of these, and each decision reads some anew. */
export interface NodeSpeeds {
  /** Of the measurements, the older ones less. `x`: other streams, `y`: milliseconds a token. */
  count: number;
  x: number;
  xx: number;
  y: number;
  xy: number;
  /** The line that is fitted to them; a base of 0: nothing is known yet. */
  base: number;
  slope: number;
  /** Measured, milliseconds for a token of a prompt; 0: not yet. */
  prefillMs: number;
  /** Milliseconds a token; 0: nothing is claimed. */
  claimedTokenMs: number;
  claimedPrefillMs: number;
  /** Of nodes that are unknown: like the others, or among their fastest tenth. */
  quantile: number;
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

const plausible = (ms: number): number => Math.min(SLOWEST_MS, Math.max(FASTEST_MS, ms));

export const newSpeeds = (): NodeSpeeds => ({
  count: 0, x: 0, xx: 0, y: 0, xy: 0, base: 0, slope: 0, prefillMs: 0, claimedTokenMs: 0, claimedPrefillMs: 0, quantile: 0.5,
});

/** Whether it claimed or measured anything. */
export const isKnown = ({ base }: NodeSpeeds): boolean => base > 0;

/** Nothing is known of it, and it is to be found out: from now on it is taken to be among the fastest, until it is measured. */
export function hopeFor(speeds: NodeSpeeds): void {
  speeds.quantile = HOPED;
}

/** Least squares of y = base + slope × x, with a claim as one more point at x = 0, and the slope's own pull. */
function fit(speeds: NodeSpeeds): void {
  const claim = speeds.claimedTokenMs > 0 ? Math.max(0, 1 - speeds.count / CLAIM_LASTS) : 0;
  const [count, y] = [speeds.count + claim, speeds.y + claim * speeds.claimedTokenMs];
  if (count === 0) return void (speeds.base = 0);
  const a = count + SLOPE_WEIGHT * SLOPE_SHARE ** 2;
  const b = speeds.x - SLOPE_WEIGHT * SLOPE_SHARE;
  const c = speeds.xx + SLOPE_WEIGHT;
  const determinant = a * c - b * b;
  const base = (y * c - b * speeds.xy) / determinant;
  const slope = (a * speeds.xy - b * y) / determinant;
  const isLine = base > 0 && slope >= 0;
  // A line that falls, or starts below nothing, is noise: the mean, and the usual slope.
  const mean = y / count / (1 + (SLOPE_SHARE * speeds.x) / count);
  speeds.base = plausible(isLine ? base : mean);
  speeds.slope = isLine ? slope : mean * SLOPE_SHARE;
}

/** Time for one token of one stream while `streams` are written, milliseconds. @param others what nodes with the same model have measured */
export function tokenMs({ base, slope, quantile }: NodeSpeeds, others: ModelSpeeds | null, streams: number): number {
  const extra = Math.max(0, streams - 1);
  if (base > 0) return base + slope * extra;
  return (others?.tokenMs.quantile(quantile) ?? UNKNOWN.tokenMs) * (1 + SLOPE_SHARE * extra);
}

/** Time to read so many tokens of a prompt, milliseconds. */
export function prefillMs({ prefillMs: measured, claimedPrefillMs, quantile }: NodeSpeeds, others: ModelSpeeds | null, tokens: number): number {
  const each = measured > 0 ? measured : claimedPrefillMs;
  return tokens * (each > 0 ? each : (others?.prefillMs.quantile(quantile) ?? UNKNOWN.prefillMs));
}

/** Tokens a second; 0: not known. */
export function claim(speeds: NodeSpeeds, tokensPerSecond: number, prefillPerSecond: number): void {
  const claimed = tokensPerSecond > 0 ? plausible(1000 / tokensPerSecond) : 0;
  speeds.claimedPrefillMs = prefillPerSecond > 0 ? plausible(1000 / prefillPerSecond) : 0;
  if (claimed === speeds.claimedTokenMs) return;
  speeds.claimedTokenMs = claimed;
  fit(speeds);
}

/**
 * @param streams that were written meanwhile, this one included, on average
 * @param weight of the newest measurement, 0 to 1
 */
export function wrote(speeds: NodeSpeeds, others: ModelSpeeds | null, weight: number, tokens: number, ms: number, streams: number): void {
  if (tokens < LEAST_TOKENS || !(ms > 0)) return;
  const [x, y, keep] = [Math.max(0, streams - 1), plausible(ms / tokens), 1 - weight];
  speeds.count = speeds.count * keep + 1;
  speeds.x = speeds.x * keep + x;
  speeds.xx = speeds.xx * keep + x * x;
  speeds.y = speeds.y * keep + y;
  speeds.xy = speeds.xy * keep + x * y;
  fit(speeds);
  others?.tokenMs.add(y / (1 + SLOPE_SHARE * x));
}

export function read(speeds: NodeSpeeds, others: ModelSpeeds | null, weight: number, tokens: number, ms: number): void {
  if (tokens < LEAST_TOKENS || !(ms > 0)) return;
  const measured = plausible(ms / tokens);
  const before = speeds.prefillMs > 0 ? speeds.prefillMs : speeds.claimedPrefillMs > 0 ? speeds.claimedPrefillMs : measured;
  speeds.prefillMs = before + (measured - before) * weight;
  others?.prefillMs.add(measured);
}
