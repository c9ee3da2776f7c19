/**
 * The direct links and whether somebody is alive at their other ends. Any message is a sign of life; pings make sure that
 * there is one each second. The path's own state is not asked: it looks healthy while the tab behind it is frozen.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { Random } from '../../shared/env.ts';
import type { PeerId } from '../../shared/ids.ts';

export interface LinkState {
  readonly peer: PeerId;
  readonly linkedAt: number;
  heardAt: number;
  suspect: boolean;
  rttMs: number | null;
  /** The one that was told last, and when. */
  toldMs: number | null;
  toldAt: number;
  /** What the last beat on this link said. */
  beat: MessageOf<'beat'> | null;
  /** When the next ping is due, the number of the last, and when that went out. */
  pingAt: number;
  ping: number;
  pingedAt: number;
  /** When it was last told that its leader is out of date. */
  correctedAt: number;
  /** So that not everybody suspects a silent peer in the same instant. */
  readonly patienceMs: number;
}

export interface Liveness {
  readonly size: number;
  get(peer: PeerId): LinkState | undefined;
  all(): IterableIterator<LinkState>;
  /** Those at whose other end somebody was heard of lately. */
  live(): readonly PeerId[];
  /** A link stands; another one to the same peer counts no more. */
  add(peer: PeerId, now: number): LinkState;
  /** @returns false if there was none */
  remove(peer: PeerId): boolean;
  /** A message came. @returns true if the link was suspect until now */
  heard(link: LinkState, now: number): boolean;
  /** @returns true if the round trip is not what it was */
  ponged(link: LinkState, pong: number, now: number): boolean;
  /** Numbers the next ping of a link if it is due, else null. */
  pingDue(link: LinkState, now: number): number | null;
  /** Looks at the clock. @returns links that have become suspect, and those that are dead */
  check(now: number): { readonly suspected: readonly PeerId[]; readonly dead: readonly PeerId[] };
  /** This machine slept: everybody gets a second to be heard of before being judged. */
  forgive(now: number): void;
}

/** The one with the larger id keeps still while the other pings; after this long without a word it pings too. */
const QUIET_MS = 2 * LIMITS.beatMs;
/** It would never learn how long the way is: it pings this often for that, and once soon after the link is made. */
const TRIP_MS = 5 * LIMITS.beatMs;
/** A round trip that is told is drawn, and looked at by whoever leads: on a busy machine each one differs. */
const TELL_MS = 5 * LIMITS.beatMs;
/** Those who lose a peer at once should not all say so at once. */
const SUSPECT_JITTER_MS = 500;
/** Round trips are smoothed, or the page would flicker: an eighth of each new one, as TCP does (RFC 6298). */
const RTT_GAIN = 1 / 8;

export function createLiveness(self: PeerId, random: Random): Liveness {
  const links = new Map<PeerId, LinkState>();
  let live: readonly PeerId[] | null = null;

  return {
    get size() { return links.size; },
    get: (peer) => links.get(peer),
    all: () => links.values(),
    live: () => (live ??= [...links.values()].filter(({ suspect }) => !suspect).map(({ peer }) => peer)),
    add(peer, now) {
      const link: LinkState = {
        peer,
        linkedAt: now,
        heardAt: now,
        suspect: false,
        rttMs: null,
        toldMs: null,
        toldAt: -Infinity,
        beat: null,
        pingAt: self < peer ? now : now + QUIET_MS,
        ping: 0,
        pingedAt: now,
        correctedAt: -Infinity,
        patienceMs: LIMITS.suspectMs + random.next() * SUSPECT_JITTER_MS,
      };
      links.set(peer, link);
      live = null;
      return link;
    },
    remove(peer) {
      live = null;
      return links.delete(peer);
    },
    heard(link, now) {
      link.heardAt = now;
      if (!link.suspect) return false;
      link.suspect = false;
      live = null;
      return true;
    },
    ponged(link, pong, now) {
      if (pong !== link.ping || pong === 0) return false;
      const rtt = now - link.pingedAt;
      const before = link.rttMs;
      link.rttMs = before === null ? rtt : before + (rtt - before) * RTT_GAIN;
      // Against what is shown, and not against the last one: it drifts in small steps.
      if (link.toldMs !== null && (now - link.toldAt < TELL_MS || Math.abs(link.rttMs - link.toldMs) <= Math.max(5, link.toldMs / 4))) return false;
      link.toldMs = link.rttMs;
      link.toldAt = now;
      return true;
    },
    pingDue(link, now) {
      const isQuiet = now - link.heardAt >= QUIET_MS;
      const isTripDue = now - link.pingedAt >= (link.rttMs === null ? QUIET_MS : TRIP_MS);
      if (now < link.pingAt || (self > link.peer && !isQuiet && !isTripDue)) return null;
      link.pingAt = Math.max(link.pingAt + LIMITS.beatMs, now + LIMITS.beatMs / 2);
      link.pingedAt = now;
      link.ping += 1;
      return link.ping;
    },
    check(now) {
      let suspected: PeerId[] | null = null;
      let dead: PeerId[] | null = null;
      for (const link of links.values()) {
        const silence = now - link.heardAt;
        if (silence < LIMITS.suspectMs) continue;
        if (silence >= LIMITS.deadMs) (dead ??= []).push(link.peer);
        if (link.suspect || silence < link.patienceMs) continue;
        link.suspect = true;
        (suspected ??= []).push(link.peer);
        live = null;
      }
      return { suspected: suspected ?? NOBODY, dead: dead ?? NOBODY };
    },
    forgive(now) {
      live = null;
      for (const link of links.values()) {
        link.heardAt = Math.max(link.heardAt, now - LIMITS.suspectMs + LIMITS.beatMs);
        link.suspect = false;
        link.pingAt = now;
      }
    },
  };
}

const NOBODY: readonly PeerId[] = [];
