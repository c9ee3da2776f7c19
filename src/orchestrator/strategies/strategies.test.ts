import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STRATEGIES, type StrategyName } from '../../protocol/policy.ts';
import { nodeAddress, type Address } from '../../shared/ids.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { createPool } from '../leader/nodes/pool.ts';
import type { NodeView } from '../leader/nodes/node-view.ts';
import { createStrategy } from './create-strategy.ts';
import { LOAD_BOUND, REMEMBERED } from './sticky.ts';
import { RANKS, type Candidate, type Demand, type Pool, type Strategy } from './strategy.ts';

interface Machine {
  readonly slots: number;
  readonly occupied: number;
  readonly tokenMs: number;
}

const demand = (more: Partial<Demand> = {}): Demand => ({ promptTokens: 100, answerTokens: 100, affinity: null, own: [], lines: [], ...more });
const named = (index: number): Address => nodeAddress('peer', `n${index}`);
const random = createSeededRandom(7);
const KEY = {};

const candidateOf = ({ slots, occupied, tokenMs }: Machine, index: number): Candidate => ({
  address: named(index), slots, occupied, rttMs: 30,
  nextTokenMs: tokenMs * (1 + occupied / 2),
  prefillTokenMs: tokenMs / 8,
});

/** The pool that the table would make of these for that strategy. */
function poolOf(strategy: Strategy, machines: readonly Machine[], unsuitable: readonly number[] = []): Pool {
  const all = machines.map(candidateOf);
  const open = all.filter(({ occupied, slots }) => strategy.blind || occupied < slots);
  const ranks = [...new Set(open.map((candidate) => strategy.rank(candidate)))].toSorted((one, other) => one - other);
  const lists = ranks.map((rank) => ({ rank, tickets: open.filter((candidate) => strategy.rank(candidate) === rank).map((view) => ({ view: view as NodeView })) }));
  const excluded = new Set(unsuitable.map(named));
  return createPool({
    key: KEY, lists, random,
    suits: ({ address }) => !excluded.has(address),
    find: (address) => (open.find((candidate) => candidate.address === address) as NodeView | undefined) ?? null,
    member: (address) => (all.find((candidate) => candidate.address === address) as NodeView | undefined) ?? null,
  });
}

const machine = fc.record({ slots: fc.integer({ min: 1, max: 16 }), occupied: fc.integer({ min: 0, max: 20 }), tokenMs: fc.integer({ min: 1, max: 500 }) });
const demands = fc.record({ promptTokens: fc.integer({ min: 0, max: 8000 }), answerTokens: fc.integer({ min: 1, max: 2000 }), affinity: fc.constantFrom(null, 'a', 'b'), own: fc.constant([]), lines: fc.constant([]) });

describe.each(STRATEGIES)('Strategy %s', (name: StrategyName) => {
  it('has its name, and ranks in bounds', () => {
    const strategy = createStrategy(name);
    expect(strategy.name).toBe(name);
    fc.assert(
      fc.property(machine, (one) => {
        const rank = strategy.rank(candidateOf(one, 0));
        expect(Number.isInteger(rank) && rank >= 0 && rank < RANKS).toBe(true);
      }),
    );
  });

  it('chooses one that may be given the task if there is one, and none if there is none', () => {
    fc.assert(
      fc.property(fc.array(machine, { maxLength: 30 }), fc.uniqueArray(fc.nat(29), { maxLength: 10 }), fc.array(demands, { minLength: 1, maxLength: 5 }), (machines, unsuitable, wishes) => {
        const strategy = createStrategy(name);
        const pool = poolOf(strategy, machines, unsuitable);
        const suitable = machines.map(candidateOf).filter(({ occupied, slots }, index) => (strategy.blind || occupied < slots) && !unsuitable.includes(index));
        for (const wish of wishes) {
          const chosen = strategy.choose(wish, pool);
          if (suitable.length === 0) expect(chosen).toBeNull();
          else expect(suitable.map(({ address }) => address)).toContain(chosen?.address);
        }
      }),
    );
  });

  it('uses every one of equal nodes in time', () => {
    const strategy = createStrategy(name);
    const pool = poolOf(strategy, Array.from({ length: 10 }, () => ({ slots: 4, occupied: 0, tokenMs: 20 })));
    const used = new Set(Array.from({ length: 400 }, () => strategy.choose(demand(), pool)?.address));
    expect(used.size).toBe(10);
  });
});

/** Chooses and gives, `count` times; nothing ends. @returns how many each has */
function give(name: StrategyName, machines: readonly Machine[], count: number, wish = demand()): readonly number[] {
  const strategy = createStrategy(name);
  const given = machines.map(({ occupied }) => occupied);
  for (let round = 0; round < count; round += 1) {
    const now = machines.map((one, index) => ({ ...one, occupied: given[index]! }));
    const chosen = strategy.choose(wish, poolOf(strategy, now));
    if (chosen) given[machines.findIndex((_, index) => named(index) === chosen.address)]! += 1;
  }
  return given;
}

const equal = (count: number, slots = 100): Machine[] => Array.from({ length: count }, () => ({ slots, occupied: 0, tokenMs: 20 }));

describe('What each is for', () => {
  it('round-robin: each in its turn, full ones too', () => {
    expect(give('round-robin', [{ slots: 1, occupied: 5, tokenMs: 900 }, ...equal(4)], 15)).toEqual([8, 3, 3, 3, 3]);
  });

  it('least-loaded: evens out the shares of slots', () => {
    expect(give('least-loaded', [{ slots: 4, occupied: 4, tokenMs: 1 }, ...equal(3, 10)], 15)).toEqual([4, 5, 5, 5]);
  });

  it('weighted: as often as it is fast', () => {
    const strategy = createStrategy('weighted');
    const pool = poolOf(strategy, [{ slots: 9, occupied: 0, tokenMs: 10 }, { slots: 9, occupied: 0, tokenMs: 40 }]);
    const hits = Array.from({ length: 4000 }, () => strategy.choose(demand(), pool)?.address).filter((address) => address === named(0)).length;
    expect(hits / 4000).toBeGreaterThan(0.75);
    expect(hits / 4000).toBeLessThan(0.85);
  });

  it('two-choices: the fullest is far less full than by chance', () => {
    const [two, one] = (['two-choices', 'random'] as const).map((name) => Math.max(...give(name, equal(50), 500)));
    expect(two).toBeLessThanOrEqual(13);
    expect(one).toBeGreaterThan(two!);
  });

  it('shortest-completion: the fast one until its streams are as slow as an idle slower one', () => {
    const given = give('shortest-completion', [{ slots: 16, occupied: 0, tokenMs: 10 }, { slots: 4, occupied: 0, tokenMs: 30 }], 8);
    expect(given[0]).toBeGreaterThan(given[1]!);
    expect(given[1]).toBeGreaterThan(0);
  });

  it('shortest-completion: equals an exhaustive search as long as there are no more than it looks at', () => {
    fc.assert(
      fc.property(fc.array(machine, { minLength: 1, maxLength: 12 }), demands, (machines, wish) => {
        const strategy = createStrategy('shortest-completion');
        const cost = ({ rttMs, prefillTokenMs, nextTokenMs }: Candidate): number => rttMs + wish.promptTokens * prefillTokenMs + wish.answerTokens * nextTokenMs;
        const open = machines.map(candidateOf).filter(({ occupied, slots }) => occupied < slots);
        const chosen = strategy.choose(wish, poolOf(strategy, machines));
        expect(chosen ? cost(chosen) : Infinity).toBeCloseTo(Math.min(...open.map(cost)));
      }),
    );
  });
});

describe('a node of the asker\'s own tab', () => {
  const pair = (tokenMs: number, occupied = 0): readonly Machine[] => [{ slots: 4, occupied, tokenMs: 10 }, { slots: 4, occupied: 0, tokenMs }];

  it.each(['shortest-completion', 'sticky'] as const)('is taken by %s unless another is much sooner, or it is full', (name) => {
    const strategy = createStrategy(name);
    const own = demand({ own: [named(0)], answerTokens: 1000 });
    const choose = (wish: Demand, machines: readonly Machine[]): string | undefined => strategy.choose(wish, poolOf(strategy, machines))?.address;
    expect(choose(own, pair(9))).toBe(named(0));
    expect(choose(demand({ answerTokens: 1000 }), pair(9))).toBe(named(1));
    expect(choose(own, pair(4))).toBe(named(1));
    expect(choose(own, pair(9, 4))).toBe(named(1));
  });

  it.each(['shortest-completion', 'sticky'] as const)('is waited for by %s, if a guest has the slot and a task there is nearly over', (name) => {
    const strategy = createStrategy(name);
    const choose = (oldestMs: number, unsuitable: readonly number[] = []): string | undefined => {
      const machines: readonly Machine[] = [{ slots: 4, occupied: 4, tokenMs: 10 }, { slots: 4, occupied: 3, tokenMs: 10 }];
      const lines = [{ candidate: candidateOf({ slots: 4, occupied: 3, tokenMs: 10 }, 0), oldestMs }];
      return strategy.choose(demand({ own: [named(0)], lines, answerTokens: 1000 }), poolOf(strategy, machines, unsuitable))?.address;
    };
    // It takes 25 s.
    expect(choose(24_000)).toBe(named(0));
    expect(choose(14_000)).toBe(named(0));
    expect(choose(1000)).toBe(named(1));
    expect(choose(24_000, [0])).toBe(named(1));
  });
});

describe('sticky', () => {
  it('stays with the node that has the prefix, though another is a little faster', () => {
    const strategy = createStrategy('sticky');
    const wish = demand({ affinity: 'a', promptTokens: 2000, answerTokens: 20 });
    const first = strategy.choose(wish, poolOf(strategy, [{ slots: 4, occupied: 0, tokenMs: 20 }]));
    const next = strategy.choose(wish, poolOf(strategy, [{ slots: 4, occupied: 0, tokenMs: 20 }, { slots: 4, occupied: 0, tokenMs: 15 }]));
    expect([first?.address, next?.address]).toEqual([named(0), named(0)]);
    expect(strategy.choose({ ...wish, affinity: 'b' }, poolOf(strategy, [{ slots: 4, occupied: 0, tokenMs: 20 }, { slots: 4, occupied: 0, tokenMs: 15 }]))?.address).toBe(named(1));
  });

  it('never puts a node above 1.25 times the mean load for a prefix', () => {
    fc.assert(
      fc.property(fc.array(machine, { minLength: 2, maxLength: 12 }), fc.nat(11), (machines, place) => {
        const strategy = createStrategy('sticky');
        const wish = demand({ affinity: 'a', promptTokens: 100_000, answerTokens: 1 });
        const home = place % machines.length;
        strategy.choose(wish, poolOf(strategy, machines.map((one, index) => ({ ...one, occupied: index === home ? 0 : one.slots }))));
        const chosen = strategy.choose(wish, poolOf(strategy, machines));
        if (chosen?.address !== named(home)) return;
        const plain = createStrategy('shortest-completion');
        if (plain.choose(wish, poolOf(plain, machines))?.address === chosen.address) return;
        // No more than twelve, so that all with room are looked at.
        const open = machines.filter(({ occupied, slots }) => occupied < slots);
        const mean = (open.reduce((sum, { occupied }) => sum + occupied, 0) + 1) / open.reduce((sum, { slots }) => sum + slots, 0);
        expect(chosen.occupied + 1).toBeLessThanOrEqual(Math.ceil(LOAD_BOUND * mean * chosen.slots));
      }),
    );
  });

  it('goes elsewhere when the node is full or gone, and forgets the oldest conversations', () => {
    const strategy = createStrategy('sticky');
    const wish = (affinity: string) => demand({ affinity, promptTokens: 2000, answerTokens: 20 });
    const both = [{ slots: 4, occupied: 0, tokenMs: 20 }, { slots: 4, occupied: 0, tokenMs: 15 }];
    strategy.choose(wish('a'), poolOf(strategy, both.slice(0, 1)));
    expect(strategy.choose(wish('a'), poolOf(strategy, [{ ...both[0]!, occupied: 4 }, both[1]!]))?.address).toBe(named(1));
    strategy.choose(wish('b'), poolOf(strategy, both.slice(0, 1)));
    const only = poolOf(strategy, both.slice(0, 1));
    for (let other = 0; other < REMEMBERED; other += 1) strategy.choose(wish(`other ${other}`), only);
    expect(strategy.choose(wish('b'), poolOf(strategy, both))?.address).toBe(named(1));
  });
});
