/**
 * How much a tab gives to others, over all its nodes: its person may share two of four slots. What its own person asks there is not
 * counted. An offer belongs to a peer and is on each of its nodes' views; the ledger counts the guests, the roster takes the nodes of
 * a tab that gives no more off the shelves.
 */
import type { PeerId } from '../../../shared/ids.ts';
import type { NodeFacts } from '../../types.ts';

export interface Offer {
  readonly peer: PeerId;
  /** Slots that may work for others at once; Infinity: as many as its nodes have. */
  most: number;
  /** Tasks of others that this leader knows there. */
  guests: number;
  /** As `guests` when it was last looked at. */
  seen: number;
  /** What the tab itself says of its guests, as far as it can be believed: others gave them before this leader came. */
  floor: number;
  releasedAt: number;
  /** Its nodes are off the shelves: for its own person only. */
  closed: boolean;
}

/** What a tab says of its guests is older than what we know by up to this: it may count some that have ended since. */
const LATE_MS = 1000;

export const newOffer = (peer: PeerId): Offer => ({ peer, most: Infinity, guests: 0, seen: 0, floor: 0, releasedAt: -Infinity, closed: false });

/** The tab's own word has come. */
export function heard(offer: Offer, { guestSlots, guestBusy }: NodeFacts, now: number): void {
  offer.most = guestSlots ?? Infinity;
  const busy = guestBusy ?? 0;
  offer.floor = now - offer.releasedAt >= LATE_MS ? busy : Math.min(offer.floor, busy);
}

/** Whether it gives no more to others now. Notices guests that have gone since it was last asked. */
export function isSpent(offer: Offer, now: number): boolean {
  const gone = offer.seen - offer.guests;
  if (gone > 0) {
    offer.floor = Math.max(0, offer.floor - gone);
    offer.releasedAt = now;
  }
  offer.seen = offer.guests;
  return Math.max(offer.guests, offer.floor) >= offer.most;
}
