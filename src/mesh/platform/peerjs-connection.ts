/**
 * One WebRTC connection that PeerJS has arranged: two lanes, who we talk to, and how it ends. PeerJS never notices that
 * the other side died, so the connection's own state is watched; the heartbeat above notices sooner.
 */
import { LIMITS } from '../../protocol/limits.ts';
import { deferred } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { EndpointId } from '../../shared/ids.ts';
import { bindingOf } from '../transport/channel-binding.ts';
import { createCloseNotice } from '../transport/connection-parts.ts';
import type { ClosedBy, Connection } from '../transport/transport.ts';
import { createLane } from './peerjs-lane.ts';
import type { DataConnection } from './peerjs-lib.ts';

/** Both sides open it under this number, without telling each other: PeerJS would take an announced one for its own. */
const BULK = { negotiated: true, id: 101, ordered: true } as const;

export interface RtcConnection {
  /** @throws LlamboError `unreachable` if it ends before it is open */
  readonly opened: Promise<Connection>;
  /** Ends it now: what was sent a moment ago may still arrive. */
  cut(by: ClosedBy): void;
}

/** @param onGone it is over, and its resources are free */
export function createRtcConnection(conn: DataConnection, outgoing: boolean, clock: Clock, onGone: () => void): RtcConnection {
  const rtc = conn.peerConnection;
  const notice = createCloseNotice();
  const opening = deferred<Connection>();
  const [control, bulk] = [createLane(() => cut('us')), createLane(() => cut('us'))];
  const bulkChannel = rtc.createDataChannel('bulk', BULK);
  let cancelFailed: (() => void) | null = null;
  let cancelClosing: (() => void) | null = null;
  let started = false;
  let gone = false;

  // It would close at once; the machine at the other end may only have slept.
  rtc.oniceconnectionstatechange = null;
  rtc.addEventListener('connectionstatechange', () => {
    cancelFailed?.();
    cancelFailed = rtc.connectionState === 'failed' ? clock.after(LIMITS.failedMs, () => cut('lost')) : null;
  });
  bulkChannel.binaryType = 'arraybuffer';
  bulkChannel.onmessage = ({ data }) => bulk.arrived(data);
  bulkChannel.onopen = start;
  rtc.addEventListener('signalingstatechange', start);
  conn.on('open', start);
  conn.on('data', (data) => control.arrived(data));
  conn.on('close', () => cut(rtc.connectionState === 'failed' ? 'lost' : 'them'));

  function start(): void {
    // The page may hear of an open channel before it hears that the descriptions behind it are in place.
    if (started || !conn.open || bulkChannel.readyState !== 'open' || rtc.signalingState !== 'stable') return;
    const channel = conn.dataChannel;
    const binding = bindingOf(rtc.localDescription?.sdp ?? '', rtc.remoteDescription?.sdp ?? '');
    if (!binding) return refuse('it does not say which certificate it has');
    if (!channel.ordered || channel.maxRetransmits !== null || channel.maxPacketLifeTime !== null) return refuse('its channel may lose messages');
    started = true;
    control.attach(channel);
    bulk.attach(bulkChannel);
    opening.resolve({
      ...control.face,
      bulk: bulk.face,
      remote: conn.peer as EndpointId,
      outgoing,
      binding,
      onClose: (listener) => notice.onClose(listener),
      close,
    });
  }

  function refuse(why: string): void {
    opening.reject(new LlamboError('unreachable', `The connection to ${conn.peer} is none of ours: ${why}.`));
    cut('us');
  }

  /** Lets what was sent arrive. The channels close in turn: the other side ends everything with the first of them. */
  function close(): void {
    if (gone || notice.closed) return;
    cancelClosing = clock.after(LIMITS.closeMs, () => cut('us'));
    control.seal();
    bulk.finish(() => control.finish(() => cut('us')));
    notice.tell('us');
  }

  function cut(by: ClosedBy): void {
    if (gone) return;
    gone = true;
    cancelFailed?.();
    cancelClosing?.();
    for (const lane of [control, bulk]) lane.shut();
    conn.close();
    onGone();
    opening.reject(new LlamboError('unreachable', `No connection to ${conn.peer} came about.`));
    notice.tell(by);
  }

  return { opened: opening.promise, cut };
}
