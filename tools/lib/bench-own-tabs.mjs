/** Tabs in browser processes of their own, which a measurement may kill, and the answers that it follows in one of them. */
import { chromium } from 'playwright';
import { launchOptions, ready } from './bench-page.mjs';

/** @typedef {import('playwright').Page} Page */
/** @typedef {{ page: Page, kill(): void, leave(): Promise<void>, end(): Promise<void> }} OwnTab `kill`: without a word; `leave`: closes the tab; `end`: its browser, whatever became of it */

/** One answer, by the clock of all processes (milliseconds since 1970); 0 for what has not happened. */
/** @typedef {{ text: string, node: string, askedAt: number, startedAt: number, movedAt: number, moves: number, doneAt: number, problem: string, heard: { at: number, length: number }[] }} Run */
/** @typedef {{ seeds: number[], profile: 'chat' | 'exact', nodes: string[] }} Asked */

/** @typedef {'SIGKILL' | 'close'} How a tab goes: without a word, or closed by its person */

/** @type {readonly How[]} */
export const HOWS = ['SIGKILL', 'close'];
const PATIENCE_MS = 120_000;
/** The engine may not stop before so many words, so that there is time for somebody to die. */
const GRAMMAR = `root ::= ${'word '.repeat(150)}\nword ::= [a-z]+ " "`;

/** @returns {Promise<OwnTab>} */
export async function openOwnTab() {
  const server = await chromium.launchServer(launchOptions());
  const browser = await chromium.connect(server.wsEndpoint());
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const pid = server.process().pid;
  if (pid === undefined) throw new Error('The browser has no process.');
  return {
    page,
    // Chromium leads a process group of its own under Playwright.
    kill: () => void process.kill(-pid, 'SIGKILL'),
    leave: () => page.close(),
    end: () => server.kill(),
  };
}

/**
 * @param {string} address the site to found a swarm at, or a swarm's link
 * @returns {Promise<{ tab: OwnTab, link: string }>} in the swarm, with its engine
 */
async function openMember(address) {
  const tab = await openOwnTab();
  await tab.page.goto(address);
  await ready(tab.page);
  const isLink = address.includes('#');
  const link = isLink ? address : await tab.page.evaluate(async () => (await llambo.swarm.join()).link);
  await tab.page.waitForFunction(() => llambo.snapshot().swarm?.state === 'in');
  return { tab, link };
}

/**
 * @param {readonly Page[]} pages
 * @returns {Promise<number>} which of them leads, as soon as all see each other and the same leader
 */
async function leaderOf(pages) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const all = await Promise.all(pages.map((page) => page.evaluate(() => llambo.snapshot().swarm)));
    const [first] = all;
    const agrees = all.every((info) => info && info.leader === first?.leader && info.term === first?.term && info.peers.length === pages.length && info.peers.every(({ self, link, nodes }) => self || (link === 'direct' && nodes.length > 0)));
    const leader = all.findIndex((info) => info?.self === first?.leader);
    if (agrees && leader >= 0) return leader;
    if (Date.now() > until) throw new Error('The tabs do not agree who leads.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** So many tabs in one swarm, whoever dies. */
export class Company {
  /** @type {OwnTab[]} */
  tabs = [];
  link = '';

  /** @param {string} url @param {number} size */
  constructor(url, size) {
    this.url = url;
    this.size = size;
  }

  /** @returns {Promise<{ leader: OwnTab, others: OwnTab[] }>} once all see each other */
  async gather() {
    while (this.tabs.length < this.size) {
      const { tab, link } = await openMember(this.link === '' ? this.url : this.link);
      this.link ||= link;
      this.tabs.push(tab);
    }
    const leader = /** @type {OwnTab} */ (this.tabs[await leaderOf(this.tabs.map(({ page }) => page))]);
    return { leader, others: this.tabs.filter((tab) => tab !== leader) };
  }

  /** @param {OwnTab} victim @param {How} how @returns {number} when */
  lose(victim, how) {
    const at = Date.now();
    if (how === 'SIGKILL') victim.kill();
    else void victim.leave().then(() => victim.end());
    this.tabs = this.tabs.filter((tab) => tab !== victim);
    return at;
  }

  async end() {
    await Promise.all(this.tabs.map((tab) => tab.end()));
  }
}

/** @param {Page} page @returns {Promise<string[]>} the addresses of its own engines */
export const ownNodes = (page) => page.evaluate(() => llambo.snapshot().nodes.map(({ address }) => /** @type {string} */ (address)));

/**
 * Starts an answer for each seed, and keeps what comes of it.
 *
 * @param {Page} page
 * @param {Asked} asked
 */
export const begin = (page, { seeds, profile, nodes }) =>
  page.evaluate(
    ([numbers, kind, where, grammar]) => {
      const kept = /** @type {{ runs?: Run[], stops?: (() => void)[] }} */ (globalThis);
      for (const seed of numbers) {
        /** @type {Run} */
        const run = { text: '', node: '', askedAt: Date.now(), startedAt: 0, movedAt: 0, moves: 0, doneAt: 0, problem: '', heard: [] };
        const request = { messages: [{ role: /** @type {const} */ ('user'), content: 'Tell me a story about a llama.' }], grammar };
        const answering = llambo.ask(request, { profile: kind, temperature: 0.8, seed, where: /** @type {`/n/llambo/${string}/${string}`[]} */ (where) });
        (kept.runs ??= []).push(run);
        (kept.stops ??= []).push(answering.cancel);
        void (async () => {
          for await (const event of answering) {
            if (event.type === 'started') Object.assign(run, { node: event.node, startedAt: run.startedAt || Date.now() });
            if (event.type === 'moved') Object.assign(run, { movedAt: Date.now(), moves: run.moves + 1 });
            if (event.type !== 'text') continue;
            run.text += event.delta;
            run.heard.push({ at: Date.now(), length: run.text.length });
          }
        })()
          .catch((error) => void (run.problem = String(error)))
          .finally(() => (run.doneAt = Date.now()));
      }
    },
    /** @type {const} */ ([seeds, profile, nodes, GRAMMAR]),
  );

/** @param {Page} page @returns {Promise<Run[]>} */
export const runsOf = (page) => page.evaluate(() => /** @type {{ runs?: Run[] }} */ (globalThis).runs ?? []);

/**
 * @param {Page} page
 * @param {'spoke' | 'began' | 'moved on' | 'done'} what
 * @param {number} from
 * @param {number} [to] of the answers; the last if it is left out
 */
export const until = (page, what, from, to = 1e9) =>
  page.waitForFunction(
    ([state, first, last]) => {
      const all = /** @type {{ runs: Run[] }} */ (/** @type {unknown} */ (globalThis)).runs.slice(first, last);
      return all.every(({ text, startedAt, movedAt, heard, doneAt }) => {
        if (doneAt > 0) return true;
        if (state === 'spoke') return text.length > 30;
        if (state === 'began') return startedAt > 0;
        return state === 'moved on' && movedAt > 0 && heard.some(({ at }) => at >= movedAt);
      });
    },
    /** @type {const} */ ([what, from, to]),
    { polling: 20 },
  );

/** @param {Page} page @param {number} from @param {number} [to] */
export const stopRuns = (page, from, to = 1e9) =>
  page.evaluate(([first, last]) => /** @type {{ stops: (() => void)[] }} */ (/** @type {unknown} */ (globalThis)).stops.slice(first, last).forEach((stop) => stop()), /** @type {const} */ ([from, to]));

/** Forgets all answers; those under way are stopped. @param {Page} page */
export const forgetRuns = async (page) => {
  await page.evaluate(() => {
    for (const stop of /** @type {{ stops?: (() => void)[] }} */ (globalThis).stops ?? []) stop();
    Object.assign(globalThis, { runs: [], stops: [] });
  });
};

/**
 * @param {Page} page
 * @param {string} node
 * @param {string} text of an answer so far
 * @returns {Promise<number>} milliseconds until that node goes on with it, asked anew: the way there, reading it, and a word
 */
export const prefillMs = (page, node, text) =>
  page.evaluate(
    async ([address, words]) => {
      const messages = [{ role: /** @type {const} */ ('user'), content: 'Tell me a story about a llama.' }, { role: /** @type {const} */ ('assistant'), content: words }];
      const askedAt = performance.now();
      let first = NaN;
      for await (const event of llambo.ask({ messages }, { profile: 'exact', temperature: 0, maxTokens: 1, node: /** @type {`/n/llambo/${string}/${string}`} */ (address) })) {
        if (event.type === 'text' && Number.isNaN(first)) first = performance.now() - askedAt;
        if (event.type === 'done' && Number.isNaN(first)) first = performance.now() - askedAt;
      }
      return first;
    },
    /** @type {const} */ ([node, text]),
  );
