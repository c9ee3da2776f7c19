/** What every connection needs, whatever carries its bytes: a place for early messages, and one end that is told once. */
import { LIMITS } from '../../protocol/limits.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { Unsubscribe } from '../../shared/emitter.ts';
import type { ClosedBy } from './transport.ts';

export interface Inbox {
  /** A message has come. */
  push(bytes: Uint8Array): void;
  /** One listener; another takes its place. */
  onMessage(listener: (bytes: Uint8Array) => void): Unsubscribe;
  /** Forgets the listener and what waits; what comes later is dropped. */
  shut(): void;
}

/** @param onFlood more than `LIMITS.earlyFrames` messages came while nobody listened */
export function createInbox(onFlood: () => void): Inbox {
  let early: Uint8Array[] = [];
  let listening: ((bytes: Uint8Array) => void) | null = null;
  let open = true;
  let delivering = false;

  /** In a loop: a listener may hand over to another one, and more may come, in the middle. */
  function deliver(): void {
    if (delivering) return;
    delivering = true;
    try {
      while (listening && early.length > 0) listening(early.shift()!);
    } finally {
      delivering = false;
    }
  }

  return {
    push(bytes) {
      if (!open) return;
      early.push(bytes);
      deliver();
      if (!listening && early.length > LIMITS.earlyFrames) onFlood();
    },
    onMessage(listener) {
      if (!open) return () => undefined;
      listening = listener;
      deliver();
      return () => {
        if (listening === listener) listening = null;
      };
    },
    shut() {
      open = false;
      listening = null;
      early = [];
    },
  };
}

export interface CloseNotice {
  readonly closed: boolean;
  onClose(listener: (by: ClosedBy) => void): Unsubscribe;
  /** @returns false if it had ended before: the first reason stays */
  tell(by: ClosedBy): boolean;
}

export function createCloseNotice(): CloseNotice {
  const listeners = new Set<{ readonly call: (by: ClosedBy) => void }>();
  let ended: ClosedBy | null = null;
  return {
    get closed() {
      return ended !== null;
    },
    onClose(listener) {
      if (ended !== null) {
        listener(ended);
        return () => undefined;
      }
      const entry = { call: listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    tell(by) {
      if (ended !== null) return false;
      ended = by;
      const told = [...listeners];
      listeners.clear();
      for (const { call } of told) call(by);
      return true;
    },
  };
}

/** @throws LlamboError `bad-request` if the message is longer than `LIMITS.frameBytes` */
export function checkFrame(bytes: Uint8Array): void {
  if (bytes.length <= LIMITS.frameBytes) return;
  throw new LlamboError('bad-request', `A message of ${bytes.length} bytes is longer than ${LIMITS.frameBytes}.`, { advice: 'Cut it into fragments.' });
}
