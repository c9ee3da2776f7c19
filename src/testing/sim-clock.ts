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

export function createSimClock(start = 0): SimClock {
  const heap: Timer[] = [];
  /** When each of the heap is due: side by side, since the timers themselves lie anywhere in memory. */
  const times: number[] = [];
  let now = start;
  let count = 0;

  const isEarlier = (at: number, timer: Timer, place: number): boolean => at < times[place]! || (at === times[place]! && timer.order < heap[place]!.order);

  function put(timer: Timer, place: number): void {
    heap[place] = timer;
    times[place] = timer.at;
  }

  function move(from: number, to: number): void {
    heap[to] = heap[from]!;
    times[to] = times[from]!;
  }

  function push(timer: Timer): void {
    let place = heap.length;
    put(timer, place);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isEarlier(timer.at, timer, parent)) break;
      move(parent, place);
      place = parent;
    }
    put(timer, place);
  }

  function pop(): void {
    const last = heap.pop()!;
    times.pop();
    if (heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(times[child + 1]!, heap[child + 1]!, child)) child += 1;
      if (isEarlier(last.at, last, child)) break;
      move(child, place);
      place = child;
    }
    put(last, place);
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
