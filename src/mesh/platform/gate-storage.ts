/** Where this device keeps the rules of the swarms that it was in, so that who was barred stays so when all tabs were closed. What is stored is verified by whoever reads it. */
import { createStore, get, update } from 'idb-keyval';
import { LIMITS } from '../../protocol/limits.ts';
import type { GateStorage } from '../gate/gatekeeper.ts';

const KEY = 'rules';

type Kept = [room: string, rules: unknown];

const listOf = (stored: unknown): Kept[] => (Array.isArray(stored) ? stored.filter((one): one is Kept => Array.isArray(one) && one.length === 2) : []);

/** @param database tests take another */
export function createGateStorage(database = 'llambo-swarms'): GateStorage {
  return {
    async load(room) {
      const stored = await get<unknown>(KEY, createStore(database, 'swarms'));
      return listOf(stored).find(([known]) => known === room)?.[1] ?? null;
    },
    // The room that was used last is the last; those of long ago make room.
    save: (room, rules) =>
      update<unknown>(KEY, (stored) => [...listOf(stored).filter(([known]) => known !== room), [room, rules]].slice(-LIMITS.keptRooms), createStore(database, 'swarms')),
  };
}
