/** One browser on each host, and what is asked of its page: to join, to answer, who is there, how the packets go. */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright';
import { chromiumArgs, findBrowser } from '../browser.mjs';

/** @typedef {import('playwright').Page} Page */
/** @typedef {import('playwright').Browser} Browser */
/** @typedef {import('../../src/protocol/peer.ts').SwarmInfo} SwarmInfo */

const TIMEOUT_MS = 90_000;
const LOOK_MS = 50;
export const QUESTION = 'Count to 60.';

/**
 * @param {import('./network-hosts.mjs').Network} network
 * @param {string} host
 * @param {string} origin
 * @returns {Promise<Browser>} on that host
 */
export function openBrowser(network, host, origin) {
  const found = findBrowser(existsSync);
  return chromium.launch({
    executablePath: network.wrapper(host, found?.path ?? chromium.executablePath()),
    // Over http, only this machine's own address gives threads, storage and keys to a page.
    args: [...chromiumArgs, `--unsafely-treat-insecure-origin-as-secure=${origin}`],
    // Whoever is told to stop closes the browsers first.
    handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false,
  });
}

/**
 * @param {Browser} browser
 * @param {string} origin
 * @returns {Promise<Page>} ready to answer, in no swarm
 */
export async function openPage(browser, origin) {
  const page = await browser.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  page.setDefaultNavigationTimeout(TIMEOUT_MS);
  await page.addInitScript(() => {
    /** @type {RTCPeerConnection[]} */
    const connections = [];
    /** @type {[term: number, leader: string][]} */
    const leaders = [];
    Object.assign(globalThis, { connections, leaders });
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      /** @param {RTCConfiguration} [configuration] */
      constructor(configuration) {
        super(configuration);
        connections.push(this);
      }
    };
  });
  await page.goto(`${origin}/?engine=scripted`);
  await page.waitForFunction(() => globalThis.llambo?.snapshot().ready);
  await page.evaluate(() => {
    const { leaders } = /** @type {{ leaders: [number, string][] }} */ (/** @type {unknown} */ (globalThis));
    llambo.swarm.on('leader', ({ leader, term }) => void (leader && leaders.push([term, leader])));
  });
  return page;
}

/** @param {Page} page @returns {Promise<string>} the link */
export const found = (page) => page.evaluate(async () => (await llambo.swarm.join()).link);

/**
 * @param {Page} page
 * @param {string} link
 * @returns {Promise<{ ms: number, problem: string | null }>} by the page's clock
 */
export const join = (page, link) =>
  page.evaluate(async (to) => {
    const startedAt = performance.now();
    const problem = await llambo.swarm.join(to).then(() => null, (/** @type {Error & { code: string }} */ error) => `${error.code}: ${error.message}`);
    return { ms: performance.now() - startedAt, problem };
  }, link);

/** @param {Page} page */
export const leave = (page) => page.evaluate(() => llambo.swarm.leave());

/** @param {Page} page @returns {Promise<SwarmInfo | null>} */
export const swarmOf = (page) => page.evaluate(() => llambo.snapshot().swarm);

/** @param {Page} page @returns {Promise<string>} */
export const nodeOf = (page) =>
  page.evaluate(() => {
    const [node] = llambo.snapshot().nodes;
    if (!node) throw new Error('This page has no engine node.');
    return node.address;
  });

/**
 * @param {Page} page
 * @param {string} node
 * @returns {Promise<{ text: string, firstMs: number }>} the answer in the exact profile, and when its first text was there
 */
export const ask = (page, node) =>
  page.evaluate(
    async ([address, question]) => {
      const startedAt = performance.now();
      let firstMs = NaN;
      const answering = llambo.ask(question, { node: /** @type {`/n/llambo/${string}/${string}`} */ (address), profile: 'exact', temperature: 0, seed: 7 });
      for await (const event of answering) if (event.type === 'text' && Number.isNaN(firstMs)) firstMs = performance.now() - startedAt;
      return { text: (await answering.done).text, firstMs };
    },
    /** @type {const} */ ([node, QUESTION]),
  );

/**
 * @param {Page} page
 * @returns {Promise<{ way: string, rttMs: number }[]>} of each connection that stands: candidate types here and there, the
 *   transport, and the mean round trip of the path's own checks
 */
export const candidatePairs = (page) =>
  page.evaluate(async () => {
    const { connections } = /** @type {{ connections: RTCPeerConnection[] }} */ (/** @type {unknown} */ (globalThis));
    const pairs = [];
    for (const connection of connections.filter(({ connectionState }) => connectionState === 'connected')) {
      const stats = /** @type {Map<string, Record<string, string>>} */ (/** @type {unknown} */ (await connection.getStats()));
      const transport = [...stats.values()].find(({ type }) => type === 'transport');
      const pair = stats.get(transport?.['selectedCandidatePairId'] ?? '');
      const [local, remote] = ['localCandidateId', 'remoteCandidateId'].map((end) => stats.get(pair?.[end] ?? ''));
      const rttMs = (Number(pair?.['totalRoundTripTime']) / Number(pair?.['responsesReceived'])) * 1000;
      pairs.push({ way: `${local?.['candidateType']}/${remote?.['candidateType']} ${local?.['protocol']}`, rttMs });
    }
    return pairs;
  });

/**
 * @param {readonly Page[]} pages two
 * @returns {Promise<(number | null)[]>} what each shows as the round trip to the other
 */
export async function shownRoundTrips([one, other]) {
  if (!one || !other) return [];
  const [first, second] = await Promise.all([one, other].map(swarmOf));
  const shown = (/** @type {SwarmInfo | null | undefined} */ info, /** @type {string | undefined} */ to) => info?.peers.find(({ id }) => id === to)?.rttMs ?? null;
  return [shown(first, second?.self), shown(second, first?.self)];
}

/** @param {Page} page @returns {Promise<[term: number, leader: string][]>} each leader that this page has accepted */
export const leadersOf = (page) => page.evaluate(() => /** @type {{ leaders: [number, string][] }} */ (/** @type {unknown} */ (globalThis)).leaders);

/**
 * @template T
 * @param {() => Promise<T | null>} look
 * @param {string} what it is that is waited for
 * @param {AbortSignal} signal
 * @param {number} [timeout]
 * @returns {Promise<{ value: T, ms: number }>}
 */
export async function until(look, what, signal, timeout = TIMEOUT_MS) {
  const startedAt = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const value = await look();
    const ms = performance.now() - startedAt;
    if (value !== null) return { value, ms };
    if (ms > timeout) throw new Error(`After ${Math.round(timeout / 1000)} s: not ${what}.`);
    await pause(LOOK_MS, undefined, { signal });
  }
}

/**
 * @param {readonly Page[]} pages
 * @param {AbortSignal} signal
 * @param {number} [timeout]
 * @returns {Promise<{ value: SwarmInfo, ms: number }>} all see the same peers, as many as there are pages, and one leader of one term
 */
export async function agreed(pages, signal, timeout) {
  /** @type {(SwarmInfo | null)[]} */
  let last = [];
  const look = async () => {
    last = await Promise.all(pages.map(swarmOf));
    const [first] = last;
    return first?.leader && first.peers.length === pages.length && new Set(last.map(viewOf)).size === 1 ? first : null;
  };
  return until(look, 'agreed', signal, timeout).catch((error) => {
    throw new Error(`${error instanceof Error ? error.message : error} ${last.map(viewOf).join(' | ')}`, { cause: error });
  });
}

/** @param {SwarmInfo | null} info */
const viewOf = (info) => JSON.stringify([info?.leader, info?.term, info?.peers.map(({ id }) => id).sort()]);
