import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tier } from '../../protocol/chat.ts';
import { TIERS } from '../../protocol/job.ts';
import { DEFAULT_POLICY, STRATEGIES, type StrategyName } from '../../protocol/policy.ts';
import type { Address, JobId, TaskId } from '../../shared/ids.ts';
import { addressOf, asPeer, assignmentOf, nodeFacts, nodeModel, reportOf, wishFor } from '../../testing/load-fixtures.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import type { NodeFacts } from '../types.ts';
import { createNodeTable } from './node-table.ts';
import type { NodeTable, Wish } from './parts.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const BLIND: readonly StrategyName[] = ['round-robin', 'random'];
const name = fc.constantFrom(...NAMES);
const tier = fc.constantFrom<Tier>(...TIERS);

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({
    type: fc.constant('node' as const), name, slots: fc.integer({ min: 0, max: 4 }), busy: fc.nat(3), waiting: fc.nat(2), shared: fc.boolean(), suspect: fc.constantFrom(false, false, false, true),
    state: fc.constantFrom('loading', 'idle', 'busy', 'busy', 'error', 'stopped'), tier, context: fc.constantFrom(1000, 1500, 4096), tokensPerSecond: fc.constantFrom(0, 5, 100),
  }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('gone' as const), name }) },
  { weight: 6, arbitrary: fc.record({
    type: fc.constant('ask' as const), asker: name, avoid: fc.array(name, { maxLength: 2 }), promptTokens: fc.constantFrom(10, 990, 1200, 5000), affinity: fc.constantFrom('x', 'y'),
    by: fc.oneof(fc.constant({}), fc.record({ tier }), fc.constant({ model: 'tiny' }), fc.record({ nodes: fc.array(name.map(addressOf), { minLength: 1, maxLength: 3 }) })),
  }) },
  { weight: 4, arbitrary: fc.record({
    type: fc.constant('end' as const), which: fc.nat(50), error: fc.constantFrom(null, null, 'engine-crashed' as const, 'busy' as const, 'refused' as const, 'aborted' as const), decodeMs: fc.integer({ min: 0, max: 9000 }),
  }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('release' as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('stray' as const), name }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The table, and beside it what must be true of it, kept in the plainest way. */
function createWorld(strategy: StrategyName) {
  const table: NodeTable = createNodeTable({ policy: { ...DEFAULT_POLICY, strategy }, random: createSeededRandom(5) });
  const nodes = new Map<Address, NodeFacts>();
  const given = new Map<string, Address>();
  let now = 0;
  let count = 0;
  const on = (address: Address): number => [...given.values()].filter((node) => node === address).length;

  function check(wish: Wish, address: Address): void {
    const facts = nodes.get(address);
    if (!facts?.model) throw new Error(`${address} was picked and has no model, or is gone.`);
    const { shape, avoid, asker } = wish;
    expect(facts.shared || facts.peer === asker).toBe(true);
    expect(avoid).not.toContain(address);
    expect(['idle', 'busy']).toContain(facts.state);
    expect(facts.suspect).toBe(false);
    expect(facts.model.contextTokens).toBeGreaterThanOrEqual(shape.promptTokens);
    if (shape.tier) expect(TIERS.indexOf(facts.model.tier)).toBeGreaterThanOrEqual(TIERS.indexOf(shape.tier));
    if (shape.model) expect(facts.model.id).toBe(shape.model);
    if (shape.nodes) expect(shape.nodes).toContain(address);
    if (!BLIND.includes(strategy)) expect(on(address)).toBeLessThan(facts.slots);
    // What could be given a task could ever be.
    expect(table.standing(wish)).toBe('now');
  }

  function ask(wish: Wish): void {
    const address = table.pick(wish, now);
    if (address === null) return;
    check(wish, address);
    const task = `task-${(count += 1)}`;
    table.assign(assignmentOf(task, address, now, { job: `job-${count}` as JobId }), now);
    given.set(task, address);
  }

  function run(one: Step): void {
    now += 700;
    const task = 'which' in one ? [...given.keys()][one.which % Math.max(1, given.size)] : undefined;
    switch (one.type) {
      case 'node': {
        const { state, slots, busy, waiting, shared, suspect, tokensPerSecond } = one;
        const model = nodeModel(one.tier, one.tier, one.context);
        const facts = nodeFacts(one.name, { state, slots, busy, waiting, shared, suspect, tokensPerSecond, model: state === 'loading' ? null : model });
        nodes.set(facts.address, facts);
        return table.upsert(facts, now);
      }
      case 'gone': {
        const address = addressOf(one.name);
        expect(table.remove(address).map((lost) => lost.task).toSorted()).toEqual([...given].filter(([, node]) => node === address).map(([id]) => id).toSorted());
        nodes.delete(address);
        for (const [id, node] of given) if (node === address) given.delete(id);
        return undefined;
      }
      case 'ask':
        return ask(wishFor({ promptTokens: one.promptTokens, affinity: one.affinity, ...one.by }, { asker: asPeer(`peer-${one.asker}`), avoid: one.avoid.map(addressOf) }));
      case 'end':
        if (task === undefined) return undefined;
        table.report(reportOf(task, given.get(task)!, { error: one.error, decodeMs: one.decodeMs }), now);
        return void given.delete(task);
      case 'release':
        if (task === undefined) return undefined;
        expect(table.release(task as TaskId)?.task).toBe(task);
        return void given.delete(task);
      case 'stray': {
        // Of a node that may not be known yet, as after a change of leader.
        const id = `task-${(count += 1)}`;
        table.assign(assignmentOf(id, addressOf(one.name), now, { job: `job-${count}` as JobId }), now);
        return void given.set(id, addressOf(one.name));
      }
    }
  }

  function balance(): void {
    expect(table.assigned).toBe(given.size);
    expect(table.slots).toBe([...nodes.values()].filter(({ state, suspect }) => (state === 'idle' || state === 'busy') && !suspect).reduce((sum, { slots }) => sum + slots, 0));
    for (const [task, node] of given) expect(table.assignment(task as TaskId)?.node).toBe(node);
  }

  return { run, balance, table, given };
}

describe.each(STRATEGIES)('The table with %s', (strategy) => {
  it('gives only to those who may have it, and keeps its accounts, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
        const world = createWorld(strategy);
        for (const one of steps) {
          world.run(one);
          world.balance();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('finds room if there is any', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }), fc.constantFrom(100, 2000, 4000), (sizes, promptTokens) => {
        const table = createNodeTable({ policy: { ...DEFAULT_POLICY, strategy }, random: createSeededRandom(5) });
        for (const [index, slots] of sizes.entries()) table.upsert(nodeFacts(`n${index}`, { slots, tokensPerSecond: 1 + index * 7 }), 0);
        const slots = sizes.reduce((sum, size) => sum + size, 0);
        for (let task = 0; task < slots; task += 1) {
          const node = table.pick(wishFor({ promptTokens }), 0);
          expect(node).not.toBeNull();
          table.assign(assignmentOf(`task-${task}`, node!), 0);
        }
        if (!BLIND.includes(strategy)) expect(table.pick(wishFor({ promptTokens }), 0)).toBeNull();
      }),
      { numRuns: 40 },
    );
  });
});
