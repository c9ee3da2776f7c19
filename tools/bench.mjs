/**
 * `npm run bench`: measures the built site in a real browser and writes `docs/benchmarks.md`. Nothing else should run meanwhile.
 *
 *   --only <name>   one of the measurements below
 *   --pairs <n>     for the overhead (15)
 *   --tiny          without SmolLM2, and nothing is written
 *   --quick         fewer rounds, and nothing is written
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withBrowser } from './lib/bench-page.mjs';
import { mainThread } from './lib/bench-main-thread.mjs';
import { memory } from './lib/bench-memory.mjs';
import { orchestra } from './lib/bench-orchestra.mjs';
import { orchestrator } from './lib/bench-orchestrator.mjs';
import { overhead } from './lib/bench-overhead.mjs';
import { machine, outcome, renderSection, replaceSection } from './lib/bench-report.mjs';
import { openBenchSite } from './lib/bench-site.mjs';
import { speed } from './lib/bench-speed.mjs';
import { startUp } from './lib/bench-start.mjs';
import { swarm } from './lib/bench-swarm.mjs';
import { tabs } from './lib/bench-tabs.mjs';
import { ROOT } from './lib/paths.mjs';
import { formatDuration } from './lib/progress.mjs';
import { runCommand } from './lib/run-command.mjs';

/** @typedef {import('./lib/bench-run.mjs').BenchRun} BenchRun */
/** @typedef {import('./lib/bench-report.mjs').Section} Section */

/** @type {Record<string, { title: string, measure: (run: BenchRun) => Promise<Section>, alone?: boolean }>} in the order of the document; alone: without site and browser */
const MEASUREMENTS = {
  overhead: { title: 'Overhead', measure: overhead },
  'main-thread': { title: 'Main thread', measure: mainThread },
  start: { title: 'Start', measure: startUp },
  tabs: { title: 'Two tabs', measure: tabs },
  memory: { title: 'Memory', measure: memory },
  speed: { title: 'Speed', measure: speed },
  swarm: { title: 'Swarm', measure: swarm },
  orchestrator: { title: 'Orchestrator', measure: orchestrator, alone: true },
  orchestra: { title: 'Swarm at work', measure: orchestra },
};
const DOCUMENT = join(ROOT, 'docs/benchmarks.md');

/** @type {import('./lib/bench-site.mjs').BenchSite} */
const NO_SITE = { url: '', temporary: '', smollm2: async () => 'no site.', close: async () => {} };

function readOptions() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, pairs: { type: 'string' }, quick: { type: 'boolean', default: false }, tiny: { type: 'boolean', default: false } },
  });
  const chosen = Object.entries(MEASUREMENTS).flatMap(([name, entry]) => (values.only === undefined || name === values.only ? [entry] : []));
  if (chosen.length === 0) throw new Error(`--only takes one of ${Object.keys(MEASUREMENTS).join(', ')}, not "${values.only}".`);
  const pairs = Number(values.pairs ?? (values.quick ? 3 : 15));
  if (!Number.isInteger(pairs) || pairs < 1) throw new Error(`--pairs takes a whole number, not "${values.pairs}".`);
  return { chosen, pairs, quick: values.quick, tiny: values.tiny };
}

/**
 * @param {string} title
 * @param {Section} section
 * @param {string} about
 */
function write(title, section, about) {
  const before = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : null;
  const order = Object.values(MEASUREMENTS).map(({ title }) => title);
  writeFileSync(DOCUMENT, replaceSection(before, renderSection(title, section, about), order));
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {import('./lib/progress.mjs').Console} out
 * @param {AbortSignal} signal
 */
async function main({ chosen, pairs, quick, tiny }, out, signal) {
  // What needs neither site nor browser does not look at them.
  const isAlone = chosen.every(({ alone }) => alone);
  const site = isAlone ? NO_SITE : await openBenchSite(out, signal);
  try {
    const smollm2 = tiny ? 'left out by --tiny.' : await site.smollm2();
    const about = machine(isAlone ? null : await withBrowser(async (browser) => browser.version()));
    const say = (/** @type {readonly import('./lib/bench-report.mjs').Row[]} */ rows) => {
      for (const { what, figure, goal, met } of rows) out.say(`  ${what}: ${figure}${met === undefined ? '' : ` (${goal}: ${outcome(met)})`}`);
    };
    out.say(about);
    for (const { title, measure } of chosen) {
      signal.throwIfAborted();
      const startedAt = performance.now();
      out.say(`\n${title}`);
      const section = await measure({ site, pairs, quick, smollm2, say });
      for (const note of section.notes ?? []) out.say(note);
      out.say(`  (${formatDuration(performance.now() - startedAt)})`);
      if (!quick && !tiny) write(title, section, about);
    }
  } finally {
    await site.close();
  }
}

await runCommand(async (out, signal) => main(readOptions(), out, signal));
