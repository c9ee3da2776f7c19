/** What a leader does: counts ticks, keeps the roster and hands it out, judges who is gone, settles rival claims. */
import { LIMITS } from '../../protocol/limits.ts';
import type { Claim, MessageOf } from '../../protocol/messages.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { DeviceId, PeerId } from '../../shared/ids.ts';
import type { CoreParts } from './core-parts.ts';
import { outranks } from './election.ts';
import { createJudge } from './judge.ts';
import { createQuorum } from './quorum.ts';
import { hasRoomFor } from './room-left.ts';

export interface Reign {
  /** The version that those with a direct link were given. */
  readonly pushed: number;
  /** @param provisional elected by less than a majority. Who takes over a part that was cut off leads it provisionally anyway */
  begin(claim: Claim, provisional: boolean, now: number): void;
  /** A term that nobody used, for this peer: it needs no vote. */
  open(now: number): void;
  tick(now: number): void;
  /** Twice a second: who is there? */
  review(now: number): void;
  linked(entry: PeerEntry, now: number): void;
  status(message: MessageOf<'status'>, now: number): void;
  left(peer: PeerId, now: number): void;
  /** A silent link was dropped. */
  silent(peer: PeerId): void;
  /** Hands out what is new, now and then. */
  push(now: number): void;
  /** These devices may not be in. Whoever leads buries them; whoever follows one of them follows nobody. */
  bar(devices: ReadonlySet<DeviceId>, now: number): void;
}

/** A vote's outcome stands this long, until members have had time to be heard of. */
const GRACE_MS = 2 * LIMITS.beatMs;

export function createReign(parts: CoreParts): Reign {
  const { self, own, leadership, roster, liveness } = parts;
  const judge = createJudge();
  const quorum = createQuorum(parts);
  let pushed = 0;
  let pushedAt = 0;
  let beatAt = 0;
  let barred: ReadonlySet<DeviceId> = new Set();

  function expel(now: number): void {
    for (const { peer, device } of [...roster.entries()]) {
      if (!barred.has(device) || peer === self) continue;
      if (liveness.get(peer)) parts.drop(peer, 'removed', now);
      const entry = roster.bury(peer, 'removed', now);
      if (entry) parts.went(entry, 'removed', now);
    }
  }

  function begin(claim: Claim, provisional: boolean, now: number): void {
    const goesOn = leadership.leading;
    const stone = roster.tombstone(self);
    if (stone && stone.incarnation >= own.entry.incarnation) own.rise(stone.incarnation);
    const isCutOff = quorum.begin(now);
    leadership.lead(claim, provisional || isCutOff, now);
    roster.lead(now);
    roster.take(own.entry);
    expel(now);
    if (!goesOn) judge.begin(now);
    beatAt = now + LIMITS.beatMs;
    pushed = 0;
    parts.flood();
    handOut(now);
    parts.changed();
  }

  function open(now: number): void {
    begin({ term: leadership.freshTerm(), rank: own.entry.rank, leader: self }, false, now);
  }

  function handOut(now: number): void {
    const { claim } = leadership;
    if (!claim) return;
    const message = roster.since(pushed, claim);
    for (const { peer } of liveness.all()) parts.send(peer, message);
    if (pushed !== roster.version) parts.changed();
    pushed = roster.version;
    pushedAt = now;
  }

  /** The one that wins the comparison opens a higher term; if it does not, because it is gone, the other does. */
  function settleRival(now: number): void {
    const { claim, rival, rivalSince, provisional } = leadership;
    if (!claim || !rival || rival.term < claim.term) return;
    const wins = rival.term > claim.term ? !provisional : outranks(claim, rival);
    if (wins || now - rivalSince >= LIMITS.voteMs) open(now);
  }

  /** Everybody may come in who is not barred, until there are too many. @returns false if it may not */
  function admit(entry: PeerEntry, now: number): boolean {
    if (!barred.has(entry.device) && hasRoomFor(entry.peer, parts)) return true;
    if (liveness.get(entry.peer)) parts.drop(entry.peer, 'removed', now);
    return false;
  }

  function take(entry: PeerEntry): void {
    const outcome = roster.take(entry);
    if (outcome === 'new') parts.came(entry);
    if (outcome === 'new' || outcome === 'changed') return parts.changed();
    const stone = roster.tombstone(entry.peer);
    const { claim } = leadership;
    // It does not know that it was taken for dead: once told, it comes back under another incarnation.
    if (outcome === 'stale' && claim && stone && stone.incarnation >= entry.incarnation && liveness.get(entry.peer)) {
      parts.send(entry.peer, roster.since(0, claim));
    }
  }

  /** Its own word arrived, in a handshake or through others: it lives, and the links that it lists are there. */
  function believe(peer: PeerId): void {
    judge.heard(peer);
    if (roster.has(peer)) judge.confirm(peer);
  }

  return {
    get pushed() { return pushed; },
    begin,
    open,
    tick(now) {
      if (now >= beatAt) {
        leadership.beat();
        beatAt = Math.max(beatAt + LIMITS.beatMs, now + LIMITS.beatMs / 2);
      }
      settleRival(now);
    },
    review(now) {
      const world = { self, live: liveness.live(), get: roster.get, entries: roster.entries() };
      const dead = judge.judge(world, now);
      // Asked before they are buried: only who has most of them may forget the rest.
      const isMost = quorum.hasMost(judge.reached, now);
      for (const peer of dead) {
        const entry = roster.bury(peer, 'dead', now);
        if (entry) parts.went(entry, 'dead', now);
        if (!isMost) quorum.missed(peer, now);
      }
      if (isMost === leadership.provisional && (isMost || now - leadership.acceptedAt >= GRACE_MS)) {
        leadership.setProvisional(!isMost);
        parts.changed();
      }
    },
    linked(entry, now) {
      if (!admit(entry, now) || !leadership.claim) return;
      take(entry);
      believe(entry.peer);
      parts.send(entry.peer, roster.since(0, leadership.claim));
    },
    status({ entry }, now) {
      if (!admit(entry, now)) return;
      take(entry);
      believe(entry.peer);
      quorum.follows(entry.peer);
    },
    left(peer, now) {
      quorum.left(peer);
      const entry = roster.bury(peer, 'left', now);
      if (entry) parts.went(entry, 'left', now);
    },
    silent: judge.silent,
    push(now) {
      if (roster.version > pushed && now - pushedAt >= LIMITS.statusMs) handOut(now);
    },
    bar(devices, now) {
      barred = devices;
      const leader = leadership.claim && roster.get(leadership.claim.leader);
      if (leadership.leading) expel(now);
      else if (leader && devices.has(leader.device)) leadership.doubt(now, 0);
    },
  };
}
