import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../protocol/policy.ts';
import { nodeAddress, partsOf, type Address } from '../../../shared/ids.ts';
import { asPeer, assignmentOf, nodeFacts, reportOf, wishFor } from '../../../testing/load-fixtures.ts';
import { createSeededRandom } from '../../../testing/seeded-random.ts';
import { createNodeTable } from '../node-table.ts';
import type { NodeTable } from '../parts.ts';

const SLOTS = 4;
const TASK_MS = 5000;
const home = (tab: string): Address => nodeAddress(tab, 'n1');

function tableOf(tabs: readonly string[], more: Parameters<typeof nodeFacts>[1] = {}): NodeTable {
  const table = createNodeTable({ policy: DEFAULT_POLICY, random: createSeededRandom(3) });
  for (const tab of tabs) table.upsert(nodeFacts('n1', { address: home(tab), peer: asPeer(tab), slots: SLOTS, rttMs: 1, tokensPerSecond: 20, prefillPerSecond: 200, ...more }), 0);
  return table;
}

const assign = (table: NodeTable, task: string, asker: string, node: Address, at: number): void => table.assign(assignmentOf(task, node, at, { asker: asPeer(asker) }), at);
const pick = (table: NodeTable, asker: string, now: number, shape = {}): string | null => {
  const node = table.pick(wishFor({ model: 'small', ...shape }, { asker: asPeer(asker) }), now);
  return node && partsOf(node).peer;
};

/** `a` has its four tasks, one of them at `b`, where three of b's run; b's fourth is at `a`. a's at `b` has just ended. */
function swapped(now: number, more = {}): NodeTable {
  const table = tableOf(['a', 'b'], more);
  for (const tab of ['a', 'b']) for (let task = 1; task < SLOTS; task += 1) assign(table, `${tab}${task}`, tab, home(tab), task);
  assign(table, 'b4', 'b', home('a'), SLOTS);
  expect(now).toBeGreaterThan(SLOTS);
  return table;
}

describe('A full node of the asker\'s own tab', () => {
  it('is waited for if one there is a guest and the oldest is nearly over; the guest\'s tab goes home then', () => {
    const table = swapped(15_000);
    expect(pick(table, 'a', 15_000)).toBe('a');
    assign(table, 'a4', 'a', home('a'), 15_000);
    expect(pick(table, 'b', 15_000)).toBe('b');
  });

  it('is waited for by one task at a time', () => {
    const table = swapped(15_000);
    assign(table, 'a4', 'a', home('a'), 15_000);
    expect(pick(table, 'a', 15_000)).toBe('b');
  });

  it('is not waited for if its tasks have just begun, if no guest runs there, if it is not well, or if it does not suit', () => {
    expect(pick(swapped(100), 'a', 100)).toBe('b');
    expect(pick(swapped(15_000, { state: 'loading' }), 'a', 15_000)).toBeNull();
    const own = tableOf(['a', 'b']);
    for (let task = 0; task < SLOTS; task += 1) assign(own, `a${task}`, 'a', home('a'), 1);
    expect(pick(own, 'a', 15_000)).toBe('b');
    const table = swapped(15_000);
    table.upsert(nodeFacts('n1', { address: home('b'), peer: asPeer('b'), slots: SLOTS, model: { id: 'other', name: 'other', tier: 'medium', hash: null, contextTokens: 4096 } }), 15_000);
    expect(pick(table, 'a', 15_000, { model: 'other' })).toBe('b');
  });

  it('ends every exchange: tabs that all ask as much as they can answer come to answer themselves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 1000 }), (count, seed) => {
        const tabs = Array.from({ length: count }, (_, index) => `tab${index}`);
        const random = createSeededRandom(seed);
        const table = tableOf(tabs);
        const running: { readonly task: string; readonly asker: string; readonly node: Address; endsAt: number }[] = [];
        const lines = new Map<Address, { task: string; asker: string }[]>();
        let [now, tasks] = [0, 0];
        const start = (task: string, asker: string, node: Address): void => void running.push({ task, asker, node, endsAt: now + TASK_MS * (0.7 + 0.6 * random.next()) });
        const ask = (asker: string): void => {
          const node = table.pick(wishFor({ model: 'small' }, { asker: asPeer(asker) }), now);
          if (node === null) throw new Error('There are as many slots as questions.');
          const task = `task${(tasks += 1)}`;
          assign(table, task, asker, node, now);
          if (running.filter((other) => other.node === node).length < SLOTS) start(task, asker, node);
          else lines.set(node, [...(lines.get(node) ?? []), { task, asker }]);
        };
        for (const tab of tabs) for (let question = 0; question < SLOTS; question += 1) ask(tab);
        let elsewhere = Infinity;
        for (let answers = 0; answers < 40 * count * SLOTS && elsewhere > 0; answers += 1) {
          const [first] = running.splice(running.indexOf(running.reduce((one, other) => (one.endsAt <= other.endsAt ? one : other))), 1);
          now = first!.endsAt;
          table.report(reportOf(first!.task, first!.node, { decodeMs: TASK_MS }), now);
          const next = lines.get(first!.node)?.shift();
          if (next) start(next.task, next.asker, first!.node);
          ask(first!.asker);
          elsewhere = running.filter(({ asker, node }) => home(asker) !== node).length;
        }
        expect(elsewhere).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
