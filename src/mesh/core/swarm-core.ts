/**
 * The swarm's mind: who is in, who leads, whom to be linked with. One deterministic machine: events in, effects out, time
 * as an argument, no timers, no I/O. `mesh.ts` feeds it from links and carries out what it wants; the simulation does the
 * same with thousands of histories. This file hands each event to the part that knows what to do.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { Claim } from '../../protocol/messages.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import { DEFAULT_TOPOLOGY } from '../../protocol/policy.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createBallot, electorateOf } from './ballot.ts';
import { createCoreView } from './core-view.ts';
import type { CoreParts } from './core-parts.ts';
import type { CoreEffect, CoreEvent, CoreMessage, SwarmCore, SwarmCoreDeps } from './core-types.ts';
import { createRedial } from './redial.ts';
import { deputyOf } from './election.ts';
import { createFollowing } from './following.ts';
import { createGossip } from './gossip.ts';
import { createLeadership } from './leadership.ts';
import { createLiveness } from './liveness.ts';
import { createRoster } from './membership.ts';
import { createOwnEntry } from './own-entry.ts';
import { isAlone } from './quorum.ts';
import { createReign } from './reign.ts';
import { hasRoomFor } from './room-left.ts';
import { createSpared } from './spared.ts';
import { createUpkeep } from './upkeep.ts';

export type * from './core-types.ts';

/** A leader that goes names who follows; so long the others wait for that one before they elect. */
const SUCCESSION_MS = 1_500;

export function createSwarmCore(deps: SwarmCoreDeps): SwarmCore {
  const { random, identity: { peer: self } } = deps;
  let effects: CoreEffect[] = [];
  let now = deps.now;
  let [tickedAt, ticks]: [number | null, number] = [null, 0];
  let [isOver, hasChanged] = [false, true];

  const own = createOwnEntry(deps);
  const leadership = createLeadership(self, now);
  const roster = createRoster(self);
  const liveness = createLiveness(self, random);
  const redial = createRedial(self, random);
  const send = (to: PeerId, message: CoreMessage): void => void effects.push({ type: 'send', to, message });
  const spared = createSpared();
  const isLive = (peer: PeerId): boolean => liveness.get(peer)?.suspect === false;
  const parts: CoreParts = {
    self, own, leadership, roster, liveness, redial, send, topology: DEFAULT_TOPOLOGY,
    sendBeat: (to, marks) => send(to, { t: 'beat', ...marks, ...gossip.says() }),
    flood(except) {
      for (const { peer } of liveness.all()) if (peer !== except) parts.sendBeat(peer);
    },
    drop(peer, reason, at, what) {
      effects.push({ type: 'drop', peer, reason, ...(what === undefined ? {} : { what }) });
      forget(peer, at, false);
    },
    tell: (event) => void effects.push({ type: 'tell', event }),
    changed: () => void (hasChanged = true),
    came({ peer, name }) {
      redial.found(peer);
      if (!spared.remove(peer)) parts.tell({ type: 'joined', peer, name });
    },
    went(entry, reason, at) {
      if (reason === 'dead' && spared.add(entry, isLive(entry.peer), at)) return;
      if (reason === 'dead' && !liveness.get(entry.peer)) redial.lost(entry, at);
      parts.changed();
      parts.tell({ type: 'left', peer: entry.peer, name: entry.name, reason });
    },
  };
  const reign = createReign(parts);
  const following = createFollowing(parts);
  const upkeep = createUpkeep(parts, (effect) => void effects.push(effect));
  const view = createCoreView(parts, spared, () => (leadership.leading ? Math.max(reign.pushed, 1) : roster.version));
  const ballot = createBallot({
    self, random, leadership, send,
    electorate: () => electorateOf(parts),
    win: (claim, provisional) => reign.begin(claim, provisional, now),
  });
  const gossip = createGossip(parts, () => (leadership.leading ? reign.pushed : roster.version), () => {
    ballot.cancel();
    following.begin(now);
  });

  // --- Links

  function linked(peer: PeerId, entry: PeerEntry, claim: Claim | null): void {
    if (peer === self) return;
    if (claim === null && leadership.claim === null && liveness.size === 0) leadership.doubt(now, LIMITS.leaseMs);
    liveness.remove(peer);
    liveness.add(peer, now);
    redial.linked(peer);
    upkeep.linked(entry, now);
    // Whoever follows somebody waits for the first beat, which says more.
    if (claim && leadership.claim === null) gossip.hear(peer, { claim, tick: 0, provisional: false }, now);
    if (leadership.leading) reign.linked(entry, now);
    if (liveness.get(peer)) parts.sendBeat(peer);
    parts.changed();
  }

  /** The link is no more, for whatever reason. */
  function forget(peer: PeerId, at: number, said: boolean): void {
    if (!liveness.remove(peer)) return;
    ballot.gone(peer);
    upkeep.unlinked(peer, at, said);
    parts.changed();
  }

  function left(peer: PeerId, successor: PeerId | null): void {
    forget(peer, now, true);
    if (leadership.leading) reign.left(peer, now);
    else {
      const entry = roster.hide(peer, now);
      if (entry) parts.went(entry, 'left', now);
    }
    redial.found(peer);
    parts.changed();
    if (leadership.claim?.leader !== peer) return;
    if (successor === self) reign.open(now);
    else leadership.doubt(now, successor === null ? 0 : SUCCESSION_MS);
  }

  function message(from: PeerId, received: CoreMessage): void {
    const link = liveness.get(from);
    // A message that crossed the end of its link.
    if (!link) return;
    const crime = gossip.violation(from, received);
    if (crime !== null) return parts.drop(from, 'violation', now, crime);
    if (liveness.heard(link, now)) parts.changed();
    switch (received.t) {
      case 'beat':
        if (gossip.heard(link, received, now)) following.behind(link);
        return;
      case 'vote?':
        ballot.asked(from, received, now);
        if (leadership.claim && received.claim.term <= leadership.claim.term) gossip.correct(link, now);
        return;
      case 'vote':
        return ballot.answered(from, received, now);
      case 'leave':
        return left(from, received.successor);
      case 'status':
        if (received.entry.peer === self) return;
        return leadership.leading ? reign.status(received, now) : following.forward(from, received);
      case 'roster':
        return following.roster(received, now);
      case 'roster?':
        return following.asked(from, received);
    }
  }

  // --- Time

  /** This machine slept: whatever it knew of who leads and who is alive is of yesterday. */
  function noticeSleep(): void {
    if (tickedAt === null || now - tickedAt <= LIMITS.gapMs) return;
    tickedAt = now;
    liveness.forgive(now);
    ballot.cancel();
    leadership.doubt(now, LIMITS.beatMs);
    parts.changed();
  }

  function tick(): void {
    tickedAt = now;
    ticks += 1;
    const { suspected, dead } = liveness.check(now);
    if (suspected.length > 0) parts.changed();
    for (const peer of suspected) parts.tell({ type: 'suspect', peer });
    for (const peer of dead) {
      parts.drop(peer, 'silent', now);
      reign.silent(peer);
    }
    for (const entry of spared.due(isLive, now)) parts.went(entry, 'dead', now);
    leadership.settle(now);
    if (leadership.leading) reign.tick(now);
    else if (isAlone(parts)) reign.open(now);
    else if (leadership.claim || liveness.size > 0) ballot.tick(now);
    if (!leadership.leading) following.tick(now);
    if (ticks % 2 === 0 && leadership.leading) reign.review(now);
    for (const link of liveness.all()) {
      const ping = liveness.pingDue(link, now);
      if (ping !== null) parts.sendBeat(link.peer, { ping });
    }
    if (ticks % 2 === 1) upkeep.tick(now);
  }

  function leave(): void {
    const live = new Set(liveness.live());
    const heirs = [...roster.entries()].filter(({ peer }) => live.has(peer));
    const successor = leadership.leading ? deputyOf(heirs, self) : null;
    for (const { peer } of liveness.all()) send(peer, { t: 'leave', successor, term: leadership.claim?.term ?? 0 });
    isOver = true;
  }

  function finish(): void {
    if (own.update(liveness.live(), upkeep.doors(), now)) {
      if (leadership.leading) roster.take(own.entry);
      parts.changed();
    }
    if (leadership.leading) reign.push(now);
    else if (hasChanged) following.tell(now);
    for (const event of view.news(hasChanged, now)) parts.tell(event);
    hasChanged = false;
  }

  function take(event: CoreEvent): void {
    switch (event.type) {
      case 'tick':
        return tick();
      case 'linked':
        return linked(event.peer, event.entry, event.claim);
      case 'unlinked':
        return event.reason === 'left' ? left(event.peer, null) : forget(event.peer, now, event.reason === 'refused');
      case 'message':
        return message(event.from, event.message);
      case 'dial failed':
        return redial.failed(event.peer, now);
      case 'door':
        return upkeep.door(event.door, event.state);
      case 'want link':
        return upkeep.want(event.peer, now);
      case 'bar':
        return reign.bar(event.devices, now);
      case 'topology':
        return void (parts.topology = event.topology);
      case 'self':
        return own.change(event.change);
      case 'leave':
        return leave();
    }
  }

  return {
    handle(event, at) {
      if (isOver) return [];
      effects = [];
      now = Math.max(now, at);
      noticeSleep();
      take(event);
      if (!isOver) finish();
      return effects;
    },
    view: () => view.current(),
    introduce: () => ({ entry: own.entry, claim: leadership.claim }),
    refuses: (peer) => (hasRoomFor(peer, parts) ? null : 'full'),
    obeys: leadership.obeys,
  };
}
