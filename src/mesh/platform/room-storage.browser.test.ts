import { afterAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { RoomId } from '../../shared/ids.ts';
import { createRoomStorage } from './room-storage.ts';

/** One for each test: what one has open, another can't delete. */
const [first, second] = [`room-test-${crypto.randomUUID()}`, `room-test-${crypto.randomUUID()}`];
const rules = (version: number): MessageOf<'rules'> => ({ t: 'rules', rules: { founder: 'key', version, gate: true, stewards: [], signature: 's' }, passes: [] });
const room = (index: number): RoomId => `room${index}` as RoomId;

afterAll(() => [first, second].forEach((database) => void indexedDB.deleteDatabase(database)));

describe('what a device remembers of rooms', () => {
  it('is the last rules of each room, of the rooms that were used last', async () => {
    const storage = createRoomStorage('rules', first);
    expect(await storage.load(room(0))).toBe(null);
    await storage.save(room(0), rules(1));
    await storage.save(room(0), rules(2));
    expect(await createRoomStorage('rules', first).load(room(0))).toEqual(rules(2));
    for (let index = 1; index < LIMITS.keptRooms; index += 1) await storage.save(room(index), rules(1));
    await storage.save(room(0), rules(3));
    await storage.save(room(LIMITS.keptRooms), rules(1));
    expect(await storage.load(room(0))).toEqual(rules(3));
    expect(await storage.load(room(1))).toBe(null);
  });

  it('is rules and policy, each for itself', async () => {
    const policies = createRoomStorage('policy', second);
    const policy: MessageOf<'policy'> = { t: 'policy', document: { by: 'key', version: 1, policy: '{}', signature: 's' } };
    await policies.save(room(0), policy);
    await createRoomStorage('rules', second).save(room(0), rules(1));
    expect(await policies.load(room(0))).toEqual(policy);
  });
});
