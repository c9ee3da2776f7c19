/** Speed of pages that ask without a pause. */

/** @typedef {import('../../bench/ours.ts').Load} Load */

/**
 * @param {readonly import('playwright').Page[]} pages
 * @param {import('../../bench/question.ts').Question} question
 * @param {number} ms how long each page asks
 * @param {number} [streams] questions at once in each
 * @returns {Promise<number[]>} tokens per second of each page while all of them worked
 */
export async function tokensPerSecond(pages, question, ms, streams = 1) {
  // Warm: the first answer of a fresh engine is slower.
  await Promise.all(pages.map((page) => page.evaluate((asked) => llamboBench.askFor({ ...asked, maxTokens: 4 }, 1, 1), question)));
  const work = pages.map((page) =>
    page.evaluate(([asked, many, time]) => llamboBench.askFor(asked, many, time), /** @type {const} */ ([question, streams, ms])),
  );
  const loads = await Promise.all(work);
  const from = Math.max(...loads.map((load) => Math.min(...load.map((answer) => answer.from))));
  // Until the first page has nothing more to begin: after it, the others have the machine to themselves.
  const to = Math.min(...loads.map(lastBegin));
  return loads.map((load) => (tokensBetween(load, from, to) * 1000) / (to - from));
}

/** @param {Load} load */
const lastBegin = (load) => {
  const ends = load.map((answer) => answer.to).sort((a, b) => a - b);
  const begins = load.map((answer) => answer.from).sort((a, b) => a - b);
  return load.length === 1 ? /** @type {number} */ (ends[0]) : Math.max(/** @type {number} */ (begins.at(-1)), /** @type {number} */ (ends[0]));
};

/**
 * @param {Load} load
 * @param {number} from
 * @param {number} to
 * @returns {number} each answer's tokens, by how much of it lies between
 */
function tokensBetween(load, from, to) {
  return load.reduce((total, answer) => {
    const inside = Math.max(0, Math.min(answer.to, to) - Math.max(answer.from, from));
    return total + (answer.tokens * inside) / (answer.to - answer.from);
  }, 0);
}
