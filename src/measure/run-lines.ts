/**
 * A run as lines of JSON: one that says how it is asked, then one for each question and each answer, in any order. A line is
 * written as soon as there is something to say, so whoever is cut off loses the last line at the most. Pure.
 */
import * as v from 'valibot';
import { LIMITS } from '../protocol/limits.ts';
import { LlamboError } from '../shared/errors.ts';
import type { Address, ModelHash } from '../shared/ids.ts';
import { ANSWER_FORMATS } from '../shared/normalise-answer.ts';
import type { MeasuredQuestion, MeasureRun, TakenAnswer } from './types.ts';

const VERSION = 1;

const text = v.pipe(v.string(), v.maxLength(LIMITS.requestChars));
const name = v.pipe(v.string(), v.maxLength(400));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const seed = v.pipe(count, v.maxValue(LIMITS.seed - 1));
const temperature = v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(10)));
const index = v.pipe(count, v.maxValue(LIMITS.fusionCandidates - 1));
const key = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));

const lineSchema = v.variant('type', [
  v.object({
    type: v.literal('run'), version: v.pipe(v.number(), v.maxValue(VERSION, `is ${VERSION} at most in this version of Llambo`)), maxTokens: count,
    plan: v.pipe(v.array(v.object({ index, seed, temperature, model: v.nullable(name) })), v.minLength(1), v.maxLength(LIMITS.fusionCandidates)),
  }),
  v.object({
    type: v.literal('question'), key, kind: name, difficulty: name, answer: text, format: v.picklist(ANSWER_FORMATS),
    messages: v.pipe(v.array(v.object({ role: v.picklist(['system', 'user', 'assistant']), content: text })), v.minLength(1), v.maxLength(LIMITS.messages)),
  }),
  v.object({
    type: v.literal('answer'), question: key, index, seed, temperature, model: name, text, promptTokens: count, tokens: count,
    modelHash: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/), v.transform((hash) => hash as ModelHash))),
    node: v.nullable(v.pipe(v.string(), v.regex(/^\/n\/llambo\/[^/]+\/[^/]+$/), v.transform((address) => address as Address))),
    finishReason: v.picklist(['stop', 'length', 'cancelled', 'error']), logprob: v.nullable(v.number()), ms: v.pipe(v.number(), v.minValue(0)),
  }),
]);

/** How a run is asked. */
type Head = Pick<MeasureRun, 'maxTokens' | 'plan'>;

const line = (value: v.InferInput<typeof lineSchema>): string => `${JSON.stringify(value)}\n`;

export const headLine = ({ maxTokens, plan }: Head): string => line({ type: 'run', version: VERSION, maxTokens, plan: [...plan] });

export const questionLine = (question: MeasuredQuestion): string => line({ type: 'question', ...question, messages: [...question.messages] });

export const answerLine = (answer: TakenAnswer): string => line({ type: 'answer', ...answer });

/** @returns the whole run, as it would have been written from the start */
export const writeRun = (run: MeasureRun): string => [headLine(run), ...run.questions.map(questionLine), ...run.answers.map(answerLine)].join('');

/**
 * Of what is there twice the later counts. A last line that was cut off is left out.
 *
 * @throws LlamboError `bad-request` that says which line is wrong
 */
export function readRun(content: string): MeasureRun {
  let head: Head | null = null;
  const questions = new Map<string, MeasuredQuestion>();
  const answers = new Map<string, TakenAnswer>();
  const whole = content.slice(0, content.lastIndexOf('\n') + 1);
  whole.split('\n').forEach((written, place) => {
    if (written.trim() === '') return;
    const { type, ...entry } = parseLine(written, place + 1);
    if ('plan' in entry) head = { maxTokens: entry.maxTokens, plan: entry.plan };
    else if ('key' in entry) questions.set(entry.key, entry);
    else if (type === 'answer') answers.set(`${entry.question} ${entry.index}`, entry);
  });
  if (!head) throw new LlamboError('bad-request', 'The file is no run: no line says how it was asked.');
  return { ...(head as Head), questions: [...questions.values()], answers: [...answers.values()] };
}

function parseLine(written: string, number: number): v.InferOutput<typeof lineSchema> {
  const bad = (what: string): LlamboError => new LlamboError('bad-request', `Line ${number} of the run: ${what}.`);
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    throw bad('it is not JSON');
  }
  const result = v.safeParse(lineSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw bad(`"${v.getDotPath(issue) ?? 'type'}" ${issue.message}`);
}

/**
 * Another plan with what is there already: fewer or more candidates, other questions.
 *
 * @returns answers that the wanted run asks for too are taken over, the rest is left out
 * @throws LlamboError `bad-request` if answers may be of another length, and so can't be taken over
 */
export function resumed(wanted: MeasureRun, had: MeasureRun): MeasureRun {
  if (had.maxTokens !== wanted.maxTokens) {
    const message = `The run was asked with at most ${had.maxTokens} tokens, not ${wanted.maxTokens}.`;
    throw new LlamboError('bad-request', message, { advice: 'Take the same, or begin another run.' });
  }
  const keys = new Set(wanted.questions.map(({ key: one }) => one));
  return { ...wanted, answers: had.answers.filter(({ question }) => keys.has(question)) };
}
