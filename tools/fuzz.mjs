/**
 * `npm run fuzz`: many histories of a simulated swarm, over all processors: of its mesh, or with `--jobs` of the jobs that it does.
 * A seed that breaks a promise is printed with the command that replays it; with `--histories 1` the history is told line by line.
 */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ROOT } from './lib/paths.mjs';

const BUNDLE = join(ROOT, 'node_modules/.cache/llambo-fuzz');
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
 * @param {string} kind
 * @param {number} first
 * @param {number} histories
 */
async function runAll(kind, first, histories) {
  const startedAt = performance.now();
  let next = first;
  let done = 0;
  let slowestMs = 0;
  /** @type {string[]} */
  const failures = [];
  const say = () => console.log(`${done} of ${histories} histories, ${failures.length} failed, ${Math.round((performance.now() - startedAt) / 1000)} s`);
  const progress = setInterval(say, REPORT_MS);

  /** @returns {Promise<void>} when there is nothing left to do */
  const employ = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: kind });
      const give = () => {
        const count = Math.min(BATCH, first + histories - next);
        if (count <= 0) {
          void worker.terminate();
          resolve();
          return;
        }
        worker.postMessage({ first: next, count });
        next += count;
      };
      worker.on('error', reject);
      worker.on('message', (/** @type {{ done: number, text: string, slowestMs: number }} */ result) => {
        done += result.done;
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
    options: { jobs: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' }, histories: { type: 'string', default: '50000' } },
  });
  const kind = values.jobs ? 'jobs' : 'mesh';
  const [seed, histories] = [Number(values.seed), Number(values.histories)];
  if (!Number.isInteger(seed) || !Number.isInteger(histories) || histories < 1) {
    console.error('npm run fuzz -- [--jobs] [--seed <number>] [--histories <number>]');
    process.exitCode = 2;
    return;
  }
  await bundle();
  process.exitCode = histories === 1 ? await replay(kind, seed) : await runAll(kind, seed, histories);
}

/** @type {unknown} */
const given = workerData;
const employed = KINDS.find((kind) => kind === given);
await (isMainThread || employed === undefined ? main() : work(employed));
