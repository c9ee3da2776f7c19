/** The doors of a simulated room: whoever asks first holds one; the dead hold theirs for a while. */
import type { Clock } from '../shared/env.ts';

export interface SimDoors<Peer> {
  /** @returns false if somebody else has it */
  take(door: number, peer: Peer): boolean;
  release(door: number, peer: Peer): void;
  holder(door: number): Peer | undefined;
  holders(): Peer[];
  /** That peer is gone: its doors are free after so long. */
  letGo(peer: Peer, staleMs: number): void;
}

export function createSimDoors<Peer>(clock: Clock): SimDoors<Peer> {
  const doors = new Map<number, { holder: Peer; until: number }>();
  return {
    take(door, peer) {
      const held = doors.get(door);
      if (held && held.holder !== peer && clock.now() <= held.until) return false;
      doors.set(door, { holder: peer, until: Infinity });
      return true;
    },
    release(door, peer) {
      if (doors.get(door)?.holder === peer) doors.delete(door);
    },
    holder: (door) => doors.get(door)?.holder,
    holders: () => [...doors.values()].map(({ holder }) => holder),
    letGo(peer, staleMs) {
      for (const [door, { holder }] of doors) if (holder === peer) doors.set(door, { holder, until: clock.now() + staleMs });
    },
  };
}
