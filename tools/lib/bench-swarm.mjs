/** A swarm: how soon a tab is in, what a node of another tab costs against an own one, what twelve idle tabs burn, and a simulated swarm of 64. */
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { openTab, ready, withBrowser } from './bench-page.mjs';
import { median, medianInterval } from './bench-stats.mjs';
import { ROOT } from './paths.mjs';

/** @typedef {import('playwright').Page} Page */
/** @typedef {import('playwright').Browser} Browser */
/** @typedef {import('./bench-report.mjs').Row} Row */

const IDLE_TABS = 12;
/** The goal of the first remote token: a round trip and this much more. */
const SLACK_MS = 10;

/**
 * @param {import('./bench-run.mjs').BenchRun} run
 * @returns {Promise<import('./bench-report.mjs').Section>}
 */
export async function swarm({ site, quick, say }) {
  /** @type {Row[]} */
  const rows = [];
  const add = (/** @type {Row[]} */ more) => {
    rows.push(...more);
    say(more);
  };
  add(await withBrowser((browser) => twoBrowsers(browser, site.url, quick)));
  add([await withBrowser((browser) => idle(browser, site.url, quick ? 5 : 30))]);
  add(await simulated());
  return {
    method: `Two browser contexts on this machine, linked over WebRTC, our own signalling server; the built-in engine. Pairs of an own and a remote answer in turn, from the asking tab's clock. Idle: all processes of a browser with ${IDLE_TABS} tabs in one swarm, against the same tabs in none. The swarm of 64 is simulated: virtual time, 30 ms one way.`,
    rows,
  };
}

/**
 * @param {Browser} browser
 * @param {string} url
 * @param {boolean} quick
 * @returns {Promise<Row[]>}
 */
async function twoBrowsers(browser, url, quick) {
  const host = await openTab(await browser.newContext(), url);
  const guest = await openTab(await browser.newContext(), url);
  const link = await host.evaluate(async () => (await llambo.swarm.join()).link);
  /** @type {number[]} */
  const joins = [];
  while (joins.length < (quick ? 3 : 15)) joins.push(await guest.evaluate(joinAnew, link));
  await linked(guest);
  const node = await host.evaluate(() => llambo.snapshot().nodes[0]?.address ?? '');
  /** @type {{ own: number, remote: number }[]} */
  const pairs = [];
  for (let pair = 0; pair < (quick ? 3 : 30); pair += 1) pairs.push({ own: await firstText(guest, null), remote: await firstText(guest, node) });
  const trips = await guest.evaluate(roundTrips, quick ? 3 : 30);
  const rtt = median(trips);
  const extra = pairs.map(({ own, remote }) => remote - own);
  const { low, high } = medianInterval(extra);
  return [
    { what: 'Join a swarm of one by its link', figure: `${ms(median(joins))} median, ${ms(Math.max(...joins))} longest of ${joins.length}`, goal: '≤ 2 s', met: Math.max(...joins) <= 2000 },
    { what: 'Round trip of a heartbeat', figure: `${ms(rtt)} median, ${ms(percentile(trips, 0.95))} p95` },
    {
      what: 'First text of a remote node − of an own one',
      figure: `${ms(median(extra))} (${ms(low)} to ${ms(high)}), own ${ms(median(pairs.map(({ own }) => own)))}`,
      goal: `≤ round trip + ${SLACK_MS} ms`,
      met: median(extra) <= rtt + SLACK_MS,
    },
  ];
}

/** Runs in the page. @param {string} link @returns {Promise<number>} milliseconds */
async function joinAnew(link) {
  await llambo.swarm.leave();
  const startedAt = performance.now();
  await llambo.swarm.join(link);
  return performance.now() - startedAt;
}

/** @param {Page} page */
const linked = (page) => page.waitForFunction(() => llambo.snapshot().swarm?.peers.some(({ link }) => link === 'direct'));

/**
 * @param {Page} page
 * @param {string | null} node
 * @returns {Promise<number>} milliseconds to the first text
 */
const firstText = (page, node) =>
  page.evaluate(async (address) => {
    const startedAt = performance.now();
    const options = { profile: /** @type {const} */ ('exact'), temperature: 0, maxTokens: 4, ...(address === null ? {} : { node: /** @type {`/n/llambo/${string}/${string}`} */ (address) }) };
    const answering = llambo.ask('What is 47 + 38?', options);
    let first = NaN;
    for await (const event of answering) if (event.type === 'text' && Number.isNaN(first)) first = performance.now() - startedAt;
    return first;
  }, node);

/** Runs in the page. @param {number} count @returns {Promise<number[]>} the round trip that the page shows, once a second */
async function roundTrips(count) {
  /** @type {number[]} */
  const seen = [];
  while (seen.length < count) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const trip = llambo.snapshot().swarm?.peers.find(({ self }) => !self)?.rttMs;
    if (typeof trip === 'number') seen.push(trip);
  }
  return seen;
}

/**
 * @param {Browser} browser
 * @param {string} url
 * @param {number} seconds
 * @returns {Promise<Row>}
 */
async function idle(browser, url, seconds) {
  const context = await browser.newContext();
  /** @type {Page[]} */
  const pages = [];
  for (let tab = 0; tab < IDLE_TABS; tab += 1) {
    const page = await context.newPage();
    await page.goto(`${url}?engine=scripted`);
    await ready(page);
    pages.push(page);
  }
  const alone = await cpuShare(browser, seconds);
  const [first, ...others] = /** @type {[Page, ...Page[]]} */ (pages);
  const link = await first.evaluate(async () => (await llambo.swarm.join()).link);
  for (const page of others) await page.evaluate((text) => llambo.swarm.join(text), link);
  await first.waitForFunction((count) => llambo.snapshot().swarm?.peers.filter(({ link: kind }) => kind === 'direct').length === count - 1, IDLE_TABS, { timeout: 120_000 });
  const together = await cpuShare(browser, seconds);
  const percent = (/** @type {number} */ share) => `${(share * 100).toFixed(1)} %`;
  return { what: `${IDLE_TABS} idle tabs in one swarm`, figure: `${percent(together)} of one core, ${percent(alone)} in none; ${percent((together - alone) / IDLE_TABS)} a tab` };
}

/**
 * @param {Browser} browser
 * @param {number} seconds
 * @returns {Promise<number>} processors that the whole browser kept busy
 */
async function cpuShare(browser, seconds) {
  const session = await browser.newBrowserCDPSession();
  const used = async () => (await session.send('SystemInfo.getProcessInfo')).processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  const before = await used();
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const share = ((await used()) - before) / ((performance.now() - startedAt) / 1000);
  await session.detach();
  return share;
}

/** @returns {Promise<Row[]>} */
async function simulated() {
  const { module } = await runnerImport(join(ROOT, 'src/testing/sim-figures.ts'), { root: ROOT, configFile: false, logLevel: 'error' });
  const { swarmFigures } = /** @type {typeof import('../../src/testing/sim-figures.ts')} */ (module);
  const f = swarmFigures();
  const traffic = (/** @type {import('../../src/testing/sim-figures.ts').Traffic} */ { messages, bytes }) => `${messages} messages and ${(bytes / 1000).toFixed(1)} kB a second`;
  return [
    { what: `${f.peers} tabs open within ${seconds(f.joinWithinMs)}: one leader, one roster`, figure: `after ${seconds(f.startMs)}` },
    { what: `${f.peers} tabs: the leader dies in silence`, figure: `another after ${seconds(f.electionMs)}; out of all rosters after ${seconds(f.cleanMs)}`, goal: '≤ 20 s', met: f.electionMs <= 20_000 },
    { what: `${f.peers} tabs: the leader is closed`, figure: `another after ${seconds(f.handOverMs)}`, goal: '≤ 1 s', met: f.handOverMs <= 1000 },
    { what: `${f.peers} tabs in quiet`, figure: `${f.links} links; a peer sends ${traffic(f.quiet)}, the leader ${traffic(f.quietLeader)}; while all join a peer sends ${traffic(f.joining)}` },
  ];
}

/** @param {readonly number[]} values @param {number} share */
const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;
const ms = (/** @type {number} */ value) => `${value.toFixed(1)} ms`;
const seconds = (/** @type {number} */ value) => `${(value / 1000).toFixed(1)} s`;
