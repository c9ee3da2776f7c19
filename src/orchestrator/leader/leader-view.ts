/** What the page and the autoscaler see of the leader. Counted when asked: nothing else looks at all that wait. */
import type { DeviceId } from '../../shared/ids.ts';
import type { LeaderView } from '../types.ts';
import type { FairQueue, NodeTable } from './parts.ts';
import type { Waiting } from './waiting.ts';

export function viewOf(queue: FairQueue<Waiting>, table: NodeTable): LeaderView {
  const waitingByDevice = new Map<DeviceId, number>();
  const demand = new Map<string, number>();
  for (const { device, request } of queue.items()) {
    waitingByDevice.set(device, (waitingByDevice.get(device) ?? 0) + 1);
    const asked = request.shape.model ?? request.shape.tier ?? 'any';
    demand.set(asked, (demand.get(asked) ?? 0) + 1);
  }
  return { waiting: queue.size, waitingByDevice, slots: table.slots, assigned: table.assigned, demand };
}
