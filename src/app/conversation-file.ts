/** Conversations as a file: written for people who move to another browser, read as anything from outside. */
import * as v from 'valibot';
import type { Sampling } from '../protocol/chat.ts';
import { samplingSchema } from '../protocol/request.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Conversation, Reply, Turn } from '../protocol/snapshot.ts';
import type { Env } from '../shared/env.ts';
import { LlamboError } from '../shared/errors.ts';
import { newConversationId, newTurnId } from '../shared/ids.ts';

const FORMAT = 'llambo-conversations';
const VERSION = 1;

const text = v.pipe(v.string(), v.maxLength(LIMITS.requestChars));
const name = v.fallback(v.pipe(v.string(), v.maxLength(400)), '');
const time = v.fallback(v.pipe(v.number(), v.finite(), v.minValue(0)), 0);

const turn = v.variant('role', [
  v.object({ role: v.literal('user'), text }),
  v.object({ role: v.literal('assistant'), model: name, replies: v.pipe(v.array(text), v.minLength(1), v.maxLength(1000)), shown: v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0)), 0) }),
]);

const fileSchema = v.object({
  format: v.literal(FORMAT),
  version: v.pipe(v.number(), v.integer(), v.maxValue(VERSION, `is ${VERSION} at most in this version of Llambo`)),
  conversations: v.pipe(
    v.array(
      v.object({
        title: name,
        createdAt: time,
        updatedAt: time,
        systemPrompt: v.fallback(text, ''),
        sampling: v.fallback(samplingSchema, {}),
        turns: v.pipe(v.array(turn), v.maxLength(LIMITS.messages)),
      }),
    ),
    v.maxLength(LIMITS.conversations),
  ),
});

/** @returns JSON, indented: a person may want to read it. Speeds and seeds are left out: they belong to this device. */
export function writeConversations(conversations: readonly Conversation[]): string {
  const content: v.InferInput<typeof fileSchema> = {
    format: FORMAT,
    version: VERSION,
    conversations: conversations.map(({ title, createdAt, updatedAt, systemPrompt, sampling, turns }) => ({
      title, createdAt, updatedAt, systemPrompt, sampling,
      turns: turns.map((one) =>
        one.role === 'user'
          ? { role: 'user', text: one.text }
          : { role: 'assistant', model: writer(one.replies), replies: one.replies.map((reply) => reply.text), shown: one.shown },
      ),
    })),
  };
  return JSON.stringify(content, null, 2);
}

const writer = (replies: readonly Reply[]): string =>
  replies.map(({ state }) => (state.kind === 'done' ? state.answer.model : 'model' in state ? state.model : '')).find((model) => model !== '') ?? '';

/**
 * @returns the conversations with new ids: importing twice gives copies, and overwrites nothing
 * @throws LlamboError `bad-request` that says what in the file is wrong
 */
export function readConversations(content: string, { random }: Env): Conversation[] {
  const result = v.safeParse(fileSchema, parseJson(content));
  if (!result.success) {
    const [issue] = result.issues;
    throw bad(`"${v.getDotPath(issue) ?? 'the file'}": ${issue.message}.`);
  }
  return result.output.conversations.map((conversation) => ({
    ...conversation,
    id: newConversationId(random),
    sampling: withoutUndefined(conversation.sampling),
    turns: conversation.turns.map((one): Turn => {
      const id = newTurnId(random);
      if (one.role === 'user') return { id, role: 'user', text: one.text };
      const replies = one.replies.map((reply): Reply => ({ text: reply, state: { kind: 'imported', model: one.model } }));
      return { id, role: 'assistant', replies, shown: Math.min(one.shown, replies.length - 1) };
    }),
  }));
}

/** valibot's optional fields may be undefined; ours are absent then. */
const withoutUndefined = (sampling: v.InferOutput<typeof samplingSchema>): Sampling =>
  Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined));

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw bad(error instanceof Error ? error.message : 'it is no JSON.');
  }
}

const bad = (why: string): LlamboError =>
  new LlamboError('bad-request', `That is no file of Llambo conversations: ${why}`, { advice: 'Choose a file that "Export" wrote.' });
