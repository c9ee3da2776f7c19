/**
 * `npm run soak [-- --minutes 60 --seed 1]`: a person who never tires. Asks, stops, asks again and starts anew in the
 * real page with the built-in engine, at random but from a seed, and fails if the tab's memory grows.
 */
import { parseArgs } from 'node:util';
import { countNodes, memoryOf, openSite, withBrowser } from './lib/bench-page.mjs';
import { openBenchSite } from './lib/bench-site.mjs';
import { seeded } from './lib/bench-stats.mjs';
import { Console } from './lib/progress.mjs';
import { actAtRandom } from './lib/bench-soak-acts.mjs';
import { judgeGrowth } from './lib/bench-soak-growth.mjs';

/** Memory is looked at every minute, and more often in a short run. */
const LEAST_SAMPLES = 15;

/** @typedef {import('./lib/bench-soak-growth.mjs').Sample} Sample */

function readOptions() {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } } });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0)) throw new Error(`--minutes takes a number above 0, not "${values.minutes}".`);
  if (!Number.isInteger(seed)) throw new Error(`--seed takes a whole number, not "${values.seed}".`);
  return { minutes, seed };
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {string} url
 * @param {Console} out
 * @param {AbortSignal} signal
 * @returns {Promise<Sample[]>}
 */
const soak = ({ minutes, seed }, url, out, signal) =>
  withBrowser(async (browser) => {
    const page = await openSite(await browser.newPage(), url);
    page.on('pageerror', (error) => out.say(`Error in the page: ${error.message}`));
    const random = seeded(seed);
    const startedAt = performance.now();
    const minute = () => (performance.now() - startedAt) / 60_000;
    const every = Math.min(1, minutes / LEAST_SAMPLES);
    /** @type {Sample[]} */
    const samples = [];
    for (let acts = 0; minute() < minutes && !signal.aborted; acts += 1) {
      if (minute() >= samples.length * every) {
        const sample = { minute: minute(), ...(await memoryOf(browser, page)) };
        samples.push(sample);
        out.say(`${sample.minute.toFixed(1)} min: ${acts} acts, process ${sample.own.toFixed(1)} MB, JavaScript ${sample.heap.toFixed(2)} MB, of workers ${sample.workers.toFixed(2)} MB, ${await countNodes(page)} nodes`);
      }
      await actAtRandom(page, random);
    }
    return samples;
  });

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {Console} out
 * @param {AbortSignal} signal
 * @returns {Promise<number>} the exit code
 */
async function main(options, out, signal) {
  const site = await openBenchSite(out, signal);
  try {
    out.say(`${options.minutes} min of random asking, seed ${options.seed}.`);
    const samples = await soak(options, site.url, out, signal);
    if (signal.aborted) return 130;
    const { lines, grows } = judgeGrowth(samples, options.minutes);
    out.say(`\n${lines.join('\n')}`);
    return grows ? 1 : 0;
  } finally {
    await site.close();
  }
}

const stop = new AbortController();
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(name, () => stop.abort(new Error('Stopped.')));
try {
  process.exitCode = await main(readOptions(), new Console(process.stdout, () => performance.now()), stop.signal);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
// The signalling package's timers would keep the process.
process.exit();
