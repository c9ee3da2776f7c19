/** What the worker does with grants, and with tasks that have none. */
import { describe, expect, it } from 'vitest';
import type { SealedGrant } from '../../protocol/grant.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { TaskId } from '../../shared/ids.ts';
import { makeTask } from '../../testing/engine-node-suite.ts';
import { settle } from '../../testing/manual-clock.ts';
import { createTaskRig, startRun, type Asker, type TaskRig } from '../../testing/task-rig.ts';

const endsOf = ({ far }: Asker): MessageOf<'task-end'>[] => far.sent.filter((message): message is MessageOf<'task-end'> => message.t === 'task-end');
const grantFor = ({ grants, local }: TaskRig, asker: Asker, id: string): Promise<SealedGrant> => grants.grant(asker.far.peer, local.address, id as TaskId);

/** As a stranger would send it. */
function sendRaw({ near }: Asker, id: string, grant?: SealedGrant, question = 'count to 90'): void {
  const { id: _, ...task } = makeTask(question);
  near.sendRaw({ t: 'task', id, node: 'a', task, grant });
}

/** A run with this grant, on the asker's own node. */
const runWith = (asker: Asker, grant: SealedGrant) => startRun({ run: (task, options) => asker.ungranted.run(task, { ...options, grant }) }, 'count to 3');

describe('a task with a grant', () => {
  it('has the id of the grant on the wire, and runs', async () => {
    const rig = await createTaskRig();
    const asker = rig.join();
    const run = runWith(asker, await grantFor(rig, asker, 'task-mine'));
    await rig.clock.advance(100);
    expect(await run.ended).toBe('done');
    expect(asker.near.sent.find(({ t }) => t === 'task')).toMatchObject({ id: 'task-mine', grant: { task: 'task-mine' } });
  });

  it('runs once with it: the asker knows, and the worker too', async () => {
    const rig = await createTaskRig();
    const asker = rig.join();
    const grant = await grantFor(rig, asker, 'task-mine');
    const first = runWith(asker, grant);
    // At the same moment: the worker would take the second for an attack.
    expect(await runWith(asker, grant).ended).toBe('refused');
    await rig.clock.advance(100);
    expect(await first.ended).toBe('done');
    sendRaw(asker, 'task-mine', grant);
    await settle();
    expect(endsOf(asker).at(-1)).toMatchObject({ id: 'task-mine', error: { code: 'refused' } });
    expect(asker.far.ended()).toBeNull();
  });

  it('that is forged, of another task, or of another asker, is refused, and the link stays', async () => {
    const rig = await createTaskRig();
    const [asker, thief] = [rig.join('asker'), rig.join('thief')];
    const grant = await grantFor(rig, asker, 'task-mine');
    sendRaw(asker, 'task-mine', { ...grant, signature: 'forged' });
    sendRaw(asker, 'task-another', grant);
    sendRaw(thief, 'task-mine', grant);
    await settle();
    expect([...endsOf(asker), ...endsOf(thief)].map(({ error }) => error?.code)).toEqual(['refused', 'refused', 'refused']);
    expect(rig.server.given()).toEqual([]);
    expect([asker.far.ended(), thief.far.ended()]).toEqual([null, null]);
    expect(rig.news).toEqual([]);
  });

  it('is not let in by it where the person says no', async () => {
    const rig = await createTaskRig({ on: false });
    const asker = rig.join();
    sendRaw(asker, 'task-mine', await grantFor(rig, asker, 'task-mine'));
    await settle();
    expect(endsOf(asker)).toMatchObject([{ error: { code: 'refused', message: expect.stringContaining('does not work for others') as string } }]);
  });

  it('joins the line in the order of coming, however long its grant takes to judge', async () => {
    const rig = await createTaskRig({}, { slots: 1 });
    const asker = rig.join();
    // The term of the first is news that has not come here yet.
    const late = await rig.grants.leader.seal({ task: 'task-late' as TaskId, node: `/n/llambo/${asker.near.peer}/a`, asker: asker.far.peer, term: 2 });
    const second = await grantFor(rig, asker, 'task-second');
    sendRaw(asker, 'task-late', late, 'count to 3');
    sendRaw(asker, 'task-second', second, 'count to 3');
    await settle();
    expect(rig.server.given().map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    rig.grants.guard.look();
    rig.grants.obey({ ...rig.grants.order, term: 2 });
    rig.grants.guard.look();
    await rig.clock.advance(200);
    expect(endsOf(asker).map(({ id, error }) => [id, error])).toEqual([['task-late', null], ['task-second', null]]);
  });

  describe('while that is judged', () => {
    async function judging(): Promise<{ rig: TaskRig; asker: Asker; decide: () => Promise<void> }> {
      const rig = await createTaskRig();
      const asker = rig.join();
      const grant = await rig.grants.leader.seal({ task: 'task-late' as TaskId, node: `/n/llambo/${asker.near.peer}/a`, asker: asker.far.peer, term: 2 });
      sendRaw(asker, 'task-late', grant);
      await settle();
      return {
        rig, asker,
        async decide() {
          rig.grants.obey({ ...rig.grants.order, term: 2 });
          rig.grants.guard.look();
          await rig.clock.advance(30);
        },
      };
    }

    it('has its id taken: another with it is a violation', async () => {
      const { rig, asker, decide } = await judging();
      sendRaw(asker, 'task-late');
      await settle();
      expect(asker.far.ended()).toMatchObject({ kind: 'violation', reason: 'protocol' });
      await decide();
      expect(rig.server.given()).toEqual([]);
    });

    it('can be cancelled, and never starts', async () => {
      const { rig, asker, decide } = await judging();
      asker.near.send({ t: 'task-cancel', id: 'task-late' as TaskId });
      await settle();
      expect(endsOf(asker)).toMatchObject([{ id: 'task-late', seq: 0, error: { code: 'aborted' } }]);
      await decide();
      expect([rig.server.given(), rig.news, endsOf(asker).length]).toEqual([[], [], 1]);
    });

    it('ends with its link, and never starts', async () => {
      const { rig, asker, decide } = await judging();
      asker.lose();
      await decide();
      expect([rig.server.given(), rig.news]).toEqual([[], []]);
    });

    it('ends when the person stops sharing', async () => {
      const { rig, asker, decide } = await judging();
      rig.ledger.set({ on: false, slots: 0, tokensPerHour: 0, keptModels: [] });
      await settle();
      expect(endsOf(asker)).toMatchObject([{ error: { code: 'refused' } }]);
      await decide();
      expect(rig.server.given()).toEqual([]);
    });
  });
});

describe('a task without a grant', () => {
  it('is one of a few of its device, over all its tabs', async () => {
    const rig = await createTaskRig({}, { slots: 2 });
    const [one, two, other] = [rig.join('one', 'ann'), rig.join('two', 'ann'), rig.join('other', 'bob')];
    for (let index = 0; index < LIMITS.ungrantedTasks; index += 1) sendRaw(index % 2 === 0 ? one : two, `task-${index}`);
    await settle();
    sendRaw(two, 'task-more');
    sendRaw(other, 'task-more');
    await settle();
    expect(endsOf(two)).toMatchObject([{ id: 'task-more', error: { code: 'busy', details: { retryMs: expect.any(Number) as number } } }]);
    expect(rig.server.given()).toHaveLength(LIMITS.ungrantedTasks + 1);
    // One that ends makes room for one.
    one.near.send({ t: 'task-cancel', id: 'task-0' as TaskId });
    await rig.clock.advance(50);
    sendRaw(two, 'task-again');
    await settle();
    expect(endsOf(two)).toHaveLength(1);
  });

  it('keeps no granted one of that device out', async () => {
    const rig = await createTaskRig();
    const asker = rig.join();
    for (let index = 0; index < LIMITS.ungrantedTasks; index += 1) sendRaw(asker, `task-${index}`);
    sendRaw(asker, 'task-granted', await grantFor(rig, asker, 'task-granted'));
    await settle();
    expect(endsOf(asker)).toEqual([]);
  });

  it('waits behind the granted, those that come later too', async () => {
    const rig = await createTaskRig({}, { slots: 1 });
    const [ann, bob] = [rig.join('ann'), rig.join('bob')];
    const order: string[] = [];
    const follow = (name: string, node: Asker['node']): void => void startRun(node, 'count to 3').ended.then(() => order.push(name));
    follow('first', bob.node);
    await settle();
    follow('ungranted', ann.ungranted);
    await settle();
    for (const name of ['granted 1', 'granted 2']) follow(name, bob.node);
    await rig.clock.advance(500);
    expect(order).toEqual(['first', 'granted 1', 'granted 2', 'ungranted']);
  });
});
