/** What a follower does: tells the leader of itself, hands on what others tell, copies the roster and repairs it from neighbours. */
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { CoreParts, LinkState } from './core-parts.ts';
import { isSameClaim } from './election.ts';

export interface Following {
  /** A new leader was accepted: it hears of this peer at once. */
  begin(now: number): void;
  tick(now: number): void;
  /** Tells the leader if there is anything to tell. */
  tell(now: number): void;
  /** Somebody's own entry, on its way to the leader. */
  forward(from: PeerId, message: MessageOf<'status'>): void;
  /** The roster came, or a part of it. */
  roster(message: MessageOf<'roster'>, now: number): void;
  asked(from: PeerId, message: MessageOf<'roster?'>): void;
  /** A neighbour's beat shows a later roster. */
  behind(link: LinkState): void;
}

/** A leader that has no link with us may miss what we said: for a while after its election it hears it again. */
const CONFIRM_MS = 4 * LIMITS.beatMs;

export function createFollowing(parts: CoreParts): Following {
  const { self, own, leadership, roster, liveness, redial } = parts;
  let toldAt = -Infinity;
  let told = own.entry;
  let confirmed = false;
  let pullFrom: PeerId | null = null;
  let pulledAt = -Infinity;

  const isLive = (peer: PeerId | null): peer is PeerId => peer !== null && liveness.get(peer)?.suspect === false;

  /** The neighbour through which the leader is reached: itself, or the one that heard of it last. */
  function towardsLeader(): PeerId | null {
    const { claim, via } = leadership;
    if (!claim || claim.leader === self) return null;
    if (isLive(claim.leader)) return claim.leader;
    if (isLive(via)) return via;
    let best: { peer: PeerId; tick: number } | null = null;
    for (const { peer, beat, suspect } of liveness.all()) {
      if (suspect || !beat || !isSameClaim(beat.claim, claim) || beat.tick <= (best?.tick ?? -1)) continue;
      best = { peer, tick: beat.tick };
    }
    return best?.peer ?? null;
  }

  function tell(now: number): void {
    const { entry } = own;
    const known = roster.version > 0 ? roster.get(self) : undefined;
    const isKnown = known?.incarnation === entry.incarnation && known.revision === entry.revision;
    if (isKnown && confirmed) return;
    if (now - toldAt < (told === entry ? LIMITS.beatMs : LIMITS.statusMs)) return;
    const to = towardsLeader();
    if (to === null) return;
    parts.send(to, { t: 'status', entry, hops: 0 });
    toldAt = now;
    told = entry;
    confirmed ||= to === leadership.claim?.leader || now - leadership.acceptedAt >= CONFIRM_MS;
  }

  function pull(now: number): void {
    const { claim } = leadership;
    const link = pullFrom === null ? undefined : liveness.get(pullFrom);
    if (!claim || !link?.beat || link.beat.roster <= roster.version) pullFrom = null;
    if (!claim || pullFrom === null || now - pulledAt < LIMITS.beatMs / 2) return;
    parts.send(pullFrom, { t: 'roster?', term: claim.term, have: roster.version });
    pulledAt = now;
    pullFrom = null;
  }

  return {
    begin(now) {
      toldAt = -Infinity;
      confirmed = false;
      pulledAt = -Infinity;
      tell(now);
    },
    tick(now) {
      if (pullFrom !== null) pull(now);
      tell(now);
    },
    tell,
    forward(from, { entry, hops }) {
      const to = towardsLeader();
      if (to !== null && to !== from && to !== entry.peer && hops < LIMITS.hops) parts.send(to, { t: 'status', entry, hops: hops + 1 });
    },
    roster(message, now) {
      if (leadership.leading || !isSameClaim(message.claim, leadership.claim)) return;
      const { changed, came, gone, ownTombstone } = roster.apply(message, now);
      if (!changed) return;
      for (const entry of message.entries) redial.found(entry.peer);
      for (const entry of came) parts.came(entry);
      for (const { entry, reason } of gone) parts.went(entry, reason, now);
      if (ownTombstone && ownTombstone.incarnation >= own.entry.incarnation) {
        own.rise(ownTombstone.incarnation);
        tell(now);
      }
      parts.changed();
    },
    asked(from, { term, have }) {
      const { claim } = leadership;
      if (claim && term === claim.term && roster.version > have) parts.send(from, roster.since(have, claim));
    },
    behind(link) {
      pullFrom = link.peer;
    },
  };
}
