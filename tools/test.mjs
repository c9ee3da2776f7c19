/**
 * `npm test`: all checks, from a fresh clone. Suites run in turn, each in a process of its own with its own time, and the
 * summary is the last line. `--only check|unit|browser|e2e` runs one of them.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled } from './lib/install.mjs';
import { installers, obtainBrowser } from './lib/obtain-browser.mjs';
import { REPORTS, ROOT } from './lib/paths.mjs';
import { run } from './lib/processes.mjs';
import { Console, formatDuration } from './lib/progress.mjs';
import { fromPlaywright, settle, summarise } from './lib/reports.mjs';

/** @typedef {import('./lib/reports.mjs').SuiteReport} SuiteReport */
/** @typedef {{ name: string, script: string, args: string[], browser: boolean, parse: (json: unknown) => SuiteReport }} Suite */

const own = (/** @type {unknown} */ json) => /** @type {SuiteReport} */ (json);
const vitest = (/** @type {string} */ project) => ['run', '--project', project, '--reporter=default', '--reporter=./tools/lib/vitest-reporter.mjs'];

/** @type {Suite[]} the quickest to complain first */
const SUITES = [
  { name: 'check', script: 'tools/check.mjs', args: [], browser: false, parse: own },
  { name: 'unit', script: 'node_modules/vitest/vitest.mjs', args: [...vitest('unit'), `--maxWorkers=${availableParallelism()}`], browser: false, parse: own },
  { name: 'browser', script: 'node_modules/vitest/vitest.mjs', args: vitest('browser'), browser: true, parse: own },
  {
    name: 'e2e',
    script: 'node_modules/@playwright/test/cli.js',
    args: ['test'],
    browser: true,
    parse: (json) => fromPlaywright(/** @type {import('./lib/reports.mjs').PlaywrightReport} */ (json)),
  },
];

/**
 * @param {string[]} args
 * @returns {Suite[]}
 */
function chosenSuites(args) {
  const { only } = parseArgs({ args, options: { only: { type: 'string' } } }).values;
  const chosen = SUITES.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) throw new Error(`--only takes one of ${SUITES.map(({ name }) => name).join(', ')}, not "${only}".`);
  return chosen;
}

/** @returns {Promise<number>} a port that is free now, so that another running Llambo doesn't matter */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, 'localhost', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/**
 * @param {Suite} suite
 * @param {NodeJS.ProcessEnv} env
 * @param {AbortSignal} signal
 * @returns {Promise<SuiteReport>}
 */
async function runSuite({ name, script, args, parse }, env, signal) {
  const path = join(REPORTS, `${name}.json`);
  rmSync(path, { force: true });
  const { code } = await run(process.execPath, [join(ROOT, script), ...args], { cwd: ROOT, signal, show: true, env: { ...env, LLAMBO_REPORT: path } });
  return settle(existsSync(path) ? parse(JSON.parse(readFileSync(path, 'utf8'))) : null, code);
}

/**
 * @param {Suite[]} suites
 * @param {Console} out
 * @param {AbortSignal} signal
 * @returns {Promise<{ path: string } | { missing: string } | null>} null if no suite needs one
 */
async function browserFor(suites, out, signal) {
  if (!suites.some(({ browser }) => browser)) return null;
  // Playwright is there only now that dependencies are installed.
  const { findBrowser } = await import('./browser.mjs');
  return obtainBrowser({ find: () => findBrowser(existsSync), installers: installers(signal), say: (text) => out.say(text) });
}

/**
 * @param {Suite[]} suites
 * @param {Console} out
 * @param {AbortSignal} signal
 * @returns {Promise<number>} the exit code
 */
async function main(suites, out, signal) {
  await ensureInstalled(ROOT, out, signal);
  const browser = await browserFor(suites, out, signal);
  const port = String(await freePort());
  const env = { ...process.env, LLAMBO_E2E_PORT: port, ...(browser && 'path' in browser ? { CHROME_PATH: browser.path } : {}) };
  /** @type {[string, SuiteReport][]} */
  const reports = [];
  for (const suite of suites) {
    out.say(`\n=== ${suite.name}`);
    const startedAt = performance.now();
    const missing = suite.browser && browser && 'missing' in browser ? browser.missing : null;
    const report = missing ? { passed: 0, failed: [{ name: 'suite', reason: missing }], skipped: [] } : await runSuite(suite, env, signal);
    reports.push([suite.name, report]);
    const { passed, failed, skipped } = report;
    const time = formatDuration(performance.now() - startedAt);
    out.say(`=== ${suite.name}: ${time}, ${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
  }
  const { lines, code } = summarise(reports);
  out.say(`\n${lines.join('\n')}`);
  return code;
}

const stop = new AbortController();
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => stop.abort(new Error('Stopped.')));
try {
  process.exitCode = await main(chosenSuites(process.argv.slice(2)), new Console(process.stdout, () => performance.now()), stop.signal);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
