import { describe, expect, it } from 'vitest';
import type { LoadSpec } from '../protocol/engine-api.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { LlamboError } from '../shared/errors.ts';
import { nodeAddress } from '../shared/ids.ts';
import { systemEnv } from '../shared/system-env.ts';
import { engineNodeSuite, makeTask, runToEnd } from '../testing/engine-node-suite.ts';
import { createManualClock, settle } from '../testing/manual-clock.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createScriptedWorker, type ScriptedWorker } from '../testing/scripted-worker.ts';
import { createEngineClient } from './engine-client.ts';

const address = nodeAddress('test', 'a');
const spec: LoadSpec = {
  model: { id: 'scripted', name: 'Scripted', tier: 'tiny', hash: null },
  files: [new Blob(['GGUF'])],
  context: 256, slots: 2, ubatch: 8, threads: 1, memoryBytes: 1, wasmUrl: 'none',
};

engineNodeSuite('the scripted engine', async () => {
  const node = createEngineClient({ env: systemEnv, address, createWorker: () => createScriptedWorker(systemEnv) });
  await node.load(spec);
  return { node, longQuestion: 'count to 90' };
});

describe('engine-client', () => {
  function setUp() {
    const env = { clock: createManualClock(), random: createSeededRandom(1) };
    const workers: ScriptedWorker[] = [];
    const createWorker = (): ScriptedWorker => {
      const worker = createScriptedWorker(env);
      workers.push(worker);
      return worker;
    };
    return { ...env, workers, node: createEngineClient({ env, address, createWorker }) };
  }

  const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no error', (error: LlamboError) => error.code);

  it('ends running calls when the worker crashes, restarts it, and answers again', async () => {
    const { node, workers, clock } = setUp();
    await node.load(spec);
    const running = codeOf(runToEnd(node, makeTask('count to 9')));
    await clock.advance(10);
    workers[0]!.crash('out of memory');
    expect(await running).toBe('engine-crashed');
    expect(node.info()).toMatchObject({ state: 'loading', restarts: 1 });
    await clock.advance(LIMITS.restartDelayMs);
    await settle();
    expect(node.info().state).toBe('idle');
    const again = runToEnd(node, makeTask('count to 3'));
    await clock.advance(100);
    expect((await again).text).toBe('1 2 3');
  });

  it('learns how fast it reads and writes; a prompt that was in the cache tells nothing', async () => {
    const { node, clock } = setUp();
    await node.load(spec);
    expect(node.info()).toMatchObject({ tokensPerSecond: 0, prefillPerSecond: 0 });
    const run = async (question: string): Promise<void> => {
      const running = runToEnd(node, makeTask(question));
      await clock.advance(2000);
      await running;
    };
    await run(`say: ${'word '.repeat(40)}`);
    const { tokensPerSecond, prefillPerSecond } = node.info();
    expect(tokensPerSecond).toBeGreaterThan(0);
    expect(prefillPerSecond).toBeGreaterThan(8 * tokensPerSecond);
    await run('hi');
    expect(node.info().prefillPerSecond).toBe(prefillPerSecond);
  });

  it('notices a worker that dies in silence while it works', async () => {
    const { node, workers, clock } = setUp();
    await node.load(spec);
    const running = codeOf(runToEnd(node, makeTask('count to 9')));
    await clock.advance(10);
    workers[0]!.freeze();
    await clock.advance(2 * (LIMITS.pingMs + LIMITS.pingReplyMs));
    expect(await running).toBe('engine-crashed');
  });

  it('does not take one missed ping for death', async () => {
    const { node, workers, clock } = setUp();
    await node.load(spec);
    const running = codeOf(runToEnd(node, makeTask('count to 9')));
    await clock.advance(10);
    workers[0]!.freeze();
    await clock.advance(LIMITS.pingMs + LIMITS.pingReplyMs);
    expect(node.info().restarts).toBe(0);
    expect(workers).toHaveLength(1);
    await node.stop();
    expect(await running).toBe('stopped');
  });

  it('gives up after the limit of restarts', async () => {
    const { node, workers, clock } = setUp();
    await node.load(spec);
    for (let crash = 0; crash <= LIMITS.restarts; crash += 1) {
      workers.at(-1)!.crash('again');
      await clock.advance(LIMITS.restartDelayMs * 2 ** LIMITS.restarts);
    }
    expect(node.info().state).toBe('error');
    expect(workers).toHaveLength(LIMITS.restarts + 1);
    expect(await codeOf(runToEnd(node, makeTask('hello')))).toBe('not-ready');
  });

  it('rejects a load when the worker never comes up', async () => {
    const { node, workers, clock } = setUp();
    const loading = codeOf(node.load(spec));
    workers[0]!.freeze();
    await clock.advance(LIMITS.workerStartMs);
    expect(await loading).toBe('timeout');
    expect(node.info().state).toBe('error');
  });

  it('refuses what is no model', async () => {
    const { node } = setUp();
    expect(await codeOf(node.load({ ...spec, files: [new Blob(['<html>'])] }))).toBe('model-invalid');
    expect(node.info()).toMatchObject({ state: 'error', model: null });
  });
});
