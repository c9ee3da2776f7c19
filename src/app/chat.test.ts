import { describe, expect, it } from 'vitest';
import type { Answer, AnswerEvent, Answering, AskOptions, ChatRequest } from '../protocol/chat.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import type { AssistantTurn, Conversation, Reply } from '../protocol/snapshot.ts';
import { createChannel, type Channel } from '../shared/channel.ts';
import { LlamboError, abortError } from '../shared/errors.ts';
import { nodeAddress, type Address, type ConversationId } from '../shared/ids.ts';
import { createManualClock, settle } from '../testing/manual-clock.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import type { Inside } from './asker.ts';
import { createChat, type ChatDeps } from './chat.ts';
import { newConversation } from './conversation.ts';

const [here, there] = [nodeAddress('me', '1'), nodeAddress('ada', '1')];

interface Call {
  readonly request: ChatRequest;
  readonly options: AskOptions;
  readonly inside: Inside;
  readonly events: Channel<AnswerEvent>;
}

const entries: Record<string, Partial<CatalogEntry>> = { tiny: { singleTurn: true }, large: { systemPrompt: 'Be wise.' } };

function setUp(change: Partial<ChatDeps> = {}) {
  const env = { clock: createManualClock(), random: createSeededRandom(5) };
  const kept = new Map<ConversationId, Conversation>();
  const open = (): ConversationId => {
    const conversation = newConversation(env);
    kept.set(conversation.id, conversation);
    return conversation.id;
  };
  let current = open();
  let asked: Address | null = null;
  const calls: Call[] = [];
  const notices: string[] = [];
  const acts: (() => void)[] = [];
  const add: ChatDeps['notices']['add'] = ({ text }, act) => {
    notices.push(text);
    if (act) acts.push(act);
  };
  const chat = createChat({
    env,
    conversations: {
      get: (id: ConversationId) => kept.get(id)!,
      change: (id: ConversationId, apply: (conversation: Conversation) => Conversation) => void kept.set(id, apply(kept.get(id)!)),
      whileWriting: (_: ConversationId, work: () => Promise<unknown>) => work(),
    } as unknown as ChatDeps['conversations'],
    notices: { add, report: () => undefined, dismiss: () => undefined, act: () => undefined },
    ask(request, options = {}, inside = {}) {
      const events = createChannel<AnswerEvent>();
      calls.push({ request: request as ChatRequest, options, inside, events });
      return { id: 'job-1', done: Promise.resolve({} as Answer), cancel: () => undefined, [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() } satisfies Answering;
    },
    open: () => current,
    entry: (model) => (entries[model] as CatalogEntry | undefined) ?? null,
    model: () => 'tiny',
    askedNode: () => asked,
    staysHere: () => false,
    fusion: () => null,
    forgetAskedNode: () => void (asked = null),
    ready: Promise.resolve(),
    ...change,
  });
  const reply = (): Reply => {
    const turn = kept.get(current)!.turns.at(-1) as AssistantTurn;
    return turn.replies[turn.shown]!;
  };
  async function answer(text: string, events: AnswerEvent[]): Promise<Call> {
    chat.ask(text);
    await settle();
    const call = calls.at(-1)!;
    for (const event of events) call.events.push(event);
    call.events.end();
    await settle();
    return call;
  }
  const turns = () => kept.get(current)!.turns;
  return { chat, calls, notices, acts, turns, reply, answer, another: () => void (current = open()), askOn: (node: Address) => void (asked = node) };
}

const said = (delta: string): AnswerEvent => ({ type: 'text', delta, candidate: 0 });
const started = (node: Address, model: string): AnswerEvent => ({ type: 'started', node, model });

describe('what a model is asked', () => {
  it('is as it suits the model that is granted, whichever that is', async () => {
    const { answer } = setUp();
    await answer('one', [started(here, 'tiny'), said('eins')]);
    const { request, inside } = await answer('two', [said('zwei')]);
    expect(request.messages.map(({ content }) => content)).toEqual(['two']);
    expect(inside.messagesFor!('large').map(({ content }) => content)).toEqual(['Be wise.', 'one', 'eins', 'two']);
    expect(inside.messagesFor!('unknown').map(({ content }) => content)).toEqual(['one', 'eins', 'two']);
  });

  it('is asked on the node that the person chose, and anywhere if none was chosen', async () => {
    const { answer, askOn } = setUp();
    expect((await answer('one', [])).options.node).toBeUndefined();
    askOn(there);
    expect((await answer('two', [])).options.node).toBe(there);
  });

  it('has a mark that is the same for all turns of a conversation, and another for another', async () => {
    const { answer, another } = setUp();
    const marks = [await answer('one', []), await answer('two', [])].map(({ inside }) => inside.affinity);
    another();
    const other = (await answer('one', [])).inside.affinity;
    expect(marks[0]).toMatch(/^\w{8,}$/);
    expect(marks[1]).toBe(marks[0]);
    expect(other).not.toBe(marks[0]);
  });
});

describe('what the page shows of an answer', () => {
  it('where it waits, and how long that may take', async () => {
    const { answer, reply } = setUp();
    await answer('one', [{ type: 'queued', place: 3, estimateMs: 12_000 }]);
    expect(reply().state).toEqual({ kind: 'waiting', place: 3, estimateMs: 12_000 });
  });

  it('who writes now, and where it has moved', async () => {
    const { answer, reply } = setUp();
    await answer('one', [started(there, 'large'), said('a '), { type: 'moved', from: there, to: here, reason: 'peer-lost' }, started(here, 'tiny'), said('b')]);
    expect(reply()).toEqual({ text: 'a b', state: { kind: 'writing', model: 'tiny' }, moved: [{ from: there, to: here }] });
  });

  it('of several engines the words of the one that leads, at once and whole, and in the end what was made of all', async () => {
    const { answer, reply, chat, calls } = setUp();
    const two: AnswerEvent[] = [started(here, 'tiny'), said('for'), { type: 'text', delta: '42', candidate: 1 }, said('ty')];
    await answer('one', two);
    expect(reply()).toEqual({ text: 'forty', state: { kind: 'writing', model: 'tiny' } });
    chat.ask('two');
    await settle();
    const { events } = calls.at(-1)!;
    for (const event of [...two, { type: 'lead', candidate: 1 } as const, started(there, 'large')]) events.push(event);
    await settle();
    expect(reply()).toEqual({ text: '42', state: { kind: 'writing', model: 'large' } });
    const votes = [{ answer: '42', text: '42', count: 1, weight: 1, candidates: [1] }];
    const whole = { text: '41', model: 'large', votes, chosen: null } as unknown as Answer;
    events.push({ type: 'done', answer: whole });
    await settle();
    expect(reply()).toMatchObject({ text: '41', state: { kind: 'done', answer: { votes, chosen: null } } });
  });

  it('stays in this tab if the person wants no other to read it', async () => {
    const { chat, calls } = setUp({ staysHere: () => true });
    chat.ask('one');
    await settle();
    expect(calls[0]!.options).toMatchObject({ where: 'this tab' });
  });

  it('goes on in this tab, and nowhere else, if the chosen node can\'t answer, from the last word', async () => {
    const { chat, calls, reply, notices, askOn } = setUp();
    askOn(there);
    chat.ask('one');
    await settle();
    calls[0]!.events.push(said('half'));
    calls[0]!.events.fail(new LlamboError('peer-lost', 'That tab is gone.'));
    await settle();
    expect(calls[1]!.options).toMatchObject({ where: 'this tab' });
    expect(calls[1]!.options).not.toHaveProperty('node');
    expect(calls[1]!.inside.messagesFor!('large').at(-1)).toEqual({ role: 'assistant', content: 'half' });
    expect(notices).toHaveLength(1);
    calls[1]!.events.push(said(' whole'));
    await settle();
    expect(reply().text).toBe('half whole');
  });

  it('when a change of the question is taken back: what was written, and nobody writes on', async () => {
    const { chat, calls, turns, acts, reply } = setUp();
    chat.ask('one');
    await settle();
    calls[0]!.events.push(said('half'));
    await settle();
    chat.editAndAsk(turns()[0]!.id, 'two');
    calls[0]!.events.fail(abortError());
    await settle();
    acts[0]!();
    await settle();
    expect(reply()).toEqual({ text: 'half', state: { kind: 'interrupted', model: 'tiny' } });
    chat.continueReply(turns()[1]!.id);
    await settle();
    expect(calls.at(-1)!.inside.messagesFor!('large').at(-1)).toEqual({ role: 'assistant', content: 'half' });
  });
});
