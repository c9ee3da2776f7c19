import { describe, expect, it } from 'vitest';
import { createEngineClient, type LocalEngineNode } from '../engine/engine-client.ts';
import { createMinds } from '../orchestrator/minds.ts';
import { createOrchestrator } from '../orchestrator/orchestrator.ts';
import type { AnswerEvent, AskOptions } from '../protocol/chat.ts';
import { DEFAULT_POLICY } from '../protocol/policy.ts';
import { Emitter } from '../shared/emitter.ts';
import type { LlamboError } from '../shared/errors.ts';
import { nodeAddress, type DeviceId, type PeerId } from '../shared/ids.ts';
import { systemEnv } from '../shared/system-env.ts';
import { createScriptedWorker, type ScriptedWorker } from '../testing/scripted-worker.ts';
import { createAsker, type Ask } from './asker.ts';
import { createControl } from './control.ts';
import { createEventLog } from './event-log.ts';
import { nextTurn } from './next-turn.ts';
import { createNodePort, logOrchestrator, longestContext } from './orchestrating.ts';

const spec = {
  model: { id: 'scripted', name: 'Scripted', tier: 'tiny' as const, hash: null },
  files: [new Blob(['GGUF'])], context: 256, slots: 2, ubatch: 8, threads: 1, memoryBytes: 1, wasmUrl: 'none',
};

interface SetUp {
  readonly ask: Ask;
  readonly nodes: LocalEngineNode[];
  readonly workers: ScriptedWorker[];
  readonly log: ReturnType<typeof createEventLog>;
  /** How many jobs there were at the begin of each pause. */
  readonly turns: readonly number[];
}

const env = systemEnv;
const self = { peer: 't' as PeerId, device: 'd' as DeviceId };

/** A tab alone with some nodes. */
async function setUp(count: number, tiers: readonly ('tiny' | 'medium' | 'large')[] = [], chosen: string | null = null): Promise<SetUp> {
  const workers: ScriptedWorker[] = [];
  const createWorker = (): ScriptedWorker => {
    const worker = createScriptedWorker(env);
    workers.push(worker);
    return worker;
  };
  const changes = new Emitter<void>();
  const nodes = Array.from({ length: count }, (_, index) => createEngineClient({ env, address: nodeAddress('t', `${index}`), createWorker }));
  for (const [index, node] of nodes.entries()) {
    const tier = tiers[index] ?? 'tiny';
    await node.load({ ...spec, context: tier === 'tiny' ? spec.context : 1024, model: { ...spec.model, tier, id: tier === 'tiny' ? 'scripted' : tier } });
    node.onChange(() => changes.emit());
  }
  const turns: number[] = [];
  const log = createEventLog(env.clock);
  const port = createNodePort({
    self,
    pool: { nodes: () => nodes.map((node) => node.info()), get: (address) => nodes.find((node) => node.address === address) ?? null, onChange: (listener) => changes.on(listener) },
    sharing: () => ({ on: true, slots: 0, tokensPerHour: 0, keptModels: [] }),
    peers: () => [],
    remote: () => null,
    onPeers: () => () => undefined,
  });
  const orchestrator = createOrchestrator({
    env,
    control: createControl(self),
    nodes: port,
    policy: DEFAULT_POLICY,
    tick: (callback) => {
      const timer = setInterval(callback, 250);
      return () => clearInterval(timer);
    },
    ...createMinds(env.random),
  });
  logOrchestrator(orchestrator, log);
  const ask = createAsker({
    env, orchestrator,
    chosenModel: () => chosen,
    samplingOf: () => ({ maxTokens: 100 }),
    ownNodes: () => nodes.map(({ address }) => address),
    longestContext: (shape) => longestContext(port.all(), shape, self.peer),
    pause: async () => {
      turns.push(orchestrator.view().jobs.length);
      await nextTurn();
    },
  });
  return { ask, nodes, workers, log, turns };
}

const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no error', (error: LlamboError) => error.code);

describe('ask', () => {
  it('streams text that adds up to the answer', async () => {
    const { ask } = await setUp(1);
    const events: AnswerEvent[] = [];
    for await (const event of ask('count to 5')) events.push(event);
    const text = events.map((event) => (event.type === 'text' ? event.delta : '')).join('');
    const last = events.at(-1);
    expect(text).toBe('1 2 3 4 5');
    expect(last).toMatchObject({ type: 'done', answer: { text, finishReason: 'stop', model: 'scripted', profile: 'chat' } });
    expect(events[0]).toMatchObject({ type: 'started' });
  });

  it('begins many at once a few in each turn, in their order, and one that is cancelled meanwhile not at all', async () => {
    const { ask, turns, log } = await setUp(1);
    const asked = Array.from({ length: 60 }, (_, index) => ask(`count to ${(index % 3) + 1}`, { priority: 'batch' }));
    asked[50]!.cancel();
    const ends = await Promise.all(asked.map(({ done }) => done.then(({ text }) => text, ({ code }: LlamboError) => code)));
    expect(ends).toEqual(asked.map((_, index) => (index === 50 ? 'aborted' : ['1', '1 2', '1 2 3'][index % 3])));
    const begun = turns.map((jobs, turn) => jobs - (turns[turn - 1] ?? 0));
    expect(Math.max(...begun)).toBeLessThanOrEqual(8);
    expect(turns.length).toBeGreaterThanOrEqual(8);
    const granted = log.last(1000, ({ type }) => type === 'task granted').flatMap((event) => (event.type === 'task granted' ? [event.job] : []));
    expect(granted.slice(0, 16)).toEqual(asked.slice(0, 16).map(({ id }) => id));
  });

  it('runs without a listener, and reports a seed that repeats it', async () => {
    const { ask } = await setUp(1);
    const first = await ask('tell me something', { temperature: 1 }).done;
    const second = await ask('tell me something', { temperature: 1, seed: first.seed }).done;
    expect(second.text).toBe(first.text);
  });

  it.each(['chat', 'exact'] as const)('goes on elsewhere when a node dies in mid-answer, in profile %s, and no word is lost or doubled', async (profile) => {
    const { ask, nodes, workers } = await setUp(2);
    const answering = ask('count to 60', { profile });
    const nodesUsed = new Set<string>();
    const moves: unknown[] = [];
    for await (const event of answering) {
      if (event.type === 'moved') moves.push(event);
      if (event.type === 'started') nodesUsed.add(event.node);
      if (event.type === 'text' && nodesUsed.size === 1) workers[nodes.findIndex(({ address }) => nodesUsed.has(address))]!.crash('gone');
    }
    const { text } = await answering.done;
    const [first, second] = [...nodesUsed];
    expect(text).toBe(Array.from({ length: 60 }, (_, index) => index + 1).join(' '));
    expect(nodesUsed.size).toBe(2);
    expect(moves).toEqual([{ type: 'moved', from: first, to: second, reason: 'engine-crashed' }]);
  });

  it.each(['chat', 'exact'] as const)('goes on with the only node when that has been started again, in profile %s', async (profile) => {
    const { ask, nodes, workers } = await setUp(1);
    const moves: unknown[] = [];
    const answering = ask('count to 60', { profile });
    for await (const event of answering) {
      if (event.type === 'moved') moves.push([event.from, event.to]);
      if (event.type === 'text' && moves.length === 0 && workers.length === 1) workers[0]!.crash('gone');
    }
    expect((await answering.done).text).toBe(Array.from({ length: 60 }, (_, index) => index + 1).join(' '));
    expect(moves).toEqual([[nodes[0]!.address, nodes[0]!.address]]);
  });

  it('lets the chosen model answer whoever names none', async () => {
    const { ask, nodes } = await setUp(2, ['tiny', 'large'], 'scripted');
    const modelOf = async (request: object, options: AskOptions = {}): Promise<string> => (await ask({ messages: [{ role: 'user', content: 'count to 3' }], ...request }, options).done).model;
    expect(await modelOf({})).toBe('scripted');
    expect(await modelOf({}, { where: 'this tab' })).toBe('scripted');
    expect(await modelOf({ model: 'large' })).toBe('large');
    expect(await modelOf({ tier: 'medium' })).toBe('large');
    expect(await modelOf({}, { node: nodes[1]!.address })).toBe('large');
  });

  it('takes any model if the chosen one is gone, as long as nobody named it', async () => {
    const { ask } = await setUp(1, [], 'gone');
    expect((await ask('count to 3').done).model).toBe('scripted');
    expect(await codeOf(ask({ messages: [{ role: 'user', content: 'x' }], model: 'gone' }).done)).toBe('not-ready');
  });

  it('gives what was written when it is cancelled', async () => {
    const { ask } = await setUp(1);
    const answering = ask('count to 90');
    for await (const event of answering) if (event.type === 'text') answering.cancel();
    const answer = await answering.done;
    expect(answer.finishReason).toBe('cancelled');
    expect('1 2 3 4 5 6 7 8 9'.startsWith(answer.text.slice(0, 17))).toBe(true);
  });

  it('is cancelled by leaving the loop, and by the signal', async () => {
    const { ask, nodes } = await setUp(1);
    const left = ask('count to 90');
    for await (const event of left) if (event.type === 'text') break;
    expect((await left.done).finishReason).toBe('cancelled');
    const controller = new AbortController();
    const signalled = ask('count to 90', { signal: controller.signal });
    for await (const event of signalled) if (event.type === 'text') controller.abort();
    expect((await signalled.done).finishReason).toBe('cancelled');
    // The node's own word on its slots comes by another way than the answer, and may be later.
    await expect.poll(() => nodes[0]!.info().busy).toBe(0);
  });

  it.each<[unknown, object, string]>([
    ['', {}, 'question is empty'],
    [{ messages: [] }, {}, 'messages'],
    [{ messages: [{ role: 'user', content: 'x', extra: 1 }] }, {}, 'extra'],
    ['x', { temperature: -1 }, 'temperature'],
    ['x', { maxTokens: -5 }, 'maxTokens'],
    ['x', { logprobs: 100_000 }, 'logprobs'],
    ['x', { unknown: true }, 'unknown'],
    ['x', { deadlineMs: 0 }, 'deadlineMs'],
    ['x', { deadlineMs: -1000 }, 'deadlineMs'],
    ['x', { priority: 'urgent' }, 'priority'],
    ['x', { where: 'nowhere' }, '"this tab"'],
    ['x', { where: [] }, 'where'],
    ['x', { where: ['/elsewhere'] }, 'where'],
    ['x', { where: 'anywhere', node: '/n/llambo/t/1' }, 'one of node and where'],
    [{ messages: [{ role: 'user', content: 'x' }], tier: 'huge' }, {}, 'tier'],
    [{ messages: [{ role: 'user', content: 'x' }], choices: ['a'], grammar: 'root ::= "a"' }, {}, 'one of'],
  ])('refuses %j with %j, and names what is wrong', async (request, options, named) => {
    const { ask } = await setUp(1);
    const { done } = ask(request as string, options);
    await expect(done).rejects.toMatchObject({ code: 'bad-request' });
    await expect(done).rejects.toThrow(named);
  });

  it('does not move what was meant for one node', async () => {
    const { ask, nodes, workers } = await setUp(2);
    const reading = (async () => {
      for await (const event of ask('count to 90', { node: nodes[0]!.address })) if (event.type === 'text') workers[0]!.crash('gone');
    })();
    expect(await codeOf(reading)).toBe('engine-crashed');
  });

  it.each<[AskOptions, number[]]>([
    [{ where: 'this tab' }, [0, 1]],
    [{ where: [nodeAddress('t', '1')] }, [1]],
    [{ node: nodeAddress('t', '0') }, [0]],
  ])('runs where %j says', async (options, allowed) => {
    const { ask, nodes } = await setUp(2);
    for (let round = 0; round < 4; round += 1) expect(allowed.map((index) => nodes[index]!.address)).toContain((await ask('count to 3', options).done).node);
  });

  it('takes at least the tier that is asked for, and says which model answered', async () => {
    const { ask } = await setUp(2, ['tiny', 'large']);
    const { model } = await ask({ messages: [{ role: 'user', content: 'count to 3' }], tier: 'medium' }).done;
    expect(model).toBe('large');
  });

  it.each<[object, AskOptions, string]>([
    [{ model: 'other' }, {}, 'not-ready'],
    [{ tier: 'large' }, {}, 'not-ready'],
    [{}, { node: nodeAddress('t', '9') }, 'not-found'],
    [{}, { where: [nodeAddress('z', '1')] }, 'not-found'],
  ])('says what to do if nobody has %j %j', async (request, options, code) => {
    const { ask } = await setUp(1);
    await expect(ask({ messages: [{ role: 'user', content: 'x' }], ...request }, options).done).rejects.toMatchObject({ code, advice: expect.stringMatching(/\w/) as string });
  });

  it('words the question for the model that was granted, and moves with it', async () => {
    const { ask, nodes } = await setUp(1);
    const asked: string[] = [];
    const messagesFor = (model: string) => {
      asked.push(model);
      return [{ role: 'user' as const, content: `say: for ${model}` }];
    };
    const { text } = await ask('count to 3', {}, { messagesFor }).done;
    expect(text).toBe('for scripted');
    expect(asked).toEqual(['scripted']);
    expect(nodes[0]!.info().busy).toBe(0);
  });

  it.each([
    ['guessed too long by twice', 'lengthy '.repeat(200), 200],
    ['guessed too long by far', 'extraordinarily-long '.repeat(200), 200],
  ])('lets a node count what is %s', async (_, text, tokens) => {
    const { ask } = await setUp(1);
    expect((await ask(`say: ${text}`, { maxTokens: 3 }).done).usage.promptTokens).toBe(tokens + 1);
  });

  it('is told the exact length of what is too long, however long it is', async () => {
    const { ask } = await setUp(1);
    await expect(ask('word '.repeat(20_000)).done).rejects.toMatchObject({ code: 'context-overflow', details: { promptTokens: 20_000, contextTokens: 256 } });
  });

  it('goes to a node with more room if it is longer than it seemed', async () => {
    const { ask, nodes } = await setUp(2, ['tiny', 'medium']);
    // Each letter is a token.
    const long = 'x '.repeat(400);
    await expect(ask({ messages: [{ role: 'user', content: long }], model: 'scripted' }).done).rejects.toMatchObject({ code: 'context-overflow', details: { promptTokens: 400 } });
    // The one with more room is full: the other one takes it first.
    const busy = [1, 2].map(() => ask('count to 30', { node: nodes[1]!.address }).done);
    await expect.poll(() => nodes[1]!.info().busy).toBe(2);
    const started: string[] = [];
    const answering = ask(long);
    for await (const event of answering) if (event.type === 'started') started.push(event.model);
    expect(started).toEqual(['scripted', 'medium']);
    expect((await answering.done).usage.promptTokens).toBe(400);
    await Promise.all(busy);
  });

  it('ends in time', async () => {
    const { ask } = await setUp(1);
    expect(await codeOf(ask('count to 90', { deadlineMs: 100 }).done)).toBe('timeout');
  });

  it('writes the log without the prompt', async () => {
    const { ask, log } = await setUp(1);
    await ask('say: something secret').done;
    const stop = new AbortController();
    const entries = [];
    for await (const event of log.read({ signal: stop.signal })) {
      entries.push(event);
      if (event.type === 'task done') stop.abort();
    }
    expect(entries.map(({ type }) => type)).toEqual(['task granted', 'task done']);
    expect(JSON.stringify(entries)).not.toContain('secret');
  });
});
