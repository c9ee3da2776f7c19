/** A request that waits for a node: what the queue needs of it, and what the asker was told. */
import type { NodeRequest } from '../types.ts';
import type { NodeTable, QueueItem } from './parts.ts';
import { tokensOf } from './task-book.ts';

export interface Waiting extends QueueItem {
  /** The newest of its job: a later one that asks for the same keeps the place. */
  request: NodeRequest;
  readonly since: number;
  toldPlace: number;
  toldAt: number;
}

export function waitingOf(key: string, request: NodeRequest, ahead: boolean, lane: string, now: number): Waiting {
  const { device, shape, deadlineMs } = request;
  return {
    key, device, lane, ahead, request,
    priority: shape.priority,
    cost: tokensOf(request),
    deadlineAt: now + deadlineMs,
    since: now, toldPlace: 0, toldAt: -Infinity,
  };
}

/** Whether what waits is what is asked for now. Its deadline stays: a job has one, and it was told nearer to its start. */
export function isSameWish(item: Waiting, request: NodeRequest, ahead: boolean, table: Pick<NodeTable, 'lane'>): boolean {
  return item.priority === request.shape.priority && item.cost === tokensOf(request) && item.ahead === ahead && item.lane === table.lane(request);
}
