/** What the store keeps in the browser's real private files, and what it does where there are none. */
import { describe, expect, it } from 'vitest';
import { systemEnv } from '../shared/system-env.ts';
import { AT, BYTES, FILE_1, FILE_2, HALF, HASH_1, HASH_2, createStoreBench, entry, hashes, scriptedWorker } from '../testing/model-store-bench.ts';
import { createModelStore } from './model-store.ts';

const { adopt, folder, names, open } = createStoreBench();

describe('keeping', () => {
  it('notices that the storage was cleared', async () => {
    const { store } = open({ [AT]: { file: FILE_1 } });
    await store.ensure('tiny');
    await (await navigator.storage.getDirectory()).removeEntry(folder(), { recursive: true });
    await expect(store.ensure('tiny')).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('cleared') as string });
    expect(store.list()).toMatchObject([{ state: { kind: 'remote' } }]);
    expect((await store.ensure('tiny')).hash).toBe(HASH_1);
  });

  it('keeps the old file until the new one has been loaded', async () => {
    const first = open({ [AT]: { file: FILE_1 } });
    await first.store.ensure('tiny');
    await first.store.stop();

    const { store } = open({ [AT]: { file: FILE_2 } }, [entry({}, HASH_2)]);
    await store.start();
    expect(store.list()).toMatchObject([{ state: { kind: 'outdated' }, sha256: HASH_1 }]);
    expect((await store.ensure('tiny')).hash).toBe(HASH_1);
    expect((await store.ensure('tiny', { update: true })).hash).toBe(HASH_2);
    expect((await store.ensure('tiny')).hash).toBe(HASH_1);
    expect(await names()).toHaveLength(2);
    await store.promote('tiny');
    expect(store.list()).toMatchObject([{ state: { kind: 'stored' }, sha256: HASH_2 }]);
    expect(await names()).toEqual([`${HASH_2}.gguf`]);
  });

  it('sweeps up what belongs to no model', async () => {
    const first = open({ [AT]: { file: FILE_1 } });
    await first.store.ensure('tiny');
    await first.store.stop();
    const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder());
    await directory.getFileHandle(`${'0'.repeat(64)}.gguf`, { create: true });
    await (await directory.getDirectoryHandle('partial')).getFileHandle('abandoned', { create: true });
    await open({}).store.start();
    expect(await names()).toEqual([`${HASH_1}.gguf`]);
    expect(await names(`${folder()}/partial`)).toEqual([]);
  });
});

describe('another catalogue', () => {
  it('is offered from then on; what is stored stays', async () => {
    const { store } = open({ [AT]: { file: FILE_1 } });
    await store.ensure('tiny');
    await store.offer([{ ...entry(), id: 'other', name: 'Other' }]);
    expect(store.list().map(({ id }) => id)).toEqual(['other', 'tiny']);
    await store.offer([{ ...entry(), slots: 3 }]);
    expect(store.list().map(({ id }) => id)).toEqual(['tiny']);
    expect((await store.ensure('tiny')).entry.slots).toBe(3);
  });
});

describe('where the browser keeps nothing', () => {
  it('holds models in memory, and says so', async () => {
    const worker = (): Worker => scriptedWorker({ [AT]: { file: FILE_1, cuts: [HALF] } });
    // No folder can have such a name: what a browser without private files does, at the same place.
    const store = createModelStore({ env: systemEnv, catalog: [entry()], baseUrl: location.href }, { folder: `${folder()}/none`, retryMs: 1, createWorker: worker });
    adopt(store);
    expect(await store.durable()).toBe(false);
    expect(await hashes(await store.ensure('tiny'))).toEqual([HASH_1]);
    expect(store.list()).toMatchObject([{ state: { kind: 'stored' } }]);
    await store.remove('tiny');
    expect(store.list()).toMatchObject([{ state: { kind: 'remote' } }]);
  });

  it('gets the built-in model past a store that does not work', async () => {
    const createWorker = (): Worker => new Worker(URL.createObjectURL(new Blob(['throw new Error("broken")'])));
    const builtIn = entry({ builtIn: true, files: [{ urls: ['/models/tiny-1.gguf'], bytes: BYTES, sha256: HASH_1 }] });
    const store = createModelStore({ env: systemEnv, catalog: [builtIn, entry({ id: 'other' })], baseUrl: location.href }, { folder: folder(), createWorker });
    adopt(store);
    expect(await hashes(await store.ensure('tiny'))).toEqual([HASH_1]);
    await expect(store.ensure('other')).rejects.toMatchObject({ code: 'engine-crashed' });
  });
});
