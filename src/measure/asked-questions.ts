/** Which questions are measured with: drawn by our own kinds, from a seed. Pure. */
import type { Message } from '../protocol/chat.ts';
import { KINDS } from '../questions/kinds/index.ts';
import { questionSource } from '../questions/questions.ts';
import { hashOf } from '../questions/seeded.ts';
import type { Difficulty, Question, Split } from '../questions/types.ts';
import type { MeasuredQuestion, PlannedCandidate, TakenAnswer } from './types.ts';

/** A kind that only repeats itself for so long is used up: what is left of it would come once in so many. */
const MOST_TRIES = 200;

export interface QuestionsWanted {
  readonly count: number;
  readonly seed: number;
  /** `test` for figures that are shown, `calibration` for whatever is tuned or learned by looking at answers. */
  readonly split: Exclude<Split, 'train'>;
  /** All kinds whose answers can be checked, if absent. */
  readonly kinds?: readonly string[];
  readonly difficulty?: Difficulty;
}

/**
 * As many of each kind as there are, one of each in turn, so that a run that is stopped early is a smaller run of the same sort.
 *
 * @returns different ones; fewer than `count` if the kinds have no more
 * @throws RangeError if there is no such kind, or its answers can't be checked, or none has such a level
 */
export function drawQuestions({ count, seed, split, kinds = exactKinds(), difficulty }: QuestionsWanted): MeasuredQuestion[] {
  const open = kinds.find((kind) => KINDS.some(({ name, exact }) => name === kind && !exact));
  if (open !== undefined) throw new RangeError(`Answers to "${open}" can't be checked.`);
  const found = new Map<string, MeasuredQuestion>();
  let sources = kinds.map((kind) => questionSource({ seed, split, kind, ...(difficulty ? { difficulty } : {}) }));
  while (found.size < count && sources.length > 0) {
    sources = sources.filter((next) => found.size >= count || addOne(next, found));
  }
  return [...found.values()];
}

/** @returns false: this kind has no more, or hardly any more; the others fill up */
function addOne(next: () => Question, found: Map<string, MeasuredQuestion>): boolean {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { messages, kind, difficulty, answer, format } = next();
    const asked = messages.map(({ role, content }) => ({ role, content }));
    const key = keyOf(asked);
    if (found.has(key)) continue;
    found.set(key, { key, kind, difficulty, messages: asked, answer, format });
    return true;
  }
  return false;
}

/** Names of the kinds whose answers can be checked. */
export const exactKinds = (): string[] => KINDS.filter(({ exact }) => exact).map(({ name }) => name);

/** @returns 16 hexadecimal digits: of a million questions two have the same by one chance in some forty million */
export function keyOf(messages: readonly Message[]): string {
  const text = JSON.stringify(messages.map(({ role, content }) => [role, content]));
  return ['key', text.length].map((part) => hashOf(`${part} ${text}`).toString(16).padStart(8, '0')).join('');
}

/** Whether an answer is what this candidate of the plan would give. */
export function isAnswerOf(plan: PlannedCandidate, answer: Pick<TakenAnswer, 'index' | 'seed' | 'temperature' | 'model'>): boolean {
  const isOfModel = plan.model === null || plan.model === answer.model;
  return isOfModel && answer.index === plan.index && answer.seed === plan.seed && answer.temperature === plan.temperature;
}

/** Answers by the key of their question. */
export function answersByQuestion(answers: readonly TakenAnswer[]): ReadonlyMap<string, readonly TakenAnswer[]> {
  const found = new Map<string, TakenAnswer[]>();
  for (const answer of answers) {
    const had = found.get(answer.question);
    if (had) had.push(answer);
    else found.set(answer.question, [answer]);
  }
  return found;
}
