/** Models that the person brings, over the browser's real private files. */
import { describe, expect, it } from 'vitest';
import { splitGguf } from '../testing/gguf-split.ts';
import { AT, BYTES, FILE_1, HASH_1, bytesOf, createStoreBench, hashes } from '../testing/model-store-bench.ts';

const { names, open, requests } = createStoreBench();

describe('models that the person brings', () => {
  it('takes an address, offers it again after a reload, and describes it by its file', async () => {
    const first = open({ [AT]: { file: FILE_1 } }, []);
    const added = await first.store.addFromUrl(AT);
    expect(added).toMatchObject({ id: 'tiny', name: 'tiny', origin: 'url', state: { kind: 'remote' }, bytes: null });
    expect((await first.store.addFromUrl(AT)).id).toBe('tiny');
    await first.store.stop();

    const { store } = open({ [AT]: { file: FILE_1 } }, []);
    await store.start();
    expect((await store.ensure('tiny')).entry).toMatchObject({ name: 'Llambo tiny', context: 256, tier: 'tiny' });
    expect(store.list()).toMatchObject([{ id: 'tiny', name: 'Llambo tiny', bytes: BYTES, state: { kind: 'stored' } }]);
    await store.remove('tiny');
    expect(store.list()).toEqual([]);
  });

  it('takes a file, and knows it again', async () => {
    const { store } = open({}, []);
    const file = new File([await bytesOf(FILE_1)], 'My Model.gguf');
    const info = await store.addFromFiles([file]);
    expect(info).toMatchObject({ id: 'my-model', origin: 'file', sha256: HASH_1, hashSource: 'first-use', state: { kind: 'stored' } });
    expect((await store.addFromFiles([new File([file], 'copy.gguf')])).id).toBe('my-model');
    expect(await hashes(await store.ensure('my-model'))).toEqual([HASH_1]);
  });

  it('recognises a file that the catalogue promises', async () => {
    const { store } = open({});
    expect(await store.addFromFiles([new File([await bytesOf(FILE_1)], 'x.gguf')])).toMatchObject({ id: 'tiny', hashSource: 'catalogue', state: { kind: 'stored' } });
    await store.ensure('tiny');
    expect(requests).toEqual([]);
  });

  it('takes all parts of a split model, and names what is missing', async () => {
    const [one, two] = await splitGguf(await bytesOf(FILE_1));
    const parts = [new File([two], 'tiny-00002-of-00002.gguf'), new File([one], 'tiny-00001-of-00002.gguf')];
    const { store } = open({}, []);
    await expect(store.addFromFiles(parts.slice(0, 1))).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('missing: tiny-00001-of-00002.gguf') as string });
    await expect(store.addFromFiles([new File([one], 'renamed.gguf')])).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('has 2 parts') as string });
    expect(await names()).toEqual([]);
    const { id } = await store.addFromFiles(parts);
    const model = await store.ensure(id);
    expect(model.files.map(({ name, size }) => [name, size])).toEqual([['tiny-00001-of-00002.gguf', one.length], ['tiny-00002-of-00002.gguf', two.length]]);
  });

  it('gets all parts from the address of one', async () => {
    const [one, two] = (await splitGguf(await bytesOf(FILE_1))).map((bytes) => URL.createObjectURL(new Blob([bytes])));
    const at = (part: number): string => `https://models.test/tiny-0000${part}-of-00002.gguf`;
    const { store } = open({ [at(1)]: { file: one! }, [at(2)]: { file: two! } }, []);
    const { id } = await store.addFromUrl(at(2));
    expect((await store.ensure(id)).files).toHaveLength(2);
    expect(requests.map(({ url }) => url)).toEqual([at(1), at(2)]);
  });
});
