/**
 * `npm run bench:fusion`: what votes and other ways to make one answer of several are worth. Each question is asked in 15 ways, in
 * a real browser; every answer is written down at once; then all ways are evaluated over the same answers.
 *
 *   --model <name>     tiny: all built-in ones; smollm2-135m; or ids of the catalogue with commas between, the preferred one first (tiny)
 *   --questions <n>    different questions, as many of each kind as there are (1000)
 *   --kinds <a,b,…>    of `src/questions/` (those that the first built-in engines know at all)
 *   --file <path>      a person's own questions instead: CSV or JSONL with `question`, `answer` and maybe `kind`, `format`
 *   --split <name>     test, calibration (test)
 *   --n <n>            answers to each question (15)
 *   --diversity <name> seeds, ladder, family (family; ladder where there is one model)
 *   --max-tokens <n>   of an answer (110)
 *   --nodes <n>        that work in parallel in what is said of early stop and seconds (4)
 *   --confidence <p>   that is enough for early stop (0.95)
 *   --resume <file>    where the answers are; what is there is not asked again (test-results/fusion/<model>.<split>.jsonl)
 *   --only-evaluate    asks nothing: what is in the file
 *   --export <file>    the evaluation, as JSON or CSV by the name's end
 *   --write            writes the section of docs/benchmarks.md
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SMOLLM2, withBrowser } from './lib/bench-page.mjs';
import { evaluationTables, rowsText, summaryRows } from './lib/bench-fusion-text.mjs';
import { machine, renderSection, replaceSection } from './lib/bench-report.mjs';
import { openBenchSite } from './lib/bench-site.mjs';
import { openAskers } from './lib/bench-askers.mjs';
import { PUBLIC_MODELS, REPORTS, ROOT } from './lib/paths.mjs';
import { formatDuration } from './lib/progress.mjs';
import { runCommand } from './lib/run-command.mjs';
import { loadBundle } from './lib/source-bundle.mjs';

/** @typedef {typeof import('../src/app/measure-lab.ts')} MeasureLab */
/** @typedef {import('../src/measure/types.ts').MeasureRun} MeasureRun */
/** @typedef {import('./lib/progress.mjs').Console} Console */

const DOCUMENT = join(ROOT, 'docs/benchmarks.md');
const SEED = 1;
/** As many as a built-in engine has slots, for each model. */
const AT_ONCE = 4;
/** Between two lines of progress. */
const TELL_EVERY_MS = 15_000;
/** Of which the first built-in engines had at least one in twenty right in the calibration split, and not all. */
const KINDS = ['sums', 'products', 'word-problems', 'facts', 'refusals', 'parity', 'comparing', 'calendar', 'opposites', 'follow-ups', 'sequences'];

/** @returns {string[]} */
function builtIn() {
  const { models } = /** @type {{ models: { id: string, builtIn?: boolean }[] }} */ (JSON.parse(readFileSync(join(PUBLIC_MODELS, 'catalog.json'), 'utf8')));
  return models.filter((model) => model.builtIn).map(({ id }) => id);
}

function readOptions() {
  const text = /** @type {const} */ ('string');
  const flag = { type: /** @type {const} */ ('boolean'), default: false };
  const { values } = parseArgs({
    options: {
      model: { type: text, default: 'tiny' }, questions: { type: text, default: '1000' }, kinds: { type: text, default: KINDS.join(',') }, file: { type: text },
      split: { type: text, default: 'test' }, n: { type: text, default: '15' }, diversity: { type: text }, 'max-tokens': { type: text, default: '110' },
      nodes: { type: text, default: '4' }, confidence: { type: text, default: '0.95' }, resume: { type: text }, 'only-evaluate': flag, export: { type: text }, write: flag,
    },
  });
  const whole = (/** @type {'questions' | 'n' | 'max-tokens' | 'nodes'} */ name) => {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes a whole number, not "${values[name]}".`);
    return number;
  };
  const split = /** @type {const} */ (['test', 'calibration']).find((name) => name === values.split);
  if (!split) throw new Error(`--split takes test or calibration, not "${values.split}".`);
  const diversity = /** @type {const} */ (['seeds', 'ladder', 'family']).find((name) => name === values.diversity);
  if (values.diversity !== undefined && !diversity) throw new Error(`--diversity takes seeds, ladder or family, not "${values.diversity}".`);
  const confidence = Number(values.confidence);
  if (!(confidence > 0 && confidence <= 1)) throw new Error(`--confidence takes a probability, not "${values.confidence}".`);
  return {
    name: values.model, models: values.model === 'tiny' ? builtIn() : values.model.split(','), diversity, n: whole('n'), maxTokens: whole('max-tokens'),
    questions: whole('questions'), kinds: values.kinds.split(','), own: values.file, split, nodes: whole('nodes'), confidence,
    onlyEvaluate: values['only-evaluate'], exported: values.export, write: values.write,
    path: resolve(values.resume ?? join(REPORTS, 'fusion', `${values.model.replaceAll(',', '+')}.${split}.jsonl`)),
  };
}

/** @typedef {ReturnType<typeof readOptions>} Options */

/**
 * @param {MeasureLab} lab
 * @param {Options} options
 * @returns {MeasureRun} without answers
 */
function planned(lab, { models, questions, kinds, own, split, n, diversity, maxTokens }) {
  // Its hash is known to the page alone; that there is one makes the profile exact.
  const members = models.map((model) => ({ model, hash: /** @type {import('../src/shared/ids.ts').ModelHash} */ ('') }));
  const candidates = lab.planCandidates({ n: Math.max(2, n), seed: 0, members, ...(diversity ? { diversity } : {}) }).slice(0, n);
  const plan = candidates.map(({ index, seed, temperature = null, model = null }) => ({ index, seed, temperature, model }));
  if (own === undefined) return { maxTokens, plan, questions: lab.drawQuestions({ count: questions, seed: SEED, split, kinds }), answers: [] };
  return { maxTokens, plan, questions: lab.readOwnQuestions(basename(own), readFileSync(own, 'utf8')).slice(0, questions), answers: [] };
}

/**
 * @param {MeasureLab} lab
 * @param {MeasureRun} wanted
 * @param {string} path
 * @returns {MeasureRun} with what is in the file; the file then has all but the answers that are missing
 */
function opened(lab, wanted, path) {
  const content = existsSync(path) ? readFileSync(path, 'utf8') : '';
  // A line that was cut off would spoil the next one.
  const whole = content.slice(0, content.lastIndexOf('\n') + 1);
  const run = whole === '' ? wanted : lab.resumed(wanted, lab.readRun(whole));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${whole}${lab.headLine(wanted)}${wanted.questions.map((question) => lab.questionLine(question)).join('')}`);
  return run;
}

/**
 * @param {MeasureLab} lab
 * @param {MeasureRun} run
 * @param {Options} options
 * @param {Console} out
 * @param {AbortSignal} signal
 * @returns {Promise<MeasureRun>}
 */
async function collected(lab, run, { models, path }, out, signal) {
  const total = run.questions.length * run.plan.length;
  out.say(`${run.questions.length} questions, ${run.plan.length} answers each; ${run.answers.length} are there. Answers go to ${path}.`);
  const site = await openBenchSite(out, signal);
  try {
    if (models.includes(SMOLLM2)) {
      const missing = await site.smollm2();
      if (missing !== null) throw new Error(`SmolLM2 can't be had: ${missing}.`);
    }
    return await withBrowser(async (browser) => {
      const askers = await openAskers(browser, site.url, models);
      let toldAt = -Infinity;
      return lab.collect(run, { ask: askers, clock: performance }, {
        parallel: AT_ONCE * models.length,
        signal,
        onAnswer: (answer) => appendFileSync(path, lab.answerLine(answer)),
        onProgress({ done, failed, msLeft }) {
          if (performance.now() - toldAt < TELL_EVERY_MS || msLeft === null) return;
          toldAt = performance.now();
          out.say(`  ${done} of ${total}${failed > 0 ? `, ${failed} failed` : ''}, ${formatDuration(msLeft)} left`);
        },
      });
    });
  } finally {
    await site.close();
  }
}

/**
 * @param {import('../src/measure/evaluation.ts').Evaluation} evaluation
 * @param {MeasureRun} run
 * @param {Options} options
 */
function methodOf({ questions, kinds, models, singles, best, nodes }, { plan }, { own, split, confidence }) {
  const from = own === undefined ? `of the ${split} split of \`src/questions/\` (seed ${SEED}; ${kinds.join(', ')})` : `of ${basename(own)}`;
  return [
    `${questions} different questions ${from}, asked through \`llambo.ask\` in this browser, exact profile.`,
    `${plan.length} answers to each: ${models.join(' and ')} in turn, greedy first, then warmer.`,
    'Samples are nested: n = 3 are the first three of them, and all ways to make one answer are judged by the same answers.',
    'Shares in percent with 95 % intervals (Wilson).',
    `Leads are over ${singles[best]?.model}, greedy, the best single engine: paired bootstrap, McNemar's exact test, over kinds corrected after Holm.`,
    `Early stop at a confidence of ${confidence} is simulated on ${nodes} nodes in parallel that write equally fast; seconds are those of this machine, one token after the other (\`npm run bench:fusion\`).`,
  ].join(' ');
}

/**
 * @param {Options} options
 * @param {Console} out
 * @param {AbortSignal} signal
 */
async function main(options, out, signal) {
  const lab = /** @type {MeasureLab} */ (await loadBundle('src/app/measure-lab.ts'));
  const run = options.onlyEvaluate
    ? lab.readRun(readFileSync(options.path, 'utf8'))
    : await collected(lab, opened(lab, planned(lab, options), options.path), options, out, signal);
  const evaluation = lab.evaluate(run, lab.createContenders(run, { confidence: options.confidence }), { nodes: options.nodes });
  if (!evaluation) throw new Error('No question has all its answers yet.');
  const goals = lab.goalsOf(evaluation);
  const [{ result } = { result: null }] = goals;
  const gaining = result ? lab.gainingKinds(result, evaluation).map(({ group }) => group) : [];
  const rows = summaryRows(evaluation, goals, gaining);
  const tables = evaluationTables(evaluation);
  out.say([rowsText(rows), ...tables].join('\n\n'));
  if (options.exported !== undefined) {
    writeFileSync(options.exported, options.exported.endsWith('.csv') ? lab.evaluationCsv(evaluation) : `${JSON.stringify(evaluation, null, 2)}\n`);
  }
  if (!options.write) return;
  const about = machine(await withBrowser(async (browser) => browser.version()));
  const method = methodOf(evaluation, run, options);
  const section = renderSection(`Fusion, ${options.name}`, { method, rows, notes: tables }, about);
  writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, 'utf8'), section, []));
}

await runCommand(async (out, signal) => main(readOptions(), out, signal));
