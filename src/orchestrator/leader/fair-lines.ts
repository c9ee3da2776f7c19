/**
 * Deficit round-robin by tokens (Shreedhar and Varghese, "Efficient Fair Queueing Using Deficit Round Robin", SIGCOMM 1995),
 * with debts instead of savings (surplus round-robin, Fall and Floyd 1995): who has tokens left in this round is served, even
 * by more than it has left, and then sits out as many rounds as it owes. So a turn does not depend on how large the job is,
 * and rounds need not be walked: they are counted, and the device with the lowest round is next.
 *
 * - A *lane* holds items that the same nodes can serve. Each has its own clock, the round that it has come to: whoever
 *   comes new, or comes back, starts there, so that nobody has saved up anything, and a lane that is slow does not make
 *   newcomers wait for all that others had elsewhere.
 * - A *line* is what one device has in one lane. A device has one account: what it is served in any lane, of any priority,
 *   moves all its lines, and a new line starts with what it owes. So splitting gains nothing.
 *
 * What this does not know: priorities' order, bounds, time.
 */
import type { DeviceId } from '../../shared/ids.ts';
import { createIndexedHeap, type HeapEntry, type IndexedHeap } from './indexed-heap.ts';

/** Interactive before batch, and of each the ones that go ahead before the others. */
export type Rank = 0 | 1 | 2 | 3;
export const RANKS = 4;

export interface Ticket<Item> {
  readonly item: Item;
  readonly cost: number;
  readonly rank: Rank;
  readonly account: Account<Item>;
  readonly line: Line<Item>;
  readonly arrival: number;
  /** On its lane's scale, about when it is its turn: for `places.ts`. */
  startAt: number;
  previous: Ticket<Item> | null;
  next: Ticket<Item> | null;
}

export interface Lane<Item> {
  readonly name: string;
  readonly rank: Rank;
  readonly heap: IndexedHeap<Line<Item>>;
  /** Tokens at which the round began that was served last. Never goes back. */
  clock: number;
  /** Added to all of the lane when it is compared with others. */
  shift: number;
}

export interface Line<Item> extends HeapEntry {
  readonly account: Account<Item>;
  readonly lane: Lane<Item>;
  /** With the account's tokens it is the line's own clock. */
  offset: number;
  /** The order within a round: whoever began to wait first. */
  seat: number;
  first: Ticket<Item> | null;
  last: Ticket<Item> | null;
}

export interface Account<Item> {
  readonly device: DeviceId;
  /** All that it was charged: the one number. */
  tokens: number;
  /** Another one whenever what it was charged until then is settled, since it owes none of it any more: no such charge is given back. */
  era: number;
  waiting: number;
  waitingAhead: number;
  /** Also empty ones, while the device owes there. */
  readonly lines: Map<Lane<Item>, Line<Item>>;
  /** Tokens that wait, of each rank. */
  readonly pending: number[];
  /** Of each rank, while `places.ts` counts. */
  readonly before: number[];
}

/**
 * A lane whose nodes were away is owed at the most this many rounds by the others, in which it may go first. Some minutes of
 * a small swarm's work; without a bound an hour's pause of one model would hold up all others for an hour.
 */
const LAG_ROUNDS = 64;

export interface FairLines<Item> {
  add(account: Account<Item>, rank: Rank, lane: string, item: Item, cost: number): Ticket<Item>;
  remove(ticket: Ticket<Item>): void;
  /** @returns of the lanes that are not blocked, whose turn it is */
  next(rank: Rank, blocked: ReadonlySet<string>): Ticket<Item> | null;
  /** Its lane has come to this round. Before `remove`. */
  advance(ticket: Ticket<Item>): void;
  charge(account: Account<Item>, tokens: number): void;
  /** What it has been served, on the scale on which lines are compared. */
  clockOf(line: Line<Item>): number;
  /** It owes something that somebody who waits should have first. */
  owes(account: Account<Item>): boolean;
  setQuantum(tokens: number): void;
}

export function newAccount<Item>(device: DeviceId): Account<Item> {
  return { device, tokens: 0, era: 0, waiting: 0, waitingAhead: 0, lines: new Map(), pending: [0, 0, 0, 0], before: [0, 0, 0, 0] };
}

export function createFairLines<Item>(quantumTokens: number): FairLines<Item> {
  let quantum = quantumTokens;
  let counter = 0;
  const lanes = Array.from({ length: RANKS }, () => new Map<string, Lane<Item>>());
  /** The furthest clock of each rank: where a new lane begins. */
  const fronts = [0, 0, 0, 0];

  const clockOf = (line: Line<Item>): number => line.account.tokens + line.offset + line.lane.shift;

  function isBefore(one: Line<Item>, other: Line<Item>): boolean {
    const difference = Math.floor(clockOf(one) / quantum) - Math.floor(clockOf(other) / quantum);
    if (difference !== 0) return difference < 0;
    if (one.account !== other.account) return one.seat < other.seat;
    return one.first!.arrival < other.first!.arrival;
  }

  function laneOf(rank: Rank, name: string): Lane<Item> {
    const known = lanes[rank]!.get(name);
    if (known) return known;
    const lane: Lane<Item> = { name, rank, heap: createIndexedHeap(isBefore), clock: fronts[rank]!, shift: 0 };
    lanes[rank]!.set(name, lane);
    return lane;
  }

  /** The most that it owes in any lane; forgets lines that are over. */
  function debtOf(account: Account<Item>): number {
    let debt = 0;
    for (const [lane, line] of account.lines) {
      const owed = account.tokens + line.offset - lane.clock;
      if (line.first === null && (owed <= 0 || lane.heap.size === 0)) account.lines.delete(lane);
      else debt = Math.max(debt, owed);
    }
    return debt;
  }

  function lineOf(account: Account<Item>, lane: Lane<Item>): Line<Item> {
    const known = account.lines.get(lane);
    if (known) return known;
    const debt = debtOf(account);
    if (debt === 0) account.era = counter += 1;
    const offset = lane.clock + debt - account.tokens;
    const line: Line<Item> = { account, lane, offset, seat: 0, first: null, last: null, heapIndex: -1 };
    account.lines.set(lane, line);
    return line;
  }

  function open(line: Line<Item>): void {
    const start = line.lane.clock - line.account.tokens;
    if (start > line.offset) {
      line.offset = start;
      line.account.era = counter += 1;
    }
    line.seat = counter;
    line.lane.heap.add(line);
  }

  function catchUp(lane: Lane<Item>): void {
    const behind = fronts[lane.rank]! - LAG_ROUNDS * quantum - lane.clock - lane.shift;
    // Whole rounds, so that the order within the lane stays as it is.
    if (behind > 0) lane.shift += Math.ceil(behind / quantum) * quantum;
  }

  function close(line: Line<Item>): void {
    const { lane } = line;
    lane.heap.remove(line);
    if (lane.heap.size === 0) lanes[lane.rank]!.delete(lane.name);
  }

  return {
    clockOf,
    add(account, rank, name, item, cost) {
      const lane = laneOf(rank, name);
      const line = lineOf(account, lane);
      counter += 1;
      const ticket: Ticket<Item> = { item, cost, rank, account, line, arrival: counter, startAt: 0, previous: line.last, next: null };
      const wasEmpty = line.last === null;
      if (line.last) line.last.next = ticket;
      else line.first = ticket;
      line.last = ticket;
      if (wasEmpty) open(line);
      ticket.startAt = clockOf(line) + account.pending[rank]!;
      account.pending[rank]! += cost;
      return ticket;
    },
    remove(ticket) {
      const { line, previous, next, account, rank, cost } = ticket;
      if (previous) previous.next = next;
      else line.first = next;
      if (next) next.previous = previous;
      else line.last = previous;
      account.pending[rank]! -= cost;
      if (line.first === null) close(line);
      // Its head has changed: between two lines of one device that counts.
      else if (previous === null) line.lane.heap.moved(line);
    },
    next(rank, blocked) {
      let best: Line<Item> | null = null;
      for (const lane of lanes[rank]!.values()) {
        if (blocked.has(lane.name)) continue;
        catchUp(lane);
        const line = lane.heap.first();
        if (line && (best === null || isBefore(line, best))) best = line;
      }
      return best?.first ?? null;
    },
    advance({ account, line: { lane, offset } }) {
      lane.clock = Math.max(lane.clock, Math.floor((account.tokens + offset) / quantum) * quantum);
      fronts[lane.rank] = Math.max(fronts[lane.rank]!, lane.clock + lane.shift);
    },
    charge(account, tokens) {
      account.tokens += tokens;
      for (const line of account.lines.values()) if (line.first) line.lane.heap.moved(line);
    },
    owes: (account) => debtOf(account) > 0,
    setQuantum(tokens) {
      quantum = tokens;
      for (const named of lanes) for (const lane of named.values()) lane.heap.rebuild();
    },
  };
}
