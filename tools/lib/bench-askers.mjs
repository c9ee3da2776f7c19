/** One page for each model, so that all of a family are there at once, and a function that asks the right one. */
import { openTab, TINY } from './bench-page.mjs';

/** @typedef {import('../../src/protocol/chat.ts').ChatRequest} ChatRequest */
/** @typedef {import('../../src/protocol/chat.ts').AskOptions} AskOptions */
/** @typedef {import('../../src/protocol/chat.ts').Answer} Answer */

/**
 * @param {import('playwright').Browser} browser
 * @param {string} url of the site
 * @param {readonly string[]} models ids of the catalogue
 * @returns {Promise<(request: ChatRequest, options: AskOptions) => { done: Promise<Answer> }>} stopping is up to whoever closes the browser
 */
export async function openAskers(browser, url, models) {
  /** @type {Map<string, import('playwright').Page>} */
  const pages = new Map();
  for (const model of models) {
    // Contexts of their own: tabs of one browser would find each other and share threads.
    const page = await openTab(await browser.newContext(), url, TINY);
    if (model !== TINY) await page.evaluate(async (id) => void (await llambo.load(id)), model);
    pages.set(model, page);
  }
  return (request, { signal: _signal, ...options }) => {
    const page = pages.get(request.model ?? '') ?? pages.values().next().value;
    if (!page) throw new Error('There is no page.');
    const asked = { request, options: { ...options, where: /** @type {const} */ ('this tab') } };
    return { done: page.evaluate((one) => llambo.ask(one.request, one.options).done, asked) };
  };
}
