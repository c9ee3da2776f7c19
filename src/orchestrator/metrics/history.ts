/**
 * The last hour of many figures, one value a second, within a fixed amount of memory. Pure; a second is a whole number that
 * the caller counts. It knows nothing of what the figures mean.
 *
 * An hour is kept as minutes. A minute in which nothing changed is one number; any other takes 60 from a common store. Where
 * that store is full, the oldest such minute becomes its mean. Between two writes a figure is at rest and costs nothing.
 *
 * Memory, at the most: 131,072 minutes × 240 bytes = 31.5 MB, enough for 2,184 figures that change in every minute of the
 * hour; and 0.7 kB for each figure, 11 MB for the 16,384 that `registry.ts` keeps. An idle swarm of 64 peers with 16 nodes
 * each has 3,300 figures at rest: 2.3 MB, and no minutes.
 */

/** What a figure is while nobody writes it: nothing happened, what it was, or not known. */
export type Rest = 'zero' | 'last' | 'nothing';

export const MINUTE = 60;
export const HOUR = 3600;
/** One more than an hour has, so that a whole hour is there while a minute is being filled. */
const MINUTES = HOUR / MINUTE + 1;
/** Minutes for which the store grows at once. */
const SLAB = 1024;
const MOST_MINUTES = 128 * SLAB;
const NOT_STORED = -1;

export interface History {
  readonly rest: Rest;
  /** Its minutes never become means. */
  readonly fine: boolean;
  /** The second that was written first, and the one that was written last. */
  readonly first: number;
  last: number;
  /** What it was then. */
  value: number;
  /** By minute modulo `MINUTES`: the one value of that minute, or its mean. NaN: nothing. */
  readonly means: Float32Array;
  /** By the same: where the store has that minute, or `NOT_STORED`. */
  readonly stored: Int32Array;
}

export interface Histories {
  /** Begins with `value` in this second. */
  open(rest: Rest, second: number, value: number, fine?: boolean): History;
  /** @param second later than the last one that was written */
  write(history: History, second: number, value: number): void;
  /** Seconds `from` to `to`, the latter not included. Null: not known, or no longer. */
  read(history: History, from: number, to: number): (number | null)[];
  /** It is of no more use. */
  close(history: History): void;
  /** Minutes in the store. */
  readonly minutes: number;
}

/** @param most minutes in the store; more than there are figures, so that the current minute of each fits */
export function createHistories(most: number = MOST_MINUTES): Histories {
  const slabs: Float32Array[] = [];
  const free: number[] = [];
  /** Whose minute, in the order in which they were stored: the first goes first. */
  let line: { readonly history: History; readonly minute: number }[] = [];
  let head = 0;
  let minutes = 0;

  const slabOf = (index: number): Float32Array => slabs[Math.floor(index / SLAB)]!;
  /** Where in its slab a minute begins. */
  const startOf = (index: number): number => (index % SLAB) * MINUTE;
  const minuteAt = (index: number): Float32Array => slabOf(index).subarray(startOf(index), startOf(index) + MINUTE);
  const isStored = ({ history, minute }: { history: History; minute: number }): boolean =>
    history.stored[minute % MINUTES] !== NOT_STORED && minute > Math.floor(history.last / MINUTE) - MINUTES;

  function release(history: History, slot: number): void {
    const index = history.stored[slot]!;
    if (index === NOT_STORED) return;
    history.stored[slot] = NOT_STORED;
    free.push(index);
    minutes -= 1;
  }

  function makeRoom(): void {
    while (head < line.length && !isStored(line[head]!)) head += 1;
    const oldest = line[head];
    if (minutes >= most && oldest) {
      const slot = oldest.minute % MINUTES;
      oldest.history.means[slot] = meanOf(minuteAt(oldest.history.stored[slot]!));
      release(oldest.history, slot);
      head += 1;
    }
    if (head > SLAB && head > line.length / 2) {
      line = line.slice(head);
      head = 0;
    }
  }

  /** Makes sixty values of this minute: those until `second` as its one value was, and the others as what comes now. */
  function store(history: History, minute: number, second: number, value: number): void {
    makeRoom();
    if (free.length === 0) {
      const start = slabs.length * SLAB;
      slabs.push(new Float32Array(SLAB * MINUTE));
      for (let index = start + SLAB - 1; index >= start; index -= 1) free.push(index);
    }
    const slot = minute % MINUTES;
    const index = (history.stored[slot] = free.pop()!);
    minutes += 1;
    if (!history.fine) line.push({ history, minute });
    const start = startOf(index);
    slabOf(index).fill(history.means[slot]!, start, start + second).fill(value, start + second, start + MINUTE);
  }

  function put(history: History, second: number, value: number): void {
    const minute = Math.floor(second / MINUTE);
    const slot = minute % MINUTES;
    if (second % MINUTE === 0 || second === history.first) {
      release(history, slot);
      history.means[slot] = value;
      return;
    }
    const index = history.stored[slot]!;
    if (index !== NOT_STORED) slabOf(index)[startOf(index) + (second % MINUTE)] = value;
    else if (!Object.is(history.means[slot], Math.fround(value))) store(history, minute, second % MINUTE, value);
  }

  /** Minutes that are at rest as a whole take one step each. */
  function fill(history: History, from: number, to: number, value: number): void {
    for (let second = Math.max(from, to - MINUTES * MINUTE); second < to; ) {
      put(history, second, value);
      const whole = second % MINUTE === 0 && second + MINUTE <= to;
      second += whole ? MINUTE : 1;
    }
  }

  const resting = ({ rest, value }: History): number => (rest === 'zero' ? 0 : rest === 'last' ? value : NaN);

  return {
    open(rest, second, value, fine = false) {
      const history: History = { rest, fine, first: second, last: second, value, means: new Float32Array(MINUTES), stored: new Int32Array(MINUTES).fill(NOT_STORED) };
      put(history, second, value);
      return history;
    },
    write(history, second, value) {
      fill(history, history.last + 1, second, resting(history));
      put(history, second, value);
      history.last = second;
      history.value = value;
    },
    read(history, from, to) {
      const oldest = Math.max(history.first, (Math.floor(history.last / MINUTE) - MINUTES + 1) * MINUTE);
      return Array.from({ length: Math.max(0, to - from) }, (_, step) => {
        const second = from + step;
        if (second < oldest) return null;
        const slot = Math.floor(second / MINUTE) % MINUTES;
        const index = history.stored[slot]!;
        const value = second > history.last ? resting(history) : index === NOT_STORED ? history.means[slot]! : slabOf(index)[startOf(index) + (second % MINUTE)]!;
        return Number.isNaN(value) ? null : value;
      });
    },
    close(history) {
      for (let slot = 0; slot < MINUTES; slot += 1) release(history, slot);
    },
    get minutes() {
      return minutes;
    },
  };
}

/** Of those that are known. */
function meanOf(values: Float32Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
}
