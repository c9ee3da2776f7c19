/**
 * The sending half of a relayed connection: cuts frames into pieces, seals one after the other, and lets them go as fast
 * as three allow: the other end (a window of what it has not yet confirmed), the neighbour that carries (a pace), and our
 * link to that neighbour (what waits there). Control goes before bulk, piece by piece.
 */
import { LIMITS } from '../../protocol/limits.ts';
import { Emitter, type Unsubscribe } from '../../shared/emitter.ts';
import type { Clock } from '../../shared/env.ts';
import type { RateLimit } from '../link/rate-limit.ts';
import { boxChars, costOf, packPart, PIECE_BYTES, type Lane, type Part } from './relay-box.ts';

export interface RelaySenderDeps {
  readonly clock: Clock;
  /** Of everything that we send to that peer through that neighbour. */
  readonly pace: RateLimit;
  seal(plain: Uint8Array): Promise<Uint8Array>;
  post(sealed: Uint8Array): void;
  /** Bytes that wait in the link to the neighbour. */
  linkBufferedBytes(): number;
  onFailed(): void;
}

export interface RelaySender {
  /** Takes a copy. */
  send(lane: Lane, frame: Uint8Array): void;
  bufferedBytes(lane: Lane): number;
  onDrain(lane: Lane, listener: () => void): Unsubscribe;
  /** So much of theirs has arrived here. */
  took(bytes: number): void;
  /** So much of ours has arrived there, they say. */
  confirmed(bytes: number): void;
  /** Sends what waits, then that nothing more comes; calls back when that is done. */
  finish(done: () => void): void;
  /** Sends no more. */
  stop(): void;
}

/** How long to wait before looking again whether the link has room. */
const STEP_MS = 20;
/** Bulk leaves room in the window, so that control need not wait for a round trip. */
const BULK_WINDOW_BYTES = LIMITS.relayWindowBytes / 2;

interface Queue {
  pieces: { readonly bytes: Uint8Array; readonly last: boolean }[];
  bytes: number;
  /** It was above the low mark: somebody may wait for the drain. */
  filled: boolean;
  readonly drained: Emitter<void>;
}

const createQueue = (): Queue => ({ pieces: [], bytes: 0, filled: false, drained: new Emitter() });

export function createRelaySender({ clock, pace, seal, post, linkBufferedBytes, onFailed }: RelaySenderDeps): RelaySender {
  const queues = { control: createQueue(), bulk: createQueue() };
  let unconfirmed = 0;
  let untold = 0;
  let finishing: (() => void) | null = null;
  let closeSent = false;
  let sealing = false;
  let stopped = false;
  let cancelTimer: (() => void) | null = null;

  /** Of what waits in the link, no more than what is ours. */
  const bufferedBytes = (lane: Lane): number => queues[lane].bytes + Math.min(unconfirmed, linkBufferedBytes());

  function lookAgain(ms: number): void {
    cancelTimer ??= clock.after(Math.max(STEP_MS, ms), () => {
      cancelTimer = null;
      void pump();
    });
  }

  /** The next part that there is, whether or not it may go. */
  function first(): Part | null {
    if (untold > 0) return { kind: 'took', bytes: untold };
    for (const lane of ['control', 'bulk'] as const) {
      const [piece] = queues[lane].pieces;
      const room = lane === 'control' ? LIMITS.relayWindowBytes : BULK_WINDOW_BYTES;
      if (piece && unconfirmed < room) return { kind: 'piece', lane, ...piece };
    }
    const isEmpty = queues.control.pieces.length + queues.bulk.pieces.length === 0;
    return isEmpty && finishing && !closeSent ? { kind: 'close' } : null;
  }

  /** Takes it off; null if it must wait, and then a timer is set. Whoever waits for the window is woken by `confirmed`. */
  function next(): Uint8Array | null {
    const part = first();
    if (!part) return null;
    if (part.kind === 'piece' && linkBufferedBytes() > LIMITS.bufferHighBytes) {
      lookAgain(STEP_MS);
      return null;
    }
    const plain = packPart(part);
    const chars = boxChars(plain.length);
    if (!pace.take(chars, clock.now())) {
      lookAgain(pace.waitMs(chars, clock.now()));
      return null;
    }
    if (part.kind === 'took') untold = 0;
    else if (part.kind === 'close') closeSent = true;
    else {
      unconfirmed += costOf(part.bytes);
      queues[part.lane].pieces.shift();
      queues[part.lane].bytes -= part.bytes.length;
    }
    return plain;
  }

  async function pump(): Promise<void> {
    if (sealing || stopped) return;
    sealing = true;
    try {
      for (let plain = next(); plain; plain = next()) {
        const sealed = await seal(plain);
        if (stopped) return;
        post(sealed);
        tellDrained();
      }
      if (closeSent) finishing?.();
    } catch {
      onFailed();
    } finally {
      sealing = false;
    }
    tellDrained();
  }

  function tellDrained(): void {
    for (const lane of ['control', 'bulk'] as const) {
      const queue = queues[lane];
      if (stopped || !queue.filled) continue;
      if (bufferedBytes(lane) <= LIMITS.bufferLowBytes) {
        queue.filled = false;
        queue.drained.emit();
      } else if (queue.pieces.length === 0) lookAgain(STEP_MS);
    }
  }

  function push(lane: Lane, frame: Uint8Array): void {
    const queue = queues[lane];
    const whole = frame.slice();
    for (let start = 0; start === 0 || start < whole.length; start += PIECE_BYTES) {
      const end = start + PIECE_BYTES;
      queue.pieces.push({ bytes: whole.subarray(start, end), last: end >= whole.length });
    }
    queue.bytes += whole.length;
    queue.filled ||= bufferedBytes(lane) > LIMITS.bufferLowBytes;
  }

  return {
    bufferedBytes,
    onDrain: (lane, listener) => queues[lane].drained.on(listener),
    send(lane, frame) {
      if (stopped || finishing) return;
      push(lane, frame);
      void pump();
    },
    took(bytes) {
      untold += bytes;
      void pump();
    },
    confirmed(bytes) {
      unconfirmed = Math.max(0, unconfirmed - bytes);
      void pump();
    },
    finish(done) {
      finishing ??= done;
      void pump();
    },
    stop() {
      stopped = true;
      cancelTimer?.();
      for (const queue of Object.values(queues)) queue.pieces = [];
    },
  };
}
