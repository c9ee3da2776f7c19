/**
 * How long the load of something has been too high or too low: the hysteresis of both scalers. Pure, on the caller's time.
 * Between the two marks nothing is wanted, and any time outside of a state starts its count anew.
 */
import type { ScalingPolicy } from '../../protocol/policy.ts';

export interface Load {
  readonly slots: number;
  /** Slots in use. */
  readonly busy: number;
  /** Tasks or jobs that wait for them. */
  readonly waiting: number;
}

export type Pressure = 'up' | 'down' | null;

export interface LoadWatch {
  /** @returns what is wanted by now; asking again gives the same until `settle` */
  look(load: Load, now: number): Pressure;
  /** What was wanted is done, or can't be: the count starts anew. */
  settle(): void;
}

/** Share of the slots that is asked for, 0 to more than 1. Work without any slot is more than everything. */
export const utilisation = ({ slots, busy, waiting }: Load): number => (slots > 0 ? (busy + waiting) / slots : busy + waiting > 0 ? Infinity : 0);

export function createLoadWatch(policy: () => ScalingPolicy): LoadWatch {
  let leaning: Pressure = null;
  let since = 0;
  return {
    look(load, now) {
      const { high, low, upAfterMs, downAfterMs } = policy();
      const used = utilisation(load);
      const leans: Pressure = used > high ? 'up' : used < low ? 'down' : null;
      if (leans !== leaning) [leaning, since] = [leans, now];
      if (leaning === null) return null;
      return now - since >= (leaning === 'up' ? upAfterMs : downAfterMs) ? leaning : null;
    },
    settle() {
      leaning = null;
    },
  };
}
