import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type SwarmPolicy } from '../../protocol/policy.ts';
import type { LlamboError } from '../../shared/errors.ts';
import { nodeAddress } from '../../shared/ids.ts';
import { fakeFacts, type FakeNodeTable } from '../../testing/fake-node-table.ts';
import { createLeaderRig, grantOf, grantsIn, jobId, peer, taskId, type LeaderRig } from '../../testing/leader-rig.ts';
import type { NodeFacts } from '../types.ts';
import { FREE_HEDGES } from './hedge-budget.ts';

type Rig = LeaderRig<FakeNodeTable>;

function rigWith(nodes: readonly NodeFacts[], policy: SwarmPolicy = DEFAULT_POLICY): Rig {
  const rig = createLeaderRig(policy);
  for (const facts of nodes) rig.send({ type: 'node', facts });
  return rig;
}

const one = (more: Partial<NodeFacts> = {}): NodeFacts => fakeFacts('one', more);
const LARGE = { id: 'model-large', name: 'Large', hash: null, contextTokens: 4096, tier: 'large' } as const;
const errorOf = (effects: readonly { readonly type: string }[]): LlamboError => (effects[0] as unknown as { readonly error: LlamboError }).error;

describe('a leader that is asked', () => {
  it('grants at once what is free, and the next one as soon as a slot is', () => {
    const rig = rigWith([one()]);
    const first = grantOf(rig.ask(1));
    expect(first).toMatchObject({ to: peer('a'), job: jobId(1), turn: 1, grant: { node: one().address, model: 'model-tiny', modelHash: null, hedgeMs: 2000 } });
    expect(rig.ask(2)).toEqual([{ type: 'place', to: peer('a'), job: jobId(2), turn: 1, place: 1, estimateMs: 0 }]);
    expect(rig.ask(3)).toMatchObject([{ type: 'place', place: 2, estimateMs: 1000 }]);
    rig.now = 700;
    expect(grantOf(rig.end(first)).job).toBe(jobId(2));
    expect(rig.log.at(-1)).toMatchObject({ type: 'note', note: { type: 'granted', why: 'new', waitedMs: 700 } });
    expect(rig.pass(500)).toMatchObject([{ type: 'place', job: jobId(3), place: 1 }]);
    // And no more while nothing changes.
    expect(rig.pass(5000)).toEqual([]);
  });

  it('refuses what no node will ever serve, with what to do', () => {
    const rig = rigWith([one()]);
    expect(errorOf(rig.ask(1, { shape: { model: 'none' } }))).toMatchObject({ code: 'not-ready', advice: 'Load it.' });
    expect(errorOf(rig.ask(2, { deadlineMs: 0 }))).toMatchObject({ code: 'timeout', message: 'The question came with a deadline in the past.' });
    expect(rig.leader.view().waiting).toBe(0);
  });

  it('lets a job wait for a node that loads', () => {
    const rig = rigWith([one({ state: 'loading' })]);
    expect(rig.ask(1)).toMatchObject([{ type: 'place', place: 1 }]);
    expect(grantOf(rig.send({ type: 'node', facts: one() })).job).toBe(jobId(1));
  });

  it('says `busy` with a time to try again when the queue is full, later the fuller it is', () => {
    const policy = { ...DEFAULT_POLICY, queue: { ...DEFAULT_POLICY.queue, most: 2, mostPerDevice: 1 } };
    const rig = rigWith([one()], policy);
    for (const [index, name] of ['a', 'b', 'c'].entries()) rig.ask(index, { asker: peer(name) });
    const full = errorOf(rig.ask(8, { asker: peer('d') }));
    expect(full.code).toBe('busy');
    expect(full.details?.['retryMs']).toBeGreaterThanOrEqual(2000);
    expect(full.details?.['retryMs']).toBeLessThanOrEqual(3000);
    expect(errorOf(rig.ask(9, { asker: peer('b') })).message).toContain('from one device');
  });

  it('grants past a queue that is full of others, for whom there are no nodes', () => {
    const policy = { ...DEFAULT_POLICY, queue: { ...DEFAULT_POLICY.queue, most: 1 } };
    const rig = rigWith([one(), fakeFacts('two', { model: LARGE })], policy);
    for (const job of [1, 2]) rig.ask(job, { shape: { model: 'model-large' } });
    expect(grantOf(rig.ask(3, { shape: { model: 'model-tiny' } })).grant.node).toBe(one().address);
    expect(errorOf(rig.ask(4, { shape: { model: 'model-tiny' } })).code).toBe('busy');
  });

  it('ends the waiting of a job whose time is over, and of one whose nodes are gone for good', () => {
    const rig = rigWith([one(), fakeFacts('two', { model: LARGE })]);
    rig.ask(1);
    rig.ask(2, { shape: { model: 'model-large' } });
    rig.ask(3, { shape: { model: 'model-tiny' }, deadlineMs: 1000 });
    rig.ask(4, { shape: { model: 'model-large' } });
    expect(rig.pass(1000).filter(({ type }) => type === 'refuse')).toMatchObject([{ job: jobId(3), error: { code: 'timeout' } }]);
    rig.send({ type: 'node gone', address: nodeAddress('worker', 'two') });
    expect(rig.pass(4000).filter(({ type }) => type === 'refuse')).toEqual([]);
    expect(rig.pass(3000)).toMatchObject([{ type: 'refuse', job: jobId(4), error: { code: 'not-ready' } }]);
  });

  it('keeps lanes apart: a job for a model that is busy holds up no other', () => {
    const rig = rigWith([one(), fakeFacts('two', { model: LARGE })]);
    for (const job of [1, 2, 3]) rig.ask(job, { shape: { model: 'model-large' } });
    expect(grantOf(rig.ask(4, { shape: { model: 'model-tiny' } })).grant.node).toBe(one().address);
    expect(rig.leader.view()).toMatchObject({ waiting: 2, slots: 2, assigned: 2, demand: new Map([['model-large', 2]]) });
  });
});

describe('a leader that is asked again', () => {
  it('counts the newest turn, keeps its place, and answers a repeated one alike', () => {
    const rig = rigWith([one()]);
    const first = rig.ask(1);
    expect(rig.ask(1)).toEqual(first);
    rig.ask(2);
    rig.ask(3);
    rig.now = 5000;
    expect(rig.ask(2, { turn: 2, why: 'again' })).toMatchObject([{ type: 'place', turn: 2, place: 1 }]);
    expect(rig.ask(2)).toEqual([]);
    expect(grantOf(rig.end(grantOf(first)))).toMatchObject({ job: jobId(2), turn: 2 });
  });

  it('gives no second slot to a job whose first grant was lost', () => {
    const rig = rigWith([one({ slots: 2 })]);
    const lost = grantOf(rig.ask(1));
    const second = grantOf(rig.ask(1, { turn: 2, why: 'again' }));
    expect(second.grant.task).not.toBe(lost.grant.task);
    expect(rig.table.assigned).toBe(1);
    // The first is nobody's any more.
    expect(rig.end(lost)).toEqual([]);
    expect(rig.table.assigned).toBe(1);
  });

  it('takes over what runs when it is new, without counting it twice', () => {
    const rig = rigWith([one({ slots: 2 })]);
    const running = [{ task: taskId('old'), node: one().address }];
    expect(rig.ask(1, { turn: 4, wants: false, running })).toEqual([]);
    expect(rig.ask(1, { turn: 5, wants: false, running })).toEqual([]);
    expect(rig.table.assigned).toBe(1);
    rig.ask(2);
    expect(rig.ask(3)).toMatchObject([{ type: 'place' }]);
    // It ends like any other.
    const old = { type: 'grant', to: peer('a'), job: jobId(1), turn: 4, grant: { task: taskId('old'), node: one().address, model: '', modelHash: null, hedgeMs: 0 } } as const;
    expect(grantOf(rig.end(old)).job).toBe(jobId(3));
  });

  it('takes nothing over that is another\'s', () => {
    const rig = rigWith([one()]);
    const { grant } = grantOf(rig.ask(1));
    rig.ask(2, { asker: peer('thief'), wants: false, running: [{ task: grant.task, node: grant.node }] });
    expect(rig.table.assignment(grant.task)?.asker).toBe(peer('a'));
    rig.send({ type: 'peer gone', peer: peer('thief') });
    expect(rig.table.assigned).toBe(1);
  });

  it('forgets a wish that is taken back by telling', () => {
    const rig = rigWith([one()]);
    rig.ask(1);
    rig.ask(2);
    expect(rig.ask(2, { turn: 2, wants: false })).toEqual([]);
    expect(rig.leader.view().waiting).toBe(0);
  });
});

describe('jobs that move', () => {
  it('go before others, and never hear that the queue is full', () => {
    const policy = { ...DEFAULT_POLICY, queue: { ...DEFAULT_POLICY.queue, most: 1 } };
    const rig = rigWith([one({ busy: 1 }), fakeFacts('two', { busy: 1 })], policy);
    const [staying] = [grantOf(rig.ask(1)), rig.ask(2), rig.ask(3)];
    rig.pass(40_000);
    rig.send({ type: 'node gone', address: fakeFacts('two').address });
    expect(rig.table.assigned).toBe(1);
    expect(rig.ask(2, { turn: 2, why: 'moved', avoid: [fakeFacts('two').address] })).toMatchObject([{ type: 'place', place: 1 }]);
    expect(grantOf(rig.end(staying)).job).toBe(jobId(2));
  });

  it('are believed by a new leader, and later only if it has served them', () => {
    const rig = rigWith([one({ busy: 1 })]);
    rig.ask(1);
    rig.ask(2);
    expect(rig.ask(3, { why: 'moved', turn: 7 })).toMatchObject([{ place: 1 }]);
    rig.pass(31_000);
    expect(rig.ask(4, { why: 'moved', turn: 7 })).toMatchObject([{ place: 3 }]);
  });
});

describe('hedges', () => {
  it('are granted at once or refused, some at first and then a share of the tasks', () => {
    const rig = rigWith([one({ slots: 100 })]);
    const hedge = (job: number): string => {
      const first = grantOf(rig.ask(job));
      const running = [{ task: first.grant.task, node: first.grant.node }];
      return rig.ask(job, { turn: 2, why: 'hedge', running })[0]!.type;
    };
    expect(Array.from({ length: 43 }, (_, index) => (hedge(index) === 'grant' ? index : -1)).filter((index) => index >= 0)).toEqual([0, 1, 2, 3, 20, 39]);
    // Nothing runs: it is no hedge but a first one.
    expect(grantOf(rig.ask(99, { why: 'hedge' }))).toBeDefined();
    expect(rig.log.at(-1)).toMatchObject({ note: { why: 'again' } });
  });

  it('never wait', () => {
    const rig = rigWith([one()]);
    const { grant } = grantOf(rig.ask(1));
    const refused = rig.ask(1, { turn: 2, why: 'hedge', running: [grant] });
    expect(errorOf(refused).code).toBe('busy');
    expect(errorOf(refused).details?.['retryMs']).toBeGreaterThanOrEqual(1000);
    expect(rig.leader.view()).toMatchObject({ waiting: 0, assigned: 1 });
  });
});

describe('whoever is gone', () => {
  it('has nothing any more: askers, jobs, and reports of others count for nothing', () => {
    const rig = rigWith([one()]);
    const first = grantOf(rig.ask(1));
    rig.ask(2, { asker: peer('b') });
    rig.ask(3, { asker: peer('c') });
    expect(rig.end({ ...first, to: peer('b') })).toEqual([]);
    expect(rig.table.assigned).toBe(1);
    rig.send({ type: 'withdraw', asker: peer('b'), job: jobId(2) });
    expect(rig.send({ type: 'withdraw', asker: peer('b'), job: jobId(1) })).toEqual([]);
    expect(grantOf(rig.send({ type: 'peer gone', peer: peer('a') })).job).toBe(jobId(3));
    expect(rig.send({ type: 'withdraw', asker: peer('c'), job: jobId(3) })).toEqual([]);
    expect(rig.leader.view()).toMatchObject({ waiting: 0, assigned: 0 });
  });

  it('loses a grant that it never used, when the node says that it is idle', () => {
    const rig = rigWith([one(), fakeFacts('two', { busy: 1 })]);
    const [unused] = [grantOf(rig.ask(1)), grantOf(rig.ask(2))];
    rig.ask(3, { deadlineMs: 1e6 });
    const effects = grantsIn(rig.pass(22_000));
    expect(effects).toMatchObject([{ job: jobId(3), grant: { node: unused.grant.node } }]);
    // Until the deadline, and some grace.
    expect(rig.table.assigned).toBe(2);
    rig.pass(60_000);
    expect(rig.table.assignedTo(jobId(2))).toEqual([]);
  });

  it('can keep no slots by grants that it never uses, whatever it tells, while the node does work for others', () => {
    const rig = rigWith([one({ slots: 4 })]);
    const held = [1, 2, 3].map((job) => grantOf(rig.ask(job, { asker: peer('hoarder'), deadlineMs: 1e8 })));
    const real = grantOf(rig.ask(4, { deadlineMs: 1e8 }));
    rig.end(real, { state: 'speaking' });
    rig.send({ type: 'node', facts: one({ slots: 4, state: 'busy', busy: 1 }) });
    for (const job of [5, 6, 7]) rig.ask(job, { deadlineMs: 1e8 });
    rig.pass(10_000);
    held.forEach(({ grant }, index) => rig.ask(index + 1, { asker: peer('hoarder'), turn: 2, wants: false, why: 'again', running: [grant], deadlineMs: 1e8 }));
    rig.ask(4, { turn: 2, wants: false, why: 'again', running: [real.grant], deadlineMs: 1e8 });
    expect(grantsIn(rig.pass(12_000)).map(({ job }) => job)).toEqual([jobId(5), jobId(6), jobId(7)]);
  });

  it('hedges no more than its own share: another device has its own', () => {
    const rig = rigWith(Array.from({ length: 4 }, (_, index) => fakeFacts(`node-${index}`, { slots: 16 })));
    for (let job = 0; job < 200; job += 1) rig.end(grantOf(rig.ask(`done-${job}`, { asker: peer('good') })));
    const hedges = (name: string, count: number): number => {
      const firsts = Array.from({ length: count }, (_, index) => grantOf(rig.ask(`${name}-${index}`, { asker: peer(name) })));
      return firsts.filter(({ grant }, index) => grantsIn(rig.ask(`${name}-${index}`, { asker: peer(name), turn: 2, why: 'hedge', running: [grant] })).length > 0).length;
    };
    expect([hedges('bad', 19), hedges('good', 8)]).toEqual([FREE_HEDGES, 8]);
  });

  it('loses what has spoken, when nobody tells of it any more and the node says that it is idle', () => {
    const rig = rigWith([one()]);
    const given = grantOf(rig.ask(1, { deadlineMs: 1e6 }));
    rig.end(given, { state: 'speaking' });
    rig.pass(19_000);
    expect(rig.table.assigned).toBe(1);
    rig.pass(3_000);
    expect(rig.table.assigned).toBe(0);
  });

  it('does not keep a slot by asking for one thing after another', () => {
    const rig = rigWith([one({ slots: 3 })]);
    for (let turn = 1; turn < 20; turn += 1) rig.ask(1, { turn, why: 'moved' });
    expect(rig.table.assigned).toBe(1);
  });
});

describe('a leader with all nodes busy', () => {
  it('looks for a node once for each slot that is freed', () => {
    const models = ['model-tiny', ...Array.from({ length: 9 }, (_, index) => `model-${index}`)];
    const rig = rigWith(models.map((id) => fakeFacts(id, { model: { ...LARGE, id } })));
    const first = models.map((model, index) => grantOf(rig.ask(`first-${index}`, { shape: { model } })));
    models.forEach((model, index) => [1, 2, 3].forEach((count) => rig.ask(`more-${index}-${count}`, { shape: { model } })));
    const before = rig.table.picks;
    const next = grantOf(rig.end(first[0]!));
    grantOf(rig.end(next));
    expect(rig.table.picks - before).toBe(2);
  });

  it('tells a policy to all its parts at once', () => {
    const rig = rigWith([one()]);
    for (let job = 0; job < 4; job += 1) rig.ask(job);
    rig.send({ type: 'policy', policy: { ...DEFAULT_POLICY, queue: { ...DEFAULT_POLICY.queue, most: 3 }, failover: { ...DEFAULT_POLICY.failover, hedgeShare: 0 } } });
    expect(errorOf(rig.ask(9)).code).toBe('busy');
    rig.send({ type: 'node', facts: one({ slots: 9 }) });
    const { grant } = grantOf(rig.ask(10));
    expect(errorOf(rig.ask(10, { turn: 2, why: 'hedge', running: [grant] })).code).toBe('busy');
  });
});
