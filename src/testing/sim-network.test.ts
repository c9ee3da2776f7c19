import { describe, expect, it } from 'vitest';
import type { LlamboError } from '../shared/errors.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createSimClock } from './sim-clock.ts';
import { createSimNetwork } from './sim-network.ts';
import { createWorld } from './sim-world.ts';
import { createBench, endsOf, numbered, numbersFrom, type TransportPair } from './transport-bench.ts';
import { transportSuite } from './transport-suite.ts';

/** Everything that follows from what just happened, as far as it takes no time. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function createPair() {
  const random = createSeededRandom(7);
  const clock = createSimClock();
  const world = createWorld(clock, random, { latencyMs: 20, jitterMs: 10, loss: 0.05 });
  const network = createSimNetwork(world, random);
  const [one, other] = [world.host('one'), world.host('other')];
  const pair: TransportPair = {
    a: network.transport(one),
    b: network.transport(other),
    async until(condition) {
      const end = clock.now() + 60_000;
      for (await settle(); !condition(); await settle()) if (!clock.step(end)) throw new Error(`Never: ${String(condition)}`);
    },
  };
  return { clock, world, network, one, other, pair };
}

transportSuite('The simulated network', () => Promise.resolve(createPair().pair));

describe('The simulated network', () => {
  async function connected() {
    const stage = createPair();
    const bench = await createBench(() => Promise.resolve(stage.pair));
    const { near, far } = await bench.connect();
    return { ...stage, bench, near, far, numbers: numbersFrom(far) };
  }

  const run = async (clock: ReturnType<typeof createSimClock>, ms: number): Promise<void> => {
    clock.run(ms);
    await settle();
  };

  it('holds what is sent during a short cut, and delivers it when it heals', async () => {
    const { world, clock, one, near, numbers } = await connected();
    world.partition(new Map([[one, 1]]));
    near.send(numbered(1));
    await run(clock, 10_000);
    expect(numbers).toEqual([]);
    world.heal();
    await run(clock, 1000);
    expect(numbers).toEqual([1]);
  });

  it('loses a connection for good in a long cut, without a word', async () => {
    const { world, clock, one, near, far, numbers } = await connected();
    const ends = [endsOf(near), endsOf(far)];
    world.partition(new Map([[one, 1]]));
    await run(clock, 20_000);
    world.heal();
    near.send(numbered(1));
    await run(clock, 60_000);
    expect([numbers, ...ends]).toEqual([[], [], []]);
  });

  it('gives a frozen machine everything at once when it wakes', async () => {
    const { clock, other, near, numbers } = await connected();
    other.freeze();
    for (const number of [1, 2, 3]) near.send(numbered(number));
    await run(clock, 60_000);
    expect(numbers).toEqual([]);
    other.resume();
    expect(numbers).toEqual([1, 2, 3]);
  });

  it('says nothing of a machine that dies', async () => {
    const { clock, other, near } = await connected();
    const ends = endsOf(near);
    other.crash();
    await run(clock, 60_000);
    expect(ends).toEqual([]);
  });

  it('gives up a dial to a machine that can not be reached', async () => {
    const { clock, world, one, bench } = await connected();
    world.partition(new Map([[one, 1]]));
    const started = clock.now();
    expect(await bench.codeOf(bench.a.dial(bench.b.id))).toBe('timeout');
    expect(clock.now() - started).toBeGreaterThan(10_000);
  });

  it('keeps connections while signalling is down, and loses doors', async () => {
    const { network, bench, near, numbers, clock } = await connected();
    const lost: string[] = [];
    const door = await bench.run(bench.b.hold('s-door-number-1' as typeof bench.a.id));
    door.onLost(() => lost.push(door.id));
    network.signalling('down');
    expect([bench.a.signalling(), lost]).toEqual(['down', ['s-door-number-1']]);
    await expect(bench.run(bench.a.dial(bench.b.id))).rejects.toMatchObject({ code: 'unreachable' } satisfies Partial<LlamboError>);
    near.send(numbered(9));
    await run(clock, 1000);
    expect(numbers).toEqual([9]);
    network.signalling('up');
    await bench.connect();
  });
});
