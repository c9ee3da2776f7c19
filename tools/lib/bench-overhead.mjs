/** What our own layers cost: `llambo.ask` against raw wllama, in the same page, in turns. */
import { openSite, QUESTIONS, SMOLLM2, TINY, withBrowser } from './bench-page.mjs';
import { median, medianInterval } from './bench-stats.mjs';

/** @typedef {import('./bench-report.mjs').Row} Row */
/** @typedef {import('../../bench/page.ts').Pair} Pair */

const GOAL = 0.95;
const FIRST_GOAL_MS = 15;
/** Answers of each side in one pair, in turns: the built-in model's take a fifth of a second, too short to be measured alone. */
const ROUNDS = { [TINY]: 8, [SMOLLM2]: 1 };
/** A long answer is as noisy as the machine: the raw engine is measured against itself too, so that the noise is known. */
const CONTROL = { [TINY]: false, [SMOLLM2]: true };

/**
 * @param {import('./bench-run.mjs').BenchRun} run
 * @returns {Promise<import('./bench-report.mjs').Section>}
 */
export async function overhead({ site, pairs, smollm2, say }) {
  /** @type {Row[]} */
  const rows = [];
  for (const model of smollm2 === null ? [TINY, SMOLLM2] : [TINY]) {
    const measured = await measurePairs(site.url, model, pairs);
    rows.push(...rowsOf(model, measured));
    say(rows.filter(({ what }) => what.startsWith(model)));
  }
  return {
    method: `Our way (worker, comlink, host, asker) against raw wllama in the same page with the same file, parameters and question (exact profile, temperature 0; the answers are compared): ${pairs} pairs in turns, the order alternating; for the built-in model a pair is eight answers of each side in turns. The caller's own clock, from the first text to the last. Medians; intervals by order statistics.`,
    rows,
    ...(smollm2 === null ? {} : { notes: [`SmolLM2 was not measured: ${smollm2}`] }),
  };
}

/**
 * @param {string} url
 * @param {string} model
 * @param {number} count
 * @returns {Promise<Pair[]>}
 */
const measurePairs = (url, model, count) =>
  withBrowser(async (browser) => {
    const page = await openSite(await browser.newPage(), url, model);
    await page.evaluate((id) => llamboBench.openRaw(id), model);
    const question = QUESTIONS[/** @type {keyof typeof QUESTIONS} */ (model)];
    /** @type {Pair[]} */
    const measured = [];
    // The first of each is cold.
    for (let index = -1; index < count; index += 1) {
      /** @type {Pair[]} */
      const rounds = [];
      for (let round = 0; round < ROUNDS[/** @type {keyof typeof ROUNDS} */ (model)]; round += 1) {
        const oursFirst = (index + round) % 2 === 0;
        const pair = await page.evaluate(([asked, first, control]) => llamboBench.pair(asked, first, control), /** @type {const} */ ([question, oursFirst, CONTROL[/** @type {keyof typeof CONTROL} */ (model)]]));
        if (pair.ours.text !== pair.raw.text) throw new Error(`The answers differ: ${JSON.stringify(pair)}`);
        rounds.push(pair);
      }
      const again = rounds.flatMap((pair) => (pair.again ? [pair.again] : []));
      if (index >= 0) measured.push({ ours: mean(rounds.map(({ ours }) => ours)), raw: mean(rounds.map(({ raw }) => raw)), ...(again.length > 0 ? { again: mean(again) } : {}) });
    }
    return measured;
  });

/**
 * One side of a pair: its answers are the same text, their times are averaged.
 * @param {Pair['ours'][]} answers
 * @returns {Pair['ours']}
 */
function mean(answers) {
  const of = (/** @type {'firstMs' | 'spanMs'} */ key) => answers.reduce((sum, answer) => sum + answer[key], 0) / answers.length;
  return { .../** @type {Pair['ours']} */ (answers[0]), firstMs: of('firstMs'), spanMs: of('spanMs') };
}

/**
 * @param {string} model
 * @param {Pair[]} pairs
 * @returns {Row[]}
 */
function rowsOf(model, pairs) {
  const speed = (/** @type {'ours' | 'raw'} */ side) => median(pairs.map((pair) => ((pair[side].tokens - 1) * 1000) / pair[side].spanMs));
  const ratios = pairs.map(({ ours, raw }) => raw.spanMs / ours.spanMs);
  const later = pairs.map(({ ours, raw }) => ours.firstMs - raw.firstMs);
  const ratio = medianInterval(ratios);
  const delay = medianInterval(later);
  const percent = (/** @type {number} */ confidence) => `${(confidence * 100).toFixed(1)} %`;
  return [
    { what: `${model}: decode speed, ours and raw`, figure: `${speed('ours').toFixed(1)} and ${speed('raw').toFixed(1)} tokens/s` },
    {
      what: `${model}: ours ÷ raw`,
      figure: `${median(ratios).toFixed(3)} (${percent(ratio.confidence)}: ${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)})`,
      goal: `lower end ≥ ${GOAL}, aim 0.98`,
      met: ratio.low >= GOAL,
    },
    ...controlOf(model, pairs),
    {
      what: `${model}: time to first text, ours − raw`,
      figure: `${median(later).toFixed(1)} ms (${percent(delay.confidence)}: ${delay.low.toFixed(1)} to ${delay.high.toFixed(1)}); raw ${median(pairs.map(({ raw }) => raw.firstMs)).toFixed(0)} ms`,
      goal: `≤ ${FIRST_GOAL_MS} ms`,
      met: median(later) <= FIRST_GOAL_MS,
    },
  ];
}

/**
 * @param {string} model
 * @param {Pair[]} pairs
 * @returns {Row[]} the raw engine against itself: narrower than this no interval of that run can be
 */
function controlOf(model, pairs) {
  const same = pairs.flatMap(({ raw, again }) => (again ? [{ raw, again }] : []));
  if (same.length === 0) return [];
  const ratio = medianInterval(same.map(({ raw, again }) => again.spanMs / raw.spanMs));
  const later = medianInterval(same.map(({ raw, again }) => raw.firstMs - again.firstMs));
  return [
    {
      what: `${model}: raw ÷ raw, the noise of this machine`,
      figure: `${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}; time to first text differs by ${later.low.toFixed(0)} to ${later.high.toFixed(0)} ms`,
    },
  ];
}
