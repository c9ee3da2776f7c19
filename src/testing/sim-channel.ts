/** One channel of a simulated connection: bytes in order, at a speed, with a buffer that fills and drains. */
import type { ByteChannel } from '../mesh/transport/transport.ts';
import { LIMITS } from '../protocol/limits.ts';
import { Emitter } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';
import { LlamboError } from '../shared/errors.ts';
import type { WireEnd } from './sim-world.ts';

export interface SimChannel extends ByteChannel {
  /** A message came in. */
  deliver(bytes: Uint8Array): void;
  /** No more goes out; `last` arrives behind everything that was sent. */
  finish(last: () => void): void;
  /** Nothing that comes in counts any more. */
  shut(): void;
}

/** A fast home connection: 10 MB a second. */
const BYTES_PER_MS = 10_000;

/**
 * @param wire towards the other end
 * @param other the channel at the other end
 * @param flooded more came than is kept for a listener that is not there yet
 */
export function createSimChannel(clock: Clock, wire: WireEnd, other: () => SimChannel, flooded: () => void): SimChannel {
  const drained = new Emitter<void>();
  const early: Uint8Array[] = [];
  let listener: ((bytes: Uint8Array) => void) | null = null;
  let buffered = 0;
  let freeAt = 0;
  let isOpen = true;
  let isShut = false;

  /** How long it takes until the last byte of a message has left. */
  function occupy(bytes: number): number {
    freeAt = Math.max(freeAt, clock.now()) + bytes / BYTES_PER_MS;
    return freeAt - clock.now();
  }

  function sent(length: number): void {
    const before = buffered;
    buffered -= length;
    if (before > LIMITS.bufferLowBytes && buffered <= LIMITS.bufferLowBytes) drained.emit();
  }

  return {
    send(bytes) {
      if (bytes.length > LIMITS.frameBytes) throw new LlamboError('bad-request', `A message of ${bytes.length} bytes is too long for a channel.`);
      if (!isOpen) return;
      const copy = bytes.slice();
      const takes = occupy(copy.length);
      buffered += copy.length;
      clock.after(takes, () => sent(copy.length));
      wire.send(() => other().deliver(copy), takes);
    },
    bufferedBytes: () => buffered,
    onDrain: (callback) => drained.on(callback),
    onMessage(callback) {
      listener = callback;
      for (const bytes of early.splice(0)) callback(bytes);
      return () => void (listener = listener === callback ? null : listener);
    },
    deliver(bytes) {
      if (isShut) return;
      if (listener) listener(bytes);
      else if (early.push(bytes) > LIMITS.earlyFrames) flooded();
    },
    finish(last) {
      if (!isOpen) return;
      isOpen = false;
      wire.send(last, occupy(0));
      wire.close(() => undefined);
    },
    shut: () => void (isShut = true),
  };
}
