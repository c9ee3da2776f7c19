/** One link to one peer, after its handshake: typed messages both ways over a connection, bounded, closed once with a reason. */
import type { Claim, PeerMessage, Refusal } from '../protocol/messages.ts';
import type { PeerEntry } from '../protocol/peer.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { DeviceId, PeerId } from '../shared/ids.ts';
import type { ByteChannel } from './transport.ts';

/** Why a link ended. `refused`: they said why; `violation`: we closed it, and `what` they did. */
export type LinkEnd =
  | { readonly kind: 'closed' }
  | { readonly kind: 'left' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly reason: Refusal }
  | { readonly kind: 'violation'; readonly reason: Refusal; readonly what: string };

export interface PeerLink {
  readonly peer: PeerId;
  readonly device: DeviceId;
  readonly build: string;
  /** What they said of themselves, and of who leads, in the welcome. */
  readonly welcome: { readonly entry: PeerEntry; readonly claim: Claim | null };
  /** We dialled. */
  readonly outgoing: boolean;
  readonly path: string;
  /** For bulk; control never waits behind it. */
  readonly bulk: ByteChannel;
  /** Dropped if the link has ended: `onEnd` tells. Keeps the order. */
  send(message: PeerMessage): void;
  /** Bytes that wait for the network, ours and the connection's. */
  bufferedBytes(): number;
  onMessage(listener: (message: PeerMessage) => void): Unsubscribe;
  /** Called once; a listener that comes late is called at once. */
  onEnd(listener: (end: LinkEnd) => void): Unsubscribe;
  /** Says why, and closes. Idempotent: the first reason stays. */
  end(end: LinkEnd): void;
}
