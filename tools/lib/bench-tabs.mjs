/** Two tabs of one browser that generate at once, against one alone. */
import { openTab, QUESTIONS, SMOLLM2, TINY, withBrowser } from './bench-page.mjs';
import { median } from './bench-stats.mjs';
import { tokensPerSecond } from './bench-work.mjs';

/** @typedef {import('playwright').Page} Page */
/** @typedef {keyof typeof QUESTIONS} Model */

const GOAL = 1;

/**
 * @param {import('./bench-run.mjs').BenchRun} run
 * @returns {Promise<import('./bench-report.mjs').Section>}
 */
export async function tabs({ site, quick, smollm2, say }) {
  /** @type {import('./bench-report.mjs').Row[]} */
  const rows = [];
  for (const model of /** @type {Model[]} */ (smollm2 === null ? [TINY, SMOLLM2] : [TINY])) {
    const { ms, rounds } = model === TINY ? { ms: 3000, rounds: quick ? 1 : 5 } : { ms: 12_000, rounds: 1 };
    for (const { what, measure } of ORDERS) {
      /** @type {Measured[]} */
      const measured = [];
      while (measured.length < rounds) measured.push(await measure(site.url, model, ms));
      const ratio = median(measured.map(({ alone, together }) => sum(together) / alone));
      const [{ alone, together }] = /** @type {[Measured]} */ (measured);
      const each = together.map((speed) => speed.toFixed(1)).join(' + ');
      rows.push({
        what: `${model}, ${what}`,
        figure: `${ratio.toFixed(2)}${rounds > 1 ? `, median of ${rounds}` : ''} (${rounds > 1 ? 'the first: ' : ''}${each} tokens/s together, ${alone.toFixed(1)} alone)`,
        goal: `≥ ${GOAL.toFixed(1)}`,
        met: ratio >= GOAL,
      });
      say(rows.slice(-1));
    }
  }
  return {
    method: 'Tokens per second of both tabs together, prefill included, while both ask without a pause, ÷ those of a tab that is the only one. The tabs share one browser profile.',
    rows,
    ...(smollm2 === null ? {} : { notes: [`SmolLM2 was not measured: ${smollm2}`] }),
  };
}

/** @typedef {{ alone: number, together: number[] }} Measured */
/** @type {{ what: string, measure: (url: string, model: Model, ms: number) => Promise<Measured> }[]} */
const ORDERS = [
  {
    what: 'the first tab works before the second opens',
    measure: (url, model, ms) =>
      withBrowser(async (browser) => {
        const context = await browser.newContext();
        const first = await openTab(context, url, model);
        const [alone = 0] = await tokensPerSecond([first], QUESTIONS[model], ms);
        const second = await openTab(context, url, model);
        return { alone, together: await tokensPerSecond([first, second], QUESTIONS[model], ms) };
      }),
  },
  {
    what: 'both tabs open before either works; the second then stays alone',
    measure: (url, model, ms) =>
      withBrowser(async (browser) => {
        const context = await browser.newContext();
        const first = await openTab(context, url, model);
        const second = await openTab(context, url, model);
        const together = await tokensPerSecond([first, second], QUESTIONS[model], ms);
        await first.close();
        const [alone = 0] = await tokensPerSecond([second], QUESTIONS[model], ms);
        return { alone, together };
      }),
  },
];

const sum = (/** @type {number[]} */ values) => values.reduce((total, value) => total + value, 0);
