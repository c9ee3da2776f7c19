/**
 * Questions with checkable answers, from a seed. Pure: the same seed gives the same questions on every machine. It knows
 * neither engines nor files; training, evaluation and measuring all take their questions here.
 */
import { createDraw, type NotingDraw } from './draw.ts';
import { KINDS } from './kinds/index.ts';
import { createNumbers, hashOf } from './seeded.ts';
import { shareOf, splitOf } from './splits.ts';
import type { Difficulty, Draft, Question, QuestionKind, Split } from './types.ts';

export interface QuestionsAsked {
  readonly seed: number;
  readonly split: Split;
  /** One kind by its name; all of them by their weights if left out. */
  readonly kind?: string;
  readonly difficulty?: Difficulty;
  /** Only kinds whose answers can be checked. */
  readonly exactOnly?: boolean;
  /** How much more or less often than usual a kind comes. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** @throws RangeError if there is no such kind, or none has such a level */
export function questionsOf({ count, ...asked }: QuestionsAsked & { readonly count: number }): Question[] {
  const next = questionSource(asked);
  return Array.from({ length: count }, next);
}

/**
 * Different ones: no two with the same words.
 *
 * @returns fewer than `count` if the kind has no more, or hardly any more
 */
export function differentQuestions({ count, ...asked }: QuestionsAsked & { readonly count: number }): Question[] {
  const next = questionSource(asked);
  const found = new Map<string, Question>();
  for (let tries = 0; found.size < count && tries < 20 * count + 1000; tries += 1) {
    const question = next();
    found.set(textOf(question).toLowerCase(), question);
  }
  return [...found.values()];
}

/** All that was said, in one text: what makes two questions the same. */
export const textOf = ({ messages }: Pick<Question, 'messages'>): string => messages.map(({ content }) => content).join('\n');

/** @returns a function that gives the next question each time */
export function questionSource({ seed, split, kind, difficulty, exactOnly = false, weights = {} }: QuestionsAsked): () => Question {
  const kinds = kind === undefined ? KINDS.filter(({ exact }) => exact || !exactOnly) : KINDS.filter(({ name }) => name === kind);
  const able = kinds.filter(({ levels }) => difficulty === undefined || levels.includes(difficulty));
  if (kinds.length === 0) throw new RangeError(`There is no kind of questions "${kind}".`);
  if (able.length === 0) throw new RangeError(`No ${difficulty} questions of that kind.`);
  // Seeds that follow each other must not give sequences that do.
  const numbers = createNumbers(hashOf(`seed ${seed} ${split}`));
  const draw = createDraw(numbers, split);
  const pick = picker(able, weights, numbers);
  return () => {
    const chosen = pick();
    return drawQuestion(draw, chosen, difficulty ?? draw.one(chosen.levels), split);
  };
}

function picker(kinds: readonly QuestionKind[], weights: Readonly<Record<string, number>>, numbers: () => number): () => QuestionKind {
  let total = 0;
  const ends = kinds.map(({ name, weight }) => (total += weight * (weights[name] ?? 1)));
  return () => {
    const place = numbers() * total;
    return kinds[ends.findIndex((end) => place < end)]!;
  };
}

/** Draws until one lies in the split. Those by heart are in all of them, and come as often as their share of a kind is. */
function drawQuestion(draw: NotingDraw, kind: QuestionKind, difficulty: Difficulty, split: Split): Question {
  for (;;) {
    draw.noted();
    const { meanings, ...draft } = kind.draft(draw, difficulty);
    if (!liesIn(draw, meanings, split)) continue;
    return { ...draft, kind: kind.name, difficulty, split, closed: meanings.length === 0, ...draw.noted() };
  }
}

/** For training all of its meanings must be free; elsewhere the first one decides, and no other may belong to the third split. */
function liesIn(draw: NotingDraw, meanings: Draft['meanings'], split: Split): boolean {
  const [first, ...others] = meanings;
  if (first === undefined) return draw.chance(shareOf(split));
  return splitOf(first) === split && others.every((meaning) => splitOf(meaning) === split || (split !== 'train' && splitOf(meaning) === 'train'));
}
