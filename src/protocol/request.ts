/**
 * The door for requests: whatever a script, a form or a peer asks is `unknown` until it went through here. The schema
 * is closed, because one field of a wrong type makes the engine fail every running request beside this one.
 */
import * as v from 'valibot';
import { LlamboError } from '../shared/errors.ts';
import type { Random } from '../shared/env.ts';
import { newTaskId, type Address } from '../shared/ids.ts';
import type { AskOptions, ChatRequest, Sampling } from './chat.ts';
import type { Task } from './engine-node.ts';
import { fusionSchema } from './fusion-schema.ts';
import { LIMITS } from './limits.ts';
import { addressSchema } from './peer-schema.ts';

const between = (low: number, high: number) => v.pipe(v.number(), v.finite(), v.minValue(low), v.maxValue(high));
const whole = (low: number, high: number) => v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));
const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest));

const sampling = {
  temperature: v.optional(between(0, 10)),
  topK: v.optional(whole(0, 100_000)),
  topP: v.optional(between(0, 1)),
  minP: v.optional(between(0, 1)),
  repeatPenalty: v.optional(between(0.1, 10)),
  seed: v.optional(whole(0, LIMITS.seed - 1)),
  maxTokens: v.optional(whole(1, LIMITS.maxTokens)),
  stop: v.optional(v.pipe(v.array(v.pipe(text(LIMITS.stopChars), v.minLength(1))), v.maxLength(LIMITS.stops))),
};

export const samplingSchema = v.strictObject(sampling);

const messageSchema = v.strictObject({ role: v.picklist(['system', 'user', 'assistant']), content: text(LIMITS.requestChars) });

const requestSchema = v.strictObject({
  messages: v.pipe(v.array(messageSchema), v.minLength(1), v.maxLength(LIMITS.messages)),
  model: v.optional(text(256)),
  tier: v.optional(v.picklist(['tiny', 'medium', 'large'])),
  sampling: v.optional(samplingSchema),
  schema: v.optional(v.pipe(v.looseObject({}), v.check((value) => JSON.stringify(value).length <= LIMITS.grammarChars, 'is too long'))),
  choices: v.optional(v.pipe(v.array(v.pipe(text(LIMITS.choiceChars), v.minLength(1))), v.minLength(1), v.maxLength(LIMITS.choices))),
  grammar: v.optional(text(LIMITS.grammarChars)),
});

/** Of a node anywhere; one of a tab without keys has no peer id, and is known there only. */
const address = v.pipe(text(256), v.startsWith('/n/llambo/'));
const WHERE = `must be "anywhere", "this tab" or a list of 1 to ${LIMITS.jobNodes} addresses of nodes`;

const optionsSchema = v.strictObject({
  ...sampling,
  profile: v.optional(v.picklist(['chat', 'exact'])),
  node: v.optional(address),
  where: v.optional(v.union([v.picklist(['anywhere', 'this tab']), v.pipe(v.array(address), v.minLength(1), v.maxLength(LIMITS.jobNodes))], WHERE)),
  priority: v.optional(v.picklist(['interactive', 'batch'])),
  deadlineMs: v.optional(between(1, 24 * 3600 * 1000)),
  logprobs: v.optional(whole(0, LIMITS.logprobs)),
  fusion: v.optional(fusionSchema),
});

/** A request and its options, checked, with the plain-text form and both places for sampling made one. */
export interface ParsedAsk {
  readonly request: ChatRequest;
  readonly options: Omit<AskOptions, 'signal' | keyof Sampling>;
  readonly sampling: Sampling;
}

/**
 * @param request a question, or a whole chat request
 * @throws LlamboError `bad-request` that names the field and what is allowed there
 */
export function parseAsk(request: unknown, options: unknown = {}): ParsedAsk {
  const asked = check(requestSchema, typeof request === 'string' ? { messages: [{ role: 'user', content: request }] } : request, 'request');
  const { profile, node, where, priority, deadlineMs, logprobs, fusion, ...more } = check(optionsSchema, options, 'options') as Omit<AskOptions, 'signal'>;
  assertSensible(asked as ChatRequest);
  if (node !== undefined && where !== undefined) throw bad('The options can have one of node and where.');
  return {
    request: asked as ChatRequest,
    options: without({ profile, node, where, priority, deadlineMs, logprobs, fusion }),
    sampling: without({ ...(asked as ChatRequest).sampling, ...more }),
  };
}

function assertSensible({ messages, schema, choices, grammar }: ChatRequest): void {
  const length = messages.reduce((sum, message) => sum + message.content.length, 0);
  if (length > LIMITS.requestChars) throw bad(`The request has ${length} characters; the most is ${LIMITS.requestChars}.`);
  const last = messages.at(-1)!;
  if (last.role === 'system') throw bad('The last message must be the user\'s, or the assistant\'s to be continued.');
  if (last.role === 'user' && last.content.trim() === '') throw bad('The question is empty.', 'Type a question.');
  if ([schema, choices, grammar].filter((value) => value !== undefined).length > 1) {
    throw bad('A request can have one of schema, choices and grammar.');
  }
}

/** The task that runs an ask on a node. The seed is drawn here if nobody gave one, so that the run can be repeated. */
export function taskFor({ request, options, sampling }: ParsedAsk, random: Random): Task {
  const grammar = request.grammar ?? (request.choices && choicesGrammar(request.choices));
  return {
    id: newTaskId(random),
    messages: request.messages,
    sampling,
    seed: sampling.seed ?? Math.floor(random.next() * LIMITS.seed),
    profile: options.profile ?? 'chat',
    deadlineMs: options.deadlineMs ?? LIMITS.taskMs,
    ...without({ schema: request.schema, grammar, logprobs: options.logprobs }),
  };
}

/** Whether it is the address of a node as it may travel: others close the link on anything else. */
export const isTravellingAddress = (text: string): text is Address => v.is(addressSchema, text);

/** GBNF that allows exactly these texts. */
export function choicesGrammar(choices: readonly string[]): string {
  return `root ::= ${choices.map((choice) => `"${escapeLiteral(choice)}"`).join(' | ')}`;
}

/** GBNF knows `\\xHH`; quotes, backslashes and control characters can't stand in a literal as they are. */
const escapeLiteral = (literal: string): string =>
  literal.toWellFormed().replace(/[\u0000-\u001f"\\]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);

function check<T extends v.GenericSchema>(schema: T, value: unknown, what: string): v.InferOutput<T> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw bad(`The ${what} is not valid${path ? ` at "${path}"` : ''}: ${issue.message}.`);
}

const bad = (message: string, advice = 'Correct it and ask again; docs/api.md lists what is allowed.'): LlamboError =>
  new LlamboError('bad-request', message, { advice });

/** Without undefined fields. */
function without<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
