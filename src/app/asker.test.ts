import { describe, expect, it } from 'vitest';
import { createEngineClient, type LocalEngineNode } from '../engine/engine-client.ts';
import type { AnswerEvent } from '../protocol/chat.ts';
import { LlamboError } from '../shared/errors.ts';
import { nodeAddress } from '../shared/ids.ts';
import { systemEnv } from '../shared/system-env.ts';
import { createScriptedWorker, type ScriptedWorker } from '../testing/scripted-worker.ts';
import { createAsker, type Ask, type NodeSource } from './asker.ts';
import { createEventLog } from './event-log.ts';

const spec = {
  model: { id: 'scripted', name: 'Scripted', tier: 'tiny' as const, hash: null },
  files: [new Blob(['GGUF'])], context: 256, slots: 2, ubatch: 8, threads: 1, memoryBytes: 1, wasmUrl: 'none',
};

interface SetUp {
  readonly ask: Ask;
  readonly nodes: LocalEngineNode[];
  readonly workers: ScriptedWorker[];
  readonly log: ReturnType<typeof createEventLog>;
}

/** Some nodes; the source gives the first that is ready. */
async function setUp(count: number): Promise<SetUp> {
  const workers: ScriptedWorker[] = [];
  const createWorker = (): ScriptedWorker => {
    const worker = createScriptedWorker(systemEnv);
    workers.push(worker);
    return worker;
  };
  const nodes = Array.from({ length: count }, (_, index) => createEngineClient({ env: systemEnv, address: nodeAddress('t', `${index}`), createWorker }));
  for (const node of nodes) await node.load(spec);
  const acquire: NodeSource['acquire'] = async ({ node: wanted }) => {
    const ready = nodes.filter(({ address }) => !wanted || address === wanted).find((node) => ['idle', 'busy'].includes(node.info().state));
    if (!ready) throw new LlamboError('not-found', 'There is no such node.');
    return ready;
  };
  const log = createEventLog(systemEnv.clock);
  return { ask: createAsker({ env: systemEnv, nodes: { acquire }, log, samplingOf: () => ({ maxTokens: 100 }) }), nodes, workers, log };
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
      if (event.type === 'text' && nodesUsed.size === 1 && nodes[0]!.info().state === 'busy') workers[0]!.crash('gone');
    }
    const { text } = await answering.done;
    expect(text).toBe(Array.from({ length: 60 }, (_, index) => index + 1).join(' '));
    expect(nodesUsed.size).toBe(2);
    expect(moves).toEqual([{ type: 'moved', from: nodes[0]!.address, to: nodes[1]!.address, reason: 'engine-crashed' }]);
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
