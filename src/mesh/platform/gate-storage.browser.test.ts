import { afterEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { RoomId } from '../../shared/ids.ts';
import { createGateStorage } from './gate-storage.ts';

const database = `gate-test-${crypto.randomUUID()}`;
const rules = (version: number): MessageOf<'rules'> => ({ t: 'rules', rules: { founder: 'key', version, gate: true, stewards: [], signature: 's' }, passes: [] });
const room = (index: number): RoomId => `room${index}` as RoomId;

afterEach(() => void indexedDB.deleteDatabase(database));

describe('what a device remembers of gates', () => {
  it('is the last rules of each room, of the rooms that were used last', async () => {
    const storage = createGateStorage(database);
    expect(await storage.load(room(0))).toBe(null);
    await storage.save(room(0), rules(1));
    await storage.save(room(0), rules(2));
    expect(await createGateStorage(database).load(room(0))).toEqual(rules(2));
    for (let index = 1; index < LIMITS.keptRooms; index += 1) await storage.save(room(index), rules(1));
    await storage.save(room(0), rules(3));
    await storage.save(room(LIMITS.keptRooms), rules(1));
    expect(await storage.load(room(0))).toEqual(rules(3));
    expect(await storage.load(room(1))).toBe(null);
  });
});
