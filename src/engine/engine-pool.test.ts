import { describe, expect, it } from 'vitest';
import type { CatalogEntry } from '../protocol/models.ts';
import type { LlamboError } from '../shared/errors.ts';
import { nodeAddress, parseModelHash } from '../shared/ids.ts';
import { createFakeChannels, createFakeLocks } from '../testing/fake-locks.ts';
import { makeTask, runToEnd } from '../testing/engine-node-suite.ts';
import { createManualClock, settle, type ManualClock } from '../testing/manual-clock.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createScriptedWorker } from '../testing/scripted-worker.ts';
import { createEngineClient } from './engine-client.ts';
import { createEnginePool, defaultNodeCount, type EnginePool, type PoolModel } from './engine-pool.ts';
import { createThreadLedger } from './thread-ledger.ts';

const MiB = 2 ** 20;

function model(id: string, change: Partial<CatalogEntry> = {}, content = 'GGUF'): PoolModel {
  const entry: CatalogEntry = {
    id, name: id, license: 'MIT', files: [], tier: 'medium', context: 256, slots: 2, ubatch: 8, maxThreads: 8, memoryBytes: 100 * MiB, goodAt: 'tests', ...change,
  };
  return { entry, files: [new Blob([content])], hash: parseModelHash('a'.repeat(64)) };
}

interface Device {
  /** Opens another tab. */
  tab(options?: { memoryBytes?: number }): EnginePool;
  readonly clock: ManualClock;
  threadsInUse(): number;
}

function device(cores: number): Device {
  const locks = createFakeLocks();
  const channel = createFakeChannels();
  const clock = createManualClock();
  const random = createSeededRandom(7);
  const env = { clock, random };
  const pools: EnginePool[] = [];
  let tabs = 0;
  return {
    clock,
    threadsInUse: () => pools.flatMap((pool) => pool.nodes()).reduce((sum, { threads }) => sum + threads, 0),
    tab({ memoryBytes = 1000 * MiB } = {}) {
      const peer = `tab-${(tabs += 1)}`;
      let nodes = 0;
      const pool = createEnginePool({
        clock,
        memoryBytes,
        wasm: { wasmUrl: 'none' },
        ledger: createThreadLedger({ locks, channel: channel(), random, cores }),
        createNode: () => createEngineClient({ env, address: nodeAddress(peer, `${(nodes += 1)}`), createWorker: () => createScriptedWorker(env) }),
      });
      pools.push(pool);
      return pool;
    },
  };
}

const states = (pool: EnginePool): string[] => pool.nodes().map(({ state, model: loaded }) => `${loaded?.id} ${state}`);

describe('engine-pool', () => {
  it('starts one node per two cores, at least one and at most four', () => {
    expect([1, 2, 3, 4, 8, 64].map(defaultNodeCount)).toEqual([1, 1, 1, 2, 4, 4]);
  });

  it('starts, finds the least loaded, and stops', async () => {
    const { tab, clock } = device(8);
    const pool = tab();
    await pool.scale(model('a'), 2);
    expect(states(pool)).toEqual(['a idle', 'a idle']);
    const first = pool.find('a')!;
    const running = runToEnd(first, makeTask('count to 20'));
    await settle();
    expect(pool.find('a')).not.toBe(first);
    expect(pool.find('b')).toBeNull();
    await clock.advance(1000);
    await running;
    await pool.scale(model('a'), 0);
    expect(pool.nodes()).toEqual([]);
  });

  it('adds nodes without disturbing the one that works, and stops idle ones first', async () => {
    const { tab, clock } = device(8);
    const pool = tab();
    await pool.scale(model('a'), 1);
    const first = pool.find('a')!;
    const answer = runToEnd(first, makeTask('count to 20'));
    await settle();
    await pool.scale(model('a'), 2);
    expect(pool.nodes().map(({ address }) => address)).toContain(first.address);
    await pool.scale(model('a'), 1);
    expect(pool.nodes().map(({ address }) => address)).toEqual([first.address]);
    await clock.advance(1000);
    expect(await answer).toMatchObject({ result: { finishReason: 'stop' } });
  });

  it('runs different models side by side', async () => {
    const pool = device(4).tab();
    await pool.scale(model('tiny', { memoryBytes: 30 * MiB, maxThreads: 1 }), 1);
    await pool.scale(model('big'), 1);
    expect(states(pool)).toEqual(['tiny idle', 'big idle']);
  });

  it('makes nodes anew with other slots once they are idle, and tells what each model has', async () => {
    const { tab, clock } = device(8);
    const pool = tab();
    await pool.scale(model('a'), 2);
    const answer = runToEnd(pool.find('a')!, makeTask('count to 20'));
    await settle();
    const shaped = model('a', { slots: 16, memoryBytes: 150 * MiB });
    await pool.scale(shaped, 2);
    expect(pool.nodes().map(({ state, slots }) => [state, slots])).toEqual([['busy', 2], ['idle', 16]]);
    expect(pool.models()).toEqual([{ entry: shaped.entry, nodes: pool.nodes() }]);
    expect(pool.spareBytes()).toBe(700 * MiB);
    await clock.advance(1000);
    expect((await answer).text).toMatch(/20$/);
    await settle();
    expect(pool.nodes().map(({ slots }) => slots)).toEqual([16, 16]);
  });

  it('stays within the memory budget, but always allows one node', async () => {
    const pool = device(8).tab({ memoryBytes: 250 * MiB });
    await pool.scale(model('a'), 4);
    expect(pool.nodes()).toHaveLength(2);
    await pool.scale(model('huge', { memoryBytes: 900 * MiB }), 1);
    expect(states(pool)).toContain('huge idle');
  });

  it('tells why the first node could not start, and keeps none of it', async () => {
    const pool = device(2).tab();
    const failing = pool.scale(model('bad', {}, '<html>'), 2);
    expect(await failing.catch((error: LlamboError) => error.code)).toBe('model-invalid');
    expect(pool.nodes()).toEqual([]);
    await pool.scale(model('good'), 1);
    expect(states(pool)).toEqual(['good idle']);
  });

  it('replaces nodes whose file has changed', async () => {
    const pool = device(2).tab();
    await pool.scale(model('a'), 1);
    const before = pool.nodes()[0]!.address;
    await pool.scale({ ...model('a'), hash: parseModelHash('b'.repeat(64)) }, 1);
    expect(pool.nodes()).toHaveLength(1);
    expect(pool.nodes()[0]!.address).not.toBe(before);
  });
});

describe('thread-ledger', () => {
  it('leaves a core to the page and gives one node the rest', async () => {
    const { tab } = device(8);
    const pool = tab();
    await pool.scale(model('a'), 1);
    expect(pool.nodes()[0]!.threads).toBe(7);
  });

  it.each([1, 2])('gives a node one thread on %i cores', async (cores) => {
    const { tab } = device(cores);
    const pool = tab();
    await pool.scale(model('a'), 1);
    expect(pool.nodes()[0]!.threads).toBe(1);
  });

  it('shares the device between tabs, whoever came first: the early tab gives threads back', async () => {
    const { tab, clock, threadsInUse } = device(8);
    const first = tab();
    await first.scale(model('a'), 1);
    const second = tab();
    await second.scale(model('a'), 1);
    await settle();
    await settle();
    expect(first.nodes()[0]!.threads).toBe(4);
    expect(threadsInUse()).toBe(5);
    await clock.advance(10_000);
    await settle();
    expect([...first.nodes(), ...second.nodes()].map(({ threads }) => threads)).toEqual([4, 3]);
  });

  it('lets a running answer finish before its node gives threads back', async () => {
    const { tab, clock } = device(8);
    const first = tab();
    await first.scale(model('a'), 1);
    const answer = runToEnd(first.find('a')!, makeTask('count to 50', { sampling: { maxTokens: 100 } }));
    await clock.advance(20);
    const second = tab();
    await second.scale(model('a'), 1);
    await settle();
    expect(first.nodes()[0]!.threads).toBe(7);
    await clock.advance(1000);
    expect((await answer).text).toMatch(/50$/);
    await settle();
    expect(first.nodes()[0]!.threads).toBe(4);
  });

  it('takes up threads that have been free for a while', async () => {
    const { tab, clock } = device(8);
    const first = tab();
    await first.scale(model('a'), 1);
    const second = tab();
    await second.scale(model('a'), 1);
    await settle();
    await first.stop();
    await clock.advance(10_000);
    await settle();
    await settle();
    expect(second.nodes()[0]!.threads).toBe(7);
  });

  it('never has more threads than cores over many tabs, beyond one each', async () => {
    const { tab, clock, threadsInUse } = device(4);
    for (let index = 0; index < 6; index += 1) {
      await tab().scale(model('a'), 2);
      await clock.advance(100);
    }
    expect(threadsInUse()).toBe(12);
  });
});
