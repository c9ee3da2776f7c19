import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { sealedGrantSchema, type SealedGrant } from '../../protocol/grant.ts';
import { nodeAddress, type PeerId, type TaskId } from '../../shared/ids.ts';
import { createFakeCrypto, createFakeRoom } from '../../testing/fake-crypto.ts';
import { fakePeerId } from '../../testing/fake-link.ts';
import { createWebCrypto } from '../platform/web-crypto.ts';
import { createGrants, type GrantedTask } from './grants.ts';

const crypto = createFakeCrypto(5);
const room = createFakeRoom().id;
const [leader, other, worker] = [crypto.newIdentity(), crypto.newIdentity(), crypto.newIdentity()];
const asker = fakePeerId('asker');
const task = 'task-one' as TaskId;
const wanted: GrantedTask = { id: task, node: 'a', asker };
const at = (identity: typeof leader, inRoom = room) => createGrants({ identity, crypto, room: inRoom });
const seal = (by = leader, inRoom = room): Promise<SealedGrant> => at(by, inRoom).seal({ task, node: nodeAddress(worker.peer, 'a'), asker, term: 7 });

describe('a grant', () => {
  it('is believed by the worker that it is for, and fits into a message', async () => {
    const grant = await seal();
    expect(v.parse(sealedGrantSchema, grant)).toEqual(grant);
    expect(grant).toMatchObject({ leader: leader.peer, term: 7, task, asker, worker: worker.peer, node: 'a' });
    expect(await at(worker).verify(grant, wanted)).toBe(true);
  });

  it.each<[string, Partial<GrantedTask>]>([
    ['another task', { id: 'task-two' as TaskId }],
    ['another node', { node: 'b' }],
    ['another asker', { asker: fakePeerId('thief') }],
  ])('is none for %s', async (_, change) => expect(await at(worker).verify(await seal(), { ...wanted, ...change })).toBe(false));

  it('is none at another worker, and none in another room', async () => {
    expect(await at(other).verify(await seal(), wanted)).toBe(false);
    expect(await at(worker).verify(await seal(leader, createFakeRoom('another').id), wanted)).toBe(false);
  });

  it('is none if anything of it was changed, also together with what is asked', async () => {
    const text = fc.stringMatching(/^[a-z2-7]{20}$/);
    const change: fc.Arbitrary<Partial<SealedGrant>> = fc.oneof(
      fc.record({ term: fc.nat() }),
      fc.record({ leader: text.map((id) => id as PeerId) }),
      fc.record({ leader: fc.constant(other.peer), key: fc.constant(other.key) }),
      fc.record({ key: fc.constantFrom(other.key, 'page-x') }),
      fc.record({ task: fc.constant('task-two' as TaskId) }),
      fc.record({ asker: text.map((id) => id as PeerId) }),
      fc.record({ node: fc.constantFrom('b', 'aa') }),
      fc.record({ signature: fc.base64String({ minLength: 1, maxLength: 40 }) }),
    );
    await fc.assert(
      fc.asyncProperty(change, async (changed) => {
        const grant = { ...(await seal()), ...changed };
        fc.pre(changed.term !== 7);
        expect(await at(worker).verify(grant, { id: grant.task, node: grant.node, asker: grant.asker })).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('holds with real keys, and garbage is none', async () => {
    const web = createWebCrypto();
    const real = await web.newIdentity(await web.newKeys());
    const grants = createGrants({ identity: real, crypto: web, room });
    const grant = await grants.seal({ task, node: nodeAddress(real.peer, 'a'), asker, term: 1 });
    expect(v.safeParse(sealedGrantSchema, grant).success).toBe(true);
    expect(await grants.verify(grant, wanted)).toBe(true);
    for (const bad of [{ term: 2 }, { signature: 'AAAA' }, { key: 'x' }, { key: 'AAAA', leader: (await web.idOf('AAAA')) as PeerId }]) {
      expect(await grants.verify({ ...grant, ...bad }, wanted)).toBe(false);
    }
  });
});
