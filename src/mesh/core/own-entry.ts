/** What this peer says of itself: one entry, with a revision that grows with each change. */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { SelfFacts, SwarmCoreDeps } from './core-types.ts';
import { mayLead, rankOf } from './election.ts';

export interface OwnEntry {
  readonly entry: PeerEntry;
  readonly facts: SelfFacts;
  change(facts: Partial<SelfFacts>): void;
  /** @returns true if the entry is a new one */
  update(links: readonly PeerId[], doors: readonly number[], now: number): boolean;
  /** Back from the dead: counts as another coming, above that incarnation. */
  rise(above: number): void;
}

/** A tab that is looked at or left a moment later is no more and no less fit to lead: its rank, and with it the deputy, stays a while. */
const RANK_MS = 30_000;

export function createOwnEntry({ identity, facts: first, now: start, wallTime }: SwarmCoreDeps): OwnEntry {
  let facts = first;
  let changed = false;
  let rankedAt = start;
  let links: readonly PeerId[] = [];
  let doors: readonly number[] = [];
  const joinedAt = Math.max(0, Math.floor(wallTime));
  let entry: PeerEntry = Object.freeze({
    peer: identity.peer,
    device: identity.device,
    // A tab that left and joins again is remembered as gone: this coming must count as a later one. A clock that was set
    // back meanwhile is answered by `rise`.
    incarnation: joinedAt + 1,
    revision: 1,
    joinedAt,
    rank: rankOf(facts, 0),
    doors: [],
    links: [],
    ...shownOf(facts),
  });

  function rank(now: number): number {
    const fresh = rankOf(facts, now - start);
    if (fresh === entry.rank || (now - rankedAt < RANK_MS && mayLead(fresh) === mayLead(entry.rank))) return entry.rank;
    rankedAt = now;
    return fresh;
  }

  return {
    get entry() { return entry; },
    get facts() { return facts; },
    change(update) {
      facts = { ...facts, ...update };
      changed = true;
    },
    update(newLinks, newDoors, now) {
      const newRank = rank(now);
      if (!changed && newLinks === links && newDoors === doors && newRank === entry.rank) return false;
      const sorted = newLinks === links ? entry.links : [...newLinks].sort().slice(0, LIMITS.peers);
      const isSame = !changed && newRank === entry.rank && same(sorted, entry.links) && same(newDoors, entry.doors);
      [links, doors, changed] = [newLinks, newDoors, false];
      if (isSame) return false;
      entry = Object.freeze({ ...entry, ...shownOf(facts), rank: newRank, links: sorted, doors: [...newDoors], revision: entry.revision + 1 });
      return true;
    },
    rise(above) {
      entry = Object.freeze({ ...entry, incarnation: Math.max(above, entry.incarnation) + 1 });
    },
  };
}

/** The part of the facts that others may know, within the bounds of the protocol. */
function shownOf({ name, endpoints, visible, nodes, sharing }: SelfFacts): Pick<PeerEntry, 'name' | 'endpoints' | 'visible' | 'nodes' | 'sharing'> {
  return {
    name: name.slice(0, LIMITS.nameChars),
    endpoints: endpoints.slice(0, LIMITS.endpoints),
    visible,
    nodes: nodes.slice(0, LIMITS.nodes),
    sharing,
  };
}

const same = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index]);
