/** What was assigned and has not ended: by task, by job, by node, and what has not been heard of yet in the order of time. */
import type { Address, JobId, TaskId } from '../../../shared/ids.ts';
import type { Assignment } from '../parts.ts';

export interface Entry {
  readonly assignment: Assignment;
  /** The node's streams × milliseconds when it began. */
  readonly streamTime: number;
  spoke: boolean;
}

export interface Ledger {
  add(entry: Entry): void;
  get(task: TaskId): Entry | null;
  remove(task: TaskId): Entry | null;
  of(job: JobId): readonly Assignment[];
  on(address: Address): readonly TaskId[];
  /** It has been heard of. */
  spoke(entry: Entry): void;
  silentSince(before: number): readonly Assignment[];
  readonly size: number;
}

const NOTHING: readonly TaskId[] = [];

export function createLedger(): Ledger {
  const entries = new Map<TaskId, Entry>();
  /** In the order in which they were added, which is that of time. */
  const silent = new Map<TaskId, Entry>();
  /** Few tasks each, and very many of these: lists are a fifth of the size of sets. */
  const jobs = new Map<JobId, TaskId[]>();
  const nodes = new Map<Address, TaskId[]>();

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

  return {
    add(entry) {
      const { task, job, node } = entry.assignment;
      entries.set(task, entry);
      silent.set(task, entry);
      link(jobs, job, task);
      link(nodes, node, task);
    },
    get: (task) => entries.get(task) ?? null,
    remove(task) {
      const entry = entries.get(task);
      if (!entry) return null;
      entries.delete(task);
      silent.delete(task);
      unlink(jobs, entry.assignment.job, task);
      unlink(nodes, entry.assignment.node, task);
      return entry;
    },
    of: (job) => (jobs.get(job) ?? NOTHING).map((task) => entries.get(task)!.assignment),
    on: (address) => nodes.get(address) ?? NOTHING,
    spoke(entry) {
      entry.spoke = true;
      silent.delete(entry.assignment.task);
    },
    silentSince(before) {
      const found: Assignment[] = [];
      for (const { assignment } of silent.values()) {
        if (assignment.at >= before) break;
        found.push(assignment);
      }
      return found;
    },
    get size() {
      return entries.size;
    },
  };
}
