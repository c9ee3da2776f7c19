/**
 * `npm run demo:parallel [-- --tabs 4 --nodes 16 --slots 16]`: as many small engines at once as a machine carries. Opens that
 * many tabs, each in a browser profile of its own, joins them over WebRTC, and has one of them ask a question for each slot
 * of all engines. Prints what it took, and leaves a picture of the swarm at work. In full size it also writes its section
 * of `docs/benchmarks.md`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openTab, withBrowser } from './lib/bench-page.mjs';
import { machine, renderSection, replaceSection } from './lib/bench-report.mjs';
import { openBenchSite } from './lib/bench-site.mjs';
import { ROOT } from './lib/paths.mjs';
import { runCommand } from './lib/run-command.mjs';

/** @typedef {import('playwright').Page} Page */
/** @typedef {import('playwright').Browser} Browser */
/** @typedef {{ tabs: number, nodes: number, slots: number }} Size */

const PICTURES = join(ROOT, 'test-results');
const DOCUMENT = join(ROOT, 'docs/benchmarks.md');
const TITLE = 'Many engines at once';
const TABS = 4;
const NODES_MOST = 16;
const SLOTS_MOST = 16;

/** @returns {Size} */
function readOptions() {
  const { values } = parseArgs({
    options: { tabs: { type: 'string', default: String(TABS) }, nodes: { type: 'string', default: String(NODES_MOST) }, slots: { type: 'string', default: String(SLOTS_MOST) } },
  });
  const whole = (/** @type {'tabs' | 'nodes' | 'slots'} */ name, /** @type {number} */ most) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > most) throw new Error(`--${name} takes a whole number from 1 to ${most}, not "${values[name]}".`);
    return value;
  };
  return { tabs: whole('tabs', 12), nodes: whole('nodes', NODES_MOST), slots: whole('slots', SLOTS_MOST) };
}

/** How such a swarm is configured. @param {Size} size */
const config = ({ tabs, nodes, slots }) => `swarm:
  queue: { most: ${2 * tabs * nodes * slots}, mostPerDevice: ${2 * tabs * nodes * slots} }
  autoscaling: { on: false }
  tiers:
    tiny: { model: tiny-1, slots: ${slots} }
device:
  nodes: ${nodes}
`;

/**
 * @param {Browser} browser
 * @param {string} url
 * @param {Size} size
 * @param {import('./lib/progress.mjs').Console} out
 * @returns {Promise<Page[]>} in one swarm, with all their engines; the first one leads
 */
async function openSwarm(browser, url, { tabs, nodes }, out) {
  /** @type {Page[]} */
  const pages = [];
  let link = '';
  for (let tab = 1; tab <= tabs; tab += 1) {
    const page = await openTab(await browser.newContext({ viewport: { width: 1280, height: 800 } }), url);
    link = link === '' ? await page.evaluate(async () => (await llambo.swarm.join()).link) : await page.evaluate(async (text) => (await llambo.swarm.join(text)).link, link);
    await page.waitForFunction((count) => llambo.nodes().filter(({ local, state }) => local && state === 'idle').length === count, nodes, { timeout: 300_000 });
    out.say(`Tab ${tab} of ${tabs}: ${nodes} engines are ready.`);
    pages.push(page);
  }
  const [first] = /** @type {[Page]} */ (pages);
  await first.waitForFunction((count) => llambo.nodes().filter(({ state }) => state === 'idle').length === count, tabs * nodes, { timeout: 60_000 });
  return pages;
}

/** @typedef {{ ms: number, right: number, failed: string[], tokens: number, nodes: number, tabs: number, firstMs: number, most: number, hedged: number, moved: number, terms: number }} Outcome */

/** Runs in the page. @param {number} count @returns {Promise<Outcome>} */
async function askMany(count) {
  const questions = Array.from({ length: count }, (_, index) => ({ one: 10 + (index % 89), other: 10 + (Math.floor(index / 89) * 7 + index * 3) % 89 }));
  const startedAt = performance.now();
  const before = llambo.snapshot().swarm?.term ?? 0;
  let hedged = 0;
  let moved = 0;
  const over = new AbortController();
  const watching = (async () => {
    for await (const { type } of llambo.events({ types: ['hedged'], signal: over.signal })) if (type === 'hedged') hedged += 1;
  })().catch(() => undefined);
  let running = 0;
  let most = 0;
  let firstMs = Infinity;
  const answers = await Promise.allSettled(questions.map(async ({ one, other }) => {
    const answering = llambo.ask(`What is ${one} + ${other}?`, { temperature: 0, maxTokens: 32 });
    let runs = false;
    try {
      for await (const event of answering) {
        if (event.type === 'started' && !runs) {
          runs = true;
          most = Math.max(most, (running += 1));
        }
        if (event.type === 'moved') moved += 1;
        if (event.type === 'text') firstMs = Math.min(firstMs, performance.now() - startedAt);
      }
    } finally {
      if (runs) running -= 1;
    }
    const answer = await answering.done;
    return { answer, isRight: new RegExp(`\\b${one + other}\\b`).test(answer.text) };
  }));
  over.abort();
  await watching;
  const done = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const nodes = new Set(done.map(({ answer }) => answer.node));
  return {
    ms: performance.now() - startedAt,
    right: done.filter(({ isRight }) => isRight).length,
    failed: answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : [])),
    tokens: done.reduce((sum, { answer }) => sum + answer.usage.promptTokens + answer.usage.answerTokens, 0),
    nodes: nodes.size,
    tabs: new Set([...nodes].map((node) => node.split('/')[3])).size,
    firstMs,
    most,
    hedged,
    moved,
    terms: (llambo.snapshot().swarm?.term ?? 0) - before,
  };
}

/** @param {Browser} browser @returns {Promise<number>} bytes of all its processes, shared pages in parts; NaN where it can't be had */
async function memoryOfAll(browser) {
  if (process.platform !== 'linux') return NaN;
  const { processMemory } = await import('./lib/bench-page.mjs');
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, { id }) => sum + processMemory(id).pss * 1e6, 0);
}

/**
 * @param {Size} size
 * @param {import('./lib/progress.mjs').Console} out
 * @param {AbortSignal} signal
 */
async function main(size, out, signal) {
  const site = await openBenchSite(out, signal, { 'swarm.yaml': config(size) });
  const count = size.tabs * size.nodes * size.slots;
  try {
    await withBrowser(async (browser) => {
      signal.addEventListener('abort', () => void browser.close());
      const startedAt = performance.now();
      const pages = await openSwarm(browser, site.url, size, out);
      const loadMs = performance.now() - startedAt;
      const bytes = await memoryOfAll(browser);
      const [first] = /** @type {[Page]} */ (pages);
      const asking = first.evaluate(askMany, count);
      await first.waitForFunction((quarter) => llambo.nodes().reduce((sum, { busy }) => sum + busy, 0) >= quarter, Math.floor(count / 4), { timeout: 30_000 }).catch(() => undefined);
      mkdirSync(PICTURES, { recursive: true });
      const picture = join(PICTURES, 'demo-parallel.png');
      await first.screenshot({ path: picture });
      const outcome = await asking;
      report({ size, count, loadMs, bytes, outcome, picture, about: machine(browser.version()) }, out);
    });
  } finally {
    await site.close();
  }
}

/**
 * @param {{ size: Size, count: number, loadMs: number, bytes: number, outcome: Outcome, picture: string, about: string }} facts
 * @param {import('./lib/progress.mjs').Console} out
 */
function report({ size, count, loadMs, bytes, outcome, picture, about }, out) {
  const { tabs, nodes, slots } = size;
  const method = `${tabs} tabs × ${nodes} engines × ${slots} slots = ${count} answers at once, the built-in model, ${tabs * nodes} llama.cpp instances in browser contexts of their own on this machine, linked over WebRTC; one tab asks all ${count} sums in one go (\`npm run demo:parallel\`).`;
  const rows = rowsOf(count, loadMs, bytes, outcome);
  out.say(`\n${method}`);
  for (const { what, figure } of rows) out.say(`  ${what}: ${figure}`);
  out.say(`A picture of it: ${picture}`);
  for (const [reason, many] of tally(outcome.failed)) out.say(`Failed, ${many} times: ${reason}`);
  if (outcome.failed.length > 0) process.exitCode = 1;
  if (tabs === TABS && nodes === NODES_MOST && slots === SLOTS_MOST) writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, 'utf8'), renderSection(TITLE, { method, rows }, about), []));
}

/**
 * @param {number} count
 * @param {number} loadMs
 * @param {number} bytes
 * @param {Outcome} outcome
 * @returns {import('./lib/bench-report.mjs').Row[]}
 */
function rowsOf(count, loadMs, bytes, { ms, firstMs, right, failed, tokens, nodes, tabs, most, hedged, moved, terms }) {
  const seconds = (/** @type {number} */ time) => `${(time / 1000).toFixed(1)} s`;
  const answered = count - failed.length;
  return [
    { what: 'Answered', figure: `${answered} of ${count}, ${right} right`, goal: 'all', met: answered === count },
    { what: 'Time', figure: `${seconds(ms)}, the first word after ${seconds(firstMs)}` },
    { what: 'Speed', figure: `${((tokens * 1000) / ms).toFixed(0)} tokens/s, prompts included; ${((answered * 1000) / ms).toFixed(1)} answers/s` },
    { what: 'At once', figure: `at most ${most} answers; ${nodes} engines of ${tabs} tabs took part; ${hedged} second tasks, ${moved} answers moved, ${terms} changes of orchestrator` },
    { what: 'Load', figure: `${seconds(loadMs)} for all tabs, one after another` },
    { what: 'Memory', figure: Number.isNaN(bytes) ? 'unknown' : `${(bytes / 1e9).toFixed(2)} GB, the browser included` },
  ];
}

/** @param {readonly string[]} items */
function tally(items) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

await runCommand(async (out, signal) => main(readOptions(), out, signal));
