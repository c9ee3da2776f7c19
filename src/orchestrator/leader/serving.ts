/** Whoever is next gets a node, until nobody finds one: between the queue and the node table, after each event that freed or added something. */
import type { LlamboError } from '../../shared/errors.ts';
import type { Address } from '../../shared/ids.ts';
import type { NodeRequest } from '../types.ts';
import { createFullLanes } from './full-lanes.ts';
import { createHopes } from './hopes.ts';
import type { FairQueue, NodeTable } from './parts.ts';
import type { Waiting } from './waiting.ts';

/** Lanes that find no node in one event. More wait for the next event: an event must not cost as much as there are lanes. */
const TRIES = 32;

export interface ServingDeps {
  readonly queue: FairQueue<Waiting>;
  readonly table: NodeTable;
  /** @returns false if the node can't be given */
  grant(item: Waiting, node: Address, now: number): boolean;
  refuse(request: NodeRequest, error: LlamboError): void;
}

export interface Serving {
  /** So many more tasks find room than before; Infinity: it can't be told. */
  freed(slots: number): void;
  /** No node was found for it, and nothing was freed since. */
  isFull(lane: string): boolean;
  /** Nobody waits, and nothing is known to be full: whoever comes now is the next, and need not stand in line to be. */
  isOpen(): boolean;
  serve(now: number): void;
}

export function createServing({ queue, table, grant, refuse }: ServingDeps): Serving {
  const lanes = createFullLanes();
  const hopes = createHopes(table);

  function giveTo(item: Waiting, now: number): boolean {
    const node = table.pick(item.request, now);
    if (node === null || !grant(item, node, now)) return false;
    queue.take(item.key);
    lanes.granted(item.lane);
    hopes.found(item.lane);
    return true;
  }

  function failed(item: Waiting, now: number): void {
    const error = hopes.reasonToStop(item, now);
    if (!error) return lanes.failed(item.lane);
    queue.remove(item.key);
    refuse(item.request, error);
  }

  return {
    freed: lanes.freed,
    isFull: (lane) => lanes.blocked.has(lane),
    isOpen: () => queue.size === 0 && lanes.isClear && hopes.isEmpty,
    serve(now) {
      lanes.begin();
      for (let tries = TRIES; tries > 0; ) {
        const item = queue.next(lanes.blocked);
        if (!item) {
          lanes.end();
          if (lanes.begin()) continue;
          return;
        }
        if (giveTo(item, now)) continue;
        failed(item, now);
        tries -= 1;
      }
    },
  };
}
