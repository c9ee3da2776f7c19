import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, STRATEGIES, type StrategyName } from '../../protocol/policy.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Address, ModelHash, TaskId } from '../../shared/ids.ts';
import { addressOf, asPeer, assignmentOf, nodeFacts, nodeModel, reportOf, wishFor } from '../../testing/load-fixtures.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import type { NodeFacts } from '../types.ts';
import { createNodeTable } from './node-table.ts';
import type { NodeTable, Wish } from './parts.ts';

const policyOf = (strategy: StrategyName) => ({ ...DEFAULT_POLICY, strategy });

function tableOf(nodes: readonly NodeFacts[], strategy: StrategyName = 'shortest-completion'): NodeTable {
  const table = createNodeTable({ policy: policyOf(strategy), random: createSeededRandom(1) });
  for (const facts of nodes) table.upsert(facts, 0);
  return table;
}

let count = 0;
/** Gives the wish to whom the table picks. */
function give(table: NodeTable, wish: Wish = wishFor(), now = 0): { task: string; node: Address } | null {
  const node = table.pick(wish, now);
  if (node === null) return null;
  const task = `task-${(count += 1)}`;
  table.assign(assignmentOf(task, node, now), now);
  return { task, node };
}

function end(table: NodeTable, given: { task: string; node: Address } | null, error: ErrorCode | null, now: number) {
  if (!given) throw new Error('Nothing was given.');
  return table.report(reportOf(given.task, given.node, { error, ...(error === null ? {} : { answerTokens: 0, firstTokenMs: 0, decodeMs: 0, prefillMs: 0 }) }), now);
}

const picks = (table: NodeTable, wish: Wish, times = 20): string[] =>
  [...new Set(Array.from({ length: times }, () => table.pick(wish, 0)?.split('/').at(-1) ?? 'none'))].toSorted();

describe('What its asker says that it runs already', () => {
  it('is not counted twice where its node told of it before, nor is what somebody else has there forgotten', () => {
    const table = tableOf([nodeFacts('one', { slots: 3, busy: 2 })]);
    table.assign(assignmentOf('task-told', addressOf('one'), 10), 10, true);
    const given = give(table, wishFor(), 20);
    expect(given).not.toBeNull();
    expect(give(table, wishFor(), 20)).toBeNull();
    end(table, given, null, 30);
    table.release('task-told' as TaskId);
    // One of the two was another's.
    expect([give(table, wishFor(), 40), give(table, wishFor(), 40), give(table, wishFor(), 40)].map((one) => one !== null)).toEqual([true, true, false]);
  });
});

describe('Who suits', () => {
  const hash = 'a'.repeat(64) as ModelHash;
  const nodes = [
    nodeFacts('tiny'),
    nodeFacts('medium', { model: nodeModel('mid', 'medium', 8192) }),
    nodeFacts('large', { model: { ...nodeModel('big', 'large', 32_768), hash } }),
    nodeFacts('mine', { shared: false, peer: asPeer('owner') }),
  ];

  it.each<[string, Wish, string]>([
    ['by model', wishFor({ model: 'small' }), 'tiny'],
    ['by weights', wishFor({ modelHash: hash }), 'large'],
    ['by weights and model that do not go together', wishFor({ modelHash: hash, model: 'mid' }), 'none'],
    ['by tier', wishFor({ tier: 'medium' }), 'medium'],
    ['by node', wishFor({ nodes: [addressOf('medium')] }), 'medium'],
    ['the highest tier, if nothing is asked for', wishFor(), 'large'],
    ['a long prompt', wishFor({ tier: 'tiny', promptTokens: 8000 }), 'medium'],
    ['a prompt in the octave of a context that is too small for it', wishFor({ tier: 'tiny', promptTokens: 8180 }), 'large'],
    ['an unshared node for its own peer, though it is not the only one', wishFor({ nodes: [addressOf('mine')] }, { asker: asPeer('owner') }), 'mine'],
    ['an unshared node for nobody else', wishFor({ nodes: [addressOf('mine')] }), 'none'],
    ['not whom it avoids', wishFor({ tier: 'medium' }, { avoid: [addressOf('medium')] }), 'large'],
    ['nobody, if all are avoided', wishFor({ model: 'small' }, { avoid: [addressOf('tiny')] }), 'none'],
  ])('%s', (_, wish, expected) => {
    for (const strategy of STRATEGIES) expect(picks(tableOf(nodes, strategy), wish)).toEqual([expected]);
  });

  it("an asker's own nodes among the others", () => {
    expect(picks(tableOf(nodes, 'random'), wishFor({ model: 'small' }, { asker: asPeer('owner') }), 60)).toEqual(['mine', 'tiny']);
  });

  it('a higher tier only while the asked one has no room', () => {
    const table = tableOf(nodes);
    const given = Array.from({ length: 5 }, () => give(table, wishFor({ tier: 'tiny' })));
    expect(given.map((one) => one?.node)).toEqual([...Array<Address>(4).fill(addressOf('tiny')), addressOf('medium')]);
  });

  it.each<[string, Partial<NodeFacts>]>([
    ['loads', { state: 'loading' }],
    ['failed to start', { state: 'error' }],
    ['was stopped', { state: 'stopped' }],
    ['belongs to a peer that is silent', { suspect: true }],
    ['has no model', { model: null }],
    ['has no slots', { slots: 0 }],
    ['is full of work of others', { state: 'busy', busy: 3, waiting: 1 }],
  ])('nobody that %s', (_, more) => {
    for (const strategy of ['shortest-completion', 'round-robin'] as const) {
      const table = tableOf([nodeFacts('one', more)], strategy);
      const isFull = strategy === 'round-robin' && more.state === 'busy';
      expect([table.pick(wishFor(), 0), table.pick(wishFor({ nodes: [addressOf('one')] }), 0)]).toEqual(isFull ? [addressOf('one'), addressOf('one')] : [null, null]);
    }
  });
});

describe('Whether anybody could ever', () => {
  const standing = (nodes: readonly NodeFacts[], wish: Wish): unknown => {
    const found = tableOf(nodes).standing(wish);
    return typeof found === 'string' ? found : { code: found.code, hasAdvice: Boolean(found.advice), ...(found.details ? { details: found.details } : {}) };
  };
  const error = (code: ErrorCode, details?: object) => ({ code, hasAdvice: true, ...(details ? { details } : {}) });

  it.each<[string, readonly NodeFacts[], Wish, unknown]>([
    ['now, though it is full', [nodeFacts('one', { state: 'busy', busy: 4 })], wishFor({ model: 'small' }), 'now'],
    ['soon, while it loads', [nodeFacts('one', { state: 'loading', model: null })], wishFor({ model: 'small' }), 'soon'],
    ['soon, while the named one loads', [nodeFacts('one', { state: 'loading', model: null })], wishFor({ nodes: [addressOf('one')] }), 'soon'],
    ['soon, while it is suspect', [nodeFacts('one', { suspect: true })], wishFor({ tier: 'tiny' }), 'soon'],
    ['never without a node', [], wishFor(), error('not-ready')],
    ['never without the model', [nodeFacts('one')], wishFor({ model: 'other' }), error('not-ready')],
    ['never without the tier or a higher one', [nodeFacts('one')], wishFor({ tier: 'medium' }), error('not-ready')],
    ['never on a node that is gone', [nodeFacts('one')], wishFor({ nodes: [addressOf('two')] }), error('not-found')],
    ["never on another tab's own", [nodeFacts('one', { shared: false })], wishFor({ nodes: [addressOf('one')] }), error('not-ready')],
    ["not by others' loading of their own", [nodeFacts('one', { state: 'loading', model: null, shared: false })], wishFor(), error('not-ready')],
    ['never if it is too long', [nodeFacts('one'), nodeFacts('two', { model: nodeModel('mid', 'medium', 8192) })], wishFor({ promptTokens: 9000 }), error('context-overflow', { promptTokens: 9000, contextTokens: 8192 })],
    ['never if it is too long for the named one', [nodeFacts('one')], wishFor({ promptTokens: 9000, nodes: [addressOf('one')] }), error('context-overflow', { promptTokens: 9000, contextTokens: 4096 })],
    ['never if all have failed it', [nodeFacts('one')], wishFor({}, { avoid: [addressOf('one')] }), error('not-ready')],
  ])('%s', (_, nodes, wish, expected) => {
    expect(standing(nodes, wish)).toEqual(expected);
  });

  it('follows what nodes become', () => {
    const table = tableOf([nodeFacts('one')]);
    const asked = () => (typeof table.standing(wishFor()) === 'string' ? table.standing(wishFor()) : 'never');
    const seen = [asked()];
    for (const more of [{ state: 'loading' }, { state: 'stopped' }, { state: 'idle' }] as const) {
      table.upsert(nodeFacts('one', more), 1);
      seen.push(asked());
    }
    table.remove(addressOf('one'));
    expect([...seen, asked()]).toEqual(['now', 'soon', 'never', 'now', 'never']);
  });
});

describe('Room', () => {
  it('is what it has left, whatever its peer says late', () => {
    const table = tableOf([nodeFacts('one', { slots: 2 })]);
    const given = [give(table), give(table)];
    expect(give(table)).toBeNull();
    table.upsert(nodeFacts('one', { slots: 2, state: 'idle', busy: 0 }), 100);
    expect(give(table)).toBeNull();
    end(table, given[0]!, null, 200);
    // Its peer still counts the one that has ended.
    table.upsert(nodeFacts('one', { slots: 2, state: 'busy', busy: 2 }), 210);
    expect(give(table, wishFor(), 220)).not.toBeNull();
  });

  it('is less by what others do there', () => {
    const table = tableOf([nodeFacts('one', { state: 'busy', busy: 3 })]);
    expect([give(table), give(table)]).toEqual([expect.anything(), null]);
  });

  it('has a bounded line for strategies that do not look', () => {
    const table = tableOf([nodeFacts('one')], 'round-robin');
    let given = 0;
    while (give(table)) given += 1;
    expect(given).toBe(4 + 32);
  });

  it('is believed less of a node that says it is full', () => {
    const table = tableOf([nodeFacts('liar', { slots: 64 })]);
    const given = Array.from({ length: 64 }, () => give(table));
    for (const one of given.slice(4)) end(table, one, 'busy', 10);
    expect([table.assigned, table.pick(wishFor(), 20)]).toEqual([4, null]);
    // One more is tried after a rest.
    const tried = give(table, wishFor(), 6000);
    expect([tried?.node, table.pick(wishFor(), 6000)]).toEqual([addressOf('liar'), null]);
    end(table, tried, 'busy', 6100);
    expect([table.pick(wishFor(), 12_000), table.pick(wishFor(), 17_000)]).toEqual([null, addressOf('liar')]);
  });

  it('counts what askers said of a node before its own peer did', () => {
    const table = tableOf([]);
    table.assign(assignmentOf('task-early', addressOf('one')), 0);
    table.upsert(nodeFacts('one', { slots: 1 }), 10);
    expect([table.pick(wishFor(), 20), table.release('task-early' as TaskId)?.task, table.pick(wishFor(), 20)]).toEqual([null, 'task-early', addressOf('one')]);
  });
});

describe('Nodes that fail', () => {
  it('get nothing new until they have rested, then one task to see', () => {
    const table = tableOf([nodeFacts('bad')]);
    const told = [1, 2, 3].map((now) => end(table, give(table, wishFor(), now), 'engine-crashed', now));
    expect([...told, table.pick(wishFor(), 4)]).toEqual([null, null, 'open', null]);
    const probe = give(table, wishFor(), 5010);
    expect([probe?.node, table.pick(wishFor(), 5010)]).toEqual([addressOf('bad'), null]);
    expect([end(table, probe, null, 6000), table.pick(wishFor(), 6000)]).toEqual(['closed', addressOf('bad')]);
  });

  it('are tried again if the one to see was never begun', () => {
    const table = tableOf([nodeFacts('bad')]);
    for (const now of [1, 2, 3]) end(table, give(table, wishFor(), now), 'timeout', now);
    const probe = give(table, wishFor(), 5010);
    table.release(probe!.task as TaskId);
    expect(table.pick(wishFor(), 5020)).toBe(addressOf('bad'));
  });

  it('are not blamed for what the asker did', () => {
    const table = tableOf([nodeFacts('good')]);
    for (const error of ['aborted', 'bad-request', 'context-overflow'] as const) {
      for (let time = 0; time < 5; time += 1) expect(end(table, give(table), error, 1)).toBeNull();
    }
    expect(table.pick(wishFor(), 2)).toBe(addressOf('good'));
  });

  it('rest if they refuse', () => {
    const table = tableOf([nodeFacts('shy')]);
    expect(end(table, give(table), 'refused', 0)).toBeNull();
    expect([table.pick(wishFor(), 100), table.pick(wishFor(), 5001)]).toEqual([null, addressOf('shy')]);
  });
});

describe('What it expects', () => {
  /** Twenty tasks that took so long, one after another. */
  function train(table: NodeTable, firstTokenMs: number, decodeMs: number): number {
    let now = 0;
    for (let task = 0; task < 30; task += 1) {
      const given = give(table, wishFor(), now)!;
      now += firstTokenMs + decodeMs;
      table.report(reportOf(given.task, given.node, { firstTokenMs, prefillMs: firstTokenMs, decodeMs }), now);
    }
    return now;
  }

  it('is nothing before the first task, then the time that those before it take', () => {
    const table = tableOf([nodeFacts('one', { slots: 2 })]);
    expect(table.estimateMs(wishFor(), 9)).toBe(0);
    train(table, 1000, 3000);
    expect(table.estimateMs(wishFor(), 9) / 20_000).toBeCloseTo(1);
    expect(table.estimateMs(wishFor({ tier: 'large' }), 9)).toBe(0);
  });

  it('hedges late: generously at first, then by what was measured, and later for a long prompt', () => {
    const table = tableOf([nodeFacts('one', { prefillPerSecond: 100 })]);
    const { firstTokenLeastMs, firstTokenFactor } = DEFAULT_POLICY.failover;
    const before = table.hedgeMs(wishFor({ promptTokens: 1000 }), addressOf('one'));
    expect(before).toBeGreaterThan(3 * 10_000);
    train(table, 1000, 1000);
    const after = table.hedgeMs(wishFor({ promptTokens: 1000 }), addressOf('one'));
    expect(after).toBeGreaterThan(firstTokenFactor * 8000);
    expect(after).toBeLessThan(before);
    expect(table.hedgeMs(wishFor({ promptTokens: 2000 }), addressOf('one'))).toBeGreaterThan(1.8 * after);
    const fast = tableOf([nodeFacts('one')]);
    train(fast, 5, 10);
    expect(fast.hedgeMs(wishFor({ promptTokens: 5 }), addressOf('one'))).toBe(firstTokenLeastMs);
  });

  it('learns who is fast, whatever they claim', () => {
    const table = tableOf([nodeFacts('boaster', { tokensPerSecond: 500 }), nodeFacts('modest', { tokensPerSecond: 20 })]);
    for (let task = 0; task < 20; task += 1) {
      const given = give(table)!;
      const decodeMs = given.node === addressOf('boaster') ? 50_000 : 2000;
      table.report(reportOf(given.task, given.node, { decodeMs }), task * 1000);
    }
    expect(table.pick(wishFor(), 100_000)).toBe(addressOf('modest'));
  });

  it('knows who has been silent: neither spoken nor ended', () => {
    const table = tableOf([nodeFacts('one')]);
    for (const [index, at] of [10, 20, 30].entries()) table.assign(assignmentOf(`task-s${index}`, addressOf('one'), at), at);
    table.report(reportOf('task-s0', addressOf('one'), { state: 'speaking' }), 40);
    expect(table.silentSince(30).map(({ task }) => task)).toEqual(['task-s1']);
    expect(table.report(reportOf('task-unknown', addressOf('one')), 50)).toBeNull();
  });
});

describe('Lanes', () => {
  it('are one for wishes that the same nodes serve', () => {
    const table = tableOf([nodeFacts('one'), nodeFacts('own', { shared: false, peer: asPeer('owner') })]);
    const lane = (...of: Parameters<typeof wishFor>) => table.lane(wishFor(...of));
    expect(lane({ promptTokens: 100, affinity: 'a' })).toBe(lane({ promptTokens: 101, maxTokens: 500 }, { asker: asPeer('another') }));
    expect(lane({ nodes: [addressOf('a'), addressOf('b')] })).toBe(lane({ nodes: [addressOf('b'), addressOf('a')] }));
    const different = [lane(), lane({ model: 'small' }), lane({ tier: 'tiny' }), lane({ nodes: [addressOf('a')] }), lane({ promptTokens: 5000 }),
      lane({}, { avoid: [addressOf('a')] }), lane({}, { asker: asPeer('owner') })];
    expect(new Set(different).size).toBe(different.length);
  });
});

it('takes another strategy at once', () => {
  const table = tableOf([nodeFacts('one', { slots: 1 })]);
  give(table);
  expect(table.pick(wishFor(), 0)).toBeNull();
  table.setPolicy(policyOf('round-robin'));
  expect(table.pick(wishFor(), 0)).toBe(addressOf('one'));
});
