/**
 * A virtual clock for simulations: a heap of callbacks that are run one after another, each at its own time. Nothing waits,
 * so that an hour passes in the time that its callbacks take.
 */
import type { Clock } from '../shared/env.ts';

export interface SimClock extends Clock {
  /** Runs what is due next. @returns false if nothing is due until `end` */
  step(end: number): boolean;
  /** Runs everything that is due within `ms`, in order. */
  run(ms: number): void;
}

interface Timer {
  readonly at: number;
  /** What is due at the same time runs in the order in which it was asked for. */
  readonly order: number;
  callback: (() => void) | null;
}

const isEarlier = (one: Timer, other: Timer): boolean => one.at < other.at || (one.at === other.at && one.order < other.order);

export function createSimClock(start = 0): SimClock {
  const heap: Timer[] = [];
  let now = start;
  let count = 0;

  function push(timer: Timer): void {
    let place = heap.push(timer) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isEarlier(timer, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = timer;
  }

  function pop(): Timer {
    const [top] = heap;
    const last = heap.pop()!;
    if (heap.length === 0) return last;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isEarlier(heap[child]!, last)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
    return top!;
  }

  function step(end: number): boolean {
    const [next] = heap;
    if (!next || next.at > end) return false;
    pop();
    now = Math.max(now, next.at);
    next.callback?.();
    return true;
  }

  return {
    now: () => now,
    wallTime: () => now,
    after(ms, callback) {
      const timer: Timer = { at: now + Math.max(ms, 0), order: (count += 1), callback };
      push(timer);
      return () => void (timer.callback = null);
    },
    step,
    run(ms) {
      const end = now + ms;
      while (step(end));
      now = end;
    },
  };
}
