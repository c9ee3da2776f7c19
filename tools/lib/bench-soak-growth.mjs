/** Does memory grow? A straight line through what was measured after the warm-up. Pure. */
import { slopeOf } from './bench-stats.mjs';

/** @typedef {{ minute: number } & import('./bench-page.mjs').Memory} Sample */

/** Caches, compiled code and pools of the allocator settle within this part of the run. */
const WARM_UP = 0.25;
/** MB that the line may rise from the end of the warm-up to the end of the run. The event log alone fills up with some 2 MB. */
export const BOUNDS = { own: 20, heap: 3 };

/**
 * @param {readonly Sample[]} samples
 * @param {number} minutes of the whole run
 * @returns {{ lines: string[], grows: boolean }}
 */
export function judgeGrowth(samples, minutes) {
  const warm = samples.filter(({ minute }) => minute >= minutes * WARM_UP);
  if (warm.length < 3) return { lines: ['Too few samples for a line.'], grows: true };
  const span = /** @type {Sample} */ (warm.at(-1)).minute - /** @type {Sample} */ (warm[0]).minute;
  const judged = /** @type {const} */ (['own', 'heap']).map((name) => {
    const { slope, error } = slopeOf(warm.map((sample) => ({ x: sample.minute, y: sample[name] })));
    // The garbage of workers comes and goes by tens of MB: a rise must also stand out from that.
    const grows = slope * span > BOUNDS[name] && slope > 2 * error;
    const what = name === 'own' ? 'Process' : 'JavaScript of the page';
    const rise = `${signed(slope * span)} MB in ${span.toFixed(1)} min (${signed(slope * 60)} ± ${(2 * error * 60).toFixed(1)} MB an hour)`;
    return { grows, line: `${what}: ${rise}; at most ${BOUNDS[name]} MB: ${grows ? 'FAILED' : 'ok'}` };
  });
  return { lines: judged.map(({ line }) => line), grows: judged.some(({ grows }) => grows) };
}

/** @param {number} value */
const signed = (value) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
