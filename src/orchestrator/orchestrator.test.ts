import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type SwarmPolicy } from '../protocol/policy.ts';
import { LlamboError } from '../shared/errors.ts';
import { nodeAddress, type JobId } from '../shared/ids.ts';
import { counted, type FakeNodeOptions } from '../testing/fake-node.ts';
import { createOrchestra, peerIdOf, type Asked, type Tab } from '../testing/orchestra-rig.ts';
import type { JobNote } from './open-job.ts';
import type { LeaderNote } from './types.ts';

const four = [{ slots: 2 }, { slots: 2 }, { slots: 2 }, { slots: 2 }];

const codeOf = ({ done }: Asked): Promise<string> => done.then(({ finishReason }) => finishReason, (error: LlamboError) => error.code);

const movesOf = ({ events }: Asked): unknown[] => events.filter(({ type }) => type === 'moved');

/** One tab that leads itself. */
function alone(nodes: readonly FakeNodeOptions[] = four) {
  const orchestra = createOrchestra();
  const tab = orchestra.add('a', nodes);
  orchestra.lead(tab);
  return { ...orchestra, tab };
}

/** Three tabs; the first leads. */
function three(policy: SwarmPolicy = DEFAULT_POLICY) {
  const orchestra = createOrchestra({ policy });
  const tabs = ['a', 'b', 'c'].map((letter) => orchestra.add(letter, [{ slots: 2 }])) as [Tab, Tab, Tab];
  orchestra.lead(tabs[0]);
  return { ...orchestra, tabs };
}

describe('a tab alone', () => {
  it('answers forty jobs with four nodes: all of them, each node used, and never more than its slots at once', async () => {
    const { tab, run } = alone();
    const asked = Array.from({ length: 40 }, () => tab.count(10));
    await run(30_000);
    for (const one of asked) expect((await one.done).text).toBe(counted(10));
    for (const node of tab.nodes) {
      expect(node.begun).toBeGreaterThan(0);
      expect(node.most).toBeLessThanOrEqual(2);
    }
    expect(tab.nodes.reduce((sum, node) => sum + node.begun, 0)).toBe(40);
    expect(tab.orchestrator.view()).toMatchObject({ jobs: [], leader: { waiting: 0, assigned: 0 } });
  });

  it('says to those that wait where they are, and in what order it tells', async () => {
    const { tab, run } = alone([{ slots: 1 }]);
    const [first, second] = [tab.count(10), tab.count(10)];
    await run(20);
    expect(first.events.map(({ type }) => type)).toEqual(['started']);
    expect(second.events).toEqual([{ type: 'queued', place: 1, estimateMs: expect.any(Number) as number }]);
    await run(5000);
    expect((await second.done).text).toBe(counted(10));
    const types = second.events.map(({ type }) => type);
    expect(types.lastIndexOf('queued')).toBeLessThan(types.indexOf('started'));
    expect(types.indexOf('started')).toBeLessThan(types.indexOf('text'));
  });

  it('goes on elsewhere when a node dies in mid-answer: no word lost or doubled, and who listens hears of it', async () => {
    const { tab, run } = alone();
    const notes: JobNote[] = [];
    tab.orchestrator.onJob((note) => notes.push(note));
    const asked = tab.count(30);
    await run(300);
    const first = tab.nodes.find(({ running }) => running > 0)!;
    expect(asked.text()).not.toBe('');
    first.crash();
    await run(5000);
    const { text, node, movedFrom } = await asked.done;
    expect(text).toBe(counted(30));
    expect(asked.text()).toBe(text);
    expect(node).not.toBe(first.address);
    expect(movedFrom).toEqual([first.address]);
    expect(notes.map(({ type }) => type)).toEqual(['task started', 'task ended', 'job moved', 'task started', 'task ended', 'job settled']);
    expect(notes.filter(({ type }) => type === 'job moved')).toMatchObject([{ from: first.address, to: node, reason: 'engine-crashed' }]);
  });

  it('gives a second node to one that has fallen silent, and tells that it is a hedge', async () => {
    const { tab, run } = alone();
    const whys: string[] = [];
    tab.orchestrator.onJob((note) => note.type === 'task started' && whys.push(note.why));
    // So many that one more is within the share of the work that hedges may be.
    for (let round = 0; round < 30; round += 1) {
      tab.count(3);
      await run(400);
    }
    const asked = tab.count(30);
    await run(300);
    tab.nodes.find(({ running }) => running > 0)!.freeze();
    await run(20_000);
    expect((await asked.done).text).toBe(counted(30));
    expect(whys.at(-1)).toBe('hedge');
    expect(movesOf(asked)).toHaveLength(1);
  });

  it('stops what is cancelled: while it waits, and while it runs', async () => {
    const { tab, run } = alone([{ slots: 1 }]);
    const [runs, waits] = [tab.count(50), tab.count(50)];
    await run(300);
    waits.cancel();
    runs.cancel();
    await run(50);
    expect(await codeOf(waits)).toBe('aborted');
    const answer = await runs.done;
    expect(answer.finishReason).toBe('cancelled');
    expect(answer.text).toBe(runs.text());
    expect(tab.nodes[0]!.running).toBe(0);
    expect(tab.orchestrator.view().leader).toMatchObject({ waiting: 0, assigned: 0 });
  });

  it('refuses at once what no node could ever do, and waits for what is being loaded', async () => {
    const { tab, run } = alone([{ slots: 1 }, { slots: 1, model: 'late' }]);
    tab.nodes[1]!.set({ state: 'loading' });
    await run(100);
    const asked = [tab.count(3, { model: 'none' }), tab.count(3, { nodes: [nodeAddress(peerIdOf('z'), '1')] }), tab.count(3, { model: 'late' })];
    await run(1000);
    expect(await codeOf(asked[0]!)).toBe('not-ready');
    expect(await codeOf(asked[1]!)).toBe('not-found');
    expect(asked[2]!.events.every(({ type }) => type === 'queued')).toBe(true);
    tab.nodes[1]!.set({ state: 'idle' });
    await run(1000);
    expect(await asked[2]!.done).toMatchObject({ text: counted(3), model: 'late' });
  });

  it('fails a job whose words can\'t be made, and goes on with the others', async () => {
    const { tab, run } = alone();
    const bad = tab.count(3, {}, { taskFor: () => { throw new LlamboError('bad-request', 'No words.'); } });
    const good = tab.count(3);
    await run(1000);
    expect(await codeOf(bad)).toBe('bad-request');
    expect((await good.done).text).toBe(counted(3));
    expect(tab.orchestrator.view()).toMatchObject({ jobs: [], leader: { assigned: 0 } });
  });

  it('ends a job that a bug of ours would leave open', async () => {
    const { tab, run } = alone();
    const broken = tab.count(3, {}, { emit: () => { throw new Error('bug'); } });
    const good = tab.count(3);
    await run(1000);
    expect(await codeOf(broken)).toBe('internal');
    expect((await good.done).text).toBe(counted(3));
    expect(tab.orchestrator.view()).toMatchObject({ jobs: [], leader: { assigned: 0 } });
  });

  it('ends every job when it is closed, and takes no other', async () => {
    const { tab, run } = alone([{ slots: 1 }]);
    const [runs, waits] = [tab.count(50), tab.count(50)];
    await run(300);
    tab.orchestrator.close();
    tab.orchestrator.close();
    expect((await runs.done).finishReason).toBe('cancelled');
    expect(await codeOf(waits)).toBe('aborted');
    await run(50);
    expect(tab.nodes[0]!.running).toBe(0);
    expect(await codeOf(tab.count(3))).toBe('stopped');
  });
});

describe('tabs that one of them leads', () => {
  it('share the work: a tab\'s jobs run on the nodes of all', async () => {
    const { tabs, run } = three();
    const asked = Array.from({ length: 12 }, () => tabs[1].count(10));
    await run(20_000);
    for (const one of asked) expect((await one.done).text).toBe(counted(10));
    for (const { nodes: [node] } of tabs) {
      expect(node!.begun).toBeGreaterThan(0);
      expect(node!.most).toBeLessThanOrEqual(2);
    }
  });

  it('another leads in mid-answer: what runs has no gap, and what waits goes to the new leader', async () => {
    const { tabs, run, lead } = three();
    const [running, waiting] = [Array.from({ length: 6 }, () => tabs[1].count(60)), Array.from({ length: 4 }, () => tabs[1].count(5))];
    await run(500);
    lead(tabs[2]);
    await run(100);
    expect(tabs[0].orchestrator.view().leader).toBeNull();
    expect(tabs[2].orchestrator.view().leader).toMatchObject({ waiting: 4, assigned: 6 });
    await run(10_000);
    for (const one of running) {
      expect((await one.done).text).toBe(counted(60));
      expect(movesOf(one)).toEqual([]);
      const gaps = one.textAt.slice(1).map((at, index) => at - one.textAt[index]!);
      expect(Math.max(...gaps)).toBe(20);
    }
    for (const one of waiting) expect((await one.done).text).toBe(counted(5));
    for (const { nodes: [node] } of tabs) expect(node!.most).toBeLessThanOrEqual(2);
  });

  it('the leader\'s tab is killed, and its node with it: its answers move, and nothing is lost while nobody leads', async () => {
    const { tabs, run, lead } = three();
    const asked = Array.from({ length: 8 }, () => tabs[1].count(40));
    await run(400);
    tabs[0].die();
    lead(null);
    await run(2000);
    lead(tabs[1]);
    await run(20_000);
    for (const one of asked) expect((await one.done).text).toBe(counted(40));
    expect(asked.flatMap(movesOf)).toHaveLength(2);
  });

  it('a tab that asks is closed: what runs for it elsewhere is cancelled, and its jobs are forgotten', async () => {
    const { tabs, run } = three();
    for (let index = 0; index < 10; index += 1) tabs[1].count(80);
    await run(400);
    expect(tabs[0].orchestrator.view().leader).toMatchObject({ waiting: 4, assigned: 6 });
    tabs[1].die();
    await run(1000);
    expect(tabs[0].orchestrator.view().leader).toMatchObject({ waiting: 0, assigned: 0 });
    expect([tabs[0], tabs[2]].map(({ nodes: [node] }) => node!.running)).toEqual([0, 0]);
  });

  it('a tab leaves in mid-answer: its answers go on with its own node, and its node works for nobody else', async () => {
    const { tabs, run } = three();
    const own = Array.from({ length: 6 }, () => tabs[1].count(40));
    await run(400);
    const others = tabs[2].count(40);
    tabs[1].leave();
    await run(30_000);
    for (const one of own) {
      const { text, node } = await one.done;
      expect(text).toBe(counted(40));
      expect(node).toBe(tabs[1].nodes[0]!.address);
    }
    expect((await others.done).node).not.toBe(tabs[1].nodes[0]!.address);
    expect(tabs[1].nodes[0]!.most).toBeLessThanOrEqual(2);
    expect(tabs[0].orchestrator.view().leader).toMatchObject({ waiting: 0, assigned: 0 });
  });

  it('the leader leaves, and leads itself: it forgets whom it led', async () => {
    const { tabs, run, lead } = three();
    const [own, others] = [tabs[0].count(60), Array.from({ length: 8 }, () => tabs[1].count(60))];
    await run(400);
    tabs[0].leave();
    lead(tabs[2]);
    await run(100);
    expect(tabs[0].orchestrator.view().leader).toMatchObject({ waiting: 0, assigned: 1, slots: 2 });
    await run(20_000);
    for (const one of [own, ...others]) expect((await one.done).text).toBe(counted(60));
  });

  it('a node that only its own tab uses serves that tab\'s jobs, whoever leads', async () => {
    const { tabs, run } = three();
    tabs[1].nodes[0]!.set({ shared: false });
    await run(100);
    const [own, others] = [tabs[1].count(5, { nodes: [tabs[1].nodes[0]!.address] }), Array.from({ length: 8 }, () => tabs[2].count(5))];
    await run(10_000);
    expect((await own.done).node).toBe(tabs[1].nodes[0]!.address);
    for (const one of others) expect((await one.done).node).not.toBe(tabs[1].nodes[0]!.address);
  });

  it('that are full say busy: the asker keeps the job and asks again, and all are answered', async () => {
    const { tabs, run } = three({ ...DEFAULT_POLICY, queue: { ...DEFAULT_POLICY.queue, mostPerDevice: 4 } });
    const refused = new Set<JobId>();
    tabs[1].orchestrator.onJob((note) => note.type === 'job refused' && refused.add(note.job));
    const notes: string[] = [];
    tabs[0].orchestrator.onNote((note: LeaderNote) => notes.push(note.type));
    const asked = Array.from({ length: 30 }, () => tabs[1].count(10));
    await run(60_000);
    for (const one of asked) expect((await one.done).text).toBe(counted(10));
    expect(refused.size).toBeGreaterThanOrEqual(30 - 6 - 4);
    expect(notes.filter((type) => type === 'granted')).toHaveLength(30);
  });
});
