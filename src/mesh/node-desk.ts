/**
 * The line of other tabs' tasks in front of one node of ours. They wait here and not in the node's own line, so that
 * whatever waits there is the person's, and goes first. Policy only: who is next, and whether anybody may go.
 */
import type { EngineNode, NodeInfo } from '../protocol/engine-node.ts';
import type { DeviceId } from '../shared/ids.ts';

export interface Waiter {
  readonly device: DeviceId;
}

export interface Desk<Guest extends Waiter> {
  readonly node: EngineNode;
  /** In the order of coming. */
  readonly line: readonly Guest[];
  readonly running: ReadonlySet<Guest>;
  join(guest: Guest): void;
  /** Who may start now, moved from the line to the running; null if nobody may. */
  takeNext(): Guest | null;
  /** Out of the line, or out of its slot. */
  drop(guest: Guest): void;
}

export function createDesk<Guest extends Waiter>(node: EngineNode): Desk<Guest> {
  const line: Guest[] = [];
  const running = new Set<Guest>();

  return {
    node,
    line,
    running,
    join: (guest) => void line.push(guest),
    takeNext() {
      if (line.length === 0 || !hasRoom(node.info(), running.size)) return null;
      const guest = fairest(line, running);
      line.splice(line.indexOf(guest), 1);
      running.add(guest);
      return guest;
    },
    drop(guest) {
      running.delete(guest);
      const place = line.indexOf(guest);
      if (place >= 0) line.splice(place, 1);
    },
  };
}

/** The person's own tasks wait for this node. */
export const isWanted = ({ waiting }: NodeInfo): boolean => waiting > 0;

/**
 * A node that can't work is asked too: it knows best what to say. Its own count of the busy comes a little late, so that
 * of ours counts as well.
 */
function hasRoom(info: NodeInfo, ours: number): boolean {
  if (info.state !== 'idle' && info.state !== 'busy') return true;
  return !isWanted(info) && Math.max(info.busy, ours) < info.slots;
}

/** Of those who wait, the first of the device that has the fewest running here: nobody's long line keeps others out. */
function fairest<Guest extends Waiter>(line: readonly Guest[], running: ReadonlySet<Guest>): Guest {
  const has = ({ device }: Guest): number => [...running].filter((other) => other.device === device).length;
  return line.reduce((best, guest) => (has(guest) < has(best) ? guest : best));
}
