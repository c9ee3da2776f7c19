/**
 * The leader's judgement of who is still there: whoever can be reached over links that are alive, directly or through
 * others. Those who can't are given time, and are dead when it is over.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';

export interface Judge {
  /** This peer leads from now on: nothing is known yet of those that it has no link with. */
  begin(now: number): void;
  /** A peer's own word arrived in this term: its list of links can be believed. */
  confirm(peer: PeerId): void;
  /** A direct link of ours was silent until it was dropped: if nobody else hears that peer, it needs no more time. */
  silent(peer: PeerId): void;
  heard(peer: PeerId): void;
  /** @returns who is to be buried now */
  judge(world: World, now: number): readonly PeerId[];
  /** Members, this peer included, that could be reached when it was last judged. */
  readonly reached: ReadonlySet<PeerId>;
}

export interface World {
  readonly self: PeerId;
  readonly live: readonly PeerId[];
  readonly entries: Iterable<PeerEntry>;
  get(peer: PeerId): PeerEntry | undefined;
}

/** A member's links leave out silent ones after `suspectMs`; this is the rest of `deadMs`. */
const UNREACHABLE_MS = LIMITS.deadMs - LIMITS.suspectMs;
/** To tell a new leader that one is there takes a message, or one a hop. */
const CONFIRM_MS = 5_000;

/** Everybody who can be reached from here: over our live links, and over those that confirmed members list. */
export function reachable({ self, live, get }: Pick<World, 'self' | 'live' | 'get'>, isConfirmed: (peer: PeerId) => boolean): Set<PeerId> {
  const reached = new Set<PeerId>([self, ...live]);
  // A set gives what is added to it while one goes through it.
  for (const peer of reached) {
    if (peer === self || !isConfirmed(peer)) continue;
    for (const next of get(peer)?.links ?? []) reached.add(next);
  }
  return reached;
}

export function createJudge(): Judge {
  const confirmed = new Set<PeerId>();
  const silent = new Set<PeerId>();
  /** Could be reached in this term. */
  const met = new Set<PeerId>();
  /** Since when each could not be reached. */
  const since = new Map<PeerId, number>();
  let begun = 0;
  let reached = new Set<PeerId>();

  return {
    get reached() { return reached; },
    begin(now) {
      confirmed.clear();
      met.clear();
      since.clear();
      begun = now;
    },
    confirm: (peer) => void confirmed.add(peer),
    silent: (peer) => void silent.add(peer),
    heard: (peer) => void silent.delete(peer),
    judge(world, now) {
      const there = reachable(world, (peer) => confirmed.has(peer));
      const dead: PeerId[] = [];
      reached = new Set();
      for (const { peer } of world.entries) {
        if (there.has(peer)) {
          reached.add(peer);
          met.add(peer);
          since.delete(peer);
          continue;
        }
        const start = since.get(peer) ?? (met.has(peer) ? now : Math.max(now - UNREACHABLE_MS, begun - UNREACHABLE_MS + CONFIRM_MS));
        since.set(peer, start);
        if (now - start >= UNREACHABLE_MS || (silent.has(peer) && now - begun >= LIMITS.beatMs)) dead.push(peer);
      }
      for (const peer of dead) {
        since.delete(peer);
        confirmed.delete(peer);
      }
      return dead;
    },
  };
}
