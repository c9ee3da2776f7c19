/** A leader with a fake node table, for tests: events with little writing, and what came of them. */
import { createLeader } from '../orchestrator/leader/leader.ts';
import type { NodeTable } from '../orchestrator/leader/parts.ts';
import { createFairQueue } from '../orchestrator/leader/queue.ts';
import type { Waiting } from '../orchestrator/leader/waiting.ts';
import type { LeaderEffect, LeaderEvent, NodeRequest } from '../orchestrator/types.ts';
import type { JobShape, TaskReport } from '../protocol/job.ts';
import { DEFAULT_POLICY, type SwarmPolicy } from '../protocol/policy.ts';
import type { DeviceId, JobId, PeerId, TaskId } from '../shared/ids.ts';
import { createFakeNodeTable, type FakeNodeTable } from './fake-node-table.ts';
import { createSeededRandom } from './seeded-random.ts';

export type Of<Type extends LeaderEffect['type']> = Extract<LeaderEffect, { type: Type }>;

export const peer = (name: string | number): PeerId => `peer-${name}` as PeerId;
export const jobId = (name: string | number): JobId => `job-${name}` as JobId;

const SHAPE: JobShape = { promptTokens: 100, maxTokens: 400, profile: 'chat', priority: 'interactive' };

/** @param more `shape` is laid over a small chat's */
export function nodeRequest(job: string | number, more: Partial<Omit<NodeRequest, 'shape' | 'job'>> & { readonly shape?: Partial<JobShape> } = {}): NodeRequest {
  const asker = more.asker ?? peer('a');
  return {
    turn: 1, asker, device: `device-of-${asker}` as DeviceId, why: 'new', avoid: [], running: [], wants: true, deadlineMs: 60_000,
    ...more, job: jobId(job), shape: { ...SHAPE, ...more.shape },
  };
}

export interface LeaderRig<Table extends NodeTable> {
  readonly leader: ReturnType<typeof createLeader>;
  readonly table: Table;
  /** What came of this one event, notes left out. */
  send(event: LeaderEvent): readonly Exclude<LeaderEffect, { type: 'note' }>[];
  ask(...asked: Parameters<typeof nodeRequest>): readonly Exclude<LeaderEffect, { type: 'note' }>[];
  /** The grant that this task came with says who and where. */
  end(grant: Of<'grant'>, more?: Partial<TaskReport>): readonly Exclude<LeaderEffect, { type: 'note' }>[];
  /** Ticks four times a second. @returns all that came of it */
  pass(ms: number): readonly Exclude<LeaderEffect, { type: 'note' }>[];
  /** Grants whose tasks the leader believes to run, the oldest first. */
  running(): readonly Of<'grant'>[];
  /** All that ever came, notes too. */
  readonly log: readonly LeaderEffect[];
  now: number;
}

export function reportOf({ job, grant }: Of<'grant'>, more: Partial<TaskReport> = {}): TaskReport {
  return {
    job, task: grant.task, node: grant.node, state: 'ended', error: null,
    promptTokens: 100, cachedTokens: 0, answerTokens: 50, firstTokenMs: 200, prefillMs: 200, decodeMs: 1000, ...more,
  };
}

export function createLeaderRig(policy?: SwarmPolicy): LeaderRig<FakeNodeTable>;
export function createLeaderRig<Table extends NodeTable>(policy: SwarmPolicy, table: Table): LeaderRig<Table>;
export function createLeaderRig(policy: SwarmPolicy = DEFAULT_POLICY, table: NodeTable = createFakeNodeTable()): LeaderRig<NodeTable> {
  const leader = createLeader({ policy, table, queue: createFairQueue<Waiting>(policy.queue), random: createSeededRandom(1) });
  const log: LeaderEffect[] = [];
  const open = new Map<TaskId, Of<'grant'>>();
  const rig: LeaderRig<NodeTable> = {
    leader, table, log,
    now: 0,
    running: () => [...open.values()].filter(({ grant }) => table.assignment(grant.task) !== null),
    send(event) {
      const effects = leader.handle(event, rig.now);
      log.push(...effects);
      for (const grant of grantsIn(effects)) open.set(grant.grant.task, grant);
      if (event.type === 'report' && event.report.state === 'ended') open.delete(event.report.task);
      return effects.filter((effect) => effect.type !== 'note');
    },
    ask: (...asked) => rig.send({ type: 'request', request: nodeRequest(...asked) }),
    end: (grant, more) => rig.send({ type: 'report', asker: grant.to, report: reportOf(grant, more) }),
    pass(ms) {
      const effects = [];
      for (const until = rig.now + ms; rig.now < until; ) {
        rig.now += 250;
        effects.push(...rig.send({ type: 'tick' }));
      }
      return effects;
    },
  };
  return rig;
}

export const grantsIn = (effects: readonly LeaderEffect[]): Of<'grant'>[] => effects.filter((effect) => effect.type === 'grant');

/** The only effect, which is a grant. */
export function grantOf(effects: readonly LeaderEffect[]): Of<'grant'> {
  const [effect, ...more] = effects;
  if (effect?.type !== 'grant' || more.length > 0) throw new Error(`not one grant but ${JSON.stringify(effects)}`);
  return effect;
}

export const taskId = (name: string): TaskId => `task-${name}` as TaskId;
