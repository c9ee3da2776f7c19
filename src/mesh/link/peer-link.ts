/** One link to one peer, after its handshake: typed messages both ways over a connection, bounded, closed once with a reason. */
import type { Claim, PeerMessage, Refusal } from '../../protocol/messages.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { Unsubscribe } from '../../shared/emitter.ts';
import type { DeviceId, PeerId } from '../../shared/ids.ts';
import type { ByteChannel } from '../transport/transport.ts';

/**
 * Why a link ended. `refused`: one side would not have the other, and said so. `violation`: we closed it for `what` they did.
 * `duplicate`: the same two have another link. `lost` has a `what` where it was we who gave up: they did not read.
 */
export type LinkEnd =
  | { readonly kind: 'closed' }
  | { readonly kind: 'left' }
  | { readonly kind: 'lost'; readonly what?: string }
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
  /**
   * Dropped if the link has ended: `onEnd` tells. Keeps the order, and the pace that the other side allows. What it does
   * not read waits here, up to four times `LIMITS.messageBytes`; more ends the link.
   * @throws LlamboError `bad-request` if the message is longer than `LIMITS.messageBytes`
   */
  send(message: PeerMessage): void;
  /** Bytes that wait for the network, ours and the connection's. */
  bufferedBytes(): number;
  /** What came before the first listener is kept for it. After a `leave` the link ends as `left`. */
  onMessage(listener: (message: PeerMessage) => void): Unsubscribe;
  /** Called once; a listener that comes late is called at once. */
  onEnd(listener: (end: LinkEnd) => void): Unsubscribe;
  /** Says why (`refused`, `violation` and `duplicate` have a word for it), and closes. Idempotent: the first reason stays. */
  end(end: LinkEnd): void;
}
