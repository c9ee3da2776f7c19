/** One answer made of several: what may be asked for, and what comes with the answer. */
import type { Address, ModelHash } from '../shared/ids.ts';
import type { AnswerFormat } from '../shared/normalise-answer.ts';
import type { FinishReason } from './chat.ts';

/**
 * How several answers become one.
 * - `auto`: looks at what is asked and takes what measurements recommend; one answer where more don't pay.
 * - `first`: the first one that is done and valid.
 * - `vote`: the one that most agree on, made comparable first (numbers, units, yes and no, letters, dates, lists).
 * - `weighted`: as `vote`, but who was right more often counts more; of numbers also a mean.
 * - `select`: for open text: the one with the best score.
 * - `ensemble`: word by word: engines of one vocabulary are asked for each next token together.
 * - `synthesise`: a larger model writes one from all.
 */
export const FUSION_POLICIES = ['auto', 'first', 'vote', 'weighted', 'select', 'ensemble', 'synthesise'] as const;
export type FusionPolicyName = (typeof FUSION_POLICIES)[number];

/**
 * How the candidates differ. The temperature that was asked for is that of `seeds` (0.4 if none was), and the top of the others (0.6).
 * - `seeds`: one temperature, different seeds.
 * - `ladder`: the first is greedy, the others get warmer.
 * - `family`: one after the other of the models that are at hand, each greedy first.
 */
export const DIVERSITIES = ['seeds', 'ladder', 'family'] as const;
export type Diversity = (typeof DIVERSITIES)[number];

/** What `select` goes by: what resembles the others most, what its own engine finds likeliest, or what another engine calls better. */
export const SCORES = ['agreement', 'likelihood', 'judge'] as const;
export type Score = (typeof SCORES)[number];

/** What numbers of `weighted` come to: the value with most weight, or one between them. */
export const AVERAGES = ['mode', 'mean', 'median', 'trimmed'] as const;
export type Average = (typeof AVERAGES)[number];

export interface FusionOptions {
  policy: FusionPolicyName;
  /** The most candidates; 5 if absent. */
  n?: number;
  /** `family` if absent; `ladder` where there is one model. */
  diversity?: Diversity;
  /** Enough: the rest is cancelled when the leading answer will win with this probability. 1: only when it can't lose. 0.95 if absent. */
  confidence?: number;
  /** What it may cost: tokens of all prompts and answers, seconds from asking, nodes that work on it. When one is used up, what is there decides. */
  budget?: { tokens?: number; seconds?: number; nodes?: number };
  /** What an answer looks like, so that two can be compared. Found by rules from the question if absent; see `promptClass` of the answer. */
  format?: AnswerFormat;
  /** Of `select`; `agreement` if absent. */
  score?: Score;
  /** Of `weighted`, for numbers; `mode` if absent. */
  average?: Average;
}

/** What kind of answer a question asks for, by rules that a person can follow. */
export const PROMPT_CLASSES = ['number', 'choice', 'yes-no', 'list', 'json', 'word', 'open'] as const;
export type PromptClass = (typeof PROMPT_CLASSES)[number];

/** One of the answers that were asked for. */
export interface Candidate {
  readonly text: string;
  /** Made comparable: those with the same are one vote. Empty if it was not counted: not done, failed, or without a word. */
  readonly answer: string;
  /** Null if none had begun. */
  readonly node: Address | null;
  /** Catalogue id; empty if no node had begun, and any would have done. */
  readonly model: string;
  readonly modelHash: ModelHash | null;
  readonly seed: number;
  /** 0: greedy; null: the model's own. */
  readonly temperature: number | null;
  /** Of a token, on average (natural logarithm); null where the engine didn't say. */
  readonly logprob: number | null;
  /** Written. */
  readonly tokens: number;
  /** `cancelled`: it was not waited for. `error`: it failed. */
  readonly finishReason: FinishReason;
  /** The same model, seed and words give the same text on any device. */
  readonly replayable: boolean;
}

/** One of the different answers, and who gave it. */
export interface Vote {
  /** As it is compared. */
  readonly answer: string;
  /** As the first who gave it wrote it. */
  readonly text: string;
  readonly count: number;
  /** Its share of all weight, 0 to 1. */
  readonly weight: number;
  /** Indices of `candidates`. */
  readonly candidates: readonly number[];
  /** Of an answer with fields, votes are counted field by field: which one this is. */
  readonly field?: string;
}

/**
 * How sure the outcome is, and in what sense.
 * - `certain`: whoever is not heard could change nothing.
 * - `posterior`: how likely it is that more answers of this kind would not change the winner.
 * - `score`: how far ahead the chosen text is of the next, 0 to 1; no probability.
 * - `none`: one answer, compared with nothing; or a mean, which nobody can win.
 */
export interface Confidence {
  readonly value: number;
  readonly meaning: 'certain' | 'posterior' | 'score' | 'none';
}

/** What it took. */
export interface FusionCost {
  /** Candidates that began, and what read them (a judge, a synthesis). */
  readonly calls: number;
  /** Of the prompts and of what was written, all calls; of those that were stopped estimated from their length. */
  readonly tokens: number;
  readonly seconds: number;
  /** Share of the tokens that the candidates would have written if none had been cancelled; estimated from those that were done. 0 to 1. */
  readonly saved: number;
}

/** What a fused answer has beside its text. */
export interface Fused {
  /** What was really done; of `auto`, what it chose. */
  readonly policy: FusionPolicyName;
  readonly promptClass: PromptClass;
  /** Best first. Their candidates are all that are done. */
  readonly votes: readonly Vote[];
  readonly confidence: Confidence;
  /** The votes that are not the answer. */
  readonly dissent: readonly Vote[];
  /** In the order of the plan; the first one's seed is the request's. Of an ensemble its members, who all have the text that they wrote together. */
  readonly candidates: readonly Candidate[];
  /** Which candidate the text is; null if it was made of several. */
  readonly chosen: number | null;
  readonly cost: FusionCost;
  /** Why `auto` chose what it chose; and why it is less than was asked for: a policy that could not be followed, a budget that ran out, candidates that failed. */
  readonly note?: string;
}
