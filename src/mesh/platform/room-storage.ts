/**
 * Where this device keeps the rules of the swarms that it was in, so that who was barred stays so when all tabs were closed,
 * and how they are run. What is stored is verified by whoever reads it.
 */
import { createStore, get, update } from 'idb-keyval';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { RoomId } from '../../shared/ids.ts';

type Kept = [room: string, document: unknown];

const listOf = (stored: unknown): Kept[] => (Array.isArray(stored) ? stored.filter((one): one is Kept => Array.isArray(one) && one.length === 2) : []);

/** The last message of one kind of each room, of the rooms that were used last. */
export interface RoomStorage<Tag extends 'rules' | 'policy'> {
  load(room: RoomId): Promise<unknown>;
  save(room: RoomId, message: MessageOf<Tag>): Promise<void>;
}

/** @param database tests take another */
export function createRoomStorage<Tag extends 'rules' | 'policy'>(tag: Tag, database = 'llambo-swarms'): RoomStorage<Tag> {
  return {
    async load(room) {
      const stored = await get<unknown>(tag, createStore(database, 'swarms'));
      return listOf(stored).find(([known]) => known === room)?.[1] ?? null;
    },
    // The room that was used last is the last; those of long ago make room.
    save: (room, message) =>
      update<unknown>(tag, (stored) => [...listOf(stored).filter(([known]) => known !== room), [room, message]].slice(-LIMITS.keptRooms), createStore(database, 'swarms')),
  };
}
