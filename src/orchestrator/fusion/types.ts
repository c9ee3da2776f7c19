/**
 * What fusion is made of. Two kinds of pure things: **policies** judge the answers that are there, and the **fused job** is
 * the machine of one question: it starts candidates, hears them, asks its policy after each, and stops when it is enough.
 * It lives in the tab that asked and holds all candidates, so no other tab can take the vote with it.
 *
 * ```
 *   plan (diversity) --> start 0..n --> candidates speak, end or fail
 *                                            |
 *                             policy.judge(ballots, pending) --> lead | enough: stop the rest, settle
 * ```
 *
 * Every candidate is a job of its own to the orchestrator, with all that a job has: queue, failover, hedges. Fusion knows no
 * node and no leader.
 */
import type { AnswerEvent, Answer, Message, Profile, Tier } from '../../protocol/chat.ts';
import type { Candidate, Confidence, FusionOptions, FusionPolicyName, PromptClass, Vote } from '../../protocol/fusion.ts';
import type { LlamboError } from '../../shared/errors.ts';
import type { Address, ModelHash } from '../../shared/ids.ts';
import type { AnswerFormat } from '../../shared/normalise-answer.ts';

/** A candidate that is done, as a policy sees it. */
export interface Ballot extends Candidate {
  /** Its place among the candidates: which of them it is, not when it came. */
  readonly index: number;
  /** How many were done before it: no two have the same. Of those that say the same, the first one's words are shown, and stay. */
  readonly arrival: number;
  readonly node: Address;
}

/** What is asked, as far as judging needs it. */
export interface Matter {
  readonly format: AnswerFormat;
  readonly promptClass: PromptClass;
  /** The fields of an answer that is held to a schema of an object; votes are counted for each. */
  readonly fields?: readonly string[];
}

/** What the ballots come to. */
export interface Verdict {
  /** Null: nothing can be said yet. */
  readonly text: string | null;
  /** Whose text it is; null if nobody's: of numbers a mean, of fields each the one with most votes. */
  readonly chosen: number | null;
  /** Best first; ties by mean log-probability, then by the smallest index of a candidate. */
  readonly votes: readonly Vote[];
  readonly confidence: Confidence;
}

/**
 * A way to make one answer of several. Pure, and the order of the ballots changes nothing.
 */
export interface FusionPolicy {
  readonly name: FusionPolicyName;
  /**
   * @param ballots those that are done and valid
   * @param pending how many more may come
   */
  judge(ballots: readonly Ballot[], pending: number): Verdict;
}

/** How one candidate is asked. Absent: as the person asked. */
export interface CandidatePlan {
  readonly index: number;
  readonly seed: number;
  readonly temperature?: number;
  /** Catalogue id. */
  readonly model?: string;
  readonly profile?: Profile;
}

/** A run that reads the candidates: somebody judges them, or writes one answer of them. What it says is no candidate. */
export interface ReviewPlan {
  /** After those of the candidates. */
  readonly index: number;
  readonly messages: readonly Message[];
  /** It says exactly one of these. */
  readonly choices?: readonly string[];
  /** At least. */
  readonly tier?: Tier;
  readonly seed: number;
}

/** What comes after the candidates, where a policy has such a thing. Pure. */
export interface Review {
  /** What the answer then is. */
  readonly name: FusionPolicyName;
  /** Its words are the answer, and the person may read along. */
  readonly writes: boolean;
  /** @returns null: there is nothing to review */
  plan(ballots: readonly Ballot[], verdict: Verdict, index: number): readonly ReviewPlan[] | null;
  /**
   * @param said by the runs of the plan, in its order; null: that one failed
   * @returns null: nothing came of it, and the candidates' own verdict stands
   */
  judge(ballots: readonly Ballot[], verdict: Verdict, said: readonly (string | null)[]): Verdict | null;
}

/** What a fused job is made of when it starts. */
export interface FusedStart {
  /** In this order; at least one. */
  readonly plan: readonly CandidatePlan[];
  readonly policy: FusionPolicy;
  readonly review?: Review;
  readonly matter: Matter;
  /** See `FusionOptions`. */
  readonly confidence: number;
  readonly budget: Omit<NonNullable<FusionOptions['budget']>, 'nodes'>;
  /** The answers are held to a form: one that was cut off has not got it, and is not valid. */
  readonly isHeld: boolean;
  /** Candidates that could run at once now; asked whenever one might start. */
  parallel(): number;
  /** The weights of a model that is at hand; null: not known, or not the same everywhere. */
  hashOf(model: string): ModelHash | null;
  /** Why it is less than was asked for, as far as that is known before it starts. */
  readonly note?: string;
}

export type FusedEvent =
  /** What a candidate's job says; its texts come one after the other. */
  | { readonly type: 'said'; readonly candidate: number; readonly event: Exclude<AnswerEvent, { type: 'done' }> }
  | { readonly type: 'answered'; readonly candidate: number; readonly answer: Answer }
  | { readonly type: 'failed'; readonly candidate: number; readonly error: LlamboError }
  | { readonly type: 'cancel' }
  | { readonly type: 'tick' };

export type FusedEffect =
  | { readonly type: 'start'; readonly plan: CandidatePlan }
  /** As `start`, of a run that reads the candidates. */
  | { readonly type: 'review'; readonly plan: ReviewPlan }
  /** End it: nobody waits for it any more. */
  | { readonly type: 'stop'; readonly candidate: number }
  | { readonly type: 'emit'; readonly event: Exclude<AnswerEvent, { type: 'done' }> }
  /** The last effect, exactly one. */
  | { readonly type: 'settle'; readonly outcome: { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly error: LlamboError } };

export interface FusedJob {
  handle(event: FusedEvent, now: number): readonly FusedEffect[];
  /** When it wants a `tick`; null: not before something happens. */
  wakeAt(): number | null;
}
