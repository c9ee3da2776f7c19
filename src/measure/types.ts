/**
 * The contract of measuring. Candidates are collected once, into a **run**; ways to make one answer of them, the
 * **contenders**, are evaluated over the same candidates afterwards. So the first three of fifteen are the run with three, all
 * contenders are compared in pairs on the same answers, and a run that was stopped goes on where it was.
 *
 * It knows questions, answers and statistics. It knows no engine (it asks through a function that it is given) and no policy
 * (it judges through functions that it is given).
 */
import type { FinishReason, Message } from '../protocol/chat.ts';
import type { Candidate, Confidence, Vote } from '../protocol/fusion.ts';
import type { Address, ModelHash } from '../shared/ids.ts';
import type { AnswerFormat } from '../shared/normalise-answer.ts';

/** A question with its right answer. */
export interface MeasuredQuestion {
  /** 64 bits of its words, in hexadecimal digits: by it answers find their question. */
  readonly key: string;
  readonly kind: string;
  /** `easy`, `hard`; empty if nobody said. */
  readonly difficulty: string;
  readonly messages: readonly Message[];
  readonly answer: string;
  readonly format: AnswerFormat;
}

/** How one of the answers to each question is asked for. All questions are asked in the same ways. */
export interface PlannedCandidate {
  /** Its place: a run with `n` takes the first `n`. */
  readonly index: number;
  readonly seed: number;
  /** 0: greedy; null: the model's own. */
  readonly temperature: number | null;
  /** Catalogue id; null: whoever answers. */
  readonly model: string | null;
}

/** One answer, or that there was none. */
export interface TakenAnswer {
  /** The question's key. */
  readonly question: string;
  readonly index: number;
  readonly seed: number;
  readonly temperature: number | null;
  /** That wrote it; if it failed, that was asked. */
  readonly model: string;
  readonly modelHash: ModelHash | null;
  readonly node: Address | null;
  readonly text: string;
  /** `error`: it failed, and is asked for again when the run goes on. */
  readonly finishReason: FinishReason;
  /** Of a token, on average (natural logarithm); null where the engine didn't say. */
  readonly logprob: number | null;
  readonly promptTokens: number;
  /** Written. */
  readonly tokens: number;
  /** Reading and writing, without waiting; milliseconds. */
  readonly ms: number;
}

/** What is asked, and how, and what came back so far. */
export interface MeasureRun {
  readonly maxTokens: number;
  readonly plan: readonly PlannedCandidate[];
  readonly questions: readonly MeasuredQuestion[];
  /** In any order. */
  readonly answers: readonly TakenAnswer[];
}

/** An answer as a contender sees it: what a policy of fusion takes. */
export interface MeasuredBallot extends Candidate {
  /** Its place among those that the contender asks for. */
  readonly index: number;
  readonly arrival: number;
  readonly node: Address;
}

/** What a contender says of some ballots: what a policy of fusion gives. */
export interface MeasuredVerdict {
  readonly text: string | null;
  readonly votes: readonly Vote[];
  readonly confidence: Confidence;
}

/** How a contender goes about one question. */
export interface Approach {
  /** Places in the plan, in the order of asking; not more than it was offered. */
  readonly candidates: readonly number[];
  /** By what two answers are compared: what the contender takes the question for, right or wrong. */
  readonly format: AnswerFormat;
  /** @param pending how many more may come */
  judge(ballots: readonly MeasuredBallot[], pending: number): MeasuredVerdict;
  /** Whether the rest may be cancelled. */
  isEnough(verdict: MeasuredVerdict): boolean;
}

/** A way to make one answer of several. */
export interface Contender {
  readonly name: string;
  /** @param n the most candidates that it may ask for */
  approach(question: MeasuredQuestion, n: number): Approach;
}
