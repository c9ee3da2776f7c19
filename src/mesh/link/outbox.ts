/**
 * What waits to be sent over one connection: in order, no faster than the other side allows (an honest peer must never be
 * taken for a flood), and no more than the network takes. It knows frames, not messages.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { Clock } from '../../shared/env.ts';
import { createRateLimit } from './rate-limit.ts';
import type { ByteChannel } from '../transport/transport.ts';

export interface Outbox {
  /** @returns false if more waits than may: the other side does not read. Nothing was taken then. */
  push(frames: readonly Uint8Array[]): boolean;
  /** Bytes that wait here and in the channel. */
  bufferedBytes(): number;
  /** Sends no more. @param flush hand what waits to the channel first */
  close(flush: boolean): void;
}

/** Below what the receiver counts: clocks differ a little, and packets that left evenly may arrive together. */
const SHARE = 0.98;
const BURST_SECONDS = 3;

/** Whoever must wait waits at least this long: a few messages at a time, not a timer for each. */
const STEP_MS = 20;

const MOST_BYTES = 4 * LIMITS.messageBytes;

export function createOutbox(channel: ByteChannel, clock: Clock): Outbox {
  const pace = createRateLimit(
    { messagesPerSecond: SHARE * LIMITS.linkMessagesPerSecond, bytesPerSecond: SHARE * LIMITS.linkBytesPerSecond, burstSeconds: BURST_SECONDS },
    clock.now(),
  );
  /** Between `next` and the end; cut now and then, so that taking the first is cheap. */
  let waiting: Uint8Array[] = [];
  let next = 0;
  let waitingBytes = 0;
  let cancelTimer: (() => void) | null = null;
  let closed = false;

  const unsubscribe = channel.onDrain(pump);

  const isFull = (): boolean => channel.bufferedBytes() > LIMITS.bufferHighBytes;

  function pump(): void {
    // A channel may report the drain within `send`, so the next frame is chosen anew each time.
    while (!closed && next < waiting.length && cancelTimer === null && !isFull()) {
      const frame = waiting[next]!;
      if (pace.take(frame.length, clock.now())) {
        next += 1;
        waitingBytes -= frame.length;
        channel.send(frame);
      } else {
        cancelTimer = clock.after(Math.max(STEP_MS, pace.waitMs(frame.length, clock.now())), () => {
          cancelTimer = null;
          pump();
        });
      }
    }
    if (next === waiting.length || next > 1024) {
      waiting = waiting.slice(next);
      next = 0;
    }
  }

  return {
    push(frames) {
      const bytes = frames.reduce((sum, { length }) => sum + length, 0);
      if (waitingBytes + bytes > MOST_BYTES) return false;
      waiting.push(...frames);
      waitingBytes += bytes;
      pump();
      return true;
    },
    bufferedBytes: () => waitingBytes + channel.bufferedBytes(),
    close(flush) {
      if (closed) return;
      closed = true;
      cancelTimer?.();
      unsubscribe();
      if (flush) for (const frame of waiting.slice(next)) channel.send(frame);
      waiting = [];
      next = 0;
      waitingBytes = 0;
    },
  };
}
