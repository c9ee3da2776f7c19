import { del, createStore, set } from 'idb-keyval';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { certificateBytes } from '../identity.ts';
import { loadDeviceKeys } from './identity-storage.ts';
import { createWebCrypto } from './web-crypto.ts';
import { createWebIdentity } from './web-identity.ts';

const crypto = createWebCrypto();
const databases: string[] = [];

function freshDatabase(): string {
  const name = `identity-test-${globalThis.crypto.randomUUID()}`;
  databases.push(name);
  return name;
}

afterEach(() => {
  vi.restoreAllMocks();
  databases.splice(0).forEach((name) => indexedDB.deleteDatabase(name));
});

describe('the identity of a tab', () => {
  it('is a new peer of the same device with each load', async () => {
    const database = freshDatabase();
    const first = await createWebIdentity(crypto, database);
    const second = await createWebIdentity(crypto, database);
    expect(second.device).toBe(first.device);
    expect(second.peer).not.toBe(first.peer);
    expect([first.kept, second.kept]).toEqual([true, true]);
    expect(await crypto.verify(second.deviceKey, second.certificate, certificateBytes(second.key))).toBe(true);
  });

  it('has one device also when many tabs start at once', async () => {
    const database = freshDatabase();
    const tabs = await Promise.all(Array.from({ length: 12 }, () => createWebIdentity(crypto, database)));
    expect(new Set(tabs.map(({ device }) => device)).size).toBe(1);
    expect(new Set(tabs.map(({ peer }) => peer)).size).toBe(12);
  });

  it('keeps a private key that can not be taken out', async () => {
    const { keys } = await loadDeviceKeys(crypto.newKeys, freshDatabase());
    expect(keys.privateKey.extractable).toBe(false);
    await expect(globalThis.crypto.subtle.exportKey('pkcs8', keys.privateKey)).rejects.toThrow();
  });

  it('makes a new device of a record that is no key', async () => {
    const database = freshDatabase();
    await set('device-key', { privateKey: 'none' }, createStore(database, 'keys'));
    const [first, second] = [await createWebIdentity(crypto, database), await createWebIdentity(crypto, database)];
    expect(first.device).toBe(second.device);
    expect(first.kept).toBe(true);
  });

  it('makes do with a key that it can not use any more', async () => {
    const database = freshDatabase();
    const { keys } = await loadDeviceKeys(crypto.newKeys, database);
    vi.spyOn(SubtleCrypto.prototype, 'sign').mockRejectedValueOnce(new DOMException('gone', 'InvalidAccessError'));
    expect((await createWebIdentity(crypto, database)).kept).toBe(false);
    expect((await loadDeviceKeys(crypto.newKeys, database)).keys.publicKey.algorithm).toEqual(keys.publicKey.algorithm);
  });

  it.each(['open', 'put'] as const)('lives for this page load only where storage fails to %s', async (step) => {
    const database = freshDatabase();
    const fail = (): never => {
      throw new DOMException('Storage is off.', 'SecurityError');
    };
    if (step === 'open') vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(fail);
    else vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(fail);
    const identity = await createWebIdentity(crypto, database);
    expect(identity.kept).toBe(false);
    expect(identity.device).toMatch(/^[a-z2-7]{20}$/);
  });

  it('asks for a key again after the stored one was deleted', async () => {
    const database = freshDatabase();
    const before = await createWebIdentity(crypto, database);
    await del('device-key', createStore(database, 'keys'));
    expect((await createWebIdentity(crypto, database)).device).not.toBe(before.device);
  });
});
