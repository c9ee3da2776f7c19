/**
 * What was assigned and has not ended: by task, by job, and what has not been heard of yet in the order of time. What runs on a node
 * that is known is in the node's own list; here is only what runs on nodes that nobody has told of yet.
 */
import type { Address, JobId, TaskId } from '../../../shared/ids.ts';
import type { Assignment } from '../parts.ts';
import { streamTime, type NodeView } from './node-view.ts';

export interface Entry extends Assignment {
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
  remove(entry: Entry): void;
  of(job: JobId): readonly Assignment[];
  /** Of a node that nobody has told of. */
  homeless(address: Address): readonly Entry[];
  /** Its peer has told of it. @returns whether anything runs there that was not told before */
  settle(view: NodeView): boolean;
  /** It has been heard of. */
  spoke(entry: Entry): void;
  silentSince(before: number): readonly Assignment[];
  readonly size: number;
}

const NOTHING: readonly Entry[] = [];

export const newEntry = ({ job, task, node, asker, device, why, at, tokens, era = null }: Assignment, view: NodeView | null, now: number): Entry => ({
  job, task, node, asker, device, why, at, tokens, era, view, streamTime: view ? streamTime(view, now) : 0, spoke: false, older: null, newer: null,
});

export function createLedger(): Ledger {
  const entries = new Map<TaskId, Entry>();
  /** Those that have not been heard of, in the order in which they were added, which is that of time. */
  let oldest: Entry | null = null;
  let newest: Entry | null = null;
  /** Few tasks each, and very many of these: lists are a fifth of the size of sets. */
  const jobs = new Map<JobId, Entry[]>();
  const elsewhere = new Map<Address, Entry[]>();

  function link<Key>(index: Map<Key, Entry[]>, key: Key, entry: Entry): void {
    const own = index.get(key);
    if (own) own.push(entry);
    else index.set(key, [entry]);
  }

  function unlink<Key>(index: Map<Key, Entry[]>, key: Key, entry: Entry): void {
    const own = index.get(key);
    if (!own) return;
    if (own.length === 1 && own[0] === entry) index.delete(key);
    else own.splice(own.indexOf(entry), 1);
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

  /** In the node's own list: a guest there, if somebody else's tab asked. */
  function seat(entry: Entry, { tasks, offer }: NodeView): void {
    tasks.push(entry);
    if (entry.asker !== offer.peer) offer.guests += 1;
  }

  function unseat(entry: Entry, { tasks, offer }: NodeView): void {
    tasks.splice(tasks.indexOf(entry), 1);
    if (entry.asker !== offer.peer) offer.guests -= 1;
  }

  return {
    add(entry) {
      const { job, node, task } = entry;
      entries.set(task, entry);
      append(entry);
      link(jobs, job, entry);
      if (entry.view) seat(entry, entry.view);
      else link(elsewhere, node, entry);
    },
    get: (task) => entries.get(task) ?? null,
    remove(entry) {
      const { job, node, task } = entry;
      entries.delete(task);
      if (!entry.spoke) unlinkSilent(entry);
      unlink(jobs, job, entry);
      if (entry.view) unseat(entry, entry.view);
      else unlink(elsewhere, node, entry);
    },
    of: (job) => jobs.get(job) ?? NOTHING,
    homeless: (address) => elsewhere.get(address) ?? NOTHING,
    settle(view) {
      const own = elsewhere.size > 0 ? elsewhere.get(view.address) : undefined;
      if (!own) return false;
      for (const entry of own) {
        entry.view = view;
        seat(entry, view);
      }
      return elsewhere.delete(view.address);
    },
    spoke(entry) {
      if (entry.spoke) return;
      entry.spoke = true;
      unlinkSilent(entry);
    },
    silentSince(before) {
      const found: Assignment[] = [];
      for (let entry = oldest; entry && entry.at < before; entry = entry.newer) found.push(entry);
      return found;
    },
    get size() {
      return entries.size;
    },
  };
}
