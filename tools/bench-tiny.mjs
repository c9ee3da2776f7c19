/**
 * `npm run bench:tiny`: how many questions of the test split the built-in engines have right, in a real browser, one by one
 * and by their vote. Nothing else should run meanwhile, for the speeds' sake; right and wrong don't depend on it.
 *
 *   --models <a,b,…>  ids of the catalogue or paths of GGUF files, the preferred one first (all built-in ones)
 *   --count <n>       different questions of each kind (300)
 *   --split <name>    test, calibration (test)
 *   --out <folder>    keeps questions and answers there; answers that are there already are not asked for again
 *   --write           writes the section of docs/benchmarks.md
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openSite, TINY, withBrowser } from './lib/bench-page.mjs';
import { machine, renderSection, replaceSection } from './lib/bench-report.mjs';
import { openBenchSite } from './lib/bench-site.mjs';
import { PUBLIC_MODELS, ROOT } from './lib/paths.mjs';
import { formatDuration } from './lib/progress.mjs';
import { runCommand } from './lib/run-command.mjs';
import { loadQuestions } from './lib/questions-bundle.mjs';
import { renderScores, rowsOfScores } from './tiny-engine/scores.mjs';

/** @typedef {import('../src/questions/types.ts').Question} Question */
/** @typedef {import('playwright').Page} Page */
/** @typedef {{ answers: string[], tokens: number, ms: number, loadMs: number }} Run */

const TITLE = 'Tiny engines';
const DOCUMENT = join(ROOT, 'docs/benchmarks.md');
/** As many as the built-in engines have slots. */
const AT_ONCE = 4;
/** Between two lines of progress. */
const CHUNK = 200;
const MOST_TOKENS = 110;
const SEED = 1;

/** @returns {string[]} */
function builtIn() {
  const { models } = /** @type {{ models: { id: string, builtIn?: boolean }[] }} */ (JSON.parse(readFileSync(join(PUBLIC_MODELS, 'catalog.json'), 'utf8')));
  return models.filter(({ builtIn }) => builtIn).map(({ id }) => id);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      models: { type: 'string' }, count: { type: 'string', default: '300' }, split: { type: 'string', default: 'test' },
      out: { type: 'string', default: join(ROOT, 'test-results/tiny') }, write: { type: 'boolean', default: false },
    },
  });
  const count = Number(values.count);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--count takes a whole number, not "${values.count}".`);
  const split = /** @type {const} */ (['test', 'calibration']).find((name) => name === values.split);
  if (!split) throw new Error(`--split takes test or calibration, not "${values.split}".`);
  return { models: values.models?.split(',') ?? builtIn(), count, split, out: resolve(values.out), write: values.write };
}

/** In the page: the answers in the order of the questions. @param {{ model: string, questions: Question['messages'][], atOnce: number, most: number }} asked */
async function askAll({ model, questions, atOnce, most }) {
  /** @type {string[]} */
  const answers = [];
  let tokens = 0;
  let next = 0;
  const work = async () => {
    for (let index = next++; index < questions.length; index = next++) {
      const { text, usage } = await llambo.ask({ messages: [...questions[index] ?? []], model }, { profile: 'exact', where: 'this tab', temperature: 0, maxTokens: most, seed: 0 }).done;
      answers[index] = text;
      tokens += usage.answerTokens;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  return { answers, tokens, ms: performance.now() - startedAt };
}

/**
 * @param {Page} page
 * @param {string} model an id, or the path of a file
 * @returns {Promise<{ id: string, loadMs: number }>}
 */
async function load(page, model) {
  const isFile = existsSync(model);
  if (isFile) await page.route('**/bench-model.gguf', (route) => route.fulfill({ path: model, contentType: 'application/octet-stream' }));
  return page.evaluate(async ([name, given]) => {
    const file = given ? new File([await (await fetch('/bench-model.gguf')).blob()], name) : name;
    const startedAt = performance.now();
    const { id } = await llambo.load(file);
    return { id, loadMs: performance.now() - startedAt };
  }, /** @type {const} */ ([isFile ? basename(model) : model, isFile]));
}

/**
 * @param {string} url
 * @param {string} model
 * @param {readonly Question[]} questions
 * @param {import('./lib/progress.mjs').Console} out
 * @param {AbortSignal} signal
 * @returns {Promise<Run>}
 */
async function answersOf(url, model, questions, out, signal) {
  return withBrowser(async (browser) => {
    const page = await openSite(await browser.newPage(), url, TINY);
    const { id, loadMs } = await load(page, model);
    /** @type {Run} */
    const run = { answers: [], tokens: 0, ms: 0, loadMs };
    for (let at = 0; at < questions.length; at += CHUNK) {
      signal.throwIfAborted();
      const part = questions.slice(at, at + CHUNK).map(({ messages }) => messages);
      const { answers, tokens, ms } = await page.evaluate(askAll, { model: id, questions: part, atOnce: AT_ONCE, most: MOST_TOKENS });
      run.answers.push(...answers);
      run.tokens += tokens;
      run.ms += ms;
      if ((at / CHUNK) % 5 === 4) out.say(`  ${model}: ${run.answers.length} of ${questions.length}, ${formatDuration((run.ms / run.answers.length) * (questions.length - run.answers.length))} left`);
    }
    return run;
  });
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {import('./lib/progress.mjs').Console} out
 * @param {AbortSignal} signal
 */
async function main({ models, count, split, out: folder, write }, out, signal) {
  const lab = await loadQuestions();
  const questions = lab.KINDS.flatMap(({ name }) => lab.differentQuestions({ seed: SEED, split, kind: name, count }));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${split}.jsonl`), questions.map((question) => `${JSON.stringify(question)}\n`).join(''));
  const site = await openBenchSite(out, signal);
  /** @type {{ name: string, answers: string[], speed: string }[]} */
  const engines = [];
  try {
    for (const model of models) {
      const kept = join(folder, `${basename(model, '.gguf')}.${split}.${count}.json`);
      const run = /** @type {Run} */ (existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : await answersOf(site.url, model, questions, out, signal));
      writeFileSync(kept, JSON.stringify(run));
      const speed = `${((run.tokens * 1000) / run.ms).toFixed(0)} tokens/s of answers, ${((run.answers.length * 1000) / run.ms).toFixed(1)} answers/s, ${AT_ONCE} at once; loaded in ${(run.loadMs / 1000).toFixed(2)} s`;
      engines.push({ name: basename(model, '.gguf'), answers: run.answers, speed });
    }
  } finally {
    await site.close();
  }
  out.say(renderScores(lab, questions, engines));
  const speeds = engines.map(({ name, speed }) => ({ what: `Speed of ${name}`, figure: speed }));
  for (const { what, figure } of speeds) out.say(`${what}: ${figure}`);
  if (!write) return;
  const about = machine(await withBrowser(async (browser) => browser.version()));
  const method = `${questions.length} different questions of the ${split} split, ${count} of each kind (\`src/questions/\`, seed ${SEED}), asked through \`llambo.ask\` in this browser, greedy, exact profile. Shares in percent with 95 % intervals (Wilson); the vote goes to the most frequent answer, ties to the first engine; differences with a paired bootstrap and McNemar's exact test (\`npm run bench:tiny\`).`;
  writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, 'utf8'), renderSection(TITLE, { method, rows: [...rowsOfScores(lab, questions, engines), ...speeds] }, about), []));
}

await runCommand(async (out, signal) => main(readOptions(), out, signal));
