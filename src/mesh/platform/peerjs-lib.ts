/**
 * PeerJS 1.5.5, tamed: loaded when it is needed (it makes a WebRTC connection as soon as it is imported), bytes only, and
 * deaf to whatever a server or a stranger may use it for. Owns one object of it: one id at one server.
 */
import type { DataConnection, Peer, PeerError } from 'peerjs';
import type { IceServer, SignallingServer } from '../../protocol/signalling.ts';
import type { EndpointId } from '../../shared/ids.ts';
import { parseSignal } from './peerjs-signals.ts';

export type { DataConnection, Peer } from 'peerjs';

export interface RtcSettings {
  /** Asked for each connection: credentials are renewed. */
  iceServers(): readonly IceServer[];
  /** `relay` hides everybody's address from everybody, and needs a TURN server. */
  readonly iceTransportPolicy: 'all' | 'relay';
}

export interface PeerEvents {
  /** The server has us under our id. */
  opened(): void;
  /** It is over, or never began. `kind` as PeerJS has it. */
  ended(kind: string, message: string): void;
  /** Whether somebody may dial us now. */
  admits(): boolean;
  dialled(connection: DataConnection): void;
  /** Nobody has the id that we called. */
  absent(id: EndpointId): void;
}

export interface PeerAtServer {
  readonly peer: Peer;
  /** Asks the server for an echo. `opened` is called when it comes, because a server that still has our old socket
   *  says nothing else to the new one. */
  probe(): void;
}

export interface PeerFactory {
  create(id: EndpointId, token: string, server: SignallingServer, rtc: RtcSettings, events: PeerEvents): PeerAtServer;
}

/** Label of the channel; the other side doesn't look at it. */
const PROBE = 'probe';

export async function loadPeerjs(): Promise<PeerFactory> {
  const { Peer, BufferedConnection } = await import('peerjs');

  /** Hands over what comes, and leaves sending to us. PeerJS asks for a class. */
  class BytesConnection extends BufferedConnection {
    override readonly serialization = 'raw';
    override _initializeDataChannel(channel: RTCDataChannel): void {
      // Whoever opens more channels would put them in the place of the first.
      if (this.dataChannel) channel.close();
      else super._initializeDataChannel(channel);
    }
    override async handleMessage(message: Parameters<DataConnection['handleMessage']>[0]): Promise<void> {
      // It fails if the connection was closed in the meantime.
      await super.handleMessage(message).catch(() => undefined);
    }
    protected override _handleDataMessage({ data }: MessageEvent): void {
      this.emit('data', data);
    }
    protected override _send(): void {
      throw new Error('Send on the channel.');
    }
  }
  const serializers = { raw: BytesConnection, json: BytesConnection, binary: BytesConnection, 'binary-utf8': BytesConnection, default: BytesConnection };

  return {
    create(id, token, { host, port, path, secure, key }, { iceServers, iceTransportPolicy }, events) {
      // PeerJS keeps this object and hands it to each new connection.
      const config: RTCConfiguration = {
        get iceServers() {
          return iceServers().map((server) => ({ ...server }));
        },
        iceTransportPolicy,
      };
      const peer = new Peer(id, { host, port, path, secure, key, token, config, serializers, debug: 0 });
      guard(peer, id, events);
      peer.on('open', () => events.opened());
      peer.on('connection', (connection) => events.dialled(connection));
      peer.on('disconnected', () => events.ended('network', 'the connection to it was lost'));
      peer.on('error', ({ type, message }: PeerError<string>) => {
        // The others are about single connections, which know it themselves.
        if (!['webrtc', 'peer-unavailable', 'disconnected'].includes(type)) events.ended(type, message);
      });
      const echo = { type: 'CANDIDATE', dst: id, payload: { type: 'data', connectionId: PROBE, candidate: { candidate: '' } } };
      return { peer, probe: () => peer.socket.send(echo) };
    },
  };
}

/** Stands between the server's messages and PeerJS. */
function guard(peer: Peer, id: EndpointId, events: PeerEvents): void {
  const inside = peer as unknown as { _handleMessage(message: unknown): void };
  const pass = inside._handleMessage.bind(peer);
  inside._handleMessage = (value) => {
    const signal = parseSignal(value);
    if (!signal) return;
    if (signal.type === 'EXPIRE') return events.absent(signal.src);
    if (signal.type === 'CANDIDATE' && signal.src === id && signal.payload.connectionId === PROBE) return events.opened();
    if ('src' in signal) {
      const known = peer.getConnection(signal.src, signal.payload.connectionId) !== null;
      if (signal.type === 'OFFER' ? known || !events.admits() : !known) return;
    }
    try {
      pass(signal);
    } catch {
      // The page has as many WebRTC connections as the browser gives it: this caller is out of luck.
    }
  };
}
