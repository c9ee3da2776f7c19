/** What a greedy asker tries, to be served before its turn. */
import { describe, expect, it } from 'vitest';
import { nodeAddress } from '../../shared/ids.ts';
import { fakeFacts, type FakeNodeTable } from '../../testing/fake-node-table.ts';
import { createLeaderRig, grantOf, grantsIn, peer, taskId, type LeaderRig, type Of } from '../../testing/leader-rig.ts';

const [good, bad] = [peer('good'), peer('bad')];

/** Old enough that askers are not believed just because the leader is new. */
function rigWith(nodes: number): LeaderRig<FakeNodeTable> {
  const rig = createLeaderRig();
  for (let node = 0; node < nodes; node += 1) rig.send({ type: 'node', facts: fakeFacts(`n${node}`) });
  rig.now = 60_000;
  return rig;
}

function queueBoth(rig: LeaderRig<FakeNodeTable>, each: number): void {
  for (let job = 0; job < each; job += 1) for (const asker of [good, bad]) rig.ask(`${asker}-${job}`, { asker, deadlineMs: 1e9 });
}

const countOf = (grants: readonly Of<'grant'>[], asker: typeof good): number => grants.filter(({ to }) => to === asker).length;

/** As many tasks one after another, each ended by `end`. @returns what was granted */
function serve(rig: LeaderRig<FakeNodeTable>, first: Of<'grant'>, tasks: number, end: (current: Of<'grant'>) => ReturnType<LeaderRig<FakeNodeTable>['end']>): Of<'grant'>[] {
  const granted: Of<'grant'>[] = [];
  let current = first;
  for (let task = 0; task < tasks; task += 1) {
    rig.now += 20_000;
    current = grantsIn(end(current))[0]!;
    granted.push(current);
  }
  return granted;
}

describe('a device that wants more than its share', () => {
  it('gets nothing back that it was never charged: tasks that it says it had while nobody waited', () => {
    const rig = rigWith(1);
    const running = [1, 2, 3, 4].map((name) => ({ task: taskId(`ghost${name}`), node: nodeAddress('nowhere', '0') }));
    rig.ask('ghost', { asker: bad, wants: false, shape: { promptTokens: 2 ** 24 }, running });
    const first = grantOf(rig.ask('first', { asker: good }));
    queueBoth(rig, 50);
    rig.ask('ghost', { asker: bad, turn: 2, wants: false, shape: { promptTokens: 2 ** 24 }, running: [] });
    expect(countOf(serve(rig, first, 60, rig.end), good)).toBeGreaterThanOrEqual(25);
  });

  it('nor tasks that it had, and that took less than it said', () => {
    const rig = rigWith(8);
    let open = Array.from({ length: 8 }, (_, job) => grantOf(rig.ask(`long-${job}`, { asker: bad, shape: { maxTokens: 32_768 } })));
    queueBoth(rig, 50);
    const granted: Of<'grant'>[] = [];
    for (let round = 0; round < 10; round += 1) {
      rig.now += 1000;
      open = open.flatMap((grant) => grantsIn(rig.end(grant)));
      granted.push(...open);
    }
    expect(countOf(granted, good)).toBeGreaterThanOrEqual(30);
  });

  it('does not go before all others for ever with one job that was served once', () => {
    const rig = rigWith(1);
    const first = grantOf(rig.ask('mover', { asker: bad }));
    for (let job = 0; job < 50; job += 1) rig.ask(job, { asker: good, deadlineMs: 1e9 });
    let turn = 1;
    const granted = serve(rig, first, 40, (current) => {
      const { task, node } = current.grant;
      turn += 1;
      if (current.to === bad) rig.ask('mover', { asker: bad, turn, why: 'moved', running: [{ task, node }], deadlineMs: 1e9 });
      return rig.end(current);
    });
    expect(countOf(granted, good)).toBeGreaterThanOrEqual(15);
  });

  it.each(['bad-request', 'context-overflow', 'aborted', null] as const)('is charged what a node can have written, although it says that its task took nothing (%s)', (error) => {
    const rig = rigWith(1);
    const first = grantOf(rig.ask('first', { asker: good }));
    queueBoth(rig, 100);
    const granted = serve(rig, first, 100, (current) => rig.end(current, current.to === bad ? { error, promptTokens: 0, answerTokens: 0 } : { answerTokens: 300 }));
    expect(countOf(granted, good)).toBeGreaterThanOrEqual(15);
  });

  it('nor by a job that it just withdraws', () => {
    const rig = rigWith(1);
    const first = grantOf(rig.ask('first', { asker: good }));
    queueBoth(rig, 100);
    const granted = serve(rig, first, 100, (current) => (current.to === bad ? rig.send({ type: 'withdraw', asker: bad, job: current.job }) : rig.end(current, { answerTokens: 300 })));
    expect(countOf(granted, good)).toBeGreaterThanOrEqual(15);
  });
});
