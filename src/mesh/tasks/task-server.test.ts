import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import type { TaskId } from '../../shared/ids.ts';
import { makeTask } from '../../testing/engine-node-suite.ts';
import type { FakeLink } from '../../testing/fake-link.ts';
import { settle } from '../../testing/manual-clock.ts';
import { SHARED, createTaskRig, startRun, type Asker, type TaskRig } from '../../testing/task-rig.ts';

const sentBy = <Tag extends PeerMessage['t']>(link: FakeLink, tag: Tag) => link.sent.filter((message): message is Extract<PeerMessage, { t: Tag }> => message.t === tag);
const isFree = ({ local, server }: TaskRig): boolean => local.info().busy === 0 && local.info().waiting === 0 && server.given().length === 0;

/** A task as a stranger would send it, past our own client. */
function sendRaw({ near }: Asker, id: string, change: object = {}, node = 'a'): void {
  const { id: _, ...task } = makeTask('count to 90');
  near.sendRaw({ t: 'task', id, node, task: { ...task, ...change } });
}

async function sendGranted({ grants, local }: TaskRig, { near, far }: Asker, id: string): Promise<void> {
  const { id: _, ...task } = makeTask('count to 90');
  near.sendRaw({ t: 'task', id, node: 'a', task, grant: await grants.grant(far.peer, local.address, id as TaskId) });
}

describe('a link that ends in mid-answer', () => {
  it('settles both sides and frees the slot, whoever ended it', async () => {
    for (const end of [(asker: Asker) => asker.lose(), (asker: Asker) => asker.near.end({ kind: 'closed' }), (asker: Asker) => asker.far.end({ kind: 'left' })]) {
      const rig = await createTaskRig();
      const asker = rig.join();
      const running = [startRun(asker.node, 'count to 90'), startRun(asker.node, 'count to 90'), startRun(asker.node, 'count to 90')];
      await rig.clock.advance(60);
      expect(rig.server.given().map(({ state }) => state)).toEqual(['running', 'running', 'waiting']);
      end(asker);
      expect(await Promise.all(running.map(({ ended }) => ended))).toEqual(['peer-lost', 'peer-lost', 'peer-lost']);
      expect(running[0]!.text()).toMatch(/^1 2/);
      await rig.clock.advance(20);
      expect(isFree(rig)).toBe(true);
    }
  });

  it('leaves the tasks of others alone', async () => {
    const rig = await createTaskRig();
    const [ann, bob] = [rig.join('ann'), rig.join('bob')];
    const [lost, kept] = [startRun(ann.node, 'count to 20'), startRun(bob.node, 'count to 20')];
    await rig.clock.advance(30);
    ann.lose();
    await rig.clock.advance(500);
    expect([await lost.ended, await kept.ended]).toEqual(['peer-lost', 'done']);
    expect(kept.text()).toBe(Array.from({ length: 20 }, (_, index) => index + 1).join(' '));
  });

  it('tells an asker whose worker crashed, over a link that stays', async () => {
    const rig = await createTaskRig();
    const asker = rig.join();
    const run = startRun(asker.node, 'count to 90');
    await rig.clock.advance(30);
    rig.workers[0]!.crash('out of memory');
    await settle();
    expect(await run.ended).toBe('engine-crashed');
    expect(asker.near.ended()).toBeNull();
  });
});

describe('what is refused', () => {
  const refusals: Record<string, [code: string, rig: () => Promise<TaskRig>, change?: object, node?: string]> = {
    'a node that is not there': ['refused', () => createTaskRig(), {}, 'nobody'],
    'while sharing is off': ['refused', () => createTaskRig({ on: false })],
    'a model that is kept': ['refused', () => createTaskRig({ keptModels: ['scripted'] })],
    'a system message at the end': ['bad-request', () => createTaskRig(), { messages: [{ role: 'system', content: 'Be kind.' }] }],
    'an empty question': ['bad-request', () => createTaskRig(), { messages: [{ role: 'user', content: ' ' }] }],
    'a schema and a grammar': ['bad-request', () => createTaskRig(), { schema: {}, grammar: 'root ::= "a"' }],
  };

  it.each(Object.entries(refusals))('%s', async (_, [code, create, change, node]) => {
    const rig = await create();
    const asker = rig.join();
    sendRaw(asker, 'task-1', change, node);
    await settle();
    const [end] = sentBy(asker.far, 'task-end');
    expect(end).toMatchObject({ id: 'task-1', seq: 0, error: { code } });
    expect(end!.error!.advice).toBeDefined();
    expect(rig.server.given()).toEqual([]);
    expect(asker.far.ended()).toBeNull();
  });

  it('more tasks of one peer than LIMITS.peerTasks, over all its nodes, and a full line: busy, with when to ask again', async () => {
    const slots = LIMITS.peerTasks - LIMITS.nodeQueue + 8;
    const rig = await createTaskRig({}, { slots });
    const asker = rig.join();
    for (let index = 0; index < LIMITS.peerTasks + 1; index += 1) await sendGranted(rig, asker, `task-${index}`);
    await settle();
    const ends = sentBy(asker.far, 'task-end');
    expect(ends.map(({ id }) => id)).toEqual([`task-${LIMITS.peerTasks}`]);
    expect(ends[0]!.error?.code).toBe('busy');
    expect(ends[0]!.error?.details?.['retryMs']).toBeGreaterThan(0);
    for (let index = 0; index < 10; index += 1) await sendGranted(rig, rig.join(`more${'abcdefghij'[index]}`), `task-more${index}`);
    await settle();
    expect(rig.server.given()).toHaveLength(slots + LIMITS.nodeQueue);
  });

  it('a second task with the id of one that runs: a violation, and the first is freed', async () => {
    const rig = await createTaskRig();
    const asker = rig.join();
    sendRaw(asker, 'task-1');
    sendRaw(asker, 'task-1');
    await rig.clock.advance(50);
    expect(asker.far.ended()).toMatchObject({ kind: 'violation', reason: 'protocol' });
    expect(isFree(rig)).toBe(true);
  });

  it('nothing, when two peers think of the same id', async () => {
    const rig = await createTaskRig();
    const [ann, bob] = [rig.join('ann'), rig.join('bob')];
    for (const asker of [ann, bob]) sendRaw(asker, 'task-1', { messages: [{ role: 'user', content: 'count to 5' }] });
    await settle();
    ann.near.send({ t: 'task-cancel', id: 'task-1' as never });
    await rig.clock.advance(200);
    expect(sentBy(ann.far, 'task-end')[0]!.error?.code).toBe('aborted');
    expect(sentBy(bob.far, 'task-end')[0]!.error).toBeNull();
  });
});

describe('a cancel', () => {
  it('may come twice, late, or for nothing', async () => {
    const rig = await createTaskRig();
    const asker = rig.join();
    sendRaw(asker, 'task-1');
    await rig.clock.advance(30);
    for (const id of ['task-1', 'task-1', 'task-2']) asker.near.send({ t: 'task-cancel', id: id as never });
    await rig.clock.advance(30);
    asker.near.send({ t: 'task-cancel', id: 'task-1' as never });
    await rig.clock.advance(30);
    expect(sentBy(asker.far, 'task-end')).toHaveLength(1);
    expect(isFree(rig)).toBe(true);
    expect(asker.far.ended()).toBeNull();
  });

  it('takes a task out of the line', async () => {
    const rig = await createTaskRig({}, { slots: 1 });
    const asker = rig.join();
    const [, second] = [startRun(asker.node, 'count to 90'), startRun(asker.node, 'count to 90')];
    await rig.clock.advance(30);
    expect(second.events).toEqual([{ type: 'queued', place: 1 }]);
    expect(rig.server.line('a')).toBe(1);
    expect(asker.node.info()).toMatchObject({ busy: 1, waiting: 1 });
    second.abort();
    expect(await second.ended).toBe('aborted');
    await rig.clock.advance(30);
    expect(asker.node.info()).toMatchObject({ busy: 1, waiting: 0 });
  });
});

describe('the person comes first', () => {
  it('switching sharing off ends what runs and what waits, at once, and switching it on lets new ones in', async () => {
    const rig = await createTaskRig({}, { slots: 1 });
    const asker = rig.join();
    const [runs, waits] = [startRun(asker.node, 'count to 90'), startRun(asker.node, 'count to 90')];
    await rig.clock.advance(50);
    rig.ledger.set({ ...SHARED, on: false });
    await rig.clock.advance(20);
    expect([await runs.ended, await waits.ended]).toEqual(['stopped', 'refused']);
    expect(runs.error()?.advice).toBeDefined();
    expect(isFree(rig)).toBe(true);
    rig.ledger.set(SHARED);
    const again = startRun(asker.node, 'count to 3');
    await rig.clock.advance(100);
    expect(await again.ended).toBe('done');
  });

  it('gives no more slots than allowed, and more as soon as more are', async () => {
    const rig = await createTaskRig({ slots: 1 }, { slots: 3 });
    const asker = rig.join();
    const runs = [startRun(asker.node, 'count to 90'), startRun(asker.node, 'count to 90')];
    await rig.clock.advance(50);
    expect(rig.local.info().busy).toBe(1);
    rig.ledger.set({ ...SHARED, slots: 2 });
    await rig.clock.advance(50);
    expect(rig.local.info().busy).toBe(2);
    for (const run of runs) run.abort();
  });

  it('lets nothing new in while local work waits, and starts nothing from the line before it', async () => {
    const rig = await createTaskRig({}, { slots: 1 });
    const asker = rig.join();
    const order: string[] = [];
    const first = startRun(asker.node, 'count to 9');
    await rig.clock.advance(10);
    const inLine = startRun(asker.node, 'count to 4');
    await settle();
    const own = startRun(rig.local, 'count to 5');
    await rig.clock.advance(10);
    const late = startRun(asker.node, 'count to 3');
    for (const [name, run] of Object.entries({ first, inLine, own, late })) void run.ended.then(() => order.push(name));
    await rig.clock.advance(500);
    expect(await late.ended).toBe('busy');
    expect(late.error()?.details?.['retryMs']).toBeGreaterThan(0);
    expect(order).toEqual(['late', 'first', 'own', 'inLine']);
  });

  it('gives a device its tokens of the hour and no more, over all its tabs and over reconnects', async () => {
    const rig = await createTaskRig({ tokensPerHour: 30 }, { slots: 4 });
    const [one, two, other] = [rig.join('one', 'ann'), rig.join('two', 'ann'), rig.join('other', 'bob')];
    const runs = [one, two, other].map((asker) => startRun(asker.node, 'count to 25'));
    await rig.clock.advance(400);
    expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual(['busy', 'busy', 'done']);
    const words = runs.slice(0, 2).flatMap(({ events }) => events.flatMap((event) => (event.type === 'tokens' ? [event.count] : [])));
    const told = words.reduce((sum, count) => sum + count, 0);
    // A batch of a frame may be under way when the last token is given.
    expect(told).toBeGreaterThanOrEqual(30);
    expect(told).toBeLessThan(30 + 2 * Math.ceil(LIMITS.batchMs / 5));
    one.lose();
    const back = rig.join('back', 'ann');
    const again = startRun(back.node, 'count to 3');
    await settle();
    expect(await again.ended).toBe('busy');
    await rig.clock.advance(Number(again.error()!.details!['retryMs']));
    const later = startRun(back.node, 'count to 3');
    await rig.clock.advance(100);
    expect(await later.ended).toBe('done');
  });

  it('takes turns between devices, however long the line of one is', async () => {
    const rig = await createTaskRig({}, { slots: 1 });
    const [ann, bob] = [rig.join('ann'), rig.join('bob')];
    const order: string[] = [];
    const ask = (asker: Asker, name: string): void => void startRun(asker.node, 'count to 3').ended.then(() => order.push(name));
    for (let index = 0; index < 4; index += 1) ask(ann, 'ann');
    await settle();
    ask(bob, 'bob');
    await rig.clock.advance(500);
    expect(order).toEqual(['ann', 'bob', 'ann', 'ann', 'ann']);
  });
});

describe('what the page is told', () => {
  it('is who has what here, and how it went, and no word of it', async () => {
    const rig = await createTaskRig();
    const asker = rig.join();
    let changes = 0;
    rig.server.onChange(() => (changes += 1));
    const run = startRun(asker.node, 'say: the secret word');
    await rig.clock.advance(12);
    const who = { peer: asker.far.peer, device: asker.far.device, node: rig.local.address };
    expect(rig.server.given()).toMatchObject([{ ...who, state: 'running' }]);
    await rig.clock.advance(100);
    expect(await run.ended).toBe('done');
    expect(rig.news).toMatchObject([{ type: 'began', task: who }, { type: 'ended', task: { ...who, tokens: 3 }, error: null }]);
    expect(JSON.stringify(rig.news)).not.toContain('secret');
    expect(changes).toBeGreaterThan(1);
  });

  it('counts waiting in front of the node as waiting, and the deadline runs meanwhile', async () => {
    const rig = await createTaskRig({}, { slots: 1 });
    const asker = rig.join();
    startRun(asker.node, 'count to 20');
    const [waits, tooLate] = [startRun(asker.node, 'count to 3'), startRun(asker.node, 'count to 90', { deadlineMs: 60 })];
    await rig.clock.advance(80);
    expect([tooLate.end(), waits.end()]).toEqual(['timeout', null]);
    await rig.clock.advance(300);
    await waits.ended;
    const last = waits.events.at(-1);
    expect(last?.type === 'done' && last.result.timings.queueMs).toBeGreaterThan(90);
  });
});
