/**
 * The line of other tabs' tasks in front of one node of ours. They wait here and not in the node's own line, so that
 * whatever waits there is the person's, and goes first. Policy only: who is next, and whether anybody may go.
 */
import type { EngineNode, NodeInfo } from '../../protocol/engine-node.ts';
import type { DeviceId } from '../../shared/ids.ts';

export interface Waiter {
  readonly device: DeviceId;
  /** The leader sent it: it goes before those that came by themselves. */
  readonly granted: boolean;
}

export interface Desk<Guest extends Waiter> {
  readonly node: EngineNode;
  /** The granted first, each kind in the order of coming. */
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
  /** When a device was last given a slot, as a count of starts. Only of devices that have something here. */
  const lastStart = new Map<DeviceId, number>();
  let starts = 0;

  /** Of the granted if there are any. Nobody's long line keeps others out: fewest running first, then who has waited longest since a start, then who came first. */
  function fairest(): Guest {
    const standing = ({ device }: Guest): [running: number, last: number] => [
      [...running].filter((other) => other.device === device).length,
      lastStart.get(device) ?? 0,
    ];
    return line.filter(({ granted }) => granted === line[0]!.granted).reduce((best, guest) => {
      const [[mine, myLast], [theirs, theirLast]] = [standing(guest), standing(best)];
      return mine < theirs || (mine === theirs && myLast < theirLast) ? guest : best;
    });
  }

  return {
    node,
    line,
    running,
    join(guest) {
      const behind = guest.granted ? line.findIndex(({ granted }) => !granted) : -1;
      line.splice(behind < 0 ? line.length : behind, 0, guest);
    },
    takeNext() {
      if (line.length === 0 || !hasRoom(node.info(), running.size)) return null;
      const guest = fairest();
      line.splice(line.indexOf(guest), 1);
      running.add(guest);
      lastStart.set(guest.device, (starts += 1));
      return guest;
    },
    drop(guest) {
      running.delete(guest);
      const place = line.indexOf(guest);
      if (place >= 0) line.splice(place, 1);
      if (![...line, ...running].some(({ device }) => device === guest.device)) lastStart.delete(guest.device);
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
