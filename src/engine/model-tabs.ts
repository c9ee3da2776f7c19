/**
 * The other tabs of this browser: one does a thing at a time (Web Locks, which a dying tab gives back), and all hear of
 * it (BroadcastChannel). It knows names of locks and three messages, not what is done under them.
 */
import * as v from 'valibot';
import { throwIfAborted } from '../shared/abort.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import { abortError, isAbort } from '../shared/errors.ts';
import type { Progress } from './model-files-api.ts';

export type TabMessage =
  | { readonly type: 'progress'; readonly id: string; readonly progress: Progress }
  /** Its record or its files are different now. */
  | { readonly type: 'changed'; readonly id: string }
  /** Whoever downloads it stops: it is to be deleted. */
  | { readonly type: 'stop'; readonly id: string };

export interface ModelTabs {
  /**
   * Runs `work` while no other holder of this name runs, in any tab.
   * @param onWait called if another one holds it now
   * @throws LlamboError `aborted` while waiting; whatever `work` throws
   */
  exclusive<T>(name: string, work: () => Promise<T>, options?: { signal?: AbortSignal | undefined; onWait?: () => void }): Promise<T>;
  /** Runs beside other shared holders, not beside exclusive ones. */
  shared<T>(name: string, work: () => Promise<T>, options?: { signal?: AbortSignal | undefined }): Promise<T>;
  /** Runs `work` if nobody holds the name, else nothing. */
  ifFree(name: string, work: () => Promise<void>): Promise<void>;
  tell(message: TabMessage): void;
  onMessage(listener: (message: TabMessage) => void): Unsubscribe;
  close(): void;
}

const count = v.pipe(v.number(), v.minValue(0));
const id = v.pipe(v.string(), v.maxLength(200));
const messageSchema = v.variant('type', [
  v.object({ type: v.literal('progress'), id, progress: v.object({ done: count, total: v.nullable(count), bytesPerSecond: count }) }),
  v.object({ type: v.literal('changed'), id }),
  v.object({ type: v.literal('stop'), id }),
]);

/** @param scope prefix of lock names, and name of the channel: stores of one scope are one store */
export function createModelTabs(scope: string): ModelTabs {
  const messages = new Emitter<TabMessage>();
  const channel = new BroadcastChannel(scope);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const result = v.safeParse(messageSchema, data);
    if (result.success) messages.emit(result.output);
  };

  async function wait<T>(name: string, mode: LockMode, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal);
    let begun = false;
    try {
      return await navigator.locks.request(`${scope}:${name}`, { mode, ...(signal ? { signal } : {}) }, () => {
        begun = true;
        return work();
      });
    } catch (error) {
      throw !begun && isAbort(error) ? abortError() : error;
    }
  }

  /** @returns whether the lock was free, and what came of it */
  const attempt = <T>(name: string, work: () => Promise<T>): Promise<{ value: T } | null> =>
    navigator.locks.request(`${scope}:${name}`, { ifAvailable: true }, async (lock) => (lock ? { value: await work() } : null));

  return {
    async exclusive(name, work, { signal, onWait } = {}) {
      throwIfAborted(signal);
      const now = await attempt(name, work);
      if (now) return now.value;
      onWait?.();
      return wait(name, 'exclusive', work, signal);
    },
    shared: (name, work, { signal } = {}) => wait(name, 'shared', work, signal),
    async ifFree(name, work) {
      await attempt(name, work);
    },
    tell: (message) => channel.postMessage(message),
    onMessage: (listener) => messages.on(listener),
    close() {
      channel.close();
      messages.clear();
    },
  };
}

/** A tab that shares nothing with others, because its files are in its own memory. Its own calls still take turns. */
export function createSoloTabs(): ModelTabs {
  const turns = new Map<string, Promise<unknown>>();
  async function exclusive<T>(name: string, work: () => Promise<T>, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<T> {
    const before = turns.get(name) ?? Promise.resolve();
    const mine = before.then(() => {
      throwIfAborted(signal);
      return work();
    });
    const settled = mine.catch(() => undefined);
    turns.set(name, settled);
    try {
      return await mine;
    } finally {
      if (turns.get(name) === settled) turns.delete(name);
    }
  }
  return {
    exclusive,
    shared: (_name, work) => work(),
    ifFree: async (name, work) => (turns.has(name) ? undefined : exclusive(name, work)),
    tell: () => undefined,
    onMessage: () => () => undefined,
    close: () => undefined,
  };
}
