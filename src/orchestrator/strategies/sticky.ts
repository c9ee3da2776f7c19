/**
 * Shortest completion, that counts the prompt's cached beginning: a conversation's next turn goes to the node that served the
 * last one, if that makes it sooner. Bounded, so that many conversations can't overload one node: not if the node would
 * be above 1.25 times the mean load (the bound of Mirrokni, Thorup and Zadimoghaddam, "Consistent hashing with bounded
 * loads", SODA 2018). The mean is that of the nodes that it would go to else: in a swarm of phones and servers the fast ones are
 * above the mean of all whenever anything runs, and no conversation could stay with one.
 */
import type { Address } from '../../shared/ids.ts';
import { completionMs, LOOK_AT, soonest } from './shortest-completion.ts';
import { rankBySpeed, type Candidate, type Strategy } from './strategy.ts';

/** A node may have this many times the mean load. */
export const LOAD_BOUND = 1.25;
/** Of a conversation's prompt, what the turn before left in the cache: all but the last question, by rule of thumb. */
const CACHED_SHARE = 0.8;
/** Conversations that are remembered: the ones used last. Each takes some hundred bytes. */
export const REMEMBERED = 8192;

/** Whether it may take one more: its slots' share of what runs on these, and this one, times the bound; rounded up, so that one always may. */
function withinBound(home: Candidate, others: readonly Candidate[]): boolean {
  let [occupied, slots] = [home.occupied + 1, home.slots];
  for (const other of others) {
    if (other === home) continue;
    occupied += other.occupied;
    slots += other.slots;
  }
  return home.occupied + 1 <= Math.ceil((LOAD_BOUND * occupied * home.slots) / slots);
}

interface Home {
  readonly affinity: string;
  address: Address;
  older: Home | null;
  newer: Home | null;
}

/** A map and a list: a map alone, whose entries are taken out and put in again at each use, walks over the gaps to find its oldest. */
function createHomes() {
  const homes = new Map<string, Home>();
  let oldest: Home | null = null;
  let newest: Home | null = null;

  function unlink(home: Home): void {
    if (home.older) home.older.newer = home.newer;
    else oldest = home.newer;
    if (home.newer) home.newer.older = home.older;
    else newest = home.older;
  }

  function append(home: Home): void {
    home.older = newest;
    home.newer = null;
    if (newest) newest.newer = home;
    else oldest = home;
    newest = home;
  }

  return {
    get: (affinity: string): Home | null => homes.get(affinity) ?? null,
    /** @param known what `get` gave */
    set(affinity: string, address: Address, known: Home | null): void {
      const home = known ?? { affinity, address, older: null, newer: null };
      home.address = address;
      if (known) unlink(known);
      else homes.set(affinity, home);
      append(home);
      if (homes.size <= REMEMBERED || !oldest) return;
      homes.delete(oldest.affinity);
      unlink(oldest);
    },
  };
}

export function createSticky(): Strategy {
  const homes = createHomes();

  return {
    name: 'sticky',
    blind: false,
    rank: rankBySpeed,
    choose(demand, pool) {
      const { affinity, promptTokens } = demand;
      const best = pool.best(LOOK_AT);
      const other = soonest(demand, pool, best, promptTokens);
      if (affinity === null || !other) return other;
      const last = homes.get(affinity);
      const home = last && pool.get(last.address);
      const fresh = promptTokens * (1 - CACHED_SHARE);
      const isSooner = home && withinBound(home, best) && completionMs(home, demand, fresh) <= completionMs(other, demand, promptTokens);
      const chosen = isSooner ? home : other;
      homes.set(affinity, chosen.address, last);
      return chosen;
    },
  };
}
