/**
 * One of the runs of a fused job, as it looks from there: what it said, how it ended, what it cost. Knows nothing of the
 * others, and decides nothing.
 */
import type { Answer, AnswerEvent } from '../../protocol/chat.ts';
import type { Candidate } from '../../protocol/fusion.ts';
import type { LlamboError } from '../../shared/errors.ts';
import type { ModelHash } from '../../shared/ids.ts';
import { normaliseAnswer } from '../../shared/normalise-answer.ts';
import type { Ballot, CandidatePlan, FusedStart, Matter } from './types.ts';

/** What a job says of itself before it ends. */
export type Said = Exclude<AnswerEvent, { type: 'done' }>;

export interface CandidateRun {
  readonly plan: CandidatePlan;
  /** `stopped`: nobody waited for it. */
  readonly state: 'running' | 'done' | 'failed' | 'stopped';
  readonly text: string;
  /** Some node has taken it. */
  readonly hasBegun: boolean;
  /** The last it said of where it runs; null: nothing yet. */
  readonly started: Extract<Said, { type: 'started' }> | null;
  readonly answer: Answer | null;
  readonly error: LlamboError | null;
  readonly promptTokens: number;
  hear(event: Said, now: number): void;
  /** @param arrival how many were done before it */
  finish(answer: Answer, arrival?: number): void;
  fail(error: LlamboError): void;
  stop(): void;
  /** Written. @param charsPerToken for one that has not ended by itself */
  tokens(charsPerToken: number): number;
  /** Null if it does not count: not done, without a word, or cut off where that spoils it. */
  ballot(matter: Matter, isHeld: boolean): Ballot | null;
  candidate(matter: Matter, isHeld: boolean, charsPerToken: number): Candidate;
  /** As far as it has come, as if it had been cancelled. */
  soFar(now: number, charsPerToken: number): Answer;
}

export function createCandidateRun(plan: CandidatePlan, startedAt: number, hashOf: FusedStart['hashOf']): CandidateRun {
  let state: CandidateRun['state'] = 'running';
  let text = '';
  let started: CandidateRun['started'] = null;
  let beganAt: number | null = null;
  let firstAt: number | null = null;
  let read = 0;
  let answer: Answer | null = null;
  let error: LlamboError | null = null;
  let place = 0;
  /** An answer does not change any more: it is made comparable once, however often it is counted. */
  let canonical: string | null = null;

  const hash = (): ModelHash | null => (started ? hashOf(started.model) : null);
  const tokens = (charsPerToken: number): number => answer?.usage.answerTokens ?? Math.round(text.length / charsPerToken);
  const promptTokens = (): number => answer?.usage.promptTokens ?? read;

  function counts(isHeld: boolean): boolean {
    if (state !== 'done' || !answer || answer.text.trim() === '') return false;
    return answer.finishReason === 'stop' || (answer.finishReason === 'length' && !isHeld);
  }

  function reason(): Candidate['finishReason'] {
    if (state === 'failed') return 'error';
    return answer?.finishReason ?? 'cancelled';
  }

  function candidate(matter: Matter, isHeld: boolean, charsPerToken: number): Candidate {
    const words = answer?.text ?? text;
    const modelHash = answer ? answer.modelHash : hash();
    return {
      text: words,
      answer: counts(isHeld) ? (canonical ??= normaliseAnswer(words, matter.format)) : '',
      node: answer?.node ?? started?.node ?? null,
      model: answer?.model ?? started?.model ?? plan.model ?? '',
      modelHash,
      seed: answer?.seed ?? plan.seed,
      temperature: plan.temperature ?? null,
      logprob: meanLogprob(answer),
      tokens: tokens(charsPerToken),
      finishReason: reason(),
      replayable: modelHash !== null && (answer?.profile ?? plan.profile) === 'exact',
    };
  }

  return {
    plan,
    get state() {
      return state;
    },
    get text() {
      return answer?.text ?? text;
    },
    get hasBegun() {
      return started !== null || answer !== null;
    },
    get started() {
      return started;
    },
    get answer() {
      return answer;
    },
    get error() {
      return error;
    },
    get promptTokens() {
      return promptTokens();
    },
    hear(event, now) {
      if (event.type === 'started') {
        started = event;
        beganAt ??= now;
      }
      if (event.type === 'prefill') read = event.done;
      if (event.type !== 'text') return;
      firstAt ??= now;
      text += event.delta;
    },
    finish(given, arrival = 0) {
      place = arrival;
      // Whoever ended it, it was not this job: what it has is no answer.
      state = given.finishReason === 'cancelled' ? 'stopped' : 'done';
      answer = given;
    },
    fail(reason) {
      state = 'failed';
      error = reason;
    },
    stop: () => void (state = 'stopped'),
    tokens,
    ballot(matter, isHeld) {
      const said = candidate(matter, isHeld, 1);
      return counts(isHeld) && said.node !== null ? { ...said, node: said.node, index: plan.index, arrival: place } : null;
    },
    candidate,
    soFar(now, charsPerToken) {
      if (answer) return { ...answer, finishReason: 'cancelled' };
      const written = tokens(charsPerToken);
      return {
        text,
        finishReason: 'cancelled',
        usage: { promptTokens: read, cachedTokens: 0, answerTokens: written },
        timings: {
          queueMs: (beganAt ?? now) - startedAt,
          firstTokenMs: (firstAt ?? now) - startedAt,
          tokensPerSecond: firstAt === null ? 0 : (written * 1000) / Math.max(1, now - firstAt),
        },
        model: started?.model ?? plan.model ?? '',
        modelHash: hash(),
        node: started!.node,
        seed: plan.seed,
        profile: plan.profile ?? 'chat',
      };
    },
  };
}

/** Of a token, so that long answers do not lose to short ones. */
function meanLogprob(answer: Answer | null): number | null {
  if (!answer?.logprobs?.length) return null;
  return answer.logprobs.reduce((sum, { logprob }) => sum + logprob, 0) / answer.logprobs.length;
}
