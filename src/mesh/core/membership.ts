/**
 * Who is in: entries that only their own peers make, and tombstones of those who are gone, so that nobody comes back by
 * hearsay. The roster belongs to the leader of a term, who counts its versions; everybody else copies it. It decides
 * nothing: who is dead is judged in `judge.ts`.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { Claim, MessageOf } from '../../protocol/messages.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';

export type Reason = 'left' | 'dead' | 'removed';

export interface Tombstone {
  readonly peer: PeerId;
  /** Entries up to this incarnation count no more. */
  readonly incarnation: number;
  readonly reason: Reason;
}

/** What an update did: who came, who went, and the tombstone of this peer itself if there was one. */
export interface RosterChange {
  readonly changed: boolean;
  readonly came: readonly PeerEntry[];
  readonly gone: readonly { readonly entry: PeerEntry; readonly reason: Reason }[];
  readonly ownTombstone: Tombstone | null;
}

export interface Roster {
  /** Of the accepted leader's roster; 0 while nothing of this term came. */
  readonly version: number;
  readonly size: number;
  /** Another number whenever anything about the entries in sight is another. */
  readonly edition: number;
  get(peer: PeerId): PeerEntry | undefined;
  has(peer: PeerId): boolean;
  entries(): IterableIterator<PeerEntry>;
  ids(): ReadonlySet<PeerId>;
  tombstone(peer: PeerId): Tombstone | undefined;
  tombstones(): Iterable<Tombstone>;
  /** The leader takes in what a peer says of itself. `stale`: older than what is known, or than its tombstone. */
  take(entry: PeerEntry): 'new' | 'changed' | 'known' | 'stale';
  /** The leader closes the book on a peer. @returns its entry, if it had one */
  bury(peer: PeerId, reason: Reason, now: number): PeerEntry | undefined;
  /** Somebody said good-bye to us: it is out of sight here until the leader knows. @returns its entry, if it was in sight */
  hide(peer: PeerId, now: number): PeerEntry | undefined;
  /** A copy of the leader's roster came. Ignored if it does not follow on what is here. */
  apply(message: MessageOf<'roster'>, now: number): RosterChange;
  /** What changed since `base`; the whole for 0 and for a base that is unknown here. */
  since(base: number, claim: Claim): MessageOf<'roster'>;
  /** Another leader was accepted: what is here counts until its roster comes. */
  follow(): void;
  /** This peer leads: what is here is the roster of the new term. */
  lead(now: number): void;
  /** Once in a while: forgets old tombstones. */
  prune(now: number): void;
}

interface Line {
  readonly entry: PeerEntry;
  /** The roster's version that brought it. */
  readonly version: number;
}
interface Grave extends Tombstone {
  readonly at: number;
  readonly version: number;
}

export const isNewer = (one: PeerEntry, other: PeerEntry): boolean =>
  one.incarnation !== other.incarnation ? one.incarnation > other.incarnation : one.revision > other.revision;

const NOTHING: RosterChange = { changed: false, came: [], gone: [], ownTombstone: null };

export function createRoster(self: PeerId): Roster {
  let version = 0;
  let lines = new Map<PeerId, Line>();
  const graves = new Map<PeerId, Grave>();
  const hidden = new Map<PeerId, { incarnation: number; until: number }>();
  let ids: ReadonlySet<PeerId> | null = null;
  let edition = 0;

  const isHidden = ({ peer, incarnation }: PeerEntry): boolean => hidden.size > 0 && (hidden.get(peer)?.incarnation ?? -1) >= incarnation;

  function get(peer: PeerId): PeerEntry | undefined {
    const entry = lines.get(peer)?.entry;
    return entry && !isHidden(entry) ? entry : undefined;
  }

  function* entries(): IterableIterator<PeerEntry> {
    for (const { entry } of lines.values()) if (!isHidden(entry)) yield entry;
  }

  function touch(): void {
    ids = null;
    edition += 1;
  }

  function dig(stone: Tombstone, now: number): void {
    graves.set(stone.peer, { peer: stone.peer, incarnation: stone.incarnation, reason: stone.reason, at: now, version });
    // The oldest goes first: a map keeps the order in which they were dug.
    if (graves.size > LIMITS.tombstones) graves.delete(graves.keys().next().value!);
  }

  function remove(peer: PeerId): PeerEntry | undefined {
    const entry = lines.get(peer)?.entry;
    lines.delete(peer);
    touch();
    return entry;
  }

  function follows(message: MessageOf<'roster'>): boolean {
    return message.version > version && (message.base === 0 || (version > 0 && message.base <= version));
  }

  function apply(message: MessageOf<'roster'>, now: number): RosterChange {
    if (!follows(message)) return NOTHING;
    const before = message.base === 0 ? lines : null;
    const came: PeerEntry[] = [];
    const gone: { entry: PeerEntry; reason: Reason }[] = [];
    let ownTombstone: Tombstone | null = null;
    version = message.version;
    if (before) lines = new Map();
    for (const entry of message.entries) {
      // The leader's word is newer than the tombstone of another leader, from the time when we were two parts.
      if ((graves.get(entry.peer)?.incarnation ?? -1) >= entry.incarnation) graves.delete(entry.peer);
      if (entry.peer !== self && !(before ?? lines).has(entry.peer)) came.push(entry);
      lines.set(entry.peer, { entry, version });
    }
    for (const stone of message.gone) {
      const line = lines.get(stone.peer) ?? before?.get(stone.peer);
      const known = graves.get(stone.peer);
      // Under the version that brought it here, even if it is an old acquaintance: who asks us for changes must get it.
      if (known && known.incarnation >= stone.incarnation) graves.set(stone.peer, { ...known, version });
      else {
        graves.delete(stone.peer);
        dig(stone, now);
      }
      if (stone.peer === self) ownTombstone = stone;
      if (!line || line.entry.incarnation > stone.incarnation) continue;
      if (lines.get(stone.peer) === line) lines.delete(stone.peer);
      if (stone.peer !== self) gone.push({ entry: line.entry, reason: stone.reason });
    }
    // A whole roster also takes away by silence: tombstones don't last for ever.
    for (const { entry } of before?.values() ?? []) {
      const isGone = !lines.has(entry.peer) && entry.peer !== self && !gone.some((other) => other.entry.peer === entry.peer);
      if (isGone) gone.push({ entry, reason: graves.get(entry.peer)?.reason ?? 'dead' });
    }
    touch();
    return { changed: true, came, gone: gone.filter(({ entry }) => !isHidden(entry)), ownTombstone };
  }

  function take(entry: PeerEntry): 'new' | 'changed' | 'known' | 'stale' {
    if ((graves.get(entry.peer)?.incarnation ?? -1) >= entry.incarnation) return 'stale';
    const known = lines.get(entry.peer)?.entry;
    if (known && !isNewer(entry, known)) return known.incarnation === entry.incarnation && known.revision === entry.revision ? 'known' : 'stale';
    version += 1;
    lines.set(entry.peer, { entry, version });
    hidden.delete(entry.peer);
    if (known) edition += 1;
    else touch();
    return known ? 'changed' : 'new';
  }

  function bury(peer: PeerId, reason: Reason, now: number): PeerEntry | undefined {
    const entry = remove(peer);
    if (!entry) return undefined;
    version += 1;
    graves.delete(peer);
    dig({ peer, incarnation: entry.incarnation, reason }, now);
    return isHidden(entry) ? undefined : entry;
  }

  function hide(peer: PeerId, now: number): PeerEntry | undefined {
    const entry = get(peer);
    if (entry) hidden.set(peer, { incarnation: entry.incarnation, until: now + 2 * LIMITS.deadMs });
    touch();
    return entry;
  }

  return {
    get version() { return version; },
    get edition() { return edition; },
    get size() { return (ids ??= idsOf(entries())).size; },
    get,
    has: (peer) => get(peer) !== undefined,
    entries,
    ids: () => (ids ??= idsOf(entries())),
    tombstone: (peer) => graves.get(peer),
    tombstones: () => graves.values(),
    take,
    bury,
    hide,
    apply,
    since(base, claim) {
      const from = base <= version ? base : 0;
      const isLater = (item: { version: number }): boolean => from === 0 || item.version > from;
      return {
        t: 'roster',
        claim,
        version,
        base: from,
        entries: [...lines.values()].filter(isLater).map(({ entry }) => entry),
        gone: [...graves.values()].filter(isLater).map(({ peer, incarnation, reason }) => ({ peer, incarnation, reason })),
      };
    },
    follow() {
      version = 0;
      // Versions are the leader's, and so are numbers of another's tombstones: they are handed on with a whole roster only.
      for (const grave of graves.values()) graves.set(grave.peer, { ...grave, version: 0 });
    },
    lead(now) {
      version = 1;
      // Whoever said good-bye to us does not come into the new roster; nor does anybody's tombstone count twice.
      for (const entry of [...lines.values()].map((line) => line.entry)) if (isHidden(entry)) bury(entry.peer, 'left', now);
      version = 1;
      lines = new Map([...lines].map(([peer, { entry }]) => [peer, { entry, version }]));
      for (const grave of graves.values()) graves.set(grave.peer, { ...grave, version });
      graves.delete(self);
      touch();
    },
    prune(now) {
      for (const { peer, at } of graves.values()) if (now - at > LIMITS.tombstoneMs) graves.delete(peer);
      for (const [peer, { until }] of hidden) if (now > until && hidden.delete(peer)) touch();
    },
  };
}

const idsOf = (entries: Iterable<PeerEntry>): ReadonlySet<PeerId> => new Set(Array.from(entries, ({ peer }) => peer));
