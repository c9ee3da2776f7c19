/**
 * What was assigned and has not ended: by task, by job, and what has not been heard of yet in the order of time. What runs on a node
 * that is known is in the node's own set; here is only what runs on nodes that nobody has told of yet.
 */
import type { Address, JobId, TaskId } from '../../../shared/ids.ts';
import type { Assignment } from '../parts.ts';
import type { NodeView } from './node-view.ts';

export interface Entry {
  readonly assignment: Assignment;
  /** Where it runs; null: its asker has said so, and its peer has not yet. */
  view: NodeView | null;
  /** The node's streams × milliseconds when it began. */
  readonly streamTime: number;
  spoke: boolean;
  /** Among those that have not been heard of. */
  older: Entry | null;
  newer: Entry | null;
}

export interface Ledger {
  add(entry: Entry): void;
  get(task: TaskId): Entry | null;
  remove(task: TaskId): Entry | null;
  of(job: JobId): readonly Assignment[];
  /** Of a node that nobody has told of. */
  homeless(address: Address): readonly TaskId[];
  /** Its peer has told of it. */
  settle(view: NodeView): void;
  /** It has been heard of. */
  spoke(entry: Entry): void;
  silentSince(before: number): readonly Assignment[];
  readonly size: number;
}

const NOTHING: readonly TaskId[] = [];
const NO_ASSIGNMENTS: readonly Assignment[] = [];

export const newEntry = (assignment: Assignment, view: NodeView | null, now: number): Entry => ({
  assignment, view, streamTime: view?.streamTime(now) ?? 0, spoke: false, older: null, newer: null,
});

export function createLedger(): Ledger {
  const entries = new Map<TaskId, Entry>();
  /** Those that have not been heard of, in the order in which they were added, which is that of time. */
  let oldest: Entry | null = null;
  let newest: Entry | null = null;
  /** Few tasks each, and very many of these: lists are a fifth of the size of sets. */
  const jobs = new Map<JobId, TaskId[]>();
  const elsewhere = new Map<Address, TaskId[]>();

  function link<Key>(index: Map<Key, TaskId[]>, key: Key, task: TaskId): void {
    const tasks = index.get(key);
    if (tasks) tasks.push(task);
    else index.set(key, [task]);
  }

  function unlink<Key>(index: Map<Key, TaskId[]>, key: Key, task: TaskId): void {
    const tasks = index.get(key);
    if (!tasks) return;
    if (tasks.length === 1 && tasks[0] === task) index.delete(key);
    else tasks.splice(tasks.indexOf(task), 1);
  }

  function append(entry: Entry): void {
    entry.older = newest;
    if (newest) newest.newer = entry;
    else oldest = entry;
    newest = entry;
  }

  function unlinkSilent(entry: Entry): void {
    if (entry.older) entry.older.newer = entry.newer;
    else oldest = entry.newer;
    if (entry.newer) entry.newer.older = entry.older;
    else newest = entry.older;
    // Else each would keep those that it once stood beside.
    entry.older = entry.newer = null;
  }

  /** In the node's own set (1) or out of it (−1): a guest there, if somebody else's tab asked. */
  function seat({ assignment: { task, asker } }: Entry, { tasks, offer }: NodeView, change: 1 | -1): void {
    if (change === 1) tasks.add(task);
    else tasks.delete(task);
    if (asker !== offer.peer) offer.guests += change;
  }

  return {
    add(entry) {
      const { task, job, node } = entry.assignment;
      entries.set(task, entry);
      append(entry);
      link(jobs, job, task);
      if (entry.view) seat(entry, entry.view, 1);
      else link(elsewhere, node, task);
    },
    get: (task) => entries.get(task) ?? null,
    remove(task) {
      const entry = entries.get(task);
      if (!entry) return null;
      entries.delete(task);
      if (!entry.spoke) unlinkSilent(entry);
      unlink(jobs, entry.assignment.job, task);
      if (entry.view) seat(entry, entry.view, -1);
      else unlink(elsewhere, entry.assignment.node, task);
      return entry;
    },
    of: (job) => jobs.get(job)?.map((task) => entries.get(task)!.assignment) ?? NO_ASSIGNMENTS,
    homeless: (address) => elsewhere.get(address) ?? NOTHING,
    settle(view) {
      for (const task of elsewhere.get(view.address) ?? NOTHING) {
        const entry = entries.get(task)!;
        entry.view = view;
        seat(entry, view, 1);
      }
      elsewhere.delete(view.address);
    },
    spoke(entry) {
      if (entry.spoke) return;
      entry.spoke = true;
      unlinkSilent(entry);
    },
    silentSince(before) {
      const found: Assignment[] = [];
      for (let entry = oldest; entry && entry.assignment.at < before; entry = entry.newer) found.push(entry.assignment);
      return found;
    },
    get size() {
      return entries.size;
    },
  };
}
