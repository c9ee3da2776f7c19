/** Browsers and pages for measuring: opened, made ready, and looked at from outside. */
import { heapsOf } from './bench-heaps.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { chromiumArgs, findBrowser } from '../browser.mjs';

/** @typedef {import('playwright').Page} Page */
/** @typedef {import('playwright').Browser} Browser */

export const SMOLLM2 = 'smollm2-135m';
export const TINY = 'tiny-1';

/** An answer of SmolLM2 on a machine that is busy with something else. */
const TIMEOUT_MS = 180_000;
/** Both models answer these at length. */
export const QUESTIONS = {
  [TINY]: { model: TINY, text: 'Tell me a long story about a llama.', maxTokens: 128 },
  [SMOLLM2]: { model: SMOLLM2, text: 'Tell me a long story about a llama.', maxTokens: 48 },
};

/** @returns {{ executablePath?: string, args: string[] }} */
export function launchOptions() {
  const found = findBrowser(existsSync);
  return { ...(found ? { executablePath: found.path } : {}), args: chromiumArgs };
}

/**
 * @template T
 * @param {(browser: Browser) => Promise<T>} work with a browser of its own
 * @returns {Promise<T>}
 */
export async function withBrowser(work) {
  const browser = await chromium.launch(launchOptions());
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** @param {Page} page */
export async function ready(page) {
  await page.waitForFunction(() => globalThis.llambo, undefined, { timeout: 60_000 });
  await page.evaluate(() => llambo.ready);
}

/**
 * @param {Page} page
 * @param {string} url
 * @param {string} [model] besides the built-in one
 * @returns {Promise<Page>} ready, with the model loaded, and with `llamboBench`
 */
export async function openSite(page, url, model = TINY) {
  page.setDefaultTimeout(TIMEOUT_MS);
  await page.goto(url);
  await ready(page);
  if (model !== TINY) await page.evaluate((id) => llambo.load(id), model);
  await page.evaluate((script) => import(script), '/bench/page.js');
  return page;
}

/**
 * @param {import('playwright').BrowserContext} context
 * @param {string} url
 * @param {string} [model]
 */
export const openTab = async (context, url, model) => openSite(await context.newPage(), url, model);

/**
 * Writes the person's settings as the app stores them, before the app runs.
 *
 * @param {Page} page
 * @param {string} url
 * @param {number} nodes
 */
export async function setNodes(page, url, nodes) {
  await page.goto(`${url}llambo.json`);
  await page.evaluate(async (count) => {
    const opening = indexedDB.open('keyval-store');
    opening.onupgradeneeded = () => opening.result.createObjectStore('keyval');
    await new Promise((resolve, reject) => Object.assign(opening, { onsuccess: resolve, onerror: reject }));
    const transaction = opening.result.transaction('keyval', 'readwrite');
    transaction.objectStore('keyval').put({ settings: { nodes: count, threads: 0 }, templates: [], model: null }, 'preferences');
    await new Promise((resolve, reject) => Object.assign(transaction, { oncomplete: resolve, onerror: reject }));
    opening.result.close();
  }, nodes);
}

/**
 * Sends a message as a person would, and waits for the end of the answer.
 *
 * @param {Page} page
 * @param {string} text
 * @param {number} [enough] characters of the answer after which it is stopped
 */
export async function chat(page, text, enough = 1e9) {
  const turns = await page.evaluate(() => llambo.snapshot().conversation.turns.length);
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill(text);
  await box.press('Enter');
  await page.waitForFunction(([before, characters]) => {
    const turn = llambo.snapshot().conversation.turns.at(-1);
    if (llambo.snapshot().conversation.turns.length !== before + 2 || turn?.role !== 'assistant') return false;
    const reply = turn.replies[turn.shown];
    return reply?.state.kind === 'done' || (reply?.text.length ?? 0) >= characters;
  }, /** @type {const} */ ([turns, enough]));
  await page.keyboard.press('Escape');
  await answered(page);
}

/** @param {Page} page */
export async function answered(page) {
  await page.waitForFunction(() => {
    const turn = llambo.snapshot().conversation.turns.at(-1);
    return turn?.role === 'assistant' && turn.replies.at(-1)?.state.kind === 'done';
  });
  // The page draws once a frame; a person sends the next message when it shows that this one is done.
  await page.getByLabel('Stop writing').waitFor({ state: 'detached' });
}

/**
 * @param {Browser} browser with one page
 * @returns {Promise<number>} the process of that page: of all renderers the one that worked most
 */
export async function rendererOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const [busiest] = processInfo.filter(({ type }) => type === 'renderer').sort((a, b) => b.cpuTime - a.cpuTime);
  if (!busiest) throw new Error('The browser has no renderer.');
  return busiest.id;
}

/**
 * MB. `pss` counts shared pages in parts, `own` only what this process wrote: while other browsers come and go, the parts
 * change, and so does what of a shared file only one has in memory. `heap` is the page's own JavaScript, `workers` that of its workers.
 * @typedef {{ rss: number, pss: number, own: number, heap: number, workers: number }} Memory
 */

/**
 * @param {Browser} browser with one page
 * @param {Page} page
 * @returns {Promise<Memory>} after a collection of garbage. Where there is no /proc, the browser's own estimate
 */
export async function memoryOf(browser, page) {
  const session = await page.context().newCDPSession(page);
  const { page: heap, workers } = await heapsOf(session);
  await session.detach();
  if (process.platform === 'linux') return { ...processMemory(await rendererOf(browser)), heap, workers };
  const bytes = await page.evaluate(async () => {
    const { measureUserAgentSpecificMemory } = /** @type {{ measureUserAgentSpecificMemory(): Promise<{ bytes: number }> } & Performance} */ (performance);
    return (await measureUserAgentSpecificMemory.call(performance)).bytes;
  });
  return { rss: bytes / 1e6, pss: bytes / 1e6, own: bytes / 1e6, heap, workers };
}

/** @param {Page} page @returns {Promise<number>} nodes of the page's documents, detached ones too */
export async function countNodes(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  return metrics.find(({ name }) => name === 'Nodes')?.value ?? NaN;
}

/** @param {number} pid */
export function processMemory(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const megabytes = (/** @type {string} */ name) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? NaN) * 1024) / 1e6;
  return { rss: megabytes('Rss'), pss: megabytes('Pss'), own: megabytes('Private_Dirty') };
}
