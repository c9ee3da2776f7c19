/**
 * What every measurement gets.
 *
 * @typedef {object} BenchRun
 * @property {import('./bench-site.mjs').BenchSite} site
 * @property {number} pairs for the overhead
 * @property {boolean} quick fewer rounds: to see that all works, not to believe the figures
 * @property {string | null} smollm2 why SmolLM2 can't be measured; null if it can
 * @property {(rows: readonly import('./bench-report.mjs').Row[]) => void} say prints rows as they come
 */
export {};
