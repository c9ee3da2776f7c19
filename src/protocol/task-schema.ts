/** A task and its events as they travel between peers: the types of `engine-node.ts`, with bounds for what strangers send. */
import * as v from 'valibot';
import { ERROR_CODES } from '../shared/errors.ts';
import type { JsonSchema } from './chat.ts';
import { LIMITS } from './limits.ts';
import { count, list, text } from './peer-schema.ts';
import { samplingSchema } from './request.ts';

const finite = v.pipe(v.number(), v.finite());
/** Milliseconds, or tokens a second. */
const measure = v.pipe(v.number(), v.finite(), v.minValue(0));

/** What to run: `Task` of `engine-node.ts` without its id, which the message has. */
export const remoteTaskSchema = v.pipe(
  v.strictObject({
    /** All contents together have no more characters than one may have. If the last is the assistant's, the answer continues it. */
    messages: v.pipe(
      list(v.strictObject({ role: v.picklist(['system', 'user', 'assistant']), content: text(LIMITS.remotePromptChars) }), LIMITS.remoteMessages),
      v.minLength(1),
    ),
    sampling: samplingSchema,
    /** Always given, so that the run can be repeated. */
    seed: count(LIMITS.seed - 1),
    profile: v.picklist(['chat', 'exact']),
    /** A JSON schema that the answer keeps to; its length is that of its JSON. */
    schema: v.exactOptional(
      v.pipe(
        v.record(v.string(), v.unknown()),
        v.check((value) => JSON.stringify(value).length <= LIMITS.grammarChars, 'is too long'),
        v.transform((value): JsonSchema => value),
      ),
    ),
    /** GBNF. */
    grammar: v.exactOptional(text(LIMITS.grammarChars)),
    /** Alternatives to report for each token; absent: no log-probabilities. */
    logprobs: v.exactOptional(count(LIMITS.logprobs)),
    /** The most time that it may take at the worker, waiting included: what is left of the asker's deadline. */
    deadlineMs: v.pipe(v.number(), v.finite(), v.minValue(1), v.maxValue(LIMITS.taskMs)),
  }),
  v.check(({ messages }) => messages.reduce((sum, { content }) => sum + content.length, 0) <= LIMITS.remotePromptChars, 'is too long'),
);

/** Why something failed. */
export const wireErrorSchema = v.strictObject({
  code: v.picklist(ERROR_CODES),
  /** What happened: a sentence for a person. */
  message: text(LIMITS.errorChars),
  /** What to do. */
  advice: v.exactOptional(text(LIMITS.errorChars)),
  /** Figures for programs; `retryMs` beside `busy`. */
  details: v.exactOptional(v.pipe(v.record(text(64), v.union([v.number(), text(256)])), v.maxEntries(8))),
});

const logprobSchema = v.strictObject({
  token: text(LIMITS.tokenChars),
  logprob: finite,
  alternatives: v.exactOptional(list(v.strictObject({ token: text(LIMITS.tokenChars), logprob: finite }), LIMITS.logprobs)),
});

const usageSchema = v.strictObject({ promptTokens: count(2 ** 24), cachedTokens: count(2 ** 24), answerTokens: count(2 ** 24) });

/** What a node says while it runs a task. */
export const taskEventSchema = v.variant('type', [
  /** It waits, at this place in line, from 1. */
  v.strictObject({ type: v.literal('queued'), place: count(4096) }),
  v.strictObject({ type: v.literal('started') }),
  /** Prompt tokens read so far, cached ones included. */
  v.strictObject({ type: v.literal('prefill'), done: count(2 ** 24), total: count(2 ** 24) }),
  /** One or several tokens: those that arrived within one frame. */
  v.strictObject({
    type: v.literal('tokens'),
    text: text(LIMITS.eventChars),
    /** How many. */
    count: count(LIMITS.maxTokens),
    logprobs: v.exactOptional(list(logprobSchema, LIMITS.eventTokens)),
  }),
  /** The last event of a run that did not fail. */
  v.strictObject({
    type: v.literal('done'),
    result: v.strictObject({
      /** That of all `tokens` events together. */
      text: text(LIMITS.answerChars),
      finishReason: v.picklist(['stop', 'length']),
      usage: usageSchema,
      timings: v.strictObject({ queueMs: measure, prefillMs: measure, decodeMs: measure, tokensPerSecond: measure }),
      seed: count(LIMITS.seed - 1),
    }),
  }),
]);
