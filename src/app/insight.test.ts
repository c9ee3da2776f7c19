import { describe, expect, it } from 'vitest';
import type { GivenTask } from '../mesh/tasks/guest.ts';
import type { GivenNews, TaskServer } from '../mesh/tasks/task-server.ts';
import type { JobNote, JobRun } from '../orchestrator/open-job.ts';
import type { OrchestratorView } from '../orchestrator/orchestrator.ts';
import type { NodePort } from '../orchestrator/ports.ts';
import type { Grant, JobStart, LeaderNote, LeaderView } from '../orchestrator/types.ts';
import type { Answer } from '../protocol/chat.ts';
import type { EngineNode, TaskEvent } from '../protocol/engine-node.ts';
import type { MetricName, MetricTotal } from '../protocol/metrics.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { Emitter } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';
import { nodeAddress, type DeviceId, type JobId, type PeerId, type TaskId } from '../shared/ids.ts';
import { makeTask } from '../testing/engine-node-suite.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { createEventLog } from './event-log.ts';
import { createInsight, type Insight } from './insight.ts';
import { createState, type State } from './state.ts';

const [SELF, BEN] = ['a'.repeat(20) as PeerId, 'b'.repeat(20) as PeerId];
const NODE = nodeAddress(SELF, '1');
const job = 'job-1' as JobId;
const task = (number: number): TaskId => `task-${number}` as TaskId;
const grant = (number: number): Grant => ({ task: task(number), node: NODE, model: 'tiny-1', modelHash: null, hedgeMs: 1000 });
const info = (change: object = {}): never => ({ address: NODE, peer: SELF, model: { id: 'tiny-1' }, slots: 2, busy: 0, waiting: 0, ...change }) as never;

interface Rig {
  readonly insight: Insight;
  readonly clock: ManualClock;
  /** Timers that wait now. */
  timers(): number;
  readonly state: State;
  readonly notes: Emitter<LeaderNote>;
  readonly jobs: Emitter<JobNote>;
  readonly news: Emitter<GivenNews>;
  given: GivenTask[];
  leader: Partial<LeaderView> | null;
  total(name: MetricName): number | undefined;
}
function rig(): Rig {
  const clock = createManualClock(10_000);
  let timers = 0;
  const counted: Clock = {
    ...clock,
    after(ms, callback) {
      timers += 1;
      const cancel = clock.after(ms, () => ((timers -= 1), callback()));
      return () => ((timers -= 1), cancel());
    },
  };
  const state = createState({ nodes: [], swarm: null, settings: { name: '' } } as unknown as Snapshot);
  const [notes, jobs, news] = [new Emitter<LeaderNote>(), new Emitter<JobNote>(), new Emitter<GivenNews>()];
  const tasks = { given: () => made.given, onNews: (listener: (news: GivenNews) => void) => news.on(listener) } as unknown as TaskServer;
  const insight = createInsight({ clock: counted, self: SELF, device: 'd' as DeviceId, state, log: createEventLog(clock), tasks, remote: () => Promise.reject(new Error('nobody')) });
  const total = (name: MetricName): number | undefined => {
    const one = insight.metrics.totals().find((found: MetricTotal) => found.scope === 'swarm' && found.name === name);
    return one?.kind === 'gauge' ? one.now : one?.count;
  };
  const made: Rig = { insight, clock, timers: () => timers, state, notes, jobs, news, given: [], leader: null, total };
  insight.follow({ ask: () => Promise.reject(new Error('not asked')), onNote: (listener) => notes.on(listener), onJob: (listener) => jobs.on(listener), view: () => ({ leader: made.leader, jobs: [] }) as unknown as OrchestratorView });
  return made;
}
const report = { job, task: task(1), node: NODE, state: 'ended', error: null, promptTokens: 9, cachedTokens: 0, answerTokens: 10, firstTokenMs: 5, prefillMs: 5, decodeMs: 5 } as const;

describe('metrics of a tab', () => {
  it('have no timer while nobody works and nothing changes', async () => {
    const { clock, timers, state } = rig();
    await clock.advance(1000);
    expect(timers()).toBe(0);
    state.set({ version: 'other' });
    expect(timers()).toBe(0);
    for (let change = 0; change < 100; change += 1) state.set({ nodes: [info({ busy: change % 2 })] });
    expect(timers()).toBe(1);
    await clock.advance(5000);
    expect(timers()).toBe(0);
  });

  it('know the nodes that the page knows', async () => {
    const { clock, state, total } = rig();
    state.set({ nodes: [info({ busy: 1 })], swarm: { leader: BEN, term: 3, peers: [{ self: true, id: SELF, nodes: [] }, { self: false, id: BEN, nodes: [info({ address: nodeAddress(BEN, '1'), peer: BEN, busy: 2 })] }] } as never });
    state.set({ swarm: { ...state.get().swarm! } });
    await clock.advance(1000);
    expect([total('peers'), total('nodes'), total('utilisation'), total('elections')]).toEqual([2, 2, 0.75, 1]);
  });

  it('follow tasks of others while they are written, and stop with them', async () => {
    const made = rig();
    const given = (tokens: number): GivenTask => ({ id: task(1), peer: BEN, device: 'd' as DeviceId, node: NODE, state: 'running', tokens });
    made.given = [given(3)];
    made.news.emit({ type: 'began', task: given(0) });
    await made.clock.advance(1000);
    made.given = [given(8)];
    await made.clock.advance(1000);
    made.given = [];
    made.news.emit({ type: 'ended', task: given(10), error: null });
    await made.clock.advance(3000);
    expect(made.insight.metrics.series(NODE, 'tokens-out', 4).values).toEqual([3, 7, 0, 0]);
    expect(made.timers()).toBe(0);
  });

  it('count jobs of this tab by what its leader notes, or, where another leads, by what becomes of them', () => {
    const alone = rig();
    alone.leader = { waiting: 2 };
    alone.notes.emit({ type: 'granted', job, task: task(1), node: NODE, why: 'new', waitedMs: 30, asker: SELF });
    alone.jobs.emit({ type: 'task started', job, grant: grant(1), why: 'new' });
    alone.jobs.emit({ type: 'job refused', job, error: new Error() as never });
    alone.notes.emit({ type: 'ended', report });
    expect([alone.total('grants'), alone.total('queue-wait'), alone.total('refusals'), alone.total('tokens-out')]).toEqual([1, 1, undefined, 10]);

    const led = rig();
    led.jobs.emit({ type: 'task started', job, grant: grant(1), why: 'moved' });
    led.jobs.emit({ type: 'task ended', report });
    expect([led.total('grants'), led.total('moves'), led.total('queue-wait'), led.total('tokens-out')]).toEqual([1, 1, undefined, 10]);
  });

  it('end', async () => {
    const { insight, clock, timers, notes, total } = rig();
    insight.close();
    expect(timers()).toBe(0);
    notes.emit({ type: 'refused', job, code: 'busy' });
    await clock.advance(2000);
    expect(total('refusals')).toBeUndefined();
  });
});

describe('what this tab runs', () => {
  /** A node that waits before each event until it is let on. */
  function slowNode(): { node: EngineNode; on(event: TaskEvent | Error): Promise<void> } {
    let next: (event: TaskEvent | Error) => void = () => undefined;
    async function* run(): AsyncGenerator<TaskEvent, void, void> {
      for (;;) {
        const event = await new Promise<TaskEvent | Error>((resolve) => (next = resolve));
        if (event instanceof Error) throw event;
        yield event;
        if (event.type === 'done') return;
      }
    }
    const node: EngineNode = { address: NODE, info: () => info(), onChange: () => () => undefined, run, stop: () => Promise.resolve() };
    const flush = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
    return { node, on: (event) => (next(event), flush()) };
  }
  const portOf = (node: EngineNode): NodePort => ({ get: (address) => (address === NODE ? node : null), all: () => [], onChange: () => () => undefined });

  it('is noted while it runs, with its priority, and counted as it is written', async () => {
    const { insight, state, total } = rig();
    state.set({ nodes: [info()] });
    const { node, on } = slowNode();
    const port = insight.runsOn(portOf(node));
    expect(port.get(NODE)).toBe(port.get(NODE));
    expect(port.get(nodeAddress(SELF, '2'))).toBeNull();
    const wanted = { ...makeTask('My secret'), id: task(7) };
    let taken: JobRun | null = null;
    const asked = insight.follow({ ask: (_start, run) => ((taken = run), Promise.resolve({} as Answer)), onNote: () => () => undefined, onJob: () => () => undefined, view: () => ({ leader: null, jobs: [] }) });
    await asked.ask({ id: job, shape: { priority: 'batch' } } as JobStart, { taskFor: () => wanted, emit: () => undefined });
    const events: TaskEvent[] = [];
    const running = (async () => {
      for await (const event of port.get(NODE)!.run(taken!.taskFor(grant(7), '', 0))) events.push(event);
    })();
    expect(await insight.read(`${NODE}/tasks`)).toBe(`task-7 waiting tokens 0 priority batch model tiny-1 for ${SELF}\n`);
    await on({ type: 'started' });
    await on({ type: 'tokens', text: 'a b', count: 2 });
    await on({ type: 'tokens', text: ' c', count: 1 });
    expect(await insight.read(`${NODE}/tasks`)).toBe(`task-7 running tokens 3 priority batch model tiny-1 for ${SELF}\n`);
    expect(total('tokens-out')).toBe(3);
    await on({ type: 'done', result: {} as never });
    await running;
    expect(events.map(({ type }) => type)).toEqual(['started', 'tokens', 'tokens', 'done']);
    expect(await insight.read(`${NODE}/tasks`)).toBe('');
  });

  it('is forgotten when it fails or is left', async () => {
    const { insight, state } = rig();
    state.set({ nodes: [info()] });
    const { node, on } = slowNode();
    const view = insight.runsOn(portOf(node)).get(NODE)!;
    const failing = view.run(makeTask('x'))[Symbol.asyncIterator]().next();
    await Promise.all([expect(failing).rejects.toThrow('crashed'), on(new Error('crashed'))]);
    const left = view.run(makeTask('y'))[Symbol.asyncIterator]();
    const first = left.next();
    await on({ type: 'started' });
    await first;
    await left.return?.();
    expect(await insight.read(`${NODE}/tasks`)).toBe('');
  });
});
