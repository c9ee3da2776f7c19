/**
 * `sudo node tools/network.mjs`: a swarm across hosts. Makes hosts of network namespaces, starts the site and a browser on
 * each, and tries what networks do: loss, delay, no direct way, partitions. Needs root on Linux, `nft`, and for some of it
 * coturn and Python. Everything that it makes goes when it ends.
 *
 *   --only <name>     one scenario, or several with commas
 *   --dist <folder>   a build to take instead of the project's own
 *   --write           put the figures into docs/benchmarks.md
 *   --note <text>     that stands below them there
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, outcome, renderSection, replaceSection } from './lib/bench-report.mjs';
import { ensureBuilt } from './lib/build-state.mjs';
import { createNetwork, HUB_ADDRESS, removeLeftovers } from './lib/network-hosts.mjs';
import { openBrowser, openPage } from './lib/network-pages.mjs';
import { SCENARIOS } from './lib/network-scenarios.mjs';
import { startTurn } from './lib/network-turn.mjs';
import { DIST, ROOT } from './lib/paths.mjs';
import { Console, formatDuration } from './lib/progress.mjs';

/** @typedef {import('./lib/bench-report.mjs').Row} Row */
/** @typedef {(typeof SCENARIOS)[string]} Scenario */
/** @typedef {{ folder: string, dist: string, out: Console, signal: AbortSignal }} Run */

const PORT = 8402;
const ORIGIN = `http://${HUB_ADDRESS}:${PORT}`;
/** The longest scenario waits out several partitions. */
const LONGEST_MS = 6 * 60_000;
const SITE = join(ROOT, 'tools/lib/network-site.mjs');
const DOCUMENT = join(ROOT, 'docs/benchmarks.md');
const TITLE = 'Across networks';
const METHOD = [
  'Written by `sudo node tools/network.mjs --write`. Each host is a network namespace with a Chromium of its own; a switch connects them with each other and with the site and its signalling.',
  'The node is scripted, so that the network is what is measured. Loss is a rule of nftables for all that hosts send; delay is a program in the cable of each host, 50 ms each way; the TURN server is coturn, with credentials that the site mints. Candidates are those that `getStats` calls selected.',
].join(' ');

function readOptions() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, dist: { type: 'string' }, write: { type: 'boolean', default: false }, note: { type: 'string' } },
  });
  const names = values.only?.split(',') ?? Object.keys(SCENARIOS);
  const unknown = names.find((name) => !SCENARIOS[name]);
  if (unknown !== undefined) throw new Error(`--only takes some of ${Object.keys(SCENARIOS).join(', ')}, not "${unknown}".`);
  return { ...values, chosen: names.flatMap((name) => SCENARIOS[name] ?? []) };
}

/** @returns {string | null} why hosts can't be made here */
function hindrance() {
  if (process.platform !== 'linux') return 'Network namespaces are of Linux.';
  if (process.getuid?.() !== 0) return 'Only root makes network namespaces: sudo node tools/network.mjs';
  for (const command of ['ip', 'nft', 'setpriv']) {
    try {
      execFileSync('sh', ['-c', `command -v ${command}`]);
    } catch {
      return `${command} is missing: apt-get install iproute2 nftables util-linux`;
    }
  }
  return null;
}

/**
 * @param {Scenario} scenario
 * @param {Run} run
 * @param {(row: Row) => void} say
 */
async function perform({ hosts, delayMs = 0, turn = false, rules, run: measure }, { folder, dist, signal: stopped }, say) {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(LONGEST_MS)]);
  const network = await createNetwork(hosts, { folder, delayMs, signal });
  /** @type {import('playwright').Browser[]} */
  const browsers = [];
  // Whatever waits for a page ends with it.
  const closeAll = () => Promise.all(browsers.map((browser) => browser.close()));
  const onAbort = () => void closeAll();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const minting = turn ? await startTurn(network, folder) : { turn: null, secretFile: null };
    await network.start('hub', process.execPath, [SITE, JSON.stringify({ dist, host: HUB_ADDRESS, port: PORT, turn: minting })], 'The site is there.');
    network.setRules(rules);
    for (const host of hosts) {
      signal.throwIfAborted();
      browsers.push(await openBrowser(network, host, ORIGIN));
    }
    const pages = await Promise.all(browsers.map((browser) => openPage(browser, ORIGIN)));
    await measure({ hosts, pages, network, signal, say });
  } catch (error) {
    // Browsers that were closed under way fail in many words; this says why they were.
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await closeAll();
    await network.close();
  }
}

/**
 * @param {readonly Scenario[]} chosen
 * @param {Run} run
 * @returns {Promise<Row[]>}
 */
async function performAll(chosen, run) {
  /** @type {Row[]} */
  const rows = [];
  for (const scenario of chosen) {
    const startedAt = performance.now();
    run.out.say(`\n${scenario.title}`);
    const say = (/** @type {Row} */ row) => {
      rows.push({ ...row, what: `${scenario.title}: ${row.what}` });
      run.out.say(`  ${row.what}: ${row.figure}${row.met === undefined ? '' : ` (${row.goal}: ${outcome(row.met)})`}`);
    };
    const missing = scenario.missing?.() ?? null;
    if (missing !== null) run.out.say(`  left out: ${missing}`);
    else {
      await perform(scenario, run, say).catch((/** @type {unknown} */ error) => {
        run.signal.throwIfAborted();
        say({ what: 'failed', figure: error instanceof Error ? error.message.split('\n')[0] ?? '' : String(error), goal: 'works', met: false });
      });
    }
    run.out.say(`  (${formatDuration(performance.now() - startedAt)})`);
  }
  return rows;
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {Console} out
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether every goal was met
 */
async function main({ chosen, dist, write, note }, out, signal) {
  const why = hindrance();
  if (why !== null) throw new Error(why);
  removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), 'llambo-network-'));
  try {
    // coturn works as nobody and has a folder in it.
    execFileSync('chmod', ['711', folder]);
    if (dist === undefined) await ensureBuilt(ROOT, out, signal);
    const site = join(folder, 'site');
    // A rebuild in between must change nothing.
    cpSync(dist ?? DIST, site, { recursive: true });
    const rows = await performAll(chosen, { folder, dist: site, out, signal });
    if (write) {
      const section = renderSection(TITLE, { method: METHOD, rows, notes: note === undefined ? [] : [note] }, machine(await versionOf()));
      writeFileSync(DOCUMENT, replaceSection(existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : null, section, []));
    }
    return rows.every(({ met }) => met !== false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function versionOf() {
  const { withBrowser } = await import('./lib/bench-page.mjs');
  return withBrowser((browser) => Promise.resolve(browser.version()));
}

const stop = new AbortController();
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => stop.abort(new Error('Stopped.')));
try {
  process.exitCode = (await main(readOptions(), new Console(process.stdout, () => performance.now()), stop.signal)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
process.exit();
