import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestReason } from '../../protocol/job.ts';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { createFakeNodeTable, fakeFacts } from '../../testing/fake-node-table.ts';
import { createLeaderRig, nodeRequest, peer, reportOf, type LeaderRig, type Of } from '../../testing/leader-rig.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import type { LeaderEffect, NodeRequest } from '../types.ts';
import { FREE_HEDGES } from './hedge-budget.ts';
import { createNodeTable } from './node-table.ts';
import type { NodeTable } from './parts.ts';

const MODELS = ['model-tiny', 'model-large'] as const;
const SLOTS = 3;

/** What one asker knows of a job: as much as the real one does. */
interface Job {
  readonly name: number;
  readonly asker: number;
  turn: number;
  last: NodeRequest;
  running: Of<'grant'>[];
  /** Of the newest turn. */
  state: 'waits' | 'granted' | 'refused' | 'over';
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('new' as const), asker: fc.nat(4), model: fc.constantFrom(undefined, ...MODELS), batch: fc.boolean(), tokens: fc.integer({ min: 1, max: 3000 }), ms: fc.integer({ min: 0, max: 8000 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('again' as const), which: fc.nat(), why: fc.constantFrom<RequestReason>('moved', 'hedge', 'again') }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(), fails: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('peer gone' as const), asker: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('node gone' as const), node: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('node' as const), node: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

function createWorld(rig: LeaderRig<NodeTable>) {
  const jobs: Job[] = [];
  const nodes = new Set<number>();
  const tasks = new Set<string>();
  let granted = 0;
  let hedges = 0;

  const open = (): Job[] => jobs.filter(({ state }) => state !== 'over');
  const facts = (node: number) => fakeFacts(`n${node}`, { slots: SLOTS, busy: 1, model: { id: MODELS[node % 2]!, name: '', hash: null, contextTokens: 4096, tier: 'tiny' } });

  /** Takes in what the leader said, as askers do, and checks that it may be said. */
  function hear(effects: readonly LeaderEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'note') continue;
      const job = jobs.find(({ last }) => last.job === effect.job)!;
      expect(effect.to).toBe(peer(job.asker));
      expect(job.state).toBe('waits');
      expect(effect.turn).toBe(job.turn);
      if (effect.type === 'refuse') job.state = 'refused';
      if (effect.type !== 'grant') continue;
      expect(tasks.has(effect.grant.task)).toBe(false);
      tasks.add(effect.grant.task);
      job.state = 'granted';
      job.running.push(effect);
      const isHedge = rig.table.assignment(effect.grant.task)?.why === 'hedge';
      if (isHedge) hedges += 1;
      else granted += 1;
    }
  }

  const send = (event: Parameters<typeof rig.send>[0]): void => hear(rig.send(event));

  function ask(job: Job, why: RequestReason, more: Partial<NodeRequest> = {}): void {
    job.turn += 1;
    job.state = 'waits';
    job.last = { ...job.last, ...more, why, turn: job.turn, running: job.running.map(({ grant: { task, node } }) => ({ task, node })) };
    send({ type: 'request', request: job.last });
  }

  function end(job: Job, grant: Of<'grant'>, fails: boolean): void {
    job.running = job.running.filter((each) => each !== grant);
    send({ type: 'report', asker: grant.to, report: reportOf(grant, fails ? { error: 'engine-crashed', answerTokens: 0 } : {}) });
  }

  function over(job: Job): void {
    job.state = 'over';
    job.running = [];
  }

  function run(each: Step): void {
    rig.now += 40;
    switch (each.do) {
      case 'new': {
        const name = jobs.length;
        const shape = { promptTokens: 10, maxTokens: each.tokens, priority: each.batch ? 'batch' : 'interactive', ...(each.model ? { model: each.model } : {}) } as const;
        const job: Job = { name, asker: each.asker, turn: 0, last: nodeRequest(name, { asker: peer(each.asker), shape, deadlineMs: each.ms }), running: [], state: 'waits' };
        jobs.push(job);
        return ask(job, 'new');
      }
      case 'again': {
        const job = open()[each.which % Math.max(1, open().length)];
        if (!job) return;
        // Whoever moves has lost what it had.
        if (each.why === 'moved') job.running = [];
        return ask(job, each.why, { deadlineMs: 5000 });
      }
      case 'end': {
        const working = open().filter(({ running }) => running.length > 0);
        const job = working[each.which % Math.max(1, working.length)];
        return job && end(job, job.running[0]!, each.fails);
      }
      case 'withdraw': {
        const job = open()[each.which % Math.max(1, open().length)];
        if (!job) return;
        over(job);
        return send({ type: 'withdraw', asker: peer(job.asker), job: job.last.job });
      }
      case 'peer gone':
        for (const job of open()) if (job.asker === each.asker) over(job);
        return send({ type: 'peer gone', peer: peer(each.asker) });
      case 'node gone':
        nodes.delete(each.node);
        for (const job of jobs) job.running = job.running.filter(({ grant }) => grant.node !== facts(each.node).address);
        return send({ type: 'node gone', address: facts(each.node).address });
      case 'node':
        nodes.add(each.node);
        return send({ type: 'node', facts: facts(each.node) });
      case 'tick':
        rig.now += 250;
        return send({ type: 'tick' });
    }
  }

  function check(): void {
    expect(rig.leader.view().waiting).toBe(open().filter(({ state }) => state === 'waits').length);
    const running = open().flatMap((job) => job.running);
    // No more than the askers know of, and no task twice.
    expect(rig.table.assigned).toBe(running.length);
    for (const job of open()) expect(rig.table.assignedTo(job.last.job).map(({ task }) => task).toSorted()).toEqual(job.running.map(({ grant }) => grant.task).toSorted());
    expect(hedges).toBeLessThanOrEqual(DEFAULT_POLICY.failover.hedgeShare * granted + FREE_HEDGES);
  }

  /** All nodes are there, and all that runs ends: nobody is left waiting. */
  function finish(): void {
    for (const node of [0, 1, 2, 3]) run({ do: 'node', node });
    for (let count = 0; count < 400 && open().some(({ state, running }) => state === 'waits' || running.length > 0); count += 1) {
      run({ do: 'tick' });
      for (const job of open()) for (const grant of job.running) end(job, grant, false);
    }
    expect(open().filter(({ state, running }) => state === 'waits' || running.length > 0)).toEqual([]);
    expect(rig.table.assigned).toBe(0);
    expect(rig.leader.view().waiting).toBe(0);
  }

  return { run, check, finish };
}

describe('a leader, whatever happens', () => {
  it.each([
    ['a table without judgement', () => createFakeNodeTable()],
    ['the real table', () => createNodeTable({ policy: DEFAULT_POLICY, random: createSeededRandom(2) })],
  ])('answers each request once, keeps its books, and leaves nobody waiting: %s', (_, createTable) => {
    fc.assert(fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const world = createWorld(createLeaderRig(DEFAULT_POLICY, createTable()));
      for (const each of steps) {
        world.run(each);
        world.check();
      }
      world.finish();
    }), { numRuns: 120 });
  });

  it('shares the tokens of a busy swarm with one greedy device', () => {
    const rig = createLeaderRig(DEFAULT_POLICY, createNodeTable({ policy: DEFAULT_POLICY, random: createSeededRandom(3) }));
    for (let node = 0; node < 4; node += 1) rig.send({ type: 'node', facts: fakeFacts(`n${node}`, { slots: 2 }) });
    const random = createSeededRandom(4);
    const served = new Map<DeviceId, number>();
    let next = 0;
    const ask = (asker: string): void => {
      next += 1;
      rig.ask(next, { asker: peer(asker), deadlineMs: 1e9, shape: { promptTokens: 20, maxTokens: 1500 } });
    };
    for (let count = 0; count < 200; count += 1) ask('greedy');
    for (let count = 0; count < 10; count += 1) for (const name of ['b', 'c', 'd']) ask(name);
    for (let count = 0; count < 1500; count += 1) {
      rig.now += 100;
      const [first] = rig.running();
      const answerTokens = 20 + Math.floor(random.next() * 1000);
      const device = `device-of-${first!.to}` as DeviceId;
      served.set(device, (served.get(device) ?? 0) + answerTokens);
      rig.end(first!, { answerTokens, promptTokens: 20 });
      rig.send({ type: 'withdraw', asker: first!.to, job: first!.job });
      ask(first!.to.slice('peer-'.length));
    }
    const shares = [...served.values()];
    expect(shares.reduce((sum, each) => sum + each, 0) ** 2 / (shares.length * shares.reduce((sum, each) => sum + each ** 2, 0))).toBeGreaterThan(0.97);
  });
});
