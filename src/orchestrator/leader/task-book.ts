/**
 * The leader's side of tasks: gives them, takes over those that run already, and ends them; keeps what each device is charged
 * in step. A device pays the estimate when its task begins and the true figure when it ends; what never ran costs nothing.
 */
import type { RunningTask, TaskReport } from '../../protocol/job.ts';
import type { Random } from '../../shared/env.ts';
import { newTaskId, type Address, type PeerId, type TaskId } from '../../shared/ids.ts';
import type { Grant, NodeRequest } from '../types.ts';
import { verdictOf, type Verdict } from './health.ts';
import type { JobRecord } from './job-records.ts';
import type { Assignment, FairQueue, NodeTable, QueueItem } from './parts.ts';

export interface TaskBookDeps {
  readonly table: NodeTable;
  readonly queue: Pick<FairQueue<QueueItem>, 'correct' | 'era'>;
  readonly random: Random;
}

export interface TaskBook {
  /** Its device is charged by the caller, or by the queue. @returns null if the node is not as it was chosen for */
  grant(request: NodeRequest, node: Address, now: number): Grant | null;
  /** The asker's word is what runs: the unknown is taken over, what it does not name any more is free. @returns slots freed */
  settle(request: NodeRequest, now: number): number;
  /** What runs for this job. */
  of(record: Pick<JobRecord, 'job' | 'asker'>): readonly Assignment[];
  /** All that this job has is free. @returns slots freed */
  releaseAll(record: Pick<JobRecord, 'job' | 'asker'>, now: number): number;
  /** It never ran. */
  release(task: TaskId): void;
  /** @returns null if it is no task that this asker was granted there */
  find(asker: PeerId, report: TaskReport): Assignment | null;
  /** It has ended: its device is charged what it took. After this the table may forget it. */
  ended(assignment: Assignment, report: TaskReport, now: number): void;
  /** Its node is gone, and the table has forgotten it: another will do the work. */
  lost(assignment: Assignment): void;
}

/** Prompt and answer, as far as can be told before. */
export const tokensOf = ({ shape }: Pick<NodeRequest, 'shape'>): number => shape.promptTokens + shape.maxTokens;

/**
 * An asker could say that its answers took nothing, and never be charged. So at the least this share of what its node writes in
 * the time counts: low, since the time has waiting and reading in it, and speeds are claims too.
 */
const PLAUSIBLE_SHARE = 1 / 4;

/** What an asker can say of a task and the node is not looked at for it. */
const ITS_OWN_WORD: ReadonlySet<Verdict> = new Set(['well', 'nothing']);

export function createTaskBook({ table, queue, random }: TaskBookDeps): TaskBook {
  const of = ({ job, asker }: Pick<JobRecord, 'job' | 'asker'>): readonly Assignment[] =>
    table.assignedTo(job).filter((assignment) => assignment.asker === asker);

  function assign({ job, asker, device, shape, why }: NodeRequest, { task, node }: RunningTask, now: number, runs: boolean): void {
    table.assign({ job, asker, device, why, task, node, at: now, tokens: tokensOf({ shape }), era: queue.era(device) }, now, runs);
  }

  /** The device was charged the estimate. */
  const charge = ({ device, tokens, era }: Assignment, used: number): void => queue.correct(device, used - tokens, era ?? null);

  function leastUsed({ node, tokens, at }: Assignment, now: number): number {
    const speed = table.facts(node)?.tokensPerSecond ?? 0;
    return PLAUSIBLE_SHARE * Math.min(tokens, ((now - at) / 1000) * speed);
  }

  function tokensUsed({ promptTokens, answerTokens, error }: TaskReport, assignment: Assignment, now: number): number {
    const said = promptTokens + answerTokens;
    // Nearly always it is more than the least that is believed, whatever the node's speed: then nobody looks at the node.
    if (said >= PLAUSIBLE_SHARE * assignment.tokens) return said;
    // A node that failed gave nothing; that it did well, or is not to blame, is the asker's own word.
    return ITS_OWN_WORD.has(verdictOf(error)) ? Math.max(said, leastUsed(assignment, now)) : said;
  }

  function release(task: TaskId): void {
    const released = table.release(task);
    if (released) charge(released, 0);
  }

  /** Its asker wants it no more, without a word of what it took. */
  function drop(task: TaskId, now: number): void {
    const dropped = table.release(task);
    if (dropped) charge(dropped, leastUsed(dropped, now));
  }

  return {
    of,
    release,
    grant(request, node, now) {
      const model = table.facts(node)?.model;
      if (!model) return null;
      const task = newTaskId(random);
      assign(request, { task, node }, now, false);
      return { task, node, model: model.id, modelHash: model.hash, hedgeMs: table.hedgeMs(request, node) };
    },
    settle(request, now) {
      let freed = 0;
      for (const { task } of of(request)) {
        if (request.running.some((running) => running.task === task)) continue;
        drop(task, now);
        freed += 1;
      }
      for (const running of request.running) {
        if (table.assignment(running.task)) continue;
        assign(request, running, now, true);
        queue.correct(request.device, tokensOf(request));
      }
      return freed;
    },
    releaseAll(record, now) {
      const own = of(record);
      for (const { task } of own) drop(task, now);
      return own.length;
    },
    find(asker, { task, job, node }) {
      const assignment = table.assignment(task);
      return assignment?.asker === asker && assignment.job === job && assignment.node === node ? assignment : null;
    },
    ended(assignment, report, now) {
      charge(assignment, tokensUsed(report, assignment, now));
    },
    lost: (assignment) => charge(assignment, 0),
  };
}
