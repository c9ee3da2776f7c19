/**
 * How bytes get from one tab to another. A transport knows neither peers nor messages: it gives connections between
 * endpoints, and says who is gone. WebRTC (`peerjs-transport`), tabs of one browser (`broadcast-transport`) and the
 * simulated network (`testing/sim-network`) satisfy it and pass one suite, `testing/transport-suite.ts`.
 */
import type { Unsubscribe } from '../../shared/emitter.ts';
import type { LlamboError } from '../../shared/errors.ts';
import type { EndpointId } from '../../shared/ids.ts';

export interface Transport {
  /** `webrtc`, `broadcast`, `simulated`: for people and logs. */
  readonly kind: string;
  /**
   * Comes up: can dial and be dialled from then on.
   * @throws LlamboError `unreachable` (no signalling server answers; the message names each that was tried and why),
   *   `unsupported` (this browser lacks it), `aborted`
   */
  open(options?: { signal?: AbortSignal }): Promise<Endpoint>;
}

export interface Endpoint {
  /** Fresh with every `open`. Starts with the transport's letter, so that others know whom to ask: `w-…`, `b-…`, `s-…`. */
  readonly id: EndpointId;
  /** Every id under which it can be dialled, the best first; several where several transports work together. `ids[0]` is `id`. */
  readonly ids: readonly EndpointId[];
  /** True if this transport leads to an endpoint of that name: judged by its letter. */
  leadsTo(id: EndpointId): boolean;
  /**
   * @throws LlamboError `unreachable` (nobody holds that id, or no path leads there), `timeout` (`LIMITS.dialMs`), `aborted`
   */
  dial(to: EndpointId, options?: { signal?: AbortSignal }): Promise<Connection>;
  /**
   * Takes a well-known id beside our own, so that newcomers who know only that find us.
   * @throws LlamboError `busy` if somebody else holds it, `unreachable` without signalling, `aborted`
   */
  hold(door: EndpointId, options?: { signal?: AbortSignal }): Promise<Door>;
  /** Somebody dialled us, at our own id or at a door. */
  onConnection(listener: (connection: Connection) => void): Unsubscribe;
  /** Whether newcomers can find us now. Connections outlive the loss of signalling. */
  signalling(): 'up' | 'down';
  /** Also when `ids` became more. */
  onSignalling(listener: (state: 'up' | 'down') => void): Unsubscribe;
  /** Why not every way is open that should be: what to tell the person. Absent or null if nothing is known to be wrong. */
  problem?(): LlamboError | null;
  /** Closes every connection and door. Idempotent. */
  close(): void;
}

export interface Door {
  readonly id: EndpointId;
  /** The id is no longer ours (signalling was lost, or somebody took it). Called once. */
  onLost(listener: () => void): Unsubscribe;
  /** Frees the id. Idempotent. */
  release(): void;
}

/** Ordered, reliable messages of bytes. A message is whole or not there. */
export interface ByteChannel {
  /**
   * Sends one message of at most `LIMITS.frameBytes`. What is sent on a closed channel is dropped: `onClose` tells.
   * @throws LlamboError `bad-request` if the message is longer
   */
  send(bytes: Uint8Array): void;
  /** Bytes that wait here for the network. */
  bufferedBytes(): number;
  /** `bufferedBytes` fell to `LIMITS.bufferLowBytes` or below. */
  onDrain(listener: () => void): Unsubscribe;
  /** One listener; messages that came before it are kept, up to `LIMITS.earlyFrames`, and more closes the connection. */
  onMessage(listener: (bytes: Uint8Array) => void): Unsubscribe;
}

export type ClosedBy =
  /** `close()` was called here. */
  | 'us'
  /** The other side closed it, or its tab went away and could say so. */
  | 'them'
  /** The path is gone: the transport gave up, or the tab died in silence and the transport noticed. */
  | 'lost';

export interface Connection extends ByteChannel {
  /** What the other side calls itself, if the transport knows. */
  readonly remote: EndpointId;
  /** True if we dialled. */
  readonly outgoing: boolean;
  /**
   * The same bytes at both ends of this connection and of no other: for WebRTC both DTLS fingerprints, sorted. The
   * handshake signs them, so that whoever carries the signalling can't sit in between (RFC 5929's idea of channel binding).
   */
  readonly binding: Uint8Array;
  /** A second channel for bulk (model weights), so that control never waits behind it. */
  readonly bulk: ByteChannel;
  /** Called once. A listener that comes late is called at once. */
  onClose(listener: (by: ClosedBy) => void): Unsubscribe;
  /** Idempotent. What was sent before is still delivered if the other side is there. */
  close(): void;
}
