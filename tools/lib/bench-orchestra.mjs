/** A swarm at work: what sharing costs and gains, what a death costs, and how busy a page is that orchestrates hundreds of tasks. */
import { CATEGORIES, describe, GOAL_MS, mainTasks, MARK, stopTrace } from './bench-main-thread.mjs';
import { leaderLost } from './bench-orchestra-leader.mjs';
import { nodeLost } from './bench-orchestra-loss.mjs';
import { openTab, QUESTIONS, ready, TINY, withBrowser } from './bench-page.mjs';
import { median, medianInterval } from './bench-stats.mjs';
import { tokensPerSecond } from './bench-work.mjs';

/** @typedef {import('playwright').Page} Page */
/** @typedef {import('playwright').Browser} Browser */
/** @typedef {import('./bench-report.mjs').Row} Row */

const SHARE_GOAL = 0.95;
/** Questions that each tab has open at once: its engine's slots. */
const STREAMS = 4;
const TASKS = 200;
/** Two tabs of 13 engines with 8 slots each: 208. */
const WORKERS = { tabs: 2, nodes: 13, slots: 8 };

/**
 * @param {import('./bench-run.mjs').BenchRun} run
 * @returns {Promise<import('./bench-report.mjs').Section>}
 */
export async function orchestra({ site, quick, say }) {
  /** @type {Row[]} */
  const rows = [];
  const add = (/** @type {Row[]} */ more) => {
    rows.push(...more);
    say(more);
  };
  for (const tabs of [2, 4]) add([await withBrowser((browser) => sharing(browser, site.url, tabs, quick ? 2 : 5, quick ? 2000 : 4000))]);
  add(await nodeLost(site.url, quick ? 1 : 3));
  add(await leaderLost(site.url, quick ? 1 : 3));
  const busy = await withBrowser((browser) => orchestrating(browser, site.url, quick ? 3000 : 8000));
  add(busy.rows);
  return {
    method: `Tabs in browser contexts of their own on this machine, linked over WebRTC; the built-in engine. Sharing: each tab asks without a pause, ${STREAMS} questions at once; the same tabs in one swarm, where the orchestrator chooses the node, and in none, in turn; tokens per second of all together, medians with intervals by order statistics. Deaths: browser processes of their own, answers of 150 words (a grammar forbids an earlier end); the asker's clock. A silent stream counts as noticed 2 s after its last word, a closed tab when it is closed. Undisturbed: the same question on the surviving node alone, afterwards. Before each death the swarm answers twenty short questions, so that the orchestrator may give a second node (failover.hedgeShare). Orchestrator gone: eight answers on two tabs for a third and four jobs in line; half of the eight are stopped at that moment, so that there is room. Main thread: a trace of the page that leads and asks, ${TASKS} answers of the scripted engine on two other tabs, a new question for each that ends.`,
    rows,
    notes: [
      'A node that dies without a word is noticed by a second node, and one in twenty tasks may have one: where a swarm has answered fewer than twenty questions since the last, the answer moves when the asker gives the silent node up, 10 s after its last word (seen with a second death seven tasks after the first); no word is lost then either.',
      ...busy.notes,
    ],
  };
}

/**
 * @param {Browser} browser
 * @param {string} url
 * @param {number} count tabs
 * @param {number} pairs
 * @param {number} ms how long each side of a pair works
 * @returns {Promise<Row>}
 */
async function sharing(browser, url, count, pairs, ms) {
  /** @type {Page[]} */
  const pages = [];
  while (pages.length < count) pages.push(await openTab(await browser.newContext(), url));
  const [first, ...others] = /** @type {[Page, ...Page[]]} */ (pages);
  const link = await first.evaluate(async () => (await llambo.swarm.join()).link);
  const work = async () => (await tokensPerSecond(pages, QUESTIONS[TINY], ms, STREAMS)).reduce((sum, speed) => sum + speed, 0);
  const join = async () => {
    for (const page of [first, ...others]) await page.evaluate((text) => llambo.swarm.join(text), link);
    for (const page of pages) await page.waitForFunction((nodes) => llambo.nodes().filter(({ state }) => state === 'idle').length >= nodes, count);
  };
  const leave = () => Promise.all(pages.map((page) => page.evaluate(() => llambo.swarm.leave())));
  /** @type {{ swarm: number, alone: number }[]} */
  const measured = [];
  for (let pair = -1; pair < pairs; pair += 1) {
    const sides = { swarm: async () => (await join(), work()), alone: async () => (await leave(), work()) };
    const result = { swarm: 0, alone: 0 };
    for (const side of pair % 2 === 0 ? /** @type {const} */ (['swarm', 'alone']) : /** @type {const} */ (['alone', 'swarm'])) result[side] = await sides[side]();
    // The first one warms up.
    if (pair >= 0) measured.push(result);
  }
  const ratios = measured.map(({ swarm, alone }) => swarm / alone);
  const { low, high, confidence } = medianInterval(ratios);
  return {
    what: `${count} tabs in a swarm ÷ the same tabs in none`,
    figure: `${median(ratios).toFixed(3)} (${(confidence * 100).toFixed(1)} %: ${low.toFixed(3)} to ${high.toFixed(3)}); ${median(measured.map(({ swarm }) => swarm)).toFixed(0)} and ${median(measured.map(({ alone }) => alone)).toFixed(0)} tokens/s, ${pairs} pairs`,
    goal: `≥ ${SHARE_GOAL}`,
    met: median(ratios) >= SHARE_GOAL,
  };
}

/**
 * @param {Browser} browser
 * @param {string} url
 * @param {number} ms
 * @returns {Promise<{ rows: Row[], notes: string[] }>}
 */
async function orchestrating(browser, url, ms) {
  const { tabs, nodes, slots } = WORKERS;
  const leader = await scriptedTab(browser, url, { nodes: 1, slots });
  const link = await leader.evaluate(async () => (await llambo.swarm.join()).link);
  for (let tab = 0; tab < tabs; tab += 1) {
    const page = await scriptedTab(browser, url, { nodes, slots });
    await page.waitForFunction((count) => llambo.nodes().filter(({ state }) => state === 'idle').length >= count, nodes);
    await page.evaluate((text) => llambo.swarm.join(text), link);
  }
  await leader.waitForFunction((count) => llambo.nodes().filter(({ local, state }) => !local && state === 'idle').length === count, tabs * nodes);
  await browser.startTracing(leader, { categories: CATEGORIES });
  await leader.evaluate((name) => performance.mark(name), 'llambo-bench-begin');
  const facts = leader.evaluate(askTasks, /** @type {const} */ ([TASKS, ms, MARK]));
  const { most, least, ended, failed } = await facts;
  const events = await stopTrace(browser);
  const all = mainTasks(events.map((event) => (event.name === 'llambo-bench-begin' ? { ...event, name: MARK } : event.name === MARK ? { ...event, name: '' } : event)));
  const steady = mainTasks(events);
  const longest = steady[0]?.cpuMs ?? NaN;
  return {
    rows: [
      {
        what: `Longest task of the leading page's main thread with ${TASKS} running tasks`,
        figure: `${longest.toFixed(1)} ms of CPU time (${steady.length} tasks to the end of all; ${least} to ${most} ran, ${ended} ended, ${failed} failed)`,
        goal: `≤ ${GOAL_MS} ms`,
        met: longest <= GOAL_MS && failed === 0 && least >= TASKS / 2,
      },
      { what: `The same while a script asks all ${TASKS} in one go`, figure: `${(all[0]?.cpuMs ?? NaN).toFixed(1)} ms` },
    ],
    notes: [`${TASKS} tasks, the longest of the main thread: ${steady.slice(0, 5).map((task) => describe(task, events)).join('; ')}.`],
  };
}

/**
 * @param {Browser} browser
 * @param {string} url
 * @param {{ nodes: number, slots: number }} size
 */
async function scriptedTab(browser, url, { nodes, slots }) {
  const context = await browser.newContext();
  const body = `swarm:\n  autoscaling: { on: false }\n  tiers:\n    tiny: { model: ${TINY}, slots: ${slots} }\ndevice:\n  nodes: ${nodes}\n`;
  await context.route('**/swarm.yaml', (route) => route.fulfill({ body, contentType: 'text/yaml' }));
  const page = await context.newPage();
  await page.goto(`${url}?engine=scripted`);
  await ready(page);
  return page;
}

/** Runs in the page. @param {readonly [count: number, ms: number, mark: string]} how @returns {Promise<{ most: number, least: number, ended: number, failed: number }>} */
async function askTasks([count, ms, mark]) {
  const where = llambo.nodes().flatMap(({ local, address }) => (local ? [] : [address]));
  let [running, most, least, ended, failed] = [0, 0, Infinity, 0, 0];
  let isSteady = false;
  let isOver = false;
  let allRun = () => {};
  const steady = new Promise((/** @type {(value: void) => void} */ resolve) => (allRun = resolve));
  const stream = async (/** @type {number} */ index) => {
    while (!isOver) {
      let runs = false;
      try {
        for await (const event of llambo.ask(`Count to ${150 + (index % 50)}`, { profile: 'exact', where })) {
          if (event.type !== 'started' || runs) continue;
          runs = true;
          most = Math.max(most, (running += 1));
          if (running >= count * 0.95) allRun();
        }
        ended += 1;
      } catch {
        failed += 1;
      }
      if (runs) running -= 1;
      if (isSteady && !isOver) least = Math.min(least, running);
    }
  };
  const all = Promise.all(Array.from({ length: count }, (_, index) => stream(index)));
  await steady;
  isSteady = true;
  least = running;
  performance.mark(mark);
  await new Promise((resolve) => setTimeout(resolve, ms));
  isOver = true;
  await all;
  return { most, least, ended, failed };
}
