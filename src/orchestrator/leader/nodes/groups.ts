/**
 * Nodes by what wishes ask for: a model, weights, a tier; each apart for those that serve everybody and those that serve their
 * own peer. A group keeps its nodes that may be given something on shelves by the strategy's rank, so that to give, to
 * free, and to find the best cost the same however many there are.
 */
import type { Tier } from '../../../protocol/chat.ts';
import type { PeerId } from '../../../shared/ids.ts';
import { RANKS } from '../../strategies/strategy.ts';
import type { NodeView } from './node-view.ts';

/** A node's place in one group, on one of its shelves. */
export interface Ticket {
  readonly view: NodeView;
  readonly group: Group;
  readonly shelf: Shelf;
  /** −1: not on the shelf. */
  rank: number;
  place: number;
}

/** Nodes of equal rank. */
export interface RankList {
  readonly rank: number;
  readonly tickets: readonly Ticket[];
}

/** Nodes of one group whose contexts are of one size, by rank. */
export interface Shelf {
  readonly ranks: Ticket[][];
  size: number;
  /** The ranks that have anybody, the best first; null: that has changed. */
  filled: readonly RankList[] | null;
}

export interface Group {
  readonly key: string;
  /** By the octave of the context: a long prompt looks only at shelves where some may suit. */
  readonly shelves: Map<number, Shelf>;
  /** How many nodes have a context of so many tokens: such that work, and such that will, it is hoped. */
  readonly contexts: Map<number, { ready: number; soon: number }>;
  slots: number;
  /** Mean time from giving a task to its end, milliseconds; null before the first. */
  taskMs: number | null;
}

export interface Groups {
  get(key: string): Group | null;
  /** Made if it is not there. */
  obtain(key: string): Group;
  /** Forgets it if no node is in it: models' names are others' words. */
  tidy(group: Group): void;
  /** Nodes that load, and do not say what: for all, or for their own peer. */
  loading(owner: PeerId | null): number;
  countLoading(owner: PeerId | null, change: 1 | -1): void;
  /** Whether that peer has nodes that serve it alone. */
  ownsAny(peer: PeerId): boolean;
  countOwn(peer: PeerId, change: 1 | -1): void;
}

/** Most ranks of most shelves stay empty: they share this. */
const NOBODY: Ticket[] = [];
const createShelf = (): Shelf => ({ ranks: Array<Ticket[]>(RANKS).fill(NOBODY), size: 0, filled: null });

export const octave = (tokens: number): number => Math.floor(Math.log2(Math.max(1, tokens)));

export const groupKey = (owner: PeerId | null, kind: 'model' | 'hash' | 'tier', value: string): string => `${owner ?? ''}|${kind}|${value}`;

/** What a wish can ask for, as a group has it. */
export type Asked = { readonly sharedKey: string } & ({ readonly kind: 'model' | 'hash'; readonly value: string } | { readonly kind: 'tier'; readonly value: Tier });

function shelfOf(group: Group, contextTokens: number): Shelf {
  const size = octave(contextTokens);
  let shelf = group.shelves.get(size);
  if (!shelf) group.shelves.set(size, (shelf = createShelf()));
  return shelf;
}

export function filledRanks(shelf: Shelf): readonly RankList[] {
  if (shelf.filled) return shelf.filled;
  const lists: RankList[] = [];
  shelf.ranks.forEach((tickets, rank) => tickets.length > 0 && lists.push({ rank, tickets }));
  return (shelf.filled = lists);
}

export const newTicket = (view: NodeView, group: Group, contextTokens: number): Ticket => ({ view, group, shelf: shelfOf(group, contextTokens), rank: -1, place: -1 });

/** Puts it where its rank belongs, or takes it off (−1). The last of a rank takes the place that becomes free. */
export function move(ticket: Ticket, rank: number): void {
  const { shelf } = ticket;
  if (ticket.rank === rank) return;
  if (ticket.rank >= 0) {
    const list = shelf.ranks[ticket.rank]!;
    const last = list.pop()!;
    if (last !== ticket) {
      list[ticket.place] = last;
      last.place = ticket.place;
    }
    shelf.size -= 1;
    if (list.length === 0) shelf.filled = null;
  }
  ticket.rank = rank;
  if (rank < 0) return;
  if (shelf.ranks[rank] === NOBODY) shelf.ranks[rank] = [];
  ticket.place = shelf.ranks[rank]!.push(ticket) - 1;
  if (ticket.place === 0) shelf.filled = null;
  shelf.size += 1;
}

export function createGroups(): Groups {
  const groups = new Map<string, Group>();
  const loading = new Map<PeerId | null, number>();
  const owned = new Map<PeerId, number>();
  const count = <Key>(counts: Map<Key, number>, key: Key, change: number): void => {
    const value = (counts.get(key) ?? 0) + change;
    if (value === 0) counts.delete(key);
    else counts.set(key, value);
  };
  return {
    get: (key) => groups.get(key) ?? null,
    obtain(key) {
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { key, shelves: new Map(), contexts: new Map(), slots: 0, taskMs: null }));
      return group;
    },
    tidy(group) {
      if (group.contexts.size === 0) groups.delete(group.key);
    },
    loading: (owner) => loading.get(owner) ?? 0,
    countLoading: (owner, change) => count(loading, owner, change),
    ownsAny: (peer) => owned.has(peer),
    countOwn: (peer, change) => count(owned, peer, change),
  };
}
