/**
 * Questions as text, for training and evaluation. One line of JSON each:
 *
 *   node tools/tiny-engine/corpus.mjs --count 100000 > corpus.jsonl     ["sums", "What is 2 + 3?", "5"], turn by turn
 *   node tools/tiny-engine/corpus.mjs --evaluation 300 > test.jsonl     300 different whole questions of each kind
 *   node tools/tiny-engine/corpus.mjs --blocks 0:1                      blocks 0, 1, 2, … without end, an empty line after each
 *   node tools/tiny-engine/corpus.mjs --score test.jsonl a.jsonl b.jsonl  accuracy of answers (lines of JSON texts), and of their vote
 *
 *   --split train|test|calibration   --seed 1   --kind sums   --weights '{"sums": 2}'
 *   --bundle questions.mjs           writes the generator as one file that needs no project and no packages
 *   --questions questions.mjs        takes it from there
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadQuestions, writeQuestions } from '../lib/questions-bundle.mjs';
import { renderScores } from './scores.mjs';

/** Questions in a block. A block is drawn from a seed of its own, so that training can go on at any of them. */
const BLOCK = 4096;
/** Far more blocks than anybody trains on, so that no two seeds share one. */
const MOST_BLOCKS = 2 ** 20;

/** @typedef {import('../lib/questions-bundle.mjs').QuestionLab} QuestionLab */
/** @typedef {import('../../src/questions/types.ts').Question} Question */
/** @typedef {import('../../src/questions/questions.ts').QuestionsAsked} Asked */

/** What a trainer needs: kind, and the turns to the last answer. @param {Question} question */
const line = ({ kind, messages, answer }) => `${JSON.stringify([kind, ...messages.map(({ content }) => content), answer])}\n`;

/** @param {string} text */
async function write(text) {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/**
 * @param {QuestionLab} lab
 * @param {Asked} asked
 * @param {number} count
 */
async function writeCount({ questionSource }, asked, count) {
  const next = questionSource(asked);
  for (let left = count; left > 0; left -= BLOCK) await write(Array.from({ length: Math.min(left, BLOCK) }, () => line(next())).join(''));
}

/**
 * Ends with the process that reads.
 *
 * @param {QuestionLab} lab
 * @param {Asked} asked
 * @param {string} which first block and step, as in `3:4`: 3, 7, 11, …
 */
async function writeBlocks({ questionSource }, asked, which) {
  const [from = 0, step = 1] = which.split(':').map(Number);
  if (!Number.isInteger(from) || !Number.isInteger(step) || step < 1) throw new Error(`--blocks takes two whole numbers like 0:1, not "${which}".`);
  for (let block = from; ; block += step) {
    const next = questionSource({ ...asked, seed: asked.seed * MOST_BLOCKS + block });
    await write(`${Array.from({ length: BLOCK }, () => line(next())).join('')}\n`);
  }
}

/**
 * @param {QuestionLab} lab
 * @param {Asked} asked
 * @param {number} count of each kind
 */
async function writeEvaluation({ KINDS, differentQuestions }, asked, count) {
  for (const { name } of KINDS.filter(({ name }) => asked.kind === undefined || asked.kind === name)) {
    await write(differentQuestions({ ...asked, kind: name, count }).map((question) => `${JSON.stringify(question)}\n`).join(''));
  }
}

/** @param {string} path @returns {unknown[]} */
const linesOf = (path) => readFileSync(path, 'utf8').trim().split('\n').map((text) => JSON.parse(text));

function readOptions() {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { count: text, evaluation: text, blocks: text, score: text, bundle: text, questions: text, split: text, seed: text, kind: text, weights: text },
  });
  const whole = (/** @type {'count' | 'evaluation' | 'seed'} */ name, /** @type {string} */ standard) => {
    const value = Number(values[name] ?? standard);
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number, not "${values[name]}".`);
    return value;
  };
  return { values, positionals, count: whole('count', '0'), evaluation: whole('evaluation', '0'), seed: whole('seed', '1') };
}

async function main() {
  const { values, positionals, count, evaluation, seed } = readOptions();
  if (values.bundle !== undefined) return writeQuestions(values.bundle);
  const lab = await loadQuestions(values.questions);
  if (values.score !== undefined) return write(renderScores(lab, /** @type {Question[]} */ (linesOf(values.score)), positionals.map((path) => ({ name: path, answers: linesOf(path).map(String) }))));
  const split = lab.SPLITS.find((name) => name === (values.split ?? (evaluation > 0 ? 'test' : 'train')));
  if (!split) throw new Error(`--split takes one of ${lab.SPLITS.join(', ')}, not "${values.split}".`);
  /** @type {Asked} */
  const asked = { seed, split, ...(values.kind !== undefined && { kind: values.kind }), ...(values.weights !== undefined && { weights: JSON.parse(values.weights) }) };
  if (values.blocks !== undefined) return writeBlocks(lab, asked, values.blocks);
  if (evaluation > 0) return writeEvaluation(lab, asked, evaluation);
  if (count > 0) return writeCount(lab, asked, count);
  throw new Error('Say what to write: --count, --evaluation, --blocks, --score or --bundle. The head of this file has examples.');
}

// Whoever reads has enough.
process.stdout.on('error', () => process.exit());
try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
