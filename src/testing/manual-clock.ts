/** A clock that stands still until told to move, and then steps from timer to timer. */
import type { Clock } from '../shared/env.ts';

export interface ManualClock extends Clock {
  /** Moves on by `ms`, firing each timer at its own time; timers set meanwhile fire too if they are due. */
  advance(ms: number): Promise<void>;
}

/** Messages go to and fro between page and worker: a call with callbacks takes some ten hops. */
const HOPS = 16;

/** Lets everything that is ready to run do so: promise callbacks and messages between ports. */
export async function settle(): Promise<void> {
  for (let hop = 0; hop < HOPS; hop += 1) await new Promise<void>((resolve) => setImmediateLike(resolve));
}

// A message to oneself comes after all promise callbacks and after messages sent before it.
function setImmediateLike(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}

export function createManualClock(start = 0): ManualClock {
  let now = start;
  let timers: { at: number; callback: () => void }[] = [];

  return {
    now: () => now,
    wallTime: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        now = Math.max(now, next.at);
        next.callback();
        await settle();
      }
      now = end;
    },
  };
}
