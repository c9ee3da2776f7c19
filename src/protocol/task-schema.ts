/** A task and its events as they travel between peers: the types of `engine-node.ts`, with bounds for what strangers send. */
import * as v from 'valibot';
import type { JsonSchema } from './chat.ts';
import { LIMITS } from './limits.ts';
import { count, list, text } from './peer-schema.ts';
import { samplingSchema } from './request.ts';

const finite = v.pipe(v.number(), v.finite());
/** Milliseconds, or tokens a second. */
const measure = v.pipe(v.number(), v.finite(), v.minValue(0));

/** A task without its id, which the message has. */
export const remoteTaskSchema = v.pipe(
  v.strictObject({
    messages: v.pipe(
      list(v.strictObject({ role: v.picklist(['system', 'user', 'assistant']), content: text(LIMITS.remotePromptChars) }), LIMITS.remoteMessages),
      v.minLength(1),
    ),
    sampling: samplingSchema,
    seed: count(LIMITS.seed - 1),
    profile: v.picklist(['chat', 'exact']),
    schema: v.exactOptional(
      v.pipe(
        v.record(v.string(), v.unknown()),
        v.check((value) => JSON.stringify(value).length <= LIMITS.grammarChars, 'is too long'),
        v.transform((value): JsonSchema => value),
      ),
    ),
    grammar: v.exactOptional(text(LIMITS.grammarChars)),
    logprobs: v.exactOptional(count(LIMITS.logprobs)),
    deadlineMs: v.pipe(v.number(), v.finite(), v.minValue(1), v.maxValue(LIMITS.taskMs)),
  }),
  v.check(({ messages }) => messages.reduce((sum, { content }) => sum + content.length, 0) <= LIMITS.remotePromptChars, 'is too long'),
);

const logprobSchema = v.strictObject({
  token: text(LIMITS.tokenChars),
  logprob: finite,
  alternatives: v.exactOptional(list(v.strictObject({ token: text(LIMITS.tokenChars), logprob: finite }), LIMITS.logprobs)),
});

const usageSchema = v.strictObject({ promptTokens: count(2 ** 24), cachedTokens: count(2 ** 24), answerTokens: count(2 ** 24) });

export const taskEventSchema = v.variant('type', [
  v.strictObject({ type: v.literal('queued'), place: count(4096) }),
  v.strictObject({ type: v.literal('started') }),
  v.strictObject({ type: v.literal('prefill'), done: count(2 ** 24), total: count(2 ** 24) }),
  v.strictObject({
    type: v.literal('tokens'),
    text: text(LIMITS.eventChars),
    count: count(LIMITS.maxTokens),
    logprobs: v.exactOptional(list(logprobSchema, LIMITS.eventTokens)),
  }),
  v.strictObject({
    type: v.literal('done'),
    result: v.strictObject({
      text: text(LIMITS.answerChars),
      finishReason: v.picklist(['stop', 'length']),
      usage: usageSchema,
      timings: v.strictObject({ queueMs: measure, prefillMs: measure, decodeMs: measure, tokensPerSecond: measure }),
      seed: count(LIMITS.seed - 1),
    }),
  }),
]);
