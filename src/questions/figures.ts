/** What many answers come to: accuracy by kind, the vote of several engines, one engine against another. Pure. */
import { normaliseAnswer } from '../shared/normalise-answer.ts';
import { isRight } from './scoring.ts';
import { mcnemar, pairedBootstrap, wilson, type Interval } from './statistics.ts';
import type { Question } from './types.ts';

export interface Accuracy extends Interval {
  readonly of: string;
  readonly right: number;
  readonly count: number;
}

/**
 * @param answers one for each question, in the same order
 * @returns for each kind, for each level, for questions in known and in new words, and for all whose answers can be checked
 */
export function accuracies(questions: readonly Question[], answers: readonly string[]): readonly Accuracy[] {
  const groups = new Map<string, [right: number, count: number]>();
  questions.forEach((question, index) => {
    const right = isRight(question, answers[index] ?? '');
    const newness = question.newFrame || question.newWords ? 'new words or frames' : 'known words and frames';
    const names = question.format === 'open' ? [question.kind] : [question.kind, question.difficulty, newness, question.closed ? 'known by heart' : 'held out', 'all'];
    for (const name of names) {
      const [had = 0, count = 0] = groups.get(name) ?? [];
      groups.set(name, [had + Number(right), count + 1]);
    }
  });
  return [...groups].map(([of, [right, count]]) => ({ of, right, count, ...wilson(right, count) }));
}

/**
 * @param votes of several engines, the preferred one first: it decides between answers that have as many
 * @returns the text of the first engine that gave the most frequent answer
 */
export function majority({ format }: Pick<Question, 'format'>, votes: readonly string[]): string {
  const counts = new Map<string, { readonly first: string; count: number }>();
  for (const vote of votes) {
    const key = normaliseAnswer(vote, format);
    const had = counts.get(key);
    if (had) had.count += 1;
    else counts.set(key, { first: vote, count: 1 });
  }
  let best = { first: '', count: 0 };
  for (const candidate of counts.values()) if (candidate.count > best.count) best = candidate;
  return best.first;
}

export interface Comparison extends Interval {
  /** How much the one is ahead, as a share. */
  readonly difference: number;
  readonly onlyOne: number;
  readonly onlyOther: number;
  /** McNemar's. */
  readonly chance: number;
}

/** @returns how much better the one answered the same questions than the other */
export function compare(questions: readonly Question[], one: readonly string[], other: readonly string[]): Comparison {
  const rightOf = (answers: readonly string[]): boolean[] => questions.map((question, index) => isRight(question, answers[index] ?? ''));
  const [ones, others] = [rightOf(one), rightOf(other)];
  const onlyOne = ones.filter((right, index) => right && !others[index]).length;
  const onlyOther = others.filter((right, index) => right && !ones[index]).length;
  return { ...pairedBootstrap(ones, others), onlyOne, onlyOther, chance: mcnemar(onlyOne, onlyOther) };
}
