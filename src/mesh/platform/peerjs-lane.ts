/** One `RTCDataChannel` as a `ByteChannel`: holds back what the channel should not buffer, and knows nothing of connections. */
import { LIMITS } from '../../protocol/limits.ts';
import { Emitter } from '../../shared/emitter.ts';
import { checkFrame, createInbox } from '../transport/connection-parts.ts';
import type { ByteChannel } from '../transport/transport.ts';

export interface Lane {
  readonly face: ByteChannel;
  /** The channel is open. */
  attach(channel: RTCDataChannel): void;
  arrived(data: unknown): void;
  /** From now on nothing more is taken or heard. What waits still goes. */
  seal(): void;
  /** Sends what waits, closes the channel, and calls back when the other side has it all. */
  finish(onDone: () => void): void;
  /** Drops everything. */
  shut(): void;
}

/** @param onViolation something came that is no message of ours, or too much of it */
export function createLane(onViolation: () => void): Lane {
  const inbox = createInbox(onViolation);
  const drained = new Emitter<void>();
  let queue: Uint8Array<ArrayBuffer>[] = [];
  let queued = 0;
  let channel: RTCDataChannel | null = null;
  let open = true;
  let finishing = false;
  let full = false;

  const waiting = (): number => queued + (channel?.bufferedAmount ?? 0);

  function pump(): void {
    while (queue.length > 0 && channel?.readyState === 'open' && channel.bufferedAmount < LIMITS.bufferHighBytes) {
      const bytes = queue.shift()!;
      queued -= bytes.length;
      channel.send(bytes);
    }
    if (finishing && queue.length === 0) channel?.close();
  }

  function seal(): void {
    open = false;
    inbox.shut();
  }

  function drain(): void {
    pump();
    if (!full || waiting() > LIMITS.bufferLowBytes) return;
    full = false;
    drained.emit();
  }

  return {
    face: {
      send(bytes) {
        checkFrame(bytes);
        if (!open) return;
        queue.push(new Uint8Array(bytes));
        queued += bytes.length;
        pump();
        full ||= waiting() > LIMITS.bufferLowBytes;
      },
      bufferedBytes: waiting,
      onDrain: (listener) => drained.on(listener),
      onMessage: (listener) => inbox.onMessage(listener),
    },
    attach(opened) {
      channel = opened;
      channel.bufferedAmountLowThreshold = LIMITS.bufferLowBytes;
      channel.addEventListener('bufferedamountlow', drain);
      pump();
    },
    arrived(data) {
      if (!open) return;
      if (data instanceof ArrayBuffer && data.byteLength <= LIMITS.frameBytes) inbox.push(new Uint8Array(data));
      else onViolation();
    },
    seal,
    finish(onDone) {
      seal();
      finishing = true;
      if (!channel || channel.readyState === 'closed') return onDone();
      channel.addEventListener('close', onDone, { once: true });
      pump();
    },
    shut() {
      seal();
      queue = [];
      queued = 0;
    },
  };
}
