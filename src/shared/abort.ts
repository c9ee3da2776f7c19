/** Helpers so that every wait ends: by its result, by the caller's signal, or by a deadline. */
import type { Clock } from './env.ts';
import { abortError, isAbort, LlamboError } from './errors.ts';

/** Throws an `aborted` error if the signal has fired. Call it before and after each await. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason instanceof LlamboError ? signal.reason : abortError();
}

/** The promise's own outcome, or a rejection with `aborted` as soon as the signal fires. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason instanceof LlamboError ? signal.reason : abortError());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/**
 * The promise's own outcome, or a `timeout` error after `ms`.
 * @param what names the thing that took too long, for the message: "Loading tiny-1".
 */
export function withDeadline<T>(clock: Clock, ms: number, what: string, promise: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(ms, () =>
      reject(new LlamboError('timeout', `${what} took longer than ${Math.round(ms / 1000)} s.`)),
    );
    void promise.then(resolve, reject).finally(cancel);
  });
}

export interface Deadline {
  /** The promise's own outcome, or a `timeout` error when it is over. */
  orLate<T>(promise: Promise<T>): Promise<T>;
  /** From now on there is this much time, in milliseconds. */
  extend(ms: number): void;
}

/**
 * For what takes longer once a person is asked.
 * @param what names the thing that took too long, for the message: "Joining".
 */
export function createDeadline(clock: Clock, ms: number, what: string): Deadline {
  const late = deferred<never>();
  const start = (given: number): (() => void) =>
    clock.after(given, () => late.reject(new LlamboError('timeout', `${what} took longer than ${Math.round(given / 1000)} s.`)));
  let cancel = start(ms);
  return {
    orLate: (promise) => Promise.race([promise, late.promise]).finally(() => cancel()),
    extend(given) {
      cancel();
      cancel = start(given);
    },
  };
}

/**
 * A controller that the given signal aborts too. It listens until it is aborted: whoever makes one for a piece of work
 * aborts it when the work is done.
 */
export function linkedController(signal: AbortSignal | undefined): AbortController {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  controller.signal.addEventListener('abort', () => signal?.removeEventListener('abort', abort), { once: true });
  return controller;
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  // A deferred that nobody awaits any more must not raise an unhandled rejection.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** For promises that end on their own and whose failure somebody else reports: swallows aborts, hands the rest on. */
export function background(promise: Promise<unknown>, onError: (error: unknown) => void): void {
  promise.catch((error: unknown) => {
    if (!isAbort(error)) onError(error);
  });
}

/** The end of something that many calls depend on: a worker, a link. */
export interface Ending {
  /** The promise's own outcome, or a rejection with the reason as soon as it is over. */
  orEnd<T>(promise: Promise<T>): Promise<T>;
  /** Once; later reasons are ignored. */
  end(reason: Error): void;
}

/** Unlike `Promise.race` with a promise that lives as long as the worker, a call that is done leaves nothing behind. */
export function createEnding(): Ending {
  const open = new Set<(reason: Error) => void>();
  let over: Error | null = null;
  return {
    orEnd: (promise) =>
      new Promise((resolve, reject) => {
        if (over) reject(over);
        else open.add(reject);
        void promise.then(resolve, reject).finally(() => open.delete(reject));
      }),
    end(reason) {
      over ??= reason;
      for (const reject of open) reject(over);
      open.clear();
    },
  };
}
