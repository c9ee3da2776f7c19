/**
 * One relayed connection, once its keys are agreed: what `Connection` promises, over boxes that somebody else carries. It
 * does not know who carries them.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { Clock } from '../../shared/env.ts';
import type { EndpointId } from '../../shared/ids.ts';
import { checkFrame, createCloseNotice, createInbox } from '../transport/connection-parts.ts';
import type { RateLimit } from '../link/rate-limit.ts';
import type { Lane } from './relay-box.ts';
import type { RelayKeys } from './relay-crypto.ts';
import { createRelayReceiver } from './relay-receiver.ts';
import { createRelaySender } from './relay-sender.ts';
import type { ByteChannel, Connection } from '../transport/transport.ts';

export interface RelayLine {
  readonly clock: Clock;
  readonly remote: EndpointId;
  readonly outgoing: boolean;
  readonly keys: RelayKeys;
  readonly pace: RateLimit;
  /** Hands a sealed box to the neighbour. */
  post(sealed: Uint8Array): void;
  /** Bytes that wait in the link to the neighbour. */
  linkBufferedBytes(): number;
  /** Nothing more will be sent or heard. @param said the other end has been told, or has told us */
  hangUp(said: boolean): void;
}

export interface RelayedConnection extends Connection {
  /** A sealed box came. */
  receive(sealed: Uint8Array): void;
  /** The path is gone; what has come over it counts still. */
  lose(): void;
}

export function createRelayedConnection(line: RelayLine): RelayedConnection {
  const { clock, keys, outgoing, remote } = line;
  const notice = createCloseNotice();
  const inboxes = { control: createInbox(() => close()), bulk: createInbox(() => close()) };
  let hungUp = false;

  const sender = createRelaySender({ clock, pace: line.pace, seal: keys.seal, post: line.post, linkBufferedBytes: line.linkBufferedBytes, onFailed: onBroken });
  const receiver = createRelayReceiver({
    open: keys.open,
    onFrame: (lane, frame) => inboxes[lane].push(frame),
    onTook: sender.took,
    onConfirmed: sender.confirmed,
    onClosed() {
      hangUp(true);
      notice.tell('them');
    },
    onBroken,
  });

  function hangUp(said: boolean): void {
    if (hungUp) return;
    hungUp = true;
    sender.stop();
    receiver.stop();
    line.hangUp(said);
  }

  function shut(): void {
    inboxes.control.shut();
    inboxes.bulk.shut();
  }

  function onBroken(): void {
    hangUp(false);
    notice.tell('lost');
  }

  /** What was sent before goes first, if it goes in time; what they still say until then only confirms it. */
  function close(): void {
    if (notice.closed) return;
    shut();
    const cancel = clock.after(LIMITS.closeMs, () => hangUp(false));
    sender.finish(() => {
      cancel();
      hangUp(true);
    });
    notice.tell('us');
  }

  const channel = (lane: Lane): ByteChannel => ({
    send(bytes) {
      checkFrame(bytes);
      if (!notice.closed) sender.send(lane, bytes);
    },
    bufferedBytes: () => (notice.closed ? 0 : sender.bufferedBytes(lane)),
    onDrain: (listener) => sender.onDrain(lane, listener),
    onMessage: (listener) => inboxes[lane].onMessage(listener),
  });

  return {
    ...channel('control'),
    bulk: channel('bulk'),
    remote,
    outgoing,
    binding: keys.binding,
    onClose: (listener) => notice.onClose(listener),
    close,
    receive: receiver.receive,
    lose() {
      sender.stop();
      receiver.end();
    },
  };
}
