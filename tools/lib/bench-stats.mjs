/** The little statistics that figures need. Pure. */

/**
 * @param {readonly number[]} values at least one
 * @returns {number}
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (at(sorted, Math.floor(middle)) + at(sorted, Math.ceil(middle))) / 2;
}

/**
 * An interval for the median from order statistics: it assumes nothing about how the values are spread.
 *
 * @param {readonly number[]} values at least one
 * @param {number} [confidence] the least wanted
 * @returns {{ low: number, high: number, confidence: number }} with the confidence that it really has; too few values give all of them
 */
export function medianInterval(values, confidence = 0.95) {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let cut = 0;
  while (cut + 1 < n / 2 && coverage(n, cut + 1) >= confidence) cut += 1;
  return { low: at(sorted, cut), high: at(sorted, n - 1 - cut), confidence: coverage(n, cut) };
}

/**
 * @param {number} n values
 * @param {number} cut as many are left out at each end
 * @returns {number} how likely the median lies within the rest
 */
function coverage(n, cut) {
  let below = 0;
  let ways = 1;
  for (let k = 0; k <= cut; k += 1) {
    below += ways;
    ways = (ways * (n - k)) / (k + 1);
  }
  return 1 - (2 * below) / 2 ** n;
}

/**
 * @param {readonly { x: number, y: number }[]} points at least three
 * @returns {{ slope: number, error: number }} the least squares line's slope, and its standard error
 */
export function slopeOf(points) {
  const n = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const rest = points.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: Math.sqrt(rest / Math.max(1, n - 2) / spread) };
}

/**
 * @param {number} seed
 * @returns {() => number} uniform in [0, 1), the same for the same seed (mulberry32)
 */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @param {readonly number[]} values
 * @param {number} index
 */
function at(values, index) {
  const value = values[index];
  if (value === undefined) throw new Error('There are no values.');
  return value;
}
