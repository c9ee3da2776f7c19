/**
 * One engine worker and the calls to it. Each call ends: with its outcome, or with the reason for which the worker
 * ended. Made once per worker; a dead link stays dead.
 */
import { proxy, releaseProxy, wrap, type ProxyMethods } from 'comlink';
import type { EngineWorkerApi, HostStatus, LoadReport, LoadSpec, Outcome } from '../protocol/engine-api.ts';
import type { Task, TaskEvent } from '../protocol/engine-node.ts';
import { LIMITS } from '../protocol/limits.ts';
import { background, createEnding, withDeadline } from '../shared/abort.ts';
import type { Clock } from '../shared/env.ts';
import { LlamboError } from '../shared/errors.ts';

/** The part of a `Worker` that is used here. */
export type WorkerLike = Pick<Worker, 'postMessage' | 'addEventListener' | 'removeEventListener' | 'terminate'>;

export interface WorkerLink {
  load(spec: LoadSpec, onStatus: (status: HostStatus) => void): Promise<Outcome<LoadReport>>;
  /** Aborting cancels the task in the worker; the call ends when the slot is free, or when the grace is over. */
  run(task: Task, onEvent: (event: TaskEvent) => void, signal?: AbortSignal): Promise<Outcome<null>>;
  /** Ends the worker because of a failure that was seen in one of its outcomes. Calls `onDeath`. */
  crash(error: LlamboError): void;
  /** Ends the worker because its owner wants it. Does not call `onDeath`. Idempotent. */
  close(reason: LlamboError): void;
}

/** Unanswered pings in a row that mean death. One may be this page's own sleep. */
const MISSED_PINGS = 2;

export function startWorkerLink(clock: Clock, worker: WorkerLike, onDeath: (error: LlamboError) => void): WorkerLink {
  // The interface is all promises already; comlink's `Remote` type would only split its unions.
  const api = wrap(worker as Worker) as unknown as EngineWorkerApi & ProxyMethods;
  const ending = createEnding();
  let closed = false;
  let calls = 0;
  let cancelPing: (() => void) | null = null;

  function close(reason: LlamboError): void {
    if (closed) return;
    closed = true;
    cancelPing?.();
    ending.end(reason);
    api[releaseProxy]();
    worker.terminate();
  }

  function crash(error: LlamboError): void {
    if (closed) return;
    close(error);
    onDeath(error);
  }

  const crashed = (why: string): LlamboError =>
    new LlamboError('engine-crashed', `The engine's worker stopped: ${why}`, { advice: 'It restarts by itself; ask again in a moment.' });

  worker.addEventListener('error', (event) => crash(crashed((event).message || 'it could not start')));
  worker.addEventListener('messageerror', () => crash(crashed('a message could not be read')));

  /** Runs a call while the worker is watched. */
  async function watched<T>(call: () => Promise<T>): Promise<T> {
    calls += 1;
    if (!cancelPing && !closed) pingLater(0);
    try {
      return await ending.orEnd(call());
    } finally {
      calls -= 1;
    }
  }

  function pingLater(missed: number): void {
    cancelPing = clock.after(LIMITS.pingMs, () => {
      cancelPing = null;
      if (calls > 0 && !closed) void ping(missed);
    });
  }

  async function ping(missed: number): Promise<void> {
    const misses = await withDeadline(clock, LIMITS.pingReplyMs, 'A ping', api.ping()).then(() => 0, () => missed + 1);
    if (misses >= MISSED_PINGS) crash(crashed('it does not answer'));
    else if (!closed && !cancelPing) pingLater(misses);
  }

  async function run(task: Task, onEvent: (event: TaskEvent) => void, signal?: AbortSignal): Promise<Outcome<null>> {
    const onEvents = proxy((events: TaskEvent[]) => events.forEach(onEvent));
    let cancelGrace = (): void => undefined;
    const cancel = (): void => {
      background(api.cancel(task.id), () => undefined);
      cancelGrace = clock.after(LIMITS.cancelGraceMs, () => crash(crashed('it would not stop an answer')));
    };
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await watched(() => api.run(task, onEvents));
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancelGrace();
    }
  }

  return {
    async load(spec, onStatus) {
      // A worker that can't start at all (blocked, 404) may never say so; a living one answers at once.
      const alive = withDeadline(clock, LIMITS.workerStartMs, "Starting the engine's worker", api.ping());
      await ending.orEnd(alive);
      return watched(() => api.load(spec, proxy(onStatus)));
    },
    run,
    crash,
    close,
  };
}

