/**
 * The contract of questions: what one is, what a kind of them gives, and what it may draw from. One source of truth for
 * what the built-in engines are trained on, how they are evaluated, and what the page measures with.
 */
import type { AnswerFormat } from '../shared/normalise-answer.ts';

/** `train`: what engines learn from. `test`: published figures. `calibration`: whatever is tuned by looking at answers. */
export const SPLITS = ['train', 'test', 'calibration'] as const;
export type Split = (typeof SPLITS)[number];

export const DIFFICULTIES = ['easy', 'hard'] as const;
export type Difficulty = (typeof DIFFICULTIES)[number];

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** A JSON schema of an object with fields of simple types: all that constrained questions need. */
export interface AnswerSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, { readonly type: 'string' | 'integer' | 'boolean'; readonly enum?: readonly string[] }>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** A question as its kind drew it, before it is known in which split it lies. */
export interface Draft {
  /**
   * What must not lie in two splits, most important first: what is asked, not how. `23+45` is the same in a sum, a word
   * problem and a follow-up. Empty: one of a few that an engine has to know by heart, trained whole.
   */
  readonly meanings: readonly string[];
  /** One or several turns; the last is the person's. */
  readonly messages: readonly Message[];
  /** Exactly what a well-trained engine writes. */
  readonly answer: string;
  readonly format: AnswerFormat;
  /** What a constrained run would be given. */
  readonly schema?: AnswerSchema;
  /** All answers that there are, where they are few. */
  readonly choices?: readonly string[];
  /** Of an `open` answer: what it has to speak of. */
  readonly mentions?: readonly string[];
}

export interface Question extends Omit<Draft, 'meanings'> {
  readonly kind: string;
  readonly difficulty: Difficulty;
  readonly split: Split;
  /** Trained whole: the test split holds no question of this meaning that training lacks. */
  readonly closed: boolean;
  /** Its wording was kept from training. */
  readonly newFrame: boolean;
  /** It has names or words that were kept from training. */
  readonly newWords: boolean;
}

/** A list of which a part is kept from training: words, or sentences with holes like `{name}`. */
export interface Pool<T> {
  readonly known: readonly T[];
  readonly kept: readonly T[];
}

/** Chance as kinds take it: seeded, and aware of what their split may see. */
export interface Draw {
  chance(probability: number): boolean;
  /** A whole number; both ends may come. */
  whole(low: number, high: number): number;
  one<T>(list: readonly T[]): T;
  /** Different ones, in any order. */
  some<T>(list: readonly T[], count: number): T[];
  shuffled<T>(list: readonly T[]): T[];
  /** Of the training split: from its part. Of the others: from what was kept as well. */
  word<T>(pool: Pool<T>): T;
  words<T>(pool: Pool<T>, count: number): T[];
  frame<T>(pool: Pool<T>): T;
  /** Decides about a word that is made up on the spot, as `word` does about listed ones: take it, or make another. */
  mayUse(word: string): boolean;
}

export interface QuestionKind {
  /** Short, in small letters, with hyphens. */
  readonly name: string;
  /** Which levels it has. Hard ones leave room for a vote to gain. */
  readonly levels: readonly Difficulty[];
  /** How often it comes in a mixture, relative to the others. */
  readonly weight: number;
  /** Answers can be checked: it counts in accuracy. */
  readonly exact: boolean;
  draft(draw: Draw, difficulty: Difficulty): Draft;
}
