/**
 * Events of a task in sizes that may travel: joined while they wait, cut where they are larger than `task-schema.ts` allows,
 * and without figures that JSON can't carry, because one of them would end the link. Pure.
 */
import type { TokenLogprob } from '../../protocol/chat.ts';
import type { TaskEvent } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { toWire, type WireError } from '../../shared/errors.ts';

type Tokens = Extract<TaskEvent, { type: 'tokens' }>;

/** The end of what a number can say: a token that a grammar rules out has a log-probability of minus infinity. */
const finite = (value: number): number => (Number.isNaN(value) ? 0 : Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value)));

/** Log-probabilities of one event, alternatives included: the longest tokens in the longest escapes fit into a message. */
const EVENT_LOGPROBS = 512;

/** How many tokens with log-probabilities one event may have. */
const mostTokens = (logprobs: readonly TokenLogprob[]): number =>
  Math.floor(Math.min(LIMITS.eventTokens, EVENT_LOGPROBS / (1 + Math.max(0, ...logprobs.map(({ alternatives }) => alternatives?.length ?? 0)))));

/** @returns the same in pieces that each fit; one, as a rule */
export function cut(event: TaskEvent): readonly TaskEvent[] {
  if (event.type !== 'tokens') return [event];
  const { text } = event;
  const logprobs = event.logprobs?.map(cutLogprob) ?? [];
  const most = mostTokens(logprobs);
  const pieces = Math.max(1, Math.ceil(text.length / LIMITS.eventChars), Math.ceil(logprobs.length / most));
  return Array.from({ length: pieces }, (_, index): Tokens => {
    const tokens = logprobs.slice(index * most, (index + 1) * most);
    return {
      type: 'tokens',
      text: text.slice(index * LIMITS.eventChars, (index + 1) * LIMITS.eventChars),
      count: index === 0 ? event.count : 0,
      ...(tokens.length > 0 ? { logprobs: tokens } : {}),
    };
  });
}

function cutLogprob({ token, logprob, alternatives }: TokenLogprob): TokenLogprob {
  const one = (entry: { token: string; logprob: number }) => ({ token: entry.token.slice(0, LIMITS.tokenChars), logprob: finite(entry.logprob) });
  return { ...one({ token, logprob }), ...(alternatives ? { alternatives: alternatives.slice(0, LIMITS.logprobs).map(one) } : {}) };
}

/** Puts an event behind others that wait: text is joined while it fits, newer progress replaces older. */
export function joinTo(waiting: TaskEvent[], event: TaskEvent): void {
  const last = waiting.at(-1);
  const both = last?.type === 'tokens' && event.type === 'tokens' ? joined(last, event) : null;
  const replaces = last?.type === event.type && (event.type === 'prefill' || event.type === 'queued');
  if (both || replaces) waiting.pop();
  waiting.push(both ?? event);
}

function joined(a: Tokens, b: Tokens): Tokens | null {
  const logprobs = [...(a.logprobs ?? []), ...(b.logprobs ?? [])];
  if (a.text.length + b.text.length > LIMITS.eventChars || logprobs.length > mostTokens(logprobs)) return null;
  return { type: 'tokens', text: a.text + b.text, count: a.count + b.count, ...(logprobs.length > 0 ? { logprobs } : {}) };
}

/** An error within the bounds of `wireErrorSchema`. */
export const wireErrorOf = (error: unknown): WireError => boundedError(toWire(error));

export function boundedError({ code, message, advice, details }: WireError): WireError {
  const figures = Object.entries(details ?? {})
    .filter(([, value]) => typeof value === 'string' || Number.isFinite(value))
    .slice(0, 8)
    .map(([name, value]) => [name.slice(0, 64), typeof value === 'string' ? value.slice(0, 256) : value] as const);
  return {
    code,
    message: message.slice(0, LIMITS.errorChars),
    ...(advice === undefined ? {} : { advice: advice.slice(0, LIMITS.errorChars) }),
    ...(figures.length > 0 ? { details: Object.fromEntries(figures) } : {}),
  };
}
