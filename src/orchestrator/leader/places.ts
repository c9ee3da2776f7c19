/**
 * About how many are served before one that waits: its rank in a snapshot of all start times, which is made anew when an
 * eighth of the queue has changed (so that it costs each change O(log n) steps), less what was served since. So a place is
 * off by an eighth of the queue at the most while no prices are corrected; in a queue of less than eight it is as exact as
 * the estimated tokens. Lanes and devices are weighed as if every lane moved: a job may be served sooner than its place says.
 */
import { RANKS, type FairLines, type Rank, type Ticket } from './fair-lines.ts';

/** A snapshot lasts until this share of the queue has changed. */
const STALE_SHARE = 1 / 8;

export interface Places<Item> {
  /** Something was added, taken or removed, or a price corrected. */
  changed(): void;
  taken(rank: Rank): void;
  /** How many of its rank are before it. */
  before(ticket: Ticket<Item>): number;
}

export function createPlaces<Item>(lines: FairLines<Item>, tickets: ReadonlyMap<string, Ticket<Item>>): Places<Item> {
  const starts = Array.from({ length: RANKS }, () => new Float64Array(64));
  const counts = [0, 0, 0, 0];
  const takenSince = [0, 0, 0, 0];
  let changes = Infinity;

  function push(rank: Rank, startAt: number): void {
    let list = starts[rank]!;
    const count = counts[rank]!;
    if (count === list.length) {
      const longer = new Float64Array(2 * count);
      longer.set(list);
      starts[rank] = longer;
      list = longer;
    }
    list[count] = startAt;
    counts[rank] = count + 1;
  }

  function refresh(): void {
    counts.fill(0);
    takenSince.fill(0);
    changes = 0;
    for (const { account } of tickets.values()) account.before.fill(0);
    // In the order in which they came, so that each starts after its device's earlier ones.
    for (const ticket of tickets.values()) {
      const { account, rank } = ticket;
      ticket.startAt = lines.clockOf(ticket.line) + account.before[rank]!;
      account.before[rank]! += ticket.cost;
      push(rank, ticket.startAt);
    }
    for (let rank = 0; rank < RANKS; rank += 1) starts[rank]!.subarray(0, counts[rank]).sort();
  }

  function countBelow(rank: Rank, startAt: number): number {
    const list = starts[rank]!;
    let low = 0;
    let high = counts[rank]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]! < startAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    changed() {
      changes += 1;
    },
    taken(rank) {
      takenSince[rank]! += 1;
    },
    before(ticket) {
      if (changes > tickets.size * STALE_SHARE) refresh();
      return Math.max(0, countBelow(ticket.rank, ticket.startAt) - takenSince[ticket.rank]!);
    },
  };
}
