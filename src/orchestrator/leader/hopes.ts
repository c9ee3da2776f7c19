/** Whether it makes sense to go on waiting: the nodes that a lane waits for may be gone for good. */
import type { LlamboError } from '../../shared/errors.ts';
import type { NodeTable } from './parts.ts';
import type { Waiting } from './waiting.ts';

/** A node that is gone may be a tab that reloads: whoever waits for it waits this long before it hears that there is none. */
const HOPE_MS = 5000;
/** A lane that has hope is asked about at most so often. */
const CHECK_MS = 1000;
/** Lanes that are remembered; then all are forgotten, and have five seconds again. */
const MOST_LANES = 1024;

export interface Hopes {
  /** It finds no node now. @returns why it never will; null: it may */
  reasonToStop(item: Waiting, now: number): LlamboError | null;
  /** One of this lane got a node. */
  found(lane: string): void;
  /** No lane is remembered. */
  readonly isEmpty: boolean;
}

export function createHopes(table: Pick<NodeTable, 'standing'>): Hopes {
  const lanes = new Map<string, { readonly checkedAt: number; readonly lostAt: number | null }>();
  return {
    found: (lane) => void (lanes.size > 0 && lanes.delete(lane)),
    get isEmpty() {
      return lanes.size === 0;
    },
    reasonToStop(item, now) {
      const known = lanes.get(item.lane);
      if (known?.lostAt === null && now - known.checkedAt < CHECK_MS) return null;
      const standing = table.standing(item.request);
      const lostAt = typeof standing === 'string' ? null : (known?.lostAt ?? now);
      if (lanes.size >= MOST_LANES) lanes.clear();
      lanes.set(item.lane, { checkedAt: now, lostAt });
      return typeof standing !== 'string' && lostAt !== null && now - lostAt >= HOPE_MS ? standing : null;
    },
  };
}
