/**
 * How many second tasks may be given for answers that are slow to come: `hedgeShare` of the tasks granted, so that hedging can
 * never double the load of a swarm that is slow because it is full (Dean and Barroso, "The Tail at Scale", 2013). Some are
 * free at the start, so that a young swarm can hedge what runs on a node that falls silent: hedges ≤ share × tasks + `FREE_HEDGES`.
 * The same holds for each device: a tab that calls all its tasks silent uses up nobody else's.
 */
import type { DeviceId } from '../../shared/ids.ts';

export interface HedgeBudget {
  /** A task was granted that is no hedge. */
  earn(device: DeviceId): void;
  hasOne(device: DeviceId): boolean;
  spend(device: DeviceId): void;
  setShare(share: number): void;
}

/** The slots of a small node. With one, the others of four streams that fell silent together waited five times as long. */
export const FREE_HEDGES = 4;
/** What may be saved up: as many streams as one large node has that falls silent. More would be a burst of double work. */
const MOST = 32;
/** Devices that are remembered: four times as many as a room has peers. The one that came first is new again. */
const DEVICES = 256;

export function createHedgeBudget(first: number): HedgeBudget {
  let share = first;
  let left = FREE_HEDGES;
  const byDevice = new Map<DeviceId, number>();
  const leftOf = (device: DeviceId): number => byDevice.get(device) ?? FREE_HEDGES;

  function keep(device: DeviceId, hedges: number): void {
    if (byDevice.size >= DEVICES && !byDevice.has(device)) byDevice.delete(byDevice.keys().next().value!);
    byDevice.set(device, hedges);
  }

  return {
    earn(device) {
      left = Math.min(MOST, left + share);
      keep(device, Math.min(MOST, leftOf(device) + share));
    },
    hasOne: (device) => share > 0 && left >= 1 && leftOf(device) >= 1,
    spend(device) {
      left -= 1;
      keep(device, leftOf(device) - 1);
    },
    setShare(next) {
      share = next;
    },
  };
}
