/**
 * Typed messages over one connection, before anybody knows who is at the other end. It owns the codec, the limits of what
 * may come in, the pace of what goes out, and the end, which comes once and with a reason. The handshake pulls messages
 * from it one by one; after that a peer link listens.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import type { Unsubscribe } from '../../shared/emitter.ts';
import type { Clock } from '../../shared/env.ts';
import { createDecoder, encode } from './codec.ts';
import { createOutbox } from './outbox.ts';
import type { LinkEnd } from './peer-link.ts';
import { createRateLimit } from './rate-limit.ts';
import type { ClosedBy, Connection } from '../transport/transport.ts';

export interface Wire {
  /** As `PeerLink.send`. */
  send(message: PeerMessage): void;
  bufferedBytes(): number;
  /** The next message; pending for ever if the wire ends before: race it with `onEnd`. One call at a time. */
  next(): Promise<PeerMessage>;
  /** From now on all messages go there, those that were kept first. What comes before is kept, within bounds. */
  receive(receiver: (message: PeerMessage) => void): void;
  /** As `PeerLink.onEnd`. */
  onEnd(listener: (end: LinkEnd) => void): Unsubscribe;
  /** As `PeerLink.end`. */
  end(end: LinkEnd): void;
}

const INCOMING = { messagesPerSecond: LIMITS.linkMessagesPerSecond, bytesPerSecond: LIMITS.linkBytesPerSecond, burstSeconds: LIMITS.linkBurstSeconds };

const closedBy: Readonly<Record<ClosedBy, LinkEnd>> = { us: { kind: 'closed' }, them: { kind: 'closed' }, lost: { kind: 'lost' } };

/** What to tell the other side at an end; null: nothing, the closing says it. */
function lastWord(end: LinkEnd): PeerMessage | null {
  switch (end.kind) {
    case 'refused':
    case 'violation':
      return { t: 'refuse', reason: end.reason };
    case 'duplicate':
      return { t: 'refuse', reason: 'duplicate' };
    case 'closed':
    case 'left':
    case 'lost':
    case 'silent':
      return null;
  }
}

export function createWire(connection: Connection, clock: Clock): Wire {
  const decode = createDecoder();
  const allowance = createRateLimit(INCOMING, clock.now());
  const outbox = createOutbox(connection, clock);
  const endListeners = new Set<(end: LinkEnd) => void>();
  let receiver: ((message: PeerMessage) => void) | null = null;
  const subscriptions: Unsubscribe[] = [];
  let kept: { readonly message: PeerMessage; readonly bytes: number }[] = [];
  /** Bytes of the message that is arriving. */
  let arriving = 0;
  let ended: LinkEnd | null = null;

  function finish(end: LinkEnd, say: PeerMessage | null): void {
    if (ended) return;
    ended = end;
    subscriptions.forEach((stop) => stop());
    outbox.close(end.kind === 'left' || end.kind === 'closed');
    if (say) encode(say).forEach((frame) => connection.send(frame));
    connection.close();
    receiver = null;
    kept = [];
    const listeners = [...endListeners];
    endListeners.clear();
    for (const listener of listeners) listener(end);
  }

  const end = (reason: LinkEnd): void => finish(reason, lastWord(reason));

  function onFrame(frame: Uint8Array): void {
    if (ended) return;
    if (!allowance.take(frame.length, clock.now())) return end({ kind: 'violation', reason: 'flood', what: 'more than a link may carry' });
    const parsed = decode(frame);
    arriving += frame.length;
    if (parsed === null) return;
    const bytes = arriving;
    arriving = 0;
    if (parsed.kind === 'malformed') end({ kind: 'violation', reason: 'protocol', what: parsed.what });
    else if (parsed.kind === 'message') onMessage(parsed.message, bytes);
  }

  function onMessage(message: PeerMessage, bytes: number): void {
    if (message.t === 'refuse') {
      finish(message.reason === 'duplicate' ? { kind: 'duplicate' } : { kind: 'refused', reason: message.reason }, null);
    } else if (receiver) {
      deliver(receiver, message);
    } else if (kept.length >= LIMITS.earlyFrames || kept.reduce((sum, early) => sum + early.bytes, bytes) > LIMITS.messageBytes) {
      end({ kind: 'violation', reason: 'flood', what: 'messages that nobody waits for' });
    } else {
      kept.push({ message, bytes });
    }
  }

  function deliver(to: (message: PeerMessage) => void, message: PeerMessage): void {
    to(message);
    // Whatever a peer says after its farewell, it does not count.
    if (message.t === 'leave') end({ kind: 'left' });
  }

  function receive(to: (message: PeerMessage) => void): void {
    receiver = to;
    const early = kept;
    kept = [];
    // The receiver may make room for another, or end the wire, while it is called.
    for (const entry of early) {
      if (receiver === to) deliver(to, entry.message);
      else if (!ended) kept.push(entry);
    }
  }

  // In this order: what a closed connection still holds counts before its end does.
  subscriptions.push(connection.onMessage(onFrame));
  subscriptions.push(connection.onClose((by) => finish(closedBy[by], null)));

  return {
    send(message) {
      if (ended) return;
      if (!outbox.push(encode(message))) end({ kind: 'lost', what: 'the other side does not read' });
    },
    bufferedBytes: () => outbox.bufferedBytes(),
    next: () =>
      new Promise((resolve) =>
        receive((message) => {
          receiver = null;
          resolve(message);
        }),
      ),
    receive,
    onEnd(listener) {
      if (ended) {
        listener(ended);
        return () => undefined;
      }
      const entry = (reason: LinkEnd): void => listener(reason);
      endListeners.add(entry);
      return () => void endListeners.delete(entry);
    },
    end,
  };
}
