/** The real engine: wllama in a worker with the built-in model. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadSpec } from '../protocol/engine-api.ts';
import type { Task, TaskEvent } from '../protocol/engine-node.ts';
import { parseAsk, taskFor } from '../protocol/request.ts';
import type { LlamboError } from '../shared/errors.ts';
import { nodeAddress } from '../shared/ids.ts';
import { systemEnv } from '../shared/system-env.ts';
import { engineNodeSuite, makeTask, runToEnd, textOf } from '../testing/engine-node-suite.ts';
import { createEngineClient, type LocalEngineNode } from './engine-client.ts';
import { engineWasm, startEngineWorker } from './start-worker.ts';
import { createEngineHost } from './worker/engine-host.ts';
import { createWllamaRuntime } from './worker/wllama-adapter.ts';

const address = nodeAddress('test', 'real');
const longQuestion = 'Tell me a story about a fox.';

const newNode = (): LocalEngineNode => createEngineClient({ env: systemEnv, address, createWorker: startEngineWorker });

async function tinySpec(change: Partial<LoadSpec> = {}): Promise<LoadSpec> {
  const response = await fetch('/models/tiny-1.gguf');
  return {
    model: { id: 'tiny-1', name: 'Llambo Tiny 1', tier: 'tiny', hash: null },
    files: [await response.blob()],
    context: 256, slots: 3, ubatch: 64, threads: 1, memoryBytes: 3e7,
    ...engineWasm(),
    ...change,
  };
}

async function tinyNode(change: Partial<LoadSpec> = {}): Promise<LocalEngineNode> {
  const node = newNode();
  await node.load(await tinySpec(change));
  return node;
}

engineNodeSuite('wllama with the built-in model', async () => ({ node: await tinyNode(), longQuestion }));

describe('the real engine', () => {
  const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no error', (error: LlamboError) => error.code);

  describe('that goes on from task to task', () => {
    let node: LocalEngineNode;
    beforeAll(async () => {
      node = await tinyNode();
    });
    afterAll(() => node.stop());

    it('adds', async () => {
      const { text } = await runToEnd(node, makeTask('What is 47 + 38?'));
      expect(text).toBe('85');
    });

    it('is bit-identical alone, beside other work, in another instance and with another number of slots', async () => {
      const task = () => makeTask(longQuestion, { logprobs: 1, sampling: { temperature: 0.8, maxTokens: 60 } });
      const logprobs = async (node: LocalEngineNode): Promise<unknown> =>
        (await runToEnd(node, task())).events.flatMap((event) => (event.type === 'tokens' ? (event.logprobs ?? []) : []));
      const alone = await logprobs(node);
      const [beside] = await Promise.all([logprobs(node), runToEnd(node, makeTask('Tell me a story.')), runToEnd(node, makeTask('Sort: 3, 1, 2'))]);
      expect(beside).toEqual(alone);
      const other = await tinyNode({ slots: 1 });
      expect(await logprobs(other)).toEqual(alone);
      await other.stop();
    });

    it('reuses a conversation\'s prefix in the chat profile and not in the exact one', async () => {
      const cached = async (profile: 'chat' | 'exact'): Promise<number> =>
        (await runToEnd(node, makeTask('Which is larger, 514 or 541?', { profile }))).result.usage.cachedTokens;
      await cached('chat');
      expect(await cached('chat')).toBeGreaterThan(5);
      expect(await cached('exact')).toBe(0);
    });

    it('continues a conversation at the same character', async () => {
      const whole = await runToEnd(node, makeTask('What is 47 + 38?'));
      const messages = [{ role: 'user', content: 'What is 47 + 38?' }, { role: 'assistant', content: whole.text.slice(0, 1) }] as const;
      const rest = await runToEnd(node, makeTask('', { messages }));
      expect(whole.text.slice(0, 1) + rest.text).toBe(whole.text);
    });

    it('does not even start a neighbour anew when it refuses', async () => {
      const neighbour = runToEnd(node, makeTask(longQuestion, { sampling: { temperature: 0, maxTokens: 60 } }));
      const bad = (): Promise<string> => codeOf(runToEnd(node, makeTask('What is 3 + 4?', { schema: { type: 'nonsense' } })));
      expect([await bad(), ...(await Promise.all([bad(), bad()]))]).toEqual(Array(3).fill('bad-request'));
      const types = (await neighbour).events.map(({ type }) => type);
      expect(types.lastIndexOf('prefill')).toBeLessThan(types.indexOf('tokens'));
    });

    it('answers with one of the choices, whatever is in them', async () => {
      const random = systemEnv.random;
      const task = taskFor(parseAsk({ messages: [{ role: 'user', content: 'Yes or no?' }], choices: ['"quoted"', 'back\\slash', 'line\nbreak'] }), random);
      const { text } = await runToEnd(node, task);
      expect(['"quoted"', 'back\\slash', 'line\nbreak']).toContain(text);
    });
  });

  it('answers even what wllama drops', async () => {
    // With three tasks at once in one slot, it drops two.
    const host = createEngineHost(systemEnv, () => {
      const runtime = createWllamaRuntime(systemEnv.clock);
      return { ...runtime, load: async (spec) => ({ ...(await runtime.load({ ...spec, slots: 1 })), slots: spec.slots }) };
    });
    expect(await host.load(await tinySpec(), () => undefined)).toMatchObject({ ok: true, value: { slots: 3 } });
    const answer = async (task: Task): Promise<string> => {
      const events: TaskEvent[] = [];
      expect(await host.run(task, (more) => events.push(...more))).toEqual({ ok: true, value: null });
      return textOf(events);
    };
    const sums = Array.from({ length: 3 }, () => answer(makeTask('What is 47 + 38?')));
    expect(await Promise.all(sums)).toEqual(['85', '85', '85']);
  });

  it.each([
    ['garbage', () => new Blob([new Uint8Array(5000).fill(7)])],
    ['a web page', () => new Blob(['<!doctype html><title>404</title>'])],
  ])('refuses %s', async (_, file) => {
    const node = newNode();
    expect(await codeOf(node.load(await tinySpec({ files: [file()] })))).toBe('model-invalid');
    await node.stop();
  });

  it('refuses a truncated model', async () => {
    const spec = await tinySpec();
    const node = newNode();
    expect(await codeOf(node.load({ ...spec, files: [spec.files[0]!.slice(0, 500_000)] }))).toBe('model-invalid');
    await node.stop();
  });

  it('says so when the wasm is missing, and does not wait for ever', async () => {
    const node = newNode();
    expect(await codeOf(node.load(await tinySpec({ wasmUrl: new URL('/nothing.wasm?url', location.href).href })))).toBe('download-failed');
    await node.stop();
  });

  it('ends the answer with an error when its worker is killed, and answers again after the restart', async () => {
    const workers: Worker[] = [];
    const createWorker = (): Worker => {
      const worker = startEngineWorker() as Worker;
      workers.push(worker);
      return worker;
    };
    const node = createEngineClient({ env: systemEnv, address, createWorker });
    await node.load(await tinySpec());
    const killed = codeOf((async () => {
      for await (const event of node.run(makeTask(longQuestion, { sampling: { maxTokens: 200 } }))) {
        if (event.type === 'tokens') workers[0]!.dispatchEvent(new ErrorEvent('error', { message: 'killed by the test' }));
      }
    })());
    expect(await killed).toBe('engine-crashed');
    await new Promise<void>((resolve) => node.onChange(({ state }) => state === 'idle' && resolve()));
    expect((await runToEnd(node, makeTask('What is 47 + 38?'))).text).toBe('85');
    await node.stop();
  });
});
