import { describe, expect, it } from 'vitest';
import { candidateSeed } from '../orchestrator/fusion/diversity.ts';
import type { NodeFacts } from '../orchestrator/types.ts';
import type { Answer, AnswerEvent, Answering, AskOptions, ChatRequest } from '../protocol/chat.ts';
import type { LogEntry } from '../protocol/log-event.ts';
import { deferred } from '../shared/abort.ts';
import { createChannel, type Channel } from '../shared/channel.ts';
import { DEFAULT_POLICY, type FusionLimits } from '../protocol/policy.ts';
import { LlamboError, abortError } from '../shared/errors.ts';
import { nodeAddress, type DeviceId, type ModelHash, type PeerId } from '../shared/ids.ts';
import { createManualClock, settle } from '../testing/manual-clock.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import type { Inside } from './asker.ts';
import { createFuser } from './fuser.ts';

const hash = 'a'.repeat(64) as ModelHash;
const me = 'me' as PeerId;

const facts = (peer: string, name: string, model: string, change: Partial<NodeFacts> = {}): NodeFacts => ({
  address: nodeAddress(peer, name), peer: peer as PeerId, device: 'd' as DeviceId, shared: true, state: 'idle',
  model: { id: model, name: model, tier: 'tiny', hash, contextTokens: 256 }, slots: 4, busy: 0, waiting: 0, tokensPerSecond: 0, prefillPerSecond: 0, rttMs: 0, suspect: false, ...change,
});

interface Call {
  readonly request: ChatRequest;
  readonly options: AskOptions;
  readonly inside: Inside;
  readonly isCancelled: boolean;
  say(event: AnswerEvent): Promise<void>;
  end(text: string): Promise<void>;
  /** For whoever awaits it and reads no events. */
  resolve(text: string): Promise<void>;
  fail(error: LlamboError): Promise<void>;
}

function createCall(request: ChatRequest, options: AskOptions, inside: Inside): { call: Call; answering: Answering } {
  let isCancelled = false;
  const cancel = (): void => void (isCancelled = true);
  const events: Channel<AnswerEvent> = createChannel(cancel);
  const done = deferred<Answer>();
  const answering: Answering = { id: 'job', done: done.promise, cancel, [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() };
  const node = nodeAddress('me', '1');
  const answerOf = (text: string): Answer => ({
    text, finishReason: 'stop', usage: { promptTokens: 9, cachedTokens: 0, answerTokens: 2 }, timings: { queueMs: 0, firstTokenMs: 1, tokensPerSecond: 9 },
    model: request.model ?? 'any', modelHash: hash, node, seed: options.seed!, profile: options.profile ?? 'chat', logprobs: [{ token: text, logprob: -0.25 }],
  });
  const call: Call = {
    request, options, inside,
    get isCancelled() {
      return isCancelled;
    },
    async say(event) {
      events.push(event);
      await settle();
    },
    async resolve(text) {
      done.resolve(answerOf(text));
      await settle();
    },
    async end(text) {
      const answer = answerOf(text);
      for (const event of [{ type: 'started', node, model: answer.model }, { type: 'text', delta: text, candidate: 0 }, { type: 'done', answer }] satisfies AnswerEvent[]) events.push(event);
      events.end();
      await settle();
    },
    async fail(error) {
      events.fail(error);
      await settle();
    },
  };
  return { call, answering };
}

function setUp(nodes: NodeFacts[] = [facts('me', '1', 'one'), facts('me', '2', 'two')], chosen: string | null = null, limits: Partial<FusionLimits> = {}) {
  const clock = createManualClock();
  const calls: Call[] = [];
  const entries: LogEntry[] = [];
  const ask = createFuser({
    env: { clock, random: createSeededRandom(3) },
    ask(request, options = {}, inside = {}) {
      const { call, answering } = createCall(request as ChatRequest, options, inside);
      calls.push(call);
      return answering;
    },
    self: me, nodes: () => nodes, ownNodes: () => nodes.filter(({ peer }) => peer === me).map(({ address }) => address), chosenModel: () => chosen, limits: () => ({ ...DEFAULT_POLICY.fusion, ...limits }),
    log: { add: (entry) => void entries.push(entry) },
  });
  return { ask, calls, entries, clock };
}

const vote = { policy: 'vote', n: 5, format: 'number' } as const;
const failure = (answering: Answering): Promise<LlamboError> => answering.done.then(() => expect.unreachable(), (error: LlamboError) => error);

describe('what is asked', () => {
  it('without fusion, or of the first of one, goes through as it is', () => {
    const { ask, calls } = setUp();
    const options = { temperature: 1, where: 'this tab' } as const;
    const inside = { affinity: 'x' };
    ask('Hi', options, inside);
    expect(calls[0]).toMatchObject({ request: 'Hi' });
    expect(calls[0]!.options).toBe(options);
    expect(calls[0]!.inside).toBe(inside);
    ask('Hi', { fusion: { policy: 'first', n: 1 } });
    expect(calls[1]!.request).toBe('Hi');
  });

  it('of candidates differs as planned: exact, with seeds of the request\'s, on each model of the family', async () => {
    const { ask, calls } = setUp(undefined, 'two');
    ask({ messages: [{ role: 'user', content: 'Hi' }], sampling: { topP: 0.9 } }, { fusion: vote, seed: 42, priority: 'batch', maxTokens: 8, where: 'anywhere' });
    await settle();
    expect(calls.map(({ options }) => options)).toEqual(
      [0, 0, 0.2, 0.2, 0.3].map((temperature, index) => ({ topP: 0.9, maxTokens: 8, priority: 'batch', where: 'anywhere', logprobs: 0, profile: 'exact', temperature, seed: candidateSeed(42, index) })),
    );
    expect(calls.map(({ request }) => request.model)).toEqual(['two', 'one', 'two', 'one', 'two']);
    expect(calls[0]!.request).toEqual({ messages: [{ role: 'user', content: 'Hi' }], model: 'two' });
  });

  it('is no more at once than there is room for, and counts again when the news of its own has come', async () => {
    const { ask, calls, clock } = setUp([facts('me', '1', 'one', { slots: 2, busy: 1 }), facts('ada', '1', 'one', { guestSlots: 1 }), facts('bob', '1', 'one', { shared: false })]);
    ask('Hi', { fusion: vote });
    await settle();
    expect(calls).toHaveLength(2);
    await calls[0]!.say({ type: 'started', node: nodeAddress('me', '1'), model: 'one' });
    expect(calls).toHaveLength(2);
    await clock.advance(1000);
    await calls[0]!.say({ type: 'prefill', done: 1, total: 2 });
    expect(calls).toHaveLength(4);
  });

  it('is the words that suit each model, on the nodes that were named, within the time that is left', async () => {
    const { ask, calls, clock } = setUp([facts('me', '1', 'one', { slots: 1 }), facts('ada', '1', 'two', { slots: 0 })]);
    const messagesFor = (): [] => [];
    ask('Hi', { fusion: { ...vote, budget: { nodes: 1 } }, deadlineMs: 5000 }, { messagesFor, affinity: 'a' });
    await settle();
    expect(calls[0]!.options).toMatchObject({ where: [nodeAddress('me', '1')], deadlineMs: 5000 });
    expect(calls[0]!.inside.messagesFor!('one')).toEqual([]);
    expect(calls[0]!.inside.affinity).toBeUndefined();
    await clock.advance(2000);
    await calls[0]!.end('1');
    expect(calls[1]!.options).toMatchObject({ deadlineMs: 3000, where: [nodeAddress('me', '1')] });
    expect(calls.every(({ request }) => request.model === 'one')).toBe(true);
  });

  it('makes sense, or is refused by name', async () => {
    const { ask, calls } = setUp();
    expect(await failure(ask('Hi', { fusion: { policy: 'vote', n: 99 } }))).toMatchObject({ code: 'bad-request', message: expect.stringContaining('"fusion.n"') as string });
    expect(await failure(ask(' ', { fusion: vote }))).toMatchObject({ code: 'bad-request' });
    expect(calls).toHaveLength(0);
  });
});

describe('what comes back', () => {
  it('is one answer with its votes, as events and as a promise; the losers are stopped, and the log has figures only', async () => {
    const { ask, calls, entries } = setUp();
    const answering = ask('What is 47 + 38?', { fusion: vote, seed: 1 });
    const events: AnswerEvent[] = [];
    const reading = (async () => {
      for await (const event of answering) events.push(event);
    })();
    await settle();
    await calls[1]!.end('eighty');
    for (const index of [0, 2, 3]) await calls[index]!.end('85');
    const answer = await answering.done;
    await reading;
    expect(answer).toMatchObject({ text: '85', seed: 1, policy: 'vote', chosen: 0, dissent: [{ answer: 'eighty' }], votes: [{ count: 3, candidates: [0, 2, 3] }, { count: 1 }] });
    expect(answer).not.toHaveProperty('logprobs');
    expect(answer.candidates).toHaveLength(5);
    expect(answer.candidates![0]).toMatchObject({ model: 'one', seed: 1, temperature: 0, logprob: -0.25, replayable: true });
    expect(calls.map(({ isCancelled }) => isCancelled)).toEqual([false, false, false, false, true]);
    const leads = events.flatMap((event) => (event.type === 'lead' ? [event.candidate] : []));
    expect(leads).toEqual([1, 0]);
    expect(events.filter(({ type }) => type === 'votes')).toHaveLength(4);
    expect(events.at(-1)).toEqual({ type: 'done', answer });
    expect(entries).toMatchObject([{ type: 'voted', policy: 'vote', candidates: 5, done: 4, agree: 3, answers: 2 }]);
    expect(JSON.stringify(entries)).not.toContain('85');
  });

  it('goes on without those that fail', async () => {
    const { ask, calls } = setUp();
    const answering = ask('Hi', { fusion: { ...vote, n: 3 }, logprobs: 2 });
    await settle();
    expect(calls[0]!.options.logprobs).toBe(2);
    await calls[0]!.fail(new LlamboError('peer-lost', 'Gone.'));
    await calls[1]!.end('7');
    await calls[2]!.end('7');
    expect(await answering.done).toMatchObject({ text: '7', note: '1 of 3 failed: Gone.', logprobs: [{ token: '7', logprob: -0.25 }] });
  });

  it('is an error if all do', async () => {
    const { ask, calls } = setUp();
    const answering = ask('Hi', { fusion: { ...vote, n: 2 } });
    const code = failure(answering);
    await settle();
    for (const call of calls) await call.fail(new LlamboError('not-ready', 'No node.'));
    expect(await code).toMatchObject({ code: 'not-ready' });
    const reading = (async () => {
      for await (const event of answering) expect(event.type).toBe('lead');
    })();
    await expect(reading).rejects.toMatchObject({ code: 'not-ready' });
  });

  it('comes when its time is used up', async () => {
    const { ask, calls, clock } = setUp();
    const answering = ask('Hi', { fusion: { ...vote, budget: { seconds: 3 } } });
    await settle();
    await calls[0]!.end('7');
    await clock.advance(3000);
    expect(await answering.done).toMatchObject({ text: '7', note: expect.stringContaining('3 s') as string });
    expect(calls.filter(({ isCancelled }) => isCancelled)).toHaveLength(4);
  });
});

describe('what depends on who is there', () => {
  it('of `auto` is one engine where more don\'t pay, asked as if there were no fusion, and the answer says why', async () => {
    const { ask, calls } = setUp([facts('me', '1', 'one')]);
    const answering = ask('Tell me a story about a fox.', { fusion: { policy: 'auto' }, seed: 5, topP: 0.9 }, { affinity: 'x' });
    await settle();
    expect(calls.map(({ options: { signal: _, ...options }, inside }) => [options, inside])).toEqual([[{ topP: 0.9, seed: 5 }, { affinity: 'x' }]]);
    await calls[0]!.end('Once upon a time');
    const answer = await answering.done;
    // Nobody voted, and nothing says so.
    expect(answer.votes).toBeUndefined();
    expect(answer).toMatchObject({ text: 'Once upon a time', policy: 'first', promptClass: 'open', note: expect.stringContaining('One engine was asked') as string });
  });

  it('of `auto` is a vote only of models that were measured together: a small one does not outvote another that knows more', async () => {
    const family = setUp([facts('me', '1', 'tiny-1'), facts('me', '2', 'tiny-2'), facts('me', '3', 'zeta')]);
    family.ask('What is 2 + 5?', { fusion: { policy: 'auto' } });
    await settle();
    expect(family.calls.map(({ request }) => request.model)).toEqual(['tiny-1', 'tiny-2', 'tiny-1', 'tiny-2', 'tiny-1']);
    const strangers = setUp([facts('me', '1', 'tiny-1'), facts('me', '2', 'smollm2-135m')], 'smollm2-135m');
    strangers.ask('What is 2 + 5?', { fusion: { policy: 'auto' } });
    await settle();
    expect(strangers.calls).toHaveLength(1);
  });

  it('is no more than the swarm allows, and as many as it says where nobody does', async () => {
    const { ask, calls } = setUp(undefined, null, { count: 2, most: 3 });
    ask('What is 2 + 5?', { fusion: { policy: 'vote' } });
    await settle();
    expect(calls).toHaveLength(2);
    const answering = ask('What is 2 + 5?', { fusion: { policy: 'vote', n: 9, confidence: 1 } });
    await settle();
    expect(calls).toHaveLength(5);
    for (const call of calls.slice(2)) await call.end('7');
    expect(await answering.done).toMatchObject({ text: '7', note: '9 were wanted; this swarm asks 3 for one question at the most.' });
  });

  it('of a synthesis is the engines\' own answers where there is no larger model, and that of the larger one where there is', async () => {
    const small = setUp();
    const alone = small.ask('Tell me a story.', { fusion: { policy: 'synthesise', n: 2 } });
    await settle();
    for (const call of small.calls) await call.end('Once upon a time');
    expect(await alone.done).toMatchObject({ policy: 'select', note: expect.stringContaining('No larger model') as string });
    const large = facts('ada', '1', 'big', { model: { id: 'big', name: 'big', tier: 'large', hash, contextTokens: 4096 } });
    const { ask, calls } = setUp([facts('me', '1', 'one'), facts('me', '2', 'two'), large], 'one');
    const answering = ask('Tell me a story.', { fusion: { policy: 'synthesise', n: 2 }, maxTokens: 50 });
    await settle();
    await calls[0]!.end('A fox.');
    await calls[1]!.end('A dog.');
    expect(calls[2]).toMatchObject({ request: { tier: 'large' }, options: { temperature: 0, profile: 'chat', maxTokens: 50 } });
    await calls[2]!.end('A fox and a dog.');
    expect(await answering.done).toMatchObject({ text: 'A fox and a dog.', policy: 'synthesise', chosen: null, candidates: [{ text: 'A fox.' }, { text: 'A dog.' }] });
  });

  it('of an ensemble asks one node of each model for a token, and lets them vote where the text is cut otherwise', async () => {
    const { ask, calls } = setUp();
    const events: AnswerEvent[] = [];
    const answering = ask('Hi', { fusion: { ...vote, policy: 'ensemble', n: 2 } });
    const reading = (async () => {
      for await (const event of answering) events.push(event);
    })();
    await settle();
    expect(calls.map(({ request, options }) => [request.model, options.node, options.maxTokens, options.logprobs, options.profile])).toEqual([
      ['one', nodeAddress('me', '1'), 1, 20, 'chat'], ['two', nodeAddress('me', '2'), 1, 20, 'chat'],
    ]);
    // No call knows more than one token, and each says again that it has read nine.
    for (const call of calls.slice(0, 2)) await call.resolve('8');
    expect(calls.slice(2).map(({ request }) => request.messages.at(-1))).toEqual([{ role: 'assistant', content: '8' }, { role: 'assistant', content: '8' }]);
    for (const call of calls.slice(2, 4)) await call.resolve('5');
    expect(calls).toHaveLength(6);
    for (const call of calls.slice(4)) await call.end('85');
    await reading;
    expect(await answering.done).toMatchObject({ text: '85', policy: 'vote', note: expect.stringContaining('same tokens') as string });
    expect(events.flatMap((event) => (event.type === 'lead' ? [event.candidate] : []))).toEqual([2, 0]);
  });
});

describe('cancel', () => {
  it.each(['cancel', 'signal', 'leave'] as const)('by %s: stops all, and gives what is shown', async (how) => {
    const { ask, calls } = setUp();
    const controller = new AbortController();
    const answering = ask('Hi', { fusion: vote, signal: controller.signal });
    const reading = (async () => {
      for await (const event of answering) if (event.type === 'text' && how === 'leave') break;
    })();
    await settle();
    await calls[0]!.say({ type: 'started', node: nodeAddress('me', '1'), model: 'one' });
    await calls[0]!.say({ type: 'text', delta: 'Once', candidate: 0 });
    if (how === 'cancel') answering.cancel();
    if (how === 'signal') controller.abort();
    expect(await answering.done).toMatchObject({ text: 'Once', finishReason: 'cancelled', node: nodeAddress('me', '1') });
    await reading;
    expect(calls.every(({ isCancelled }) => isCancelled)).toBe(true);
  });

  it('before anybody has begun is an abort, and asks nobody if it was before', async () => {
    const { ask, calls } = setUp();
    const answering = ask('Hi', { fusion: vote });
    const error = failure(answering);
    await settle();
    answering.cancel();
    expect(await error).toMatchObject({ code: 'aborted' });
    const asked = calls.length;
    expect(await failure(ask('Hi', { fusion: vote, signal: AbortSignal.abort(abortError()) }))).toMatchObject({ code: 'aborted' });
    expect(calls).toHaveLength(asked);
  });
});
