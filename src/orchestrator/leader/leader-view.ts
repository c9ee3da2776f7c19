/** What the page and the autoscaler see of the leader. Counted when asked: nothing else looks at all that wait. */
import type { LeaderView } from '../types.ts';
import type { FairQueue, NodeTable } from './parts.ts';
import type { Waiting } from './waiting.ts';

export function viewOf(queue: FairQueue<Waiting>, table: NodeTable): LeaderView {
  function counted<Key>(keyOf: (item: Waiting) => Key): ReadonlyMap<Key, number> {
    const counts = new Map<Key, number>();
    for (const item of queue.items()) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
    return counts;
  }

  return {
    waiting: queue.size,
    slots: table.slots,
    assigned: table.assigned,
    // Most who look want the sums only, and look at each task that begins.
    get waitingByDevice() {
      return counted(({ device }) => device);
    },
    get demand() {
      return counted(({ request: { shape } }) => shape.model ?? shape.tier ?? 'any');
    },
  };
}
