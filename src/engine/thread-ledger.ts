/**
 * Threads are one budget for the whole device, over all tabs of the browser: wasm threads spin at barriers, so more
 * of them than cores is no slowdown but a collapse (two tabs with two threads each do less than half the work of two
 * tabs with one, on two cores). The ledger is a set of Web Locks, which the browser itself takes back from a dead tab.
 *
 * Each node holds one lock that counts it, and one lock per thread. A newcomer that finds too few says so on a
 * channel; whoever has more than a fair share hears it and gives back when it can. A node always gets one thread:
 * single threads don't spin.
 */
import type { Unsubscribe } from '../shared/emitter.ts';
import { Emitter } from '../shared/emitter.ts';
import type { Random } from '../shared/env.ts';

/** The part of `navigator.locks` that is used. */
export type LocksLike = Pick<LockManager, 'request' | 'query'>;

/** The part of a `BroadcastChannel` that is used. Like it, it does not hear itself. */
export interface LedgerChannel {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: () => void): void;
  close(): void;
}

export interface ThreadLease {
  /** At least 1. */
  readonly threads: number;
  release(): void;
}

export interface ThreadLedger {
  /** Threads of the device that engines may use together. */
  readonly budget: number;
  /** Takes up to `want` threads, as many as are free, at least one. */
  lease(want: number): Promise<ThreadLease>;
  /** Where a node that wants `want` threads and holds some now stands, if all nodes of the device share fairly. */
  standing(want: number, holds: number): Promise<'fair' | 'over' | 'under'>;
  /** Somebody came or went, in this tab or another: look at your share again. */
  onChange(listener: () => void): Unsubscribe;
  close(): void;
}

export interface ThreadLedgerDeps {
  /** Null where the browser has none: then each tab stands alone and takes one thread a node. */
  readonly locks: LocksLike | null;
  readonly channel: LedgerChannel;
  readonly random: Random;
  /** Of the device. One is left to the page and to everything else, if there is more than one. */
  readonly cores: number;
}

const THREAD = 'llambo-thread-';
const NODE = 'llambo-node-';

export function createThreadLedger({ locks, channel, random, cores }: ThreadLedgerDeps): ThreadLedger {
  const budget = Math.max(1, cores - 1);
  const changes = new Emitter<void>();
  channel.addEventListener('message', () => changes.emit());

  function announce(): void {
    channel.postMessage('changed');
    changes.emit();
  }

  /** Rounded up, so that no thread of the budget lies idle; the last to come gets the smaller share. */
  function fairShare(want: number, held: LockInfo[]): number {
    const nodes = held.filter((lock) => lock.name?.startsWith(NODE)).length;
    return Math.max(1, Math.min(want, Math.ceil(budget / Math.max(1, nodes))));
  }

  const heldLocks = async (): Promise<LockInfo[]> => (await locks?.query())?.held ?? [];

  async function standing(want: number, holds: number): Promise<'fair' | 'over' | 'under'> {
    if (!locks) return 'fair';
    const held = await heldLocks();
    const share = fairShare(want, held);
    const free = budget - held.filter((lock) => lock.name?.startsWith(THREAD)).length;
    if (holds > share) return 'over';
    return holds < share && free > 0 ? 'under' : 'fair';
  }

  async function takeThreads(want: number): Promise<(() => void)[]> {
    const taken: (() => void)[] = [];
    for (let index = 0; index < budget && taken.length < want; index += 1) {
      const release = await hold(locks!, `${THREAD}${index}`);
      if (release) taken.push(release);
    }
    return taken;
  }

  async function lease(want: number): Promise<ThreadLease> {
    if (!locks) return { threads: 1, release: () => undefined };
    const leave = await hold(locks, `${NODE}${random.id()}`);
    const taken = await takeThreads(fairShare(want, await heldLocks()));
    announce();
    let released = false;
    return {
      threads: Math.max(1, taken.length),
      release: () => {
        if (released) return;
        released = true;
        for (const giveBack of [leave, ...taken]) giveBack?.();
        announce();
      },
    };
  }

  return { budget, lease, standing, onChange: (listener) => changes.on(listener), close: () => channel.close() };
}

/** Takes a lock if it is free. @returns the function that gives it back, or null */
function hold(locks: LocksLike, name: string): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    const held = (lock: Lock | null): Promise<void> | undefined => {
      if (!lock) return void resolve(null);
      return new Promise<void>((release) => resolve(release));
    };
    locks.request(name, { ifAvailable: true }, held).catch(reject);
  });
}
