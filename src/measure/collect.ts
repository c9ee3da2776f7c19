/**
 * Collects the candidates of a run: asks each question in each way of the plan, several at once, and says each answer as soon
 * as it is there, so that whoever writes them down loses nothing when it is stopped. What is there already is not asked again.
 */
import type { Answer, AskOptions, ChatRequest } from '../protocol/chat.ts';
import { abortable, throwIfAborted } from '../shared/abort.ts';
import type { Clock } from '../shared/env.ts';
import { asLlamboError } from '../shared/errors.ts';
import { answersByQuestion, isAnswerOf } from './asked-questions.ts';
import type { MeasuredQuestion, MeasureRun, PlannedCandidate, TakenAnswer } from './types.ts';

export interface CollectDeps {
  ask(request: ChatRequest, options: AskOptions): { readonly done: Promise<Answer> };
  readonly clock: Pick<Clock, 'now'>;
}

export interface CollectOptions {
  /** Questions on their way at once; as many as the swarm has slots keeps all of them at work. */
  readonly parallel: number;
  readonly signal?: AbortSignal;
  /** Once for each answer, in the order in which they come. */
  onAnswer(answer: TakenAnswer): void;
  onProgress?(progress: CollectProgress): void;
}

export interface CollectProgress {
  /** Answered, those of earlier times included. */
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** At the pace of this time; null before its first answer. */
  readonly msLeft: number | null;
}

/** Nobody is there, or all are broken: more than one question's bad luck. As many as a swarm has of nodes for a family of models. */
const FAILURES_IN_A_ROW = 10;

interface Wanted {
  readonly question: MeasuredQuestion;
  readonly candidate: PlannedCandidate;
}

/**
 * All candidates of a question, then those of the next, so that a run that is stopped has whole questions.
 *
 * @returns what is missing no more
 * @throws LlamboError `aborted` when it is stopped, or what ten questions in a row failed with; all answers until then have been said
 */
export async function collect(run: MeasureRun, { ask, clock }: CollectDeps, { parallel, signal, onAnswer, onProgress }: CollectOptions): Promise<MeasureRun> {
  const wanted = missingOf(run);
  const total = run.questions.length * run.plan.length;
  const answers = [...run.answers];
  const startedAt = clock.now();
  let next = 0;
  let taken = 0;
  let failed = 0;
  let inARow = 0;
  const work = async (): Promise<void> => {
    while (next < wanted.length && inARow < FAILURES_IN_A_ROW) {
      throwIfAborted(signal);
      const one = wanted[next++]!;
      const { answer, failure } = await take(one).then(
        (given) => ({ answer: given, failure: null }),
        (error: unknown) => ({ answer: failureOf(one), failure: asLlamboError(error) }),
      );
      throwIfAborted(signal);
      taken += 1;
      answers.push(answer);
      onAnswer(answer);
      failed += Number(failure !== null);
      // Once it is over, no late success makes it go on.
      if (inARow < FAILURES_IN_A_ROW) inARow = failure === null ? 0 : inARow + 1;
      if (inARow >= FAILURES_IN_A_ROW && failure) throw failure;
      onProgress?.({ done: total - wanted.length + taken, total, failed, msLeft: ((clock.now() - startedAt) / taken) * (wanted.length - taken) });
    }
  };
  const take = async ({ question, candidate }: Wanted): Promise<TakenAnswer> => {
    const { seed, temperature, model } = candidate;
    const request = { messages: question.messages.map((message) => ({ ...message })), ...(model === null ? {} : { model }) };
    const asked = ask(request, {
      seed, ...(temperature === null ? {} : { temperature }), maxTokens: run.maxTokens, profile: 'exact', logprobs: 0, priority: 'batch',
      ...(signal ? { signal } : {}),
    });
    // Whoever stops does not wait for those that are on their way.
    return answerOf(question, candidate, await abortable(asked.done, signal));
  };
  onProgress?.({ done: total - wanted.length, total, failed, msLeft: null });
  const outcomes = await Promise.allSettled(Array.from({ length: parallel }, work));
  const broken = outcomes.find((outcome) => outcome.status === 'rejected');
  if (broken) throw broken.reason;
  return { ...run, answers };
}

/** In the order of asking. */
export function missingOf({ questions, plan, answers }: MeasureRun): readonly Wanted[] {
  const byQuestion = answersByQuestion(answers);
  return questions.flatMap((question) => {
    const given = (byQuestion.get(question.key) ?? []).filter(({ finishReason }) => finishReason !== 'error');
    return plan.filter((candidate) => !given.some((answer) => isAnswerOf(candidate, answer))).map((candidate) => ({ question, candidate }));
  });
}

function answerOf({ key }: MeasuredQuestion, { index, seed, temperature }: PlannedCandidate, answer: Answer): TakenAnswer {
  const { text, finishReason, model, modelHash, node, usage, timings, logprobs = [] } = answer;
  const writing = timings.tokensPerSecond > 0 ? (usage.answerTokens / timings.tokensPerSecond) * 1000 : 0;
  return {
    question: key, index, seed, temperature, model, modelHash, node, text, finishReason,
    logprob: logprobs.length === 0 ? null : logprobs.reduce((sum, { logprob }) => sum + logprob, 0) / logprobs.length,
    promptTokens: usage.promptTokens,
    tokens: usage.answerTokens,
    ms: Math.max(0, timings.firstTokenMs - timings.queueMs) + writing,
  };
}

const failureOf = ({ question, candidate: { index, seed, temperature, model } }: Wanted): TakenAnswer => ({
  question: question.key, index, seed, temperature, model: model ?? '', modelHash: null, node: null, text: '', finishReason: 'error',
  logprob: null, promptTokens: 0, tokens: 0, ms: 0,
});
