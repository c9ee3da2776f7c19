/** One worker's tick for all who need time in a hidden tab, and none while nobody does. */
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';

export type SteadyTick = (callback: () => void) => Unsubscribe;

/** A worker that was not needed for this long ends: to start one for each question would cost more than to keep it. */
const KEPT_MS = 10_000;

/** @param start begins to call back, in a worker's time, and gives what ends that */
export function createSteadyTick(clock: Clock, start: (callback: () => void) => Unsubscribe): SteadyTick {
  const ticks = new Emitter<void>();
  let users = 0;
  let stop: Unsubscribe | null = null;
  let cancelStop = (): void => undefined;

  return (callback) => {
    cancelStop();
    stop ??= start(() => ticks.emit());
    users += 1;
    const off = ticks.on(callback);
    let used = true;
    return () => {
      off();
      if (!used) return;
      used = false;
      users -= 1;
      if (users > 0) return;
      cancelStop = clock.after(KEPT_MS, () => {
        stop?.();
        stop = null;
      });
    };
  };
}
