/**
 * Who waits for a node, and who is next: bounds, priorities and deadlines around `fair-lines.ts`, which shares between
 * devices. What it does not know: nodes, jobs, who asked; a lane is a word to it.
 *
 * Interactive ones go first, but after `batchEvery` of them a batch job that waits is next. Within a priority those that
 * go `ahead` come first. They are not counted for `most` and have a bound of their own, `mostPerDevice`: whoever was served
 * already and lost its node must not hear `busy`, and of them there can't be more than were running.
 */
import type { QueuePolicy } from '../../protocol/policy.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { createFairLines, newAccount, type Account, type Rank, type Ticket } from './fair-lines.ts';
import type { FairQueue, QueueItem } from './parts.ts';
import { createPlaces } from './places.ts';

const INTERACTIVE: readonly Rank[] = [0, 1];
const BATCH: readonly Rank[] = [2, 3];
const INTERACTIVE_FIRST: readonly Rank[] = [...INTERACTIVE, ...BATCH];
const BATCH_FIRST: readonly Rank[] = [...BATCH, ...INTERACTIVE];
const NONE: ReadonlySet<string> = new Set();
/** Accounts of devices that wait for nothing are looked through when there are so many, and again when they have doubled. */
const FIRST_PRUNE = 64;

const rankOf = ({ priority, ahead }: QueueItem): Rank => (priority === 'interactive' ? (ahead ? 0 : 1) : ahead ? 2 : 3);

export function createFairQueue<Item extends QueueItem>(first: QueuePolicy): FairQueue<Item> {
  let policy = first;
  const lines = createFairLines<Item>(first.quantumTokens);
  /** In the order in which they came. */
  const tickets = new Map<string, Ticket<Item>>();
  /** Mostly nobody waits, and then no key, made of two names, need be looked up. */
  const ticketOf = (key: string): Ticket<Item> | null => (tickets.size > 0 ? (tickets.get(key) ?? null) : null);
  const accounts = new Map<DeviceId, Account<Item>>();
  const places = createPlaces(lines, tickets);
  const waiting = [0, 0, 0, 0];
  let interactiveInRow = 0;
  let pruneAt = FIRST_PRUNE;
  /** Nobody's time is over before this. */
  let earliest = Infinity;
  /** Who is next if no lane is blocked; undefined: something has changed. */
  let head: Ticket<Item> | null | undefined;

  const interactiveCount = (): number => waiting[0]! + waiting[1]!;
  const batchCount = (): number => waiting[2]! + waiting[3]!;
  const nextTicket = (blocked: ReadonlySet<string>): Ticket<Item> | null => {
    if (tickets.size === 0) return null;
    for (const rank of interactiveInRow >= policy.batchEvery ? BATCH_FIRST : INTERACTIVE_FIRST) {
      const ticket = waiting[rank]! > 0 ? lines.next(rank, blocked) : null;
      if (ticket) return ticket;
    }
    return null;
  };

  function changed(): void {
    head = undefined;
    places.changed();
  }

  function accountOf(device: DeviceId): Account<Item> {
    const known = accounts.get(device);
    if (known) return known;
    if (accounts.size >= pruneAt) {
      for (const [id, account] of accounts) if (account.waiting === 0 && !lines.owes(account)) accounts.delete(id);
      pruneAt = Math.max(FIRST_PRUNE, 2 * accounts.size);
    }
    const account = newAccount<Item>(device);
    accounts.set(device, account);
    return account;
  }

  function noRoom({ device, ahead }: Item): 'queue' | 'device' | null {
    const { waiting: all, waitingAhead } = accounts.get(device) ?? { waiting: 0, waitingAhead: 0 };
    if ((ahead ? waitingAhead : all - waitingAhead) >= policy.mostPerDevice) return 'device';
    return !ahead && waiting[1]! + waiting[3]! >= policy.most ? 'queue' : null;
  }

  function drop(ticket: Ticket<Item>): Item {
    const { item, rank, account } = ticket;
    tickets.delete(item.key);
    lines.remove(ticket);
    waiting[rank]! -= 1;
    account.waiting -= 1;
    if (item.ahead) account.waitingAhead -= 1;
    if (batchCount() === 0) interactiveInRow = 0;
    changed();
    return item;
  }

  /** Of its priority, and the other priority's that come in between. */
  function placeOf(ticket: Ticket<Item>): number {
    head ??= nextTicket(NONE);
    if (head === ticket) return 1;
    const { rank } = ticket;
    const own = places.before(ticket) + (rank === 1 ? waiting[0]! : rank === 3 ? waiting[2]! : 0);
    const between = rank <= 1
      ? Math.min(batchCount(), Math.floor((own + interactiveInRow) / policy.batchEvery))
      : Math.min(interactiveCount(), (own + 1) * policy.batchEvery - interactiveInRow);
    return Math.max(2, own + Math.max(0, between) + 1);
  }

  return {
    add(item) {
      const full = noRoom(item);
      if (full) return full;
      const account = accountOf(item.device);
      const rank = rankOf(item);
      tickets.set(item.key, lines.add(account, rank, item.lane, item, item.cost));
      waiting[rank]! += 1;
      account.waiting += 1;
      if (item.ahead) account.waitingAhead += 1;
      earliest = Math.min(earliest, item.deadlineAt);
      changed();
      return null;
    },
    next: (blocked) => nextTicket(blocked)?.item ?? null,
    take(key) {
      const ticket = tickets.get(key);
      if (!ticket) return null;
      const isBatch = ticket.rank >= 2;
      lines.advance(ticket);
      const item = drop(ticket);
      lines.charge(ticket.account, ticket.cost);
      places.taken(ticket.rank);
      interactiveInRow = isBatch || batchCount() === 0 ? 0 : interactiveInRow + 1;
      return item;
    },
    remove(key) {
      const ticket = ticketOf(key);
      return ticket ? drop(ticket) : null;
    },
    era: (device) => accounts.get(device)?.era ?? null,
    correct(device, tokens, era) {
      const account = accounts.get(device);
      // Whom the queue has forgotten owes nothing that anybody waits for.
      if (!account || (tokens < 0 && era !== undefined && era !== account.era)) return;
      lines.charge(account, tokens);
      changed();
    },
    expire(now) {
      if (now < earliest) return [];
      const over: Item[] = [];
      earliest = Infinity;
      for (const ticket of tickets.values()) {
        if (ticket.item.deadlineAt <= now) over.push(drop(ticket));
        else earliest = Math.min(earliest, ticket.item.deadlineAt);
      }
      return over;
    },
    get: (key) => ticketOf(key)?.item ?? null,
    place(key) {
      const ticket = ticketOf(key);
      return ticket ? placeOf(ticket) : null;
    },
    *items() {
      for (const { item } of tickets.values()) yield item;
    },
    get size() {
      return tickets.size;
    },
    sizeOf: (device) => accounts.get(device)?.waiting ?? 0,
    setPolicy(next) {
      policy = next;
      lines.setQuantum(next.quantumTokens);
      changed();
    },
  };
}
