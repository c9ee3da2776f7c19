/** The nodes for one wish, out of the shelves, as strategies want them: never all, and none that doesn't suit. */
import type { Random } from '../../../shared/env.ts';
import type { Address } from '../../../shared/ids.ts';
import type { Candidate, Pool } from '../../strategies/strategy.ts';
import { filledRanks, type Shelf } from './groups.ts';
import type { NodeView } from './node-view.ts';

/** Nodes of equal rank. */
export interface PoolList {
  readonly rank: number;
  readonly tickets: readonly { readonly view: NodeView }[];
}

export interface PoolParts {
  readonly key: object;
  /** Best rank first. */
  readonly lists: readonly PoolList[];
  readonly random: Random;
  /** Of what a shelf can't know: this wish's length, whom it avoids. */
  suits(view: NodeView): boolean;
  /** If it has room and belongs to this pool. */
  find(address: Address): NodeView | null;
  /** The same without room. */
  member(address: Address): NodeView | null;
}

/** How often chance is tried before the nodes are gone through in order: nearly all suit, nearly always. */
const TRIES = 8;

export function listsOf(shelves: readonly Shelf[]): readonly PoolList[] {
  const [first] = shelves;
  if (!first) return NO_LISTS;
  return shelves.length === 1 ? filledRanks(first) : shelves.flatMap(filledRanks).toSorted((one, other) => one.rank - other.rank);
}
const NO_LISTS: readonly PoolList[] = [];

export function createPool({ key, lists, random, suits, find, member }: PoolParts): Pool {
  let size = 0;
  for (const { tickets } of lists) size += tickets.length;
  const below = (end: number): number => Math.floor(random.next() * end);

  /** From this place on, over all lists and round. */
  function at(place: number): Candidate | null {
    let skip = size === 0 ? 0 : place % size;
    let list = 0;
    while (list < lists.length && skip >= lists[list]!.tickets.length) skip -= lists[list++]!.tickets.length;
    for (let seen = 0; seen < size; seen += 1) {
      const { tickets } = lists[list]!;
      const { view } = tickets[skip]!;
      if (suits(view)) return view;
      skip += 1;
      if (skip < tickets.length) continue;
      skip = 0;
      list = (list + 1) % lists.length;
    }
    return null;
  }

  function draw(weight: (rank: number) => number = () => 1): Candidate | null {
    const weights = lists.map(({ rank, tickets }) => weight(rank) * tickets.length);
    const all = weights.reduce((sum, value) => sum + value, 0);
    for (let attempt = 0; attempt < TRIES && size > 0; attempt += 1) {
      let left = random.next() * all;
      const drawn = weights.findIndex((value) => (left -= value) < 0);
      const { tickets } = lists[drawn === -1 ? lists.length - 1 : drawn]!;
      const { view } = tickets[below(tickets.length)]!;
      if (suits(view)) return view;
    }
    return size > 0 ? at(below(size)) : null;
  }

  function best(most: number): readonly Candidate[] {
    const found: Candidate[] = [];
    for (const { tickets } of lists) {
      let place = tickets.length === 1 ? 0 : below(tickets.length);
      for (let left = tickets.length; left > 0; left -= 1) {
        const { view } = tickets[place]!;
        place = place + 1 === tickets.length ? 0 : place + 1;
        if (!suits(view)) continue;
        if (found.push(view) === most) return found;
      }
    }
    return found;
  }

  return {
    key, size, best, draw, at,
    get(address) {
      const view = find(address);
      return view && suits(view) ? view : null;
    },
    has(address) {
      const view = member(address);
      return view !== null && suits(view);
    },
  };
}
