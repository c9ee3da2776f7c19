import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, STRATEGIES, type StrategyName } from '../../../protocol/policy.ts';
import { nodeAddress, type Address, type JobId, type TaskId } from '../../../shared/ids.ts';
import { asPeer, assignmentOf, nodeFacts, nodeModel, reportOf, wishFor } from '../../../testing/load-fixtures.ts';
import { createSeededRandom } from '../../../testing/seeded-random.ts';
import { createNodeTable } from '../node-table.ts';
import type { NodeTable } from '../parts.ts';

const HOST = asPeer('host');
const GUEST = asPeer('guest');

/** A tab with so many nodes of two slots, which gives so many of these to others. */
function createHost(nodes: number, strategy: StrategyName = 'shortest-completion') {
  const table: NodeTable = createNodeTable({ policy: { ...DEFAULT_POLICY, strategy }, random: createSeededRandom(3) });
  const given = new Map<string, { node: Address; asker: typeof HOST }>();
  let [count, now] = [0, 0];

  const tell = (guestSlots: number | null, guestBusy = 0): void => {
    for (let index = 0; index < nodes; index += 1) {
      table.upsert(nodeFacts(`${index}`, { address: nodeAddress('host', `${index}`), peer: HOST, slots: 2, ...(guestSlots === null ? {} : { guestSlots, guestBusy }) }), now);
    }
  };
  return {
    table, tell, given,
    wait: (ms: number) => void (now += ms),
    guests: () => [...given.values()].filter(({ asker }) => asker !== HOST).length,
    /** @returns the task's id; null if nobody has room */
    ask(asker: typeof HOST, named = false): string | null {
      const node = table.pick(wishFor(named ? { nodes: [nodeAddress('host', '0')] } : {}, { asker }), now);
      if (node === null) return null;
      const task = `task-${(count += 1)}`;
      table.assign(assignmentOf(task, node, now, { asker, job: `job-${count}` as JobId }), now);
      given.set(task, { node, asker });
      return task;
    },
    end(task: string, released = false): void {
      if (released) table.release(task as TaskId);
      else table.report(reportOf(task, given.get(task)!.node), now);
      given.delete(task);
    },
    gone(index: number): void {
      for (const { task } of table.remove(nodeAddress('host', `${index}`))) given.delete(task);
    },
  };
}

describe('A tab that shares two of four slots', () => {
  it('gets no more than two tasks of others, over all its nodes, and its own person has the rest', () => {
    const host = createHost(2);
    host.tell(2);
    expect([host.ask(GUEST), host.ask(asPeer('other')), host.ask(GUEST), host.ask(GUEST, true)]).toEqual(['task-1', 'task-2', null, null]);
    expect([host.ask(HOST), host.ask(HOST), host.ask(HOST)]).toEqual(['task-3', 'task-4', null]);
    host.end('task-3');
    expect(host.ask(GUEST)).toBeNull();
    host.end('task-1');
    expect(host.ask(GUEST)).not.toBeNull();
    expect(host.ask(GUEST)).toBeNull();
  });

  it('is a tab that could answer: whoever asks waits, and is not told that nobody is there', () => {
    const host = createHost(1);
    host.tell(1);
    host.ask(GUEST);
    const wish = wishFor({}, { asker: GUEST });
    expect(host.table.pick(wish, 0)).toBeNull();
    expect(host.table.standing(wish)).toBe('now');
  });

  it('lets its own person not wait in line with those for whom it has nothing', () => {
    const host = createHost(1);
    const lanes = () => [host.table.lane(wishFor({}, { asker: HOST })), host.table.lane(wishFor({}, { asker: GUEST }))];
    host.tell(null);
    expect(new Set(lanes()).size).toBe(1);
    host.tell(1);
    expect(new Set(lanes()).size).toBe(2);
  });

  it('gives more, or less, from the moment on when its person says so', () => {
    const host = createHost(2);
    host.tell(1);
    host.ask(GUEST);
    expect(host.ask(GUEST)).toBeNull();
    host.tell(3, 1);
    expect([host.ask(GUEST), host.ask(GUEST), host.ask(GUEST)]).toEqual(['task-2', 'task-3', null]);
    host.tell(1, 3);
    host.end('task-1');
    host.end('task-2');
    expect(host.ask(GUEST)).toBeNull();
    host.end('task-3');
    expect(host.ask(GUEST)).not.toBeNull();
  });

  it('has its guests of before counted by a leader who is new, by its own word; a late word counts nobody twice', () => {
    const host = createHost(2);
    host.tell(2, 2);
    expect(host.ask(GUEST)).toBeNull();
    // One of them has ended, and the other is told by its asker.
    host.tell(2, 1);
    expect(host.ask(GUEST)).toBe('task-1');
    expect(host.ask(GUEST)).toBe('task-2');
    host.end('task-1');
    host.tell(2, 2);
    expect(host.ask(GUEST)).toBe('task-3');
    host.end('task-2');
    host.wait(1500);
    host.tell(2, 2);
    expect(host.ask(GUEST)).toBeNull();
  });

  it('keeps its limit when one of its nodes goes', () => {
    const host = createHost(3);
    host.tell(2);
    const first = host.ask(GUEST)!;
    host.ask(GUEST);
    host.gone(Number(host.given.get(first)!.node.at(-1)));
    while (host.ask(GUEST) !== null);
    expect(host.guests()).toBe(2);
  });
});

describe.each(STRATEGIES)('With %s', (strategy) => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant('ask' as const), own: fc.boolean(), named: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('end' as const), which: fc.nat(20), released: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('tell' as const), slots: fc.option(fc.integer({ min: 0, max: 5 })) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('gone' as const), index: fc.nat(2) }) },
  );

  it('nobody is given more than is shared, and its own person finds room if there is any', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const host = createHost(3, strategy);
        const isBlind = strategy === 'round-robin' || strategy === 'random';
        let limit: number | null = null;
        host.tell(limit);
        for (const one of steps) {
          host.wait(300);
          const before = host.guests();
          if (one.type === 'ask' && host.ask(one.own ? HOST : GUEST, one.named) !== null && !one.own) expect(before).toBeLessThan(limit ?? Infinity);
          const task = one.type === 'end' ? [...host.given.keys()][one.which] : undefined;
          if (one.type === 'end' && task !== undefined) host.end(task, one.released);
          if (one.type === 'tell') host.tell((limit = one.slots), host.guests());
          if (one.type === 'gone') {
            host.gone(one.index);
            host.tell(limit, host.guests());
          }
        }
        if (isBlind) return;
        const free = 6 - host.given.size;
        for (let slot = 0; slot < free; slot += 1) expect(host.ask(HOST)).not.toBeNull();
        expect(host.ask(HOST)).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it('whoever shares nothing more is no place for others while somebody else has room', () => {
    const host = createHost(1, strategy);
    host.tell(1);
    host.ask(GUEST);
    host.table.upsert(nodeFacts('other', { slots: 8, model: nodeModel() }), 0);
    const picks = new Set(Array.from({ length: 40 }, () => host.table.pick(wishFor({}, { asker: GUEST }), 0)));
    expect([...picks]).toEqual([nodeFacts('other').address]);
  });
});
