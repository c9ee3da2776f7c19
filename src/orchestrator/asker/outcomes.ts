/** How a job can end: an answer, whole or stopped, or an error that says what to do. Pure words and figures. */
import type { Answer, Profile } from '../../protocol/chat.ts';
import type { TaskResult } from '../../protocol/engine-node.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { Address } from '../../shared/ids.ts';
import type { Run } from './run.ts';
import type { Transcript } from './transcript.ts';

export interface AnswerParts {
  /** The node that wrote last. */
  readonly run: Run;
  readonly transcript: Transcript;
  readonly movedFrom: readonly Address[];
  readonly seed: number;
  readonly profile: Profile;
  readonly startedAt: number;
  /** When the first node was granted. */
  readonly grantedAt: number;
  readonly now: number;
}

/**
 * @param result of the run that finished it; null: somebody stopped it, and the engine had no chance to report
 *
 * `queueMs` is the wait for the first node and the one at the node that finished.
 */
export function answerOf({ run, transcript, movedFrom, seed, profile, startedAt, grantedAt, now }: AnswerParts, result: TaskResult | null): Answer {
  const { firstAt, tokens, text } = transcript;
  const logprobs = transcript.logprobs(run);
  return {
    text,
    finishReason: result?.finishReason ?? 'cancelled',
    usage: transcript.usage(run, result?.usage ?? null),
    timings: {
      queueMs: grantedAt - startedAt + (result?.timings.queueMs ?? 0),
      firstTokenMs: (firstAt ?? now) - startedAt,
      tokensPerSecond: result?.timings.tokensPerSecond ?? (firstAt === null ? 0 : (tokens * 1000) / Math.max(1, now - firstAt)),
    },
    model: run.grant.model,
    modelHash: run.grant.modelHash,
    node: run.node,
    ...(movedFrom.length > 0 ? { movedFrom: [...movedFrom] } : {}),
    seed,
    profile,
    ...(logprobs ? { logprobs } : {}),
  };
}

export const lateError = (deadlineMs: number, hasText: boolean): LlamboError =>
  new LlamboError('timeout', `The answer was not ${hasText ? 'finished' : 'begun'} within ${seconds(deadlineMs)}.`, {
    advice: hasText ? 'Ask for a shorter answer, or give it more time.' : 'Ask again later, or start more engines.',
  });

/** @param last why the last of them was lost */
export const poisonError = (last: LlamboError, lost: number): LlamboError =>
  new LlamboError(last.code, `${lost} nodes were lost while they worked on this. The last: ${last.message}`, {
    advice: 'The request itself may be what stops them: change or shorten it, then ask again.',
    details: { lost },
    cause: last,
  });

/** A node repeats an exact answer, and it is not the same. */
export const differsError = (): LlamboError =>
  new LlamboError('hash-mismatch', 'A node repeated the answer, and it was another one.', { advice: 'Ask again.' });

/** An answer that repeats lost its node, and nobody else has the same model. @param profile that was asked for */
export const strandedError = (model: string, profile: Profile, cause: LlamboError): LlamboError =>
  new LlamboError(cause.code, `The node that wrote is gone, and no other has the model ${model} to repeat the answer.`, {
    advice: `Load ${model} on a node and ask again${profile === 'exact' ? ', or ask in profile "chat" without a schema or grammar, which goes on with any model' : ''}.`,
    cause,
  });

export const silentError = (code: 'busy' | 'timeout'): LlamboError =>
  code === 'busy'
    ? new LlamboError(code, 'The node let it wait for too long.', { advice: 'Ask again later.' })
    : new LlamboError(code, 'The node has fallen silent.', { advice: 'Ask again, or choose another node.' });

/** An error of somebody else, with something to do about it if it names nothing. */
export const advised = (error: LlamboError): LlamboError =>
  error.advice === undefined
    ? new LlamboError(error.code, error.message, { advice: 'Ask again, or choose another node.', ...(error.details ? { details: { ...error.details } } : {}), cause: error })
    : error;

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`);
