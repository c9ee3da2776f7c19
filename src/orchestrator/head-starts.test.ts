import { describe, expect, it } from 'vitest';
import { LIMITS } from '../protocol/limits.ts';
import type { JobShape } from '../protocol/job.ts';
import { Emitter } from '../shared/emitter.ts';
import type { DeviceId, JobId, PeerId } from '../shared/ids.ts';
import { addressOf, asPeer, nodeFacts, nodeModel } from '../testing/load-fixtures.ts';
import { createSimClock } from '../testing/sim-clock.ts';
import { createHeadStarts } from './head-starts.ts';
import type { JobStart, NodeFacts } from './types.ts';

const SELF = asPeer('me');
const FAR = 'far';

function rigOf(...nodes: readonly NodeFacts[]) {
  const clock = createSimClock();
  const changes = new Emitter<void>();
  let all = nodes;
  let looks = 0;
  let leader: PeerId | null = asPeer('boss');
  let jobs = 0;
  const headStarts = createHeadStarts({
    clock,
    control: { self: { peer: SELF, device: 'device' as DeviceId }, standing: () => ({ leader, term: 1 }) },
    nodes: {
      all() {
        looks += 1;
        return all;
      },
      onChange: (listener) => changes.on(listener),
    },
  });
  /** A job for that node. */
  function start(node: string, shape: Partial<JobShape> = {}, more: Partial<JobStart> = {}): JobStart {
    jobs += 1;
    return {
      id: `job-${jobs}` as JobId, seed: 1, deadlineMs: 60_000, pinned: true,
      shape: { promptTokens: 100, maxTokens: 100, profile: 'chat', priority: 'interactive', nodes: [addressOf(node)], ...shape }, ...more,
    };
  }
  return {
    clock, headStarts, start,
    looks: () => looks,
    goes: (...args: Parameters<typeof start>): boolean => headStarts.of(start(...args)).ahead !== undefined,
    show(...next: readonly NodeFacts[]) {
      all = next;
      changes.emit();
    },
    lead(next: string | null) {
      leader = next === null ? null : asPeer(next);
    },
  };
}

/** One whose nodes have been as they are for a while. */
function settledRig(...nodes: readonly NodeFacts[]) {
  const rig = rigOf(...nodes);
  rig.clock.run(2000);
  return rig;
}

describe('A job for a chosen node', () => {
  it('goes ahead of its grant where that node has had room for a while', () => {
    const rig = rigOf(nodeFacts(FAR));
    expect(rig.goes(FAR)).toBe(false);
    rig.clock.run(1499);
    expect(rig.goes(FAR)).toBe(false);
    rig.clock.run(1);
    const start = rig.start(FAR);
    expect(rig.headStarts.of(start)).toEqual({ ...start, ahead: { node: addressOf(FAR), model: 'small', modelHash: null } });
  });

  it('waits if nobody chose, if there is a choice, if nobody leads, and if this tab does', () => {
    const rig = settledRig(nodeFacts(FAR), nodeFacts('other'));
    expect(rig.goes(FAR, {}, { pinned: false })).toBe(false);
    expect(rig.goes(FAR, { nodes: [addressOf(FAR), addressOf('other')] })).toBe(false);
    expect(rig.goes(FAR, { nodes: [] })).toBe(false);
    for (const leader of [null, SELF]) {
      rig.lead(leader);
      expect(rig.goes(FAR)).toBe(false);
    }
    rig.lead('boss');
    expect(rig.goes(FAR)).toBe(true);
  });

  it('waits if the node is not there, is not well, has somebody waiting, works for its own tab, or gives no more', () => {
    const bad: Partial<NodeFacts>[] = [
      { state: 'loading' }, { state: 'error' }, { suspect: true }, { model: null }, { waiting: 1 }, { busy: 4 }, { slots: 0 }, { shared: false }, { guestSlots: 2, guestBusy: 2 },
    ];
    for (const more of bad) expect([more, settledRig(nodeFacts(FAR, more)).goes(FAR)]).toEqual([more, false]);
    expect(settledRig(nodeFacts('other')).goes(FAR)).toBe(false);
    expect(settledRig(nodeFacts(FAR, { busy: 3, guestSlots: 3, guestBusy: 2 })).goes(FAR)).toBe(true);
  });

  it('waits if the node has another model than is asked for, or too little context', () => {
    const rig = settledRig(nodeFacts(FAR, { model: nodeModel('small', 'tiny', 1000) }));
    expect(rig.goes(FAR, { model: 'large' })).toBe(false);
    expect(rig.goes(FAR, { tier: 'medium' })).toBe(false);
    expect(rig.goes(FAR, { promptTokens: 990 })).toBe(false);
    expect(rig.goes(FAR, { model: 'small', tier: 'tiny', promptTokens: 984 })).toBe(true);
  });

  it('goes ahead to a node of this tab that only this tab uses, whatever it gives to others', () => {
    expect(settledRig(nodeFacts(FAR, { peer: SELF, shared: false, guestSlots: 0, guestBusy: 0 })).goes(FAR)).toBe(true);
  });

  it('takes no slot that was free for a moment: somebody in the queue waits for that', () => {
    const rig = settledRig(nodeFacts(FAR));
    for (let task = 0; task < 5; task += 1) {
      rig.show(nodeFacts(FAR, { busy: 4 }));
      rig.clock.run(3000);
      rig.show(nodeFacts(FAR, { busy: 3 }));
      rig.clock.run(1000);
      expect(rig.goes(FAR)).toBe(false);
    }
    rig.clock.run(500);
    expect(rig.goes(FAR)).toBe(true);
  });

  it('counts what went ahead and is not in the roster yet: no more than there are slots, and than its tab gives', () => {
    const rig = settledRig(nodeFacts(FAR, { slots: 2 }));
    expect([rig.goes(FAR), rig.goes(FAR), rig.goes(FAR)]).toEqual([true, true, false]);
    const two = { peer: asPeer('host'), guestSlots: 3, guestBusy: 1 };
    const [one, other] = [`/n/llambo/${'host'}/a`, `/n/llambo/${'host'}/b`] as const;
    const host = settledRig(nodeFacts('a', { ...two, address: one }), nodeFacts('b', { ...two, address: other }));
    expect([one, other, one].map((node) => host.goes('', { nodes: [node] }))).toEqual([true, true, false]);
  });

  it('is one of a few at a tab, until they are over', () => {
    const rig = settledRig(nodeFacts(FAR, { slots: 16 }), nodeFacts('other'));
    const starts = Array.from({ length: LIMITS.ungrantedTasks }, () => rig.start(FAR));
    for (const start of starts) expect(rig.headStarts.of(start).ahead).toBeDefined();
    rig.clock.run(5000);
    expect([rig.goes(FAR), rig.goes('other')]).toEqual([false, true]);
    rig.headStarts.over('job-nobody' as JobId);
    expect(rig.goes(FAR)).toBe(false);
    rig.headStarts.over(starts[0]!.id);
    expect(rig.goes(FAR)).toBe(true);
  });
});

describe('Nodes', () => {
  it('are looked at four times a second at the most, the last change too', () => {
    const rig = settledRig(nodeFacts(FAR));
    const before = rig.looks();
    for (let change = 0; change < 100; change += 1) {
      rig.show(nodeFacts(FAR, { busy: change % 4 }));
      rig.clock.run(10);
    }
    rig.show(nodeFacts(FAR, { busy: 4 }));
    expect(rig.goes(FAR)).toBe(false);
    expect(rig.looks() - before).toBeLessThanOrEqual(6);
  });

  it('are not looked at by the leader, who knows nothing of what was when another leads', () => {
    const rig = settledRig(nodeFacts(FAR));
    rig.lead(SELF);
    const before = rig.looks();
    for (let change = 0; change < 10; change += 1) {
      rig.show(nodeFacts(FAR, { busy: change % 4 }));
      rig.clock.run(500);
    }
    expect(rig.looks()).toBe(before);
    rig.lead('boss');
    rig.show(nodeFacts(FAR));
    expect(rig.goes(FAR)).toBe(false);
    rig.clock.run(1500);
    expect(rig.goes(FAR)).toBe(true);
  });

  it('are not looked at after the end', () => {
    const rig = settledRig(nodeFacts(FAR));
    rig.show(nodeFacts(FAR));
    rig.show(nodeFacts(FAR));
    rig.headStarts.close();
    const before = rig.looks();
    rig.show(nodeFacts(FAR));
    rig.clock.run(1000);
    expect(rig.looks()).toBe(before);
  });
});
