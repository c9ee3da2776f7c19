/** What the tireless person does: one act at a time, drawn at random, each waited for to its end. */
import { answered, chat } from './bench-page.mjs';

/** @typedef {import('playwright').Page} Page */
/** @typedef {'ask' | 'stop' | 'again' | 'new'} Act */

/** Conversations that are kept; the oldest is deleted, for stored words are no leak. */
const KEPT = 10;
/** Likewise turns of one conversation. */
const LONGEST = 20;

/** @type {Record<Act, (page: Page, random: () => number) => Promise<unknown>>} */
const ACTS = {
  ask: (page, random) => chat(page, question(random)),
  stop: (page, random) => chat(page, 'Tell me a long story about a llama.', 1 + Math.floor(random() * 200)),
  again: async (page) => {
    await page.getByRole('button', { name: 'Answer again' }).last().click();
    await answered(page);
  },
  new: async (page) => {
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await page.waitForFunction(() => llambo.snapshot().conversation.turns.length === 0);
    // The page draws once a frame: what is typed before that is the old conversation's draft.
    await page.locator('empty-state').waitFor();
    await forgetOldest(page);
  },
};

/**
 * @param {Page} page
 * @param {() => number} random
 * @returns {Promise<Act>} what was done
 */
export async function actAtRandom(page, random) {
  const turns = await page.evaluate(() => llambo.snapshot().conversation.turns.length);
  const act = choose(turns, random());
  try {
    await ACTS[act](page, random);
  } catch (error) {
    const state = await page.evaluate(() => ({ last: llambo.snapshot().conversation.turns.slice(-2), notices: llambo.snapshot().notices, nodes: llambo.snapshot().nodes }));
    throw new Error(`"${act}" did not end, with ${turns} turns before it. The page: ${JSON.stringify(state)}`, { cause: error });
  }
  return act;
}

/**
 * @param {number} turns
 * @param {number} chance in [0, 1)
 * @returns {Act}
 */
function choose(turns, chance) {
  if (turns === 0) return chance < 0.7 ? 'ask' : 'stop';
  if (turns >= LONGEST || chance < 0.1) return 'new';
  if (chance < 0.3) return 'again';
  return chance < 0.5 ? 'stop' : 'ask';
}

/** @param {() => number} random */
function question(random) {
  const number = () => Math.floor(random() * 500);
  const questions = [`What is ${number()} + ${number()}?`, `Which is larger, ${number()} or ${number()}?`, `Tell me a story, number ${number()}.`];
  return /** @type {string} */ (questions[Math.floor(random() * questions.length)]);
}

/** @param {Page} page */
async function forgetOldest(page) {
  await page.evaluate((kept) => {
    const byAge = [...llambo.snapshot().conversations].sort((a, b) => b.updatedAt - a.updatedAt);
    // The event that the list's own menu emits.
    for (const { id } of byAge.slice(kept)) document.querySelector('app-shell')?.dispatchEvent(new CustomEvent('llambo-conversation-delete', { detail: { id } }));
  }, KEPT);
  await page.waitForFunction((kept) => llambo.snapshot().conversations.length <= kept, KEPT);
}
