/** Keeps this peer's links and doors as they should be: dials what is missing, ends what nobody needs, holds a door if it is its turn. */
import type { PeerEntry } from '../../protocol/peer.ts';
import type { Topology } from '../../protocol/policy.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { CoreParts, LinkState } from './core-parts.ts';
import type { CoreEffect } from './core-types.ts';
import { createDoorPlan } from './door-plan.ts';
import { deputyOf } from './election.ts';
import { planLinks, type Plan } from './topology.ts';

export interface Upkeep {
  /** Twice a second. */
  tick(now: number): void;
  linked(entry: PeerEntry, now: number): void;
  /** @param said the other side said that it goes, or that it will not have us */
  unlinked(peer: PeerId, now: number, said: boolean): void;
  want(peer: PeerId, now: number): void;
  door(door: number, state: 'held' | 'taken' | 'unreachable' | 'lost'): void;
  /** Doors that this peer holds. The same array until that changes. */
  doors(): readonly number[];
}

/** A link that somebody wanted stays this long after it was last used; so does a new one, before it is judged. */
const KEEP_MS = 60_000;

/**
 * A link that was ended because nobody here needs it, and is there again so soon, is needed at the other end: that one has not heard
 * yet of what was decided, or is of a build that can't. It stays for long, else it would come and go.
 */
const RETURN_MS = 10_000;
const RETURNED_MS = 10 * 60_000;

/** What was decided about links reaches everybody within seconds: until then nobody ends what others still want. */
const SPREAD_MS = 10_000;

interface Planned {
  readonly edition: number;
  readonly members: ReadonlySet<PeerId>;
  readonly leader: PeerId | null;
  readonly deputy: PeerId | null;
  readonly topology: Topology;
  readonly links: Plan;
}

export function createUpkeep(parts: CoreParts, out: (effect: CoreEffect) => void): Upkeep {
  const { self, leadership, roster, liveness, redial } = parts;
  const doorPlan = createDoorPlan(self);
  /** What those at the other ends said of themselves: the roster may not have them yet. */
  const acquaintances = new Map<PeerId, PeerEntry>();
  const wants = new Map<PeerId, number>();
  /** Whose link was ended because nobody here needs it, a moment ago; and until when one stays that came back. */
  const ended = new Map<PeerId, number>();
  const returned = new Map<PeerId, number>();
  let planned: Planned | null = null;
  let decided = { topology: parts.topology, at: -Infinity };

  /** Changes with the roster and the leader only; to make it takes sorting. */
  function plan(): Planned {
    const leader = leadership.claim?.leader ?? null;
    const { edition } = roster;
    const { topology } = parts;
    if (planned?.edition === edition && planned.leader === leader && planned.topology === topology) return planned;
    const deputy = deputyOf(roster.entries(), leader);
    const members = roster.ids();
    const isSame = planned?.members === members && planned.leader === leader && planned.deputy === deputy && planned.topology === topology;
    const links = isSame && planned ? planned.links : planLinks({ self, members, leader, deputy, topology });
    planned = { edition, members, leader, deputy, topology, links };
    return planned;
  }

  function dial(now: number): void {
    const { deputy, links: { wanted, neighbours } } = plan();
    const missing: PeerEntry[] = [];
    const look = (peer: PeerId): void => {
      const entry = liveness.get(peer) ? undefined : roster.get(peer);
      if (entry && entry.endpoints.length > 0) missing.push(entry);
    };
    wanted.forEach(look);
    for (const [peer, until] of wants) {
      if (now > until) wants.delete(peer);
      else if (!wanted.has(peer)) look(peer);
    }
    const isHub = leadership.leading || deputy === self;
    for (const effect of redial.due(missing, (peer) => isHub || neighbours(peer).includes(self), now)) out(effect);
  }

  /** Not needed, not used, and not what holds anybody in the swarm. */
  function isSurplus({ peer, linkedAt }: LinkState, wanted: ReadonlySet<PeerId>, now: number): boolean {
    const leader = leadership.claim?.leader ?? null;
    if (now - decided.at < SPREAD_MS) return false;
    if (wanted.has(peer) || wants.has(peer) || (returned.get(peer) ?? 0) > now || now - linkedAt < KEEP_MS || leader === null || !leadership.leaseLives(now)) return false;
    const isHeld = leader === self || liveness.get(leader)?.suspect === false;
    return isHeld && (roster.get(peer)?.links.includes(leader) ?? false);
  }

  function end(peer: PeerId, now: number): void {
    parts.drop(peer, 'surplus', now);
    ended.set(peer, now + RETURN_MS);
  }

  return {
    tick(now) {
      if (decided.topology !== parts.topology) decided = { topology: parts.topology, at: now };
      for (const times of [ended, returned]) for (const [peer, until] of times) if (now > until) times.delete(peer);
      if (leadership.claim) {
        dial(now);
        const { wanted } = plan().links;
        for (const link of liveness.all()) if (isSurplus(link, wanted, now)) end(link.peer, now);
      } else for (const effect of redial.due([], () => true, now)) out(effect);
      roster.prune(now);
      if (!leadership.claim || !roster.has(self)) return;
      const { leader } = leadership.claim;
      for (const effect of doorPlan.due({ self, leader, deputy: plan().deputy, entries: roster.entries() }, now)) out(effect);
    },
    linked(entry, now) {
      acquaintances.set(entry.peer, entry);
      if (ended.has(entry.peer)) returned.set(entry.peer, now + RETURNED_MS);
    },
    unlinked(peer, now, said) {
      const entry = acquaintances.get(peer);
      acquaintances.delete(peer);
      if (said) return redial.failed(peer, now);
      redial.unlinked(peer, now);
      // Before the roster came, or after it was taken for dead while we still had a link.
      if (entry && !roster.has(peer)) redial.lost(entry, now);
    },
    want: (peer, now) => void wants.set(peer, now + KEEP_MS),
    door(door, state) {
      const { changed, effects } = doorPlan.became(door, state, roster.entries());
      effects.forEach(out);
      if (changed) parts.changed();
    },
    doors: doorPlan.held,
  };
}
