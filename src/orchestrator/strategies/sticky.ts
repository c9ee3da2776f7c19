/**
 * Shortest completion, that counts the prompt's cached beginning: a conversation's next turn goes to the node that served the
 * last one, if that makes it sooner. Bounded, so that many conversations can't overload one node: not if the node would
 * be above 1.25 times the mean load (the bound of Mirrokni, Thorup and Zadimoghaddam, "Consistent hashing with bounded
 * loads", SODA 2018).
 */
import type { Address } from '../../shared/ids.ts';
import { completionMs, LOOK_AT } from './shortest-completion.ts';
import { cheapest, rankBySpeed, type Candidate, type Pool, type Strategy } from './strategy.ts';

/** A node may have this many times the mean load. */
export const LOAD_BOUND = 1.25;
/** Of a conversation's prompt, what the turn before left in the cache: all but the last question, by rule of thumb. */
const CACHED_SHARE = 0.8;
/** Conversations that are remembered: the ones used last. Each takes some hundred bytes. */
export const REMEMBERED = 8192;

/** Whether it may take one more: its slots' share of all that runs, and this one, times the bound; rounded up, so that one always may. */
const withinBound = (candidate: Candidate, pool: Pool): boolean =>
  candidate.occupied + 1 <= Math.max(1, Math.ceil(LOAD_BOUND * pool.utilisation * candidate.slots));

export function createSticky(): Strategy {
  /** In order of use, the oldest first. */
  const homes = new Map<string, Address>();

  function remember(affinity: string, address: Address): void {
    homes.delete(affinity);
    homes.set(affinity, address);
    const [oldest] = homes.keys();
    if (homes.size > REMEMBERED && oldest !== undefined) homes.delete(oldest);
  }

  return {
    name: 'sticky',
    blind: false,
    rank: rankBySpeed,
    choose(demand, pool) {
      const { affinity, promptTokens } = demand;
      const other = cheapest(pool.best(LOOK_AT), (candidate) => completionMs(candidate, demand, promptTokens));
      if (affinity === null || !other) return other;
      const address = homes.get(affinity);
      const home = address === undefined ? null : pool.get(address);
      const fresh = promptTokens * (1 - CACHED_SHARE);
      const isSooner = home && withinBound(home, pool) && completionMs(home, demand, fresh) <= completionMs(other, demand, promptTokens);
      const chosen = isSooner ? home : other;
      remember(affinity, chosen.address);
      return chosen;
    },
  };
}
