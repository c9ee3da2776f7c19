/**
 * What a peer does for two others: carries boxes from one link to another, one hop, within limits. It keeps no record of
 * who talks to whom but how much they may, reads nothing, and never makes a detour: what can't be carried at once is
 * answered with `relay-gone`.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { Clock } from '../../shared/env.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { createRateLimit } from '../link/rate-limit.ts';
import { createPairRates, PAIR_RATE, TOTAL_RATE } from './relay-rates.ts';

/** What is needed of a link here. */
export type RelayLink = Pick<PeerLink, 'send' | 'bufferedBytes'>;

export interface RelayCarrier {
  /** @param message whose writer is the peer at the other end of the link that it came over */
  carry(message: MessageOf<'relay'>): void;
  /** That peer's link is gone: its counts are forgotten. */
  linkEnded(peer: PeerId): void;
}

/** @param direct the direct link with a peer; null if there is none, or only a relayed one */
export function createRelayCarrier(clock: Clock, direct: (peer: PeerId) => RelayLink | null): RelayCarrier {
  const total = createRateLimit(TOTAL_RATE, clock.now());
  /** Only between peers that have links here, so there are no more than the swarm squared. */
  const pairs = createPairRates(clock, PAIR_RATE);

  return {
    carry(message) {
      const { from, to, box } = message;
      const link = direct(to);
      const refuse = (reason: MessageOf<'relay-gone'>['reason']): void => direct(from)?.send({ t: 'relay-gone', to, reason });
      if (!link) return refuse('unlinked');
      const now = clock.now();
      // The pair's first: who sends too much uses up nothing of what the others have.
      const isFree = link.bufferedBytes() <= LIMITS.relayHeldBytes && pairs.of(from, to).take(box.length, now) && total.take(box.length, now);
      if (isFree) link.send(message);
      else refuse('busy');
    },
    linkEnded: pairs.forget,
  };
}
