/**
 * One connection between two tabs of a browser, over a `BroadcastChannel` that only they know. A BroadcastChannel takes
 * everything at once, so each message is counted until the other side says that it has come: that is what waits.
 */
import { LIMITS } from '../../protocol/limits.ts';
import { Emitter } from '../../shared/emitter.ts';
import type { Clock } from '../../shared/env.ts';
import type { EndpointId } from '../../shared/ids.ts';
import { checkFrame, createCloseNotice, createInbox } from '../transport/connection-parts.ts';
import type { ByteChannel, ClosedBy, Connection } from '../transport/transport.ts';
import { versioned, type BroadcastWord } from './broadcast-messages.ts';

/** Arrivals are told in portions: an answer to each token would double the messages. What is left is told a little later. */
const ACK_BYTES = 32 * 1024;
const ACK_MS = 20;
/** A few heartbeats hold nobody up, and each message between tabs goes through the browser's own process: they are told after seconds. */
const FEW_MS = 5000;
const FEW_BYTES = 4 * 1024;

export interface BroadcastLine {
  readonly clock: Clock;
  readonly remote: EndpointId;
  readonly outgoing: boolean;
  readonly binding: Uint8Array;
  post(message: unknown): void;
  /** Nothing more will be sent or heard. */
  hangUp(): void;
}

export interface BroadcastConnection extends Connection {
  heard(word: BroadcastWord | null): void;
  end(by: ClosedBy): void;
}

export function createBroadcastConnection(line: BroadcastLine): BroadcastConnection {
  const notice = createCloseNotice();
  const violation = (): void => close('us');
  const channels = [createLane(line, 0, violation), createLane(line, 1, violation)] as const;

  function close(by: ClosedBy): void {
    if (notice.closed) return;
    // Whatever waits goes now: the other side has memory for it, and nobody asks for more.
    for (const lane of channels) lane.close(by === 'us');
    if (by === 'us') line.post(versioned({ type: 'close' }));
    line.hangUp();
    notice.tell(by);
  }

  return {
    ...channels[0].face,
    bulk: channels[1].face,
    remote: line.remote,
    outgoing: line.outgoing,
    binding: line.binding,
    onClose: (listener) => notice.onClose(listener),
    close: () => close('us'),
    end: close,
    heard(word) {
      if (notice.closed) return;
      if (word?.type === 'data') channels[word.channel].arrived(word.bytes);
      else if (word?.type === 'ack') channels[word.channel].told(word.count);
      else close(word?.type === 'close' ? 'them' : 'us');
    },
  };
}

interface Lane {
  readonly face: ByteChannel;
  arrived(bytes: Uint8Array): void;
  told(count: number): void;
  close(flush: boolean): void;
}

/** One of the two channels, with a window of its own: what waits in one never holds up the other. */
function createLane({ clock, post }: BroadcastLine, channel: 0 | 1, onFlood: () => void): Lane {
  const inbox = createInbox(onFlood);
  const drained = new Emitter<void>();
  let queue: Uint8Array<ArrayBuffer>[] = [];
  let queued = 0;
  let underway = 0;
  let untold = 0;
  let telling: { readonly soon: boolean; cancel(): void } | null = null;
  let open = true;

  const waiting = (): number => queued + underway;

  function pump(all = false): void {
    while (queue.length > 0 && (all || underway < LIMITS.bufferHighBytes)) {
      const bytes = queue.shift()!;
      queued -= bytes.length;
      underway += bytes.length;
      post(versioned({ type: 'data', channel, bytes }));
    }
  }

  function tell(): void {
    telling?.cancel();
    telling = null;
    if (untold > 0) post(versioned({ type: 'ack', channel, count: untold }));
    untold = 0;
  }

  function tellLater(): void {
    const soon = untold >= FEW_BYTES;
    if (telling && (telling.soon || !soon)) return;
    telling?.cancel();
    telling = { soon, cancel: clock.after(soon ? ACK_MS : FEW_MS, tell) };
  }

  return {
    face: {
      send(bytes) {
        checkFrame(bytes);
        if (!open) return;
        // A copy: the caller may write over it, and a view would bring the whole buffer behind it along.
        queue.push(new Uint8Array(bytes));
        queued += bytes.length;
        pump();
      },
      bufferedBytes: waiting,
      onDrain: (listener) => drained.on(listener),
      onMessage: (listener) => inbox.onMessage(listener),
    },
    arrived(bytes) {
      untold += bytes.length;
      if (untold >= ACK_BYTES) tell();
      else if (untold > 0) tellLater();
      inbox.push(bytes);
    },
    told(count) {
      const before = waiting();
      underway = Math.max(0, underway - count);
      pump();
      if (before > LIMITS.bufferLowBytes && waiting() <= LIMITS.bufferLowBytes) drained.emit();
    },
    close(flush) {
      if (flush) pump(true);
      open = false;
      queue = [];
      queued = 0;
      underway = 0;
      telling?.cancel();
      inbox.shut();
    },
  };
}
