/** Keeps this peer's links and doors as they should be: dials what is missing, ends what nobody needs, holds a door if it is its turn. */
import type { PeerEntry } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { CoreParts, LinkState } from './core-parts.ts';
import type { CoreEffect } from './core-types.ts';
import { createDoorPlan } from './door-plan.ts';
import { deputyOf } from './election.ts';
import { planLinks, type Plan } from './topology.ts';

export interface Upkeep {
  /** Twice a second. */
  tick(now: number): void;
  linked(entry: PeerEntry): void;
  /** @param said the other side said that it goes, or that it will not have us */
  unlinked(peer: PeerId, now: number, said: boolean): void;
  want(peer: PeerId, now: number): void;
  door(door: number, state: 'held' | 'taken' | 'unreachable' | 'lost'): void;
  /** Doors that this peer holds. The same array until that changes. */
  doors(): readonly number[];
}

/** A link that somebody wanted stays this long after it was last used; so does a new one, before it is judged. */
const KEEP_MS = 60_000;

interface Planned {
  readonly edition: number;
  readonly members: ReadonlySet<PeerId>;
  readonly leader: PeerId | null;
  readonly deputy: PeerId | null;
  readonly links: Plan;
}

export function createUpkeep(parts: CoreParts, out: (effect: CoreEffect) => void): Upkeep {
  const { self, leadership, roster, liveness, redial } = parts;
  const doorPlan = createDoorPlan(self);
  /** What those at the other ends said of themselves: the roster may not have them yet. */
  const acquaintances = new Map<PeerId, PeerEntry>();
  const wants = new Map<PeerId, number>();
  let planned: Planned | null = null;

  /** Changes with the roster and the leader only; to make it takes sorting. */
  function plan(): Planned {
    const leader = leadership.claim?.leader ?? null;
    const { edition } = roster;
    if (planned?.edition === edition && planned.leader === leader) return planned;
    const deputy = deputyOf(roster.entries(), leader);
    const members = roster.ids();
    const isSame = planned?.members === members && planned.leader === leader && planned.deputy === deputy;
    const links = isSame && planned ? planned.links : planLinks({ self, members, leader, deputy });
    planned = { edition, members, leader, deputy, links };
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
    if (wanted.has(peer) || wants.has(peer) || now - linkedAt < KEEP_MS || leader === null || !leadership.leaseLives(now)) return false;
    const isHeld = leader === self || liveness.get(leader)?.suspect === false;
    return isHeld && (roster.get(peer)?.links.includes(leader) ?? false);
  }

  return {
    tick(now) {
      if (leadership.claim) {
        dial(now);
        const { wanted } = plan().links;
        for (const link of liveness.all()) if (isSurplus(link, wanted, now)) parts.drop(link.peer, 'surplus', now);
      } else for (const effect of redial.due([], () => true, now)) out(effect);
      roster.prune(now);
      if (!leadership.claim || !roster.has(self)) return;
      const { leader } = leadership.claim;
      for (const effect of doorPlan.due({ self, leader, deputy: plan().deputy, entries: roster.entries() }, now)) out(effect);
    },
    linked: (entry) => void acquaintances.set(entry.peer, entry),
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
