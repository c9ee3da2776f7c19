/** Web Locks of one browser, in memory: exclusive locks with `ifAvailable`, first come first served. */
import type { LocksLike } from '../engine/thread-ledger.ts';

interface Options {
  ifAvailable?: boolean;
}
type Callback = (lock: Lock | null) => unknown;

export function createFakeLocks(): LocksLike & { heldNames(): string[] } {
  const held = new Map<string, Promise<unknown>>();

  async function request(name: string, options: Options, callback: Callback): Promise<unknown> {
    await Promise.resolve();
    if (held.has(name)) {
      if (options.ifAvailable) return callback(null);
      await held.get(name);
      return request(name, options, callback);
    }
    const result = Promise.resolve(callback({ name, mode: 'exclusive' }));
    held.set(name, result);
    return result.finally(() => held.delete(name));
  }

  const heldNames = (): string[] => [...held.keys()];
  return {
    request: request as LocksLike['request'],
    query: async () => ({ held: heldNames().map((name) => ({ name, mode: 'exclusive' as const, clientId: '' })), pending: [] }),
    heldNames,
  };
}

/** Channels of one browser: each hears the others, none hears itself. */
export function createFakeChannels(): () => { postMessage(message: unknown): void; addEventListener(type: 'message', listener: () => void): void; close(): void } {
  const channels = new Map<object, (() => void)[]>();
  return () => {
    const self = {
      postMessage: () => {
        for (const [other, listeners] of channels) if (other !== self) for (const listener of listeners) queueMicrotask(listener);
      },
      addEventListener: (_: 'message', listener: () => void) => void channels.get(self)!.push(listener),
      close: () => void channels.delete(self),
    };
    channels.set(self, []);
    return self;
  };
}
