import { describe, expect, it } from 'vitest';
import type { AssistantTurn, Conversation, Reply } from '../protocol/snapshot.ts';
import type { LlamboError } from '../shared/errors.ts';
import type { TurnId } from '../shared/ids.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { readConversations, writeConversations } from './conversation-file.ts';
import { markInterrupted, messagesFor, newConversation, titleOf, withAnotherReply, withQuestion, withReply, withShorterContext } from './conversation.ts';

const env = { clock: createManualClock(1000), random: createSeededRandom(3) };
const options = { systemPrompt: undefined, singleTurn: false };

/** A conversation of questions and answers in turn. */
function talk(...texts: string[]): Conversation {
  let conversation = newConversation(env);
  for (let index = 0; index < texts.length; index += 2) {
    const [next, turn] = withQuestion(conversation, texts[index]!, env);
    conversation = withReply(next, turn, () => ({ text: texts[index + 1] ?? '', state: { kind: 'interrupted', model: 'm' } }));
  }
  return conversation;
}

const lastTurn = (conversation: Conversation): TurnId => conversation.turns.at(-1)!.id;

describe('messagesFor', () => {
  it('gives the turns before the answer, and the answer\'s own beginning to be continued', () => {
    const conversation = talk('one', 'eins', 'two', 'zw');
    expect(messagesFor(conversation, lastTurn(conversation), options)).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'eins' },
      { role: 'user', content: 'two' },
      { role: 'assistant', content: 'zw' },
    ]);
  });

  it('takes the conversation\'s system prompt before the model\'s, and either before none', () => {
    const conversation = talk('one');
    const first = (change: Partial<Conversation>, systemPrompt?: string) =>
      messagesFor({ ...conversation, ...change }, lastTurn(conversation), { systemPrompt, singleTurn: false })[0];
    expect(first({ systemPrompt: 'mine' }, 'theirs')).toEqual({ role: 'system', content: 'mine' });
    expect(first({ systemPrompt: '  ' }, 'theirs')).toEqual({ role: 'system', content: 'theirs' });
    expect(first({})).toEqual({ role: 'user', content: 'one' });
  });

  it('sends a single-turn model the last question only', () => {
    const conversation = talk('one', 'eins', 'two', '');
    expect(messagesFor(conversation, lastTurn(conversation), { ...options, singleTurn: true })).toEqual([{ role: 'user', content: 'two' }]);
  });

  it('leaves out questions that were never answered', () => {
    const conversation = talk('one', '', 'two', 'zwei', 'three', '');
    expect(messagesFor(conversation, lastTurn(conversation), options).map(({ content }) => content)).toEqual(['two', 'zwei', 'three']);
  });

  it('sends the reply that is shown', () => {
    let conversation = talk('one', 'eins');
    const turn = lastTurn(conversation);
    conversation = withReply(withAnotherReply(conversation, turn), turn, (reply) => ({ ...reply, text: 'uno' }));
    const [next, answer] = withQuestion(conversation, 'two', env);
    expect(messagesFor(next, answer, options)[1]).toEqual({ role: 'assistant', content: 'uno' });
  });
});

describe('withShorterContext', () => {
  it('drops the oldest turns from what is sent, and none from the page', () => {
    const long = 'x'.repeat(100);
    const conversation = talk(long, long, long, long, 'last', '');
    const shorter = withShorterContext(conversation, lastTurn(conversation), 0.6);
    expect(shorter.turns).toHaveLength(6);
    expect(messagesFor(shorter, lastTurn(conversation), options).map(({ content }) => content)).toEqual([long, long, 'last']);
  });

  it('keeps the last question whatever its length', () => {
    const conversation = talk('one', 'eins', 'x'.repeat(1000), '');
    const shorter = withShorterContext(conversation, lastTurn(conversation), 0.01);
    expect(messagesFor(shorter, lastTurn(conversation), options)).toHaveLength(1);
  });
});

describe('markInterrupted', () => {
  it('ends what was being written and keeps its words', () => {
    const states: Reply['state'][] = [{ kind: 'waiting', place: 1 }, { kind: 'prefill', done: 1, total: 2, model: 'm' }, { kind: 'writing', model: 'm' }];
    for (const state of states) {
      const conversation = talk('one', 'half');
      const writing = withReply(conversation, lastTurn(conversation), (reply) => ({ ...reply, state }));
      const [reply] = (markInterrupted(writing).turns[1] as AssistantTurn).replies;
      expect(reply).toMatchObject({ text: 'half', state: { kind: 'interrupted' } });
    }
  });
});

describe('titleOf', () => {
  it.each([
    ['  What is 47 + 38?\nplease', 'What is 47 + 38?'],
    ['word '.repeat(40), `${'word '.repeat(12).trim()}…`],
    ['x'.repeat(300), `${'x'.repeat(60)}…`],
    [`${'x'.repeat(59)}😀${'y'.repeat(60)}`, `${'x'.repeat(59)}\uFFFD…`],
  ])('of %j', (text, title) => expect(titleOf(text)).toBe(title));
});

describe('a file of conversations', () => {
  it('brings back what was written, under new ids', () => {
    const conversation = { ...talk('one', 'eins', 'two', 'zwei'), systemPrompt: 'be brief', sampling: { temperature: 0.5, stop: ['\n'] } };
    const [read] = readConversations(writeConversations([conversation]), env);
    expect(read).toMatchObject({ title: 'one', systemPrompt: 'be brief', sampling: conversation.sampling });
    expect(read!.id).not.toBe(conversation.id);
    expect(messagesFor(read!, lastTurn(read!), options)).toEqual(messagesFor(conversation, lastTurn(conversation), options));
  });

  it.each([
    ['no JSON', '{'],
    ['another format', '{"format":"chatgpt","version":1,"conversations":[]}'],
    ['a newer version', '{"format":"llambo-conversations","version":2,"conversations":[]}'],
    ['a turn without text', '{"format":"llambo-conversations","version":1,"conversations":[{"turns":[{"role":"user"}]}]}'],
  ])('is refused with a reason: %s', (_, content) => {
    const read = (): unknown => readConversations(content, env);
    expect(read).toThrow(/^That is no file of Llambo conversations: .+/);
    try {
      read();
    } catch (error) {
      expect((error as LlamboError).advice).toContain('Export');
    }
  });
});
