/** How much goes from one peer to another through a third: the third counts it, and the first keeps below that count. */
import { LIMITS } from '../../protocol/limits.ts';
import type { Clock } from '../../shared/env.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createRateLimit, type Rate, type RateLimit } from '../link/rate-limit.ts';

/** Of one pair in one direction, as the peer that carries counts it. */
export const PAIR_RATE: Rate = {
  messagesPerSecond: LIMITS.relayPairMessagesPerSecond,
  bytesPerSecond: LIMITS.relayPairBytesPerSecond,
  burstSeconds: LIMITS.relayBurstSeconds,
};

/** Of all pairs together. */
export const TOTAL_RATE: Rate = {
  messagesPerSecond: LIMITS.relayMessagesPerSecond,
  bytesPerSecond: LIMITS.relayBytesPerSecond,
  burstSeconds: LIMITS.relayBurstSeconds,
};

/** Below what is counted, because boxes that left evenly may arrive together. */
const SHARE = 0.9;
/** What the writer keeps to. */
export const PACE: Rate = {
  messagesPerSecond: SHARE * PAIR_RATE.messagesPerSecond,
  bytesPerSecond: SHARE * PAIR_RATE.bytesPerSecond,
  burstSeconds: PAIR_RATE.burstSeconds - 1,
};

export interface PairRates {
  of(one: PeerId, other: PeerId): RateLimit;
  forget(peer: PeerId): void;
}

export function createPairRates(clock: Clock, rate: Rate): PairRates {
  const pairs = new Map<PeerId, Map<PeerId, RateLimit>>();
  return {
    of(one, other) {
      const others = pairs.get(one) ?? new Map<PeerId, RateLimit>();
      const limit = others.get(other) ?? createRateLimit(rate, clock.now());
      pairs.set(one, others.set(other, limit));
      return limit;
    },
    forget(peer) {
      pairs.delete(peer);
      for (const others of pairs.values()) others.delete(peer);
    },
  };
}
