/**
 * What the leader puts right on its own, since any message may be lost with the link that carried it: grants that nobody
 * used, and jobs that nobody ended.
 */
import type { RunningTask } from '../../protocol/job.ts';
import type { JobRecord, JobRecords } from './job-records.ts';
import type { FairQueue, NodeTable } from './parts.ts';
import type { TaskBook } from './task-book.ts';
import type { Waiting } from './waiting.ts';

/**
 * A grant of which nothing was heard for so long is looked at: it is free if its node says that it has fewer tasks than were given
 * to it. Finding a way to that node takes seconds, and a node's word is half a second late. Which of them it has nobody knows, and
 * it does not matter: a node that does take what was freed says so, and gets nothing that it has no slot for. Else the job's own
 * deadline ends it: a task may read for long.
 * So is a task that did speak, of a job of which nothing was heard for so long: its end may have been lost on the way.
 */
const UNUSED_MS = 20_000;
/** How often those are looked at. */
const UNUSED_EVERY_MS = 1000;
/** After its deadline the asker has this long to say how it ended. */
const GRACE_MS = 10_000;
/** An asker tells once a minute what runs, and asks more often for what waits: of this one nobody has heard twice. */
const SILENT_MS = 150_000;
/** A job that neither waits nor runs: its asker makes up its mind (after `busy`, or a lost node) much sooner. */
const IDLE_MS = 60_000;
/** Looked at in one tick: 40,000 jobs have their turn within a minute. */
const RECORDS_PER_TICK = 256;

export interface UpkeepDeps {
  readonly records: JobRecords;
  readonly tasks: TaskBook;
  readonly table: NodeTable;
  readonly queue: FairQueue<Waiting>;
}

export interface Upkeep {
  /** @param forget is called with each job that is over */
  tick(now: number, forget: (record: JobRecord) => void): void;
}

export function createUpkeep({ records, tasks, table, queue }: UpkeepDeps): Upkeep {
  let unusedAt = -Infinity;

  function releaseUnused(now: number): void {
    if (now - unusedAt < UNUSED_EVERY_MS) return;
    unusedAt = now;
    for (const assignment of table.silentSince(now - UNUSED_MS)) releaseUnknown(assignment, now);
  }

  function releaseUnknown({ task, node }: RunningTask, now: number): void {
    if (table.surplus(node, now - UNUSED_MS) > 0) tasks.release(task);
  }

  function lookAt(record: JobRecord, now: number, forget: (record: JobRecord) => void): void {
    if (isOver(record, now)) return forget(record);
    if (now - record.heardAt < UNUSED_MS) return;
    for (const assignment of tasks.of(record)) if (now - assignment.at > UNUSED_MS) releaseUnknown(assignment, now);
  }

  function isOver(record: JobRecord, now: number): boolean {
    if (now > record.deadlineAt + GRACE_MS || now - record.heardAt > SILENT_MS) return true;
    return now - record.heardAt > IDLE_MS && queue.get(record.key) === null && tasks.of(record).length === 0;
  }

  return {
    tick(now, forget) {
      releaseUnused(now);
      for (const record of records.some(RECORDS_PER_TICK)) lookAt(record, now, forget);
    },
  };
}
