/** Runs an ensemble's effects: asks its members for one token at a time, each on its own node, whose cache has all that came before. */
import { createEnsemble, type EnsembleEffect, type EnsembleEvent, type EnsembleStart } from '../orchestrator/fusion/ensemble.ts';
import type { Answer, AnswerEvent, AskOptions, Message } from '../protocol/chat.ts';
import { withBeginning } from '../protocol/continuing.ts';
import { LIMITS } from '../protocol/limits.ts';
import { deferred } from '../shared/abort.ts';
import type { Clock } from '../shared/env.ts';
import { asLlamboError } from '../shared/errors.ts';
import type { Ask } from './asker.ts';

export interface EnsembleRun {
  readonly start: EnsembleStart;
  readonly clock: Clock;
  readonly ask: Ask;
  /** As they suit a model. */
  messagesFor(model: string): readonly Message[];
  /** What is left of its time. */
  left(): Pick<AskOptions, 'deadlineMs'>;
  emit(event: AnswerEvent): void;
  readonly signal: AbortSignal;
}

/** @returns the answer, or why it could not be done together */
export async function runEnsemble({ start, clock, ask, messagesFor, left, emit, signal }: EnsembleRun): Promise<Answer | { readonly why: string }> {
  const ensemble = createEnsemble(start);
  const outcome = deferred<Answer | { readonly why: string }>();
  const over = new AbortController();

  function drive(event: EnsembleEvent): void {
    for (const effect of ensemble.handle(event, clock.now())) perform(effect);
  }

  function perform(effect: EnsembleEffect): void {
    switch (effect.type) {
      case 'step':
        return void askOne(effect.member, effect.text);
      case 'emit':
        return emit(effect.event);
      case 'give up':
        return outcome.resolve({ why: effect.why });
      case 'settle':
        if (effect.outcome.ok) return outcome.resolve(effect.outcome.answer);
        return outcome.reject(effect.outcome.error);
    }
  }

  async function askOne(member: number, text: string): Promise<void> {
    const { model, node } = start.members[member]!;
    try {
      // The prompt cache is the point: each step reads one token.
      const answer = await ask(
        { messages: [...withBeginning(messagesFor(model), text)], model },
        { ...left(), node, profile: 'chat', maxTokens: 1, temperature: 0, seed: start.seed, logprobs: LIMITS.logprobs, signal: over.signal },
      ).done;
      drive({ type: 'answered', member, answer });
    } catch (error) {
      drive({ type: 'failed', member, error: asLlamboError(error) });
    }
  }

  const cancel = (): void => drive({ type: 'cancel' });
  signal.addEventListener('abort', cancel, { once: true });
  drive({ type: signal.aborted ? 'cancel' : 'begin' });
  try {
    return await outcome.promise;
  } finally {
    signal.removeEventListener('abort', cancel);
    over.abort();
  }
}
