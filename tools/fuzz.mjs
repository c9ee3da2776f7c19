/**
 * `npm run fuzz`: many histories of a simulated swarm, over all processors: of its mesh, or with `--jobs` of the jobs that it does.
 * A seed that breaks a promise is printed with the command that replays it; with `--histories 1` the history is told line by line.
 *
 *   --jobs            histories of jobs
 *   --from <seed>     the first seed (1); `--seed` is the same
 *   --count <number>  how many seeds from there (50,000); `--histories` is the same
 *
 * So a long run can be split over machines or hours. One that is ended with Ctrl-C says with which seeds to go on.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ROOT } from './lib/paths.mjs';

/** Of this process, workers included: several may run at once. */
const BUNDLE = join(ROOT, 'node_modules/.cache', `llambo-fuzz-${process.pid}`);
/** Seeds that a worker takes at once. */
const BATCH = 50;
const REPORT_MS = 5_000;
/** What a worker is told to make histories of. */
const KINDS = ['mesh', 'jobs'];

/**
 * What both kinds of histories have in common.
 * @typedef {object} Lab
 * @property {(history: { seed: number, log?: (line: string) => void }) => { problem: string | null }} run
 * @property {(first: number, count: number) => { histories: number, text: string, slowestMs: number }} fuzz
 */

/**
 * @param {string} kind
 * @returns {Promise<Lab>}
 */
async function load(kind) {
  /** @type {typeof import('../src/testing/sim-lab.ts')} */
  const { runHistory, fuzz, explain, runJobHistory, fuzzJobs, explainJobs } = await import(pathToFileURL(join(BUNDLE, 'sim-lab.js')).href);
  if (kind === 'jobs') {
    return {
      run: runJobHistory,
      fuzz(first, count) {
        const result = fuzzJobs(first, count, Infinity);
        return { histories: result.histories, text: explainJobs(result), slowestMs: 0 };
      },
    };
  }
  return {
    run: runHistory,
    fuzz(first, count) {
      const result = fuzz(first, count, Infinity);
      return { histories: result.histories, text: explain(result), slowestMs: result.slowestMs };
    },
  };
}

/** The simulation is TypeScript: made into one file that workers can load. */
async function bundle() {
  const { build } = await import('vite');
  mkdirSync(BUNDLE, { recursive: true });
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: 'src/testing/sim-lab.ts',
      outDir: BUNDLE,
      emptyOutDir: true,
      copyPublicDir: false,
      minify: false,
      target: 'node20',
    },
  });
}

/**
 * @param {string} kind
 * @param {number} seed
 */
async function replay(kind, seed) {
  const { run } = await load(kind);
  const { problem } = run({ seed, log: (line) => console.log(line) });
  console.log(problem === null ? `Seed ${seed}: every promise was kept.` : `Seed ${seed}: ${problem}`);
  return problem === null ? 0 : 1;
}

/**
 * Which seeds are still to be done: workers finish theirs in any order.
 *
 * @param {number} first
 * @param {number} histories
 */
function openSeeds(first, histories) {
  /** @type {Map<number, number>} how many from each seed on, beyond what is done without a gap */
  const ahead = new Map();
  let from = first;
  return {
    /** @param {number} start @param {number} count */
    close(start, count) {
      ahead.set(start, count);
      for (let more = ahead.get(from); more !== undefined; more = ahead.get(from)) {
        ahead.delete(from);
        from += more;
      }
    },
    /** Some of them may be done already: they are in the gaps of others. */
    rest: () => (from < first + histories ? { from, count: first + histories - from } : null),
  };
}

/**
 * @param {string} kind
 * @param {number} first
 * @param {number} histories
 */
async function runAll(kind, first, histories) {
  const startedAt = performance.now();
  let next = first;
  let done = 0;
  const open = openSeeds(first, histories);
  let slowestMs = 0;
  /** @type {string[]} */
  const failures = [];
  const say = () => console.log(`${done} of ${histories} histories, ${failures.length} failed, ${Math.round((performance.now() - startedAt) / 1000)} s`);
  const progress = setInterval(say, REPORT_MS);
  const stop = () => {
    say();
    const rest = open.rest();
    if (rest) console.log(`Stopped. Every seed before ${rest.from} is done; the rest: npm run fuzz -- ${kind === 'jobs' ? '--jobs ' : ''}--from ${rest.from} --count ${rest.count}`);
    rmSync(BUNDLE, { recursive: true, force: true });
    process.exit(failures.length === 0 ? 130 : 1);
  };
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(name, stop);

  /** @returns {Promise<void>} when there is nothing left to do */
  const employ = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: kind });
      let taken = first;
      const give = () => {
        const count = Math.min(BATCH, first + histories - next);
        if (count <= 0) {
          void worker.terminate();
          resolve();
          return;
        }
        taken = next;
        worker.postMessage({ first: next, count });
        next += count;
      };
      worker.on('error', reject);
      worker.on('message', (/** @type {{ done: number, text: string, slowestMs: number }} */ result) => {
        done += result.done;
        open.close(taken, result.done);
        slowestMs = Math.max(slowestMs, result.slowestMs);
        if (result.text !== '') {
          failures.push(...result.text.split(/\n(?=seed )/));
          console.log(result.text);
        }
        give();
      });
      give();
    });

  try {
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), Math.ceil(histories / BATCH)) }, employ));
  } finally {
    clearInterval(progress);
  }
  say();
  if (slowestMs > 0) console.log(`The slowest was in order after ${(slowestMs / 1000).toFixed(1)} s of quiet.`);
  return failures.length === 0 ? 0 : 1;
}

/** @param {string} kind */
async function work(kind) {
  const { fuzz } = await load(kind);
  parentPort?.on('message', (/** @type {{ first: number, count: number }} */ { first, count }) => {
    const { histories: done, ...result } = fuzz(first, count);
    parentPort?.postMessage({ done, ...result });
  });
}

async function main() {
  const { values } = parseArgs({
    options: { jobs: { type: 'boolean', default: false }, seed: { type: 'string' }, from: { type: 'string' }, histories: { type: 'string' }, count: { type: 'string' } },
  });
  const kind = values.jobs ? 'jobs' : 'mesh';
  const [seed, histories] = [Number(values.from ?? values.seed ?? 1), Number(values.count ?? values.histories ?? 50_000)];
  if (!Number.isInteger(seed) || !Number.isInteger(histories) || histories < 1) {
    console.error('npm run fuzz -- [--jobs] [--from <seed>] [--count <number>]');
    process.exitCode = 2;
    return;
  }
  try {
    await bundle();
    process.exitCode = histories === 1 ? await replay(kind, seed) : await runAll(kind, seed, histories);
  } finally {
    rmSync(BUNDLE, { recursive: true, force: true });
  }
}

/** @type {unknown} */
const given = workerData;
const employed = KINDS.find((kind) => kind === given);
await (isMainThread || employed === undefined ? main() : work(employed));
