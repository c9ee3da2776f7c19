/** How the store gets models over the network, alone and beside other tabs. Only the network is scripted. */
import { cdp } from 'vitest/browser';
import { describe, expect, it } from 'vitest';
import type { ModelHash } from '../shared/ids.ts';
import { systemEnv } from '../shared/system-env.ts';
import type { SourceScript } from '../testing/model-source.ts';
import { AT, BYTES, FILE_1, FILE_2, HALF, HASH_1, HASH_2, createStoreBench, entry, hashes, kind, shown } from '../testing/model-store-bench.ts';
import { createModelStore } from './model-store.ts';

const { adopt, folder, froms, heldUp, names, open, release, requests } = createStoreBench();

describe('downloading', () => {
  it('stores a model under its hash, once', async () => {
    const { store } = open({ [AT]: { file: FILE_1 } });
    expect(store.list()).toMatchObject([{ id: 'tiny', state: { kind: 'remote' }, bytes: BYTES }]);
    const model = await store.ensure('tiny');
    expect(await hashes(model)).toEqual([HASH_1]);
    expect(model).toMatchObject({ hash: HASH_1, entry: { id: 'tiny' } });
    expect(model.files[0]!.name).toBe('tiny.gguf');
    expect(await names()).toEqual([`${HASH_1}.gguf`]);
    expect(await names(`${folder()}/partial`)).toEqual([]);
    expect(store.list()).toMatchObject([{ state: { kind: 'stored' }, hashSource: 'catalogue' }]);
    await store.ensure('tiny');
    expect(requests).toHaveLength(1);
    expect(await store.durable()).toBe(true);
  });

  it('goes over the real network, with the real worker', async () => {
    const store = createModelStore(
      { env: systemEnv, catalog: [entry({ files: [{ urls: ['/models/tiny-1.gguf'], bytes: BYTES, sha256: HASH_1 }] })], baseUrl: location.href },
      { folder: folder() },
    );
    adopt(store);
    expect(await hashes(await store.ensure('tiny'))).toEqual([HASH_1]);
  });

  it('goes on where a connection broke', async () => {
    const { store } = open({ [AT]: { file: FILE_1, cuts: [HALF] } });
    const seen: number[] = [];
    expect(await hashes(await store.ensure('tiny', { onProgress: ({ done }) => seen.push(done) }))).toEqual([HASH_1]);
    expect(froms()).toEqual([0, HALF]);
    expect(seen.at(-1)).toBe(BYTES);
  });

  it('pauses, survives a reload, and goes on', async () => {
    const first = open({ [AT]: { file: FILE_1, holdAt: HALF } });
    const paused = expect(first.store.ensure('tiny')).rejects.toMatchObject({ code: 'aborted' });
    await shown(first.store, kind('downloading'));
    await heldUp();
    await first.store.pause('tiny');
    await paused;
    expect(await shown(first.store, kind('paused'))).toMatchObject({ state: { kind: 'paused', done: HALF, total: BYTES } });
    await first.store.stop();

    const second = open({ [AT]: { file: FILE_1 } });
    await second.store.start();
    expect(second.store.list()).toMatchObject([{ state: { kind: 'paused', done: HALF } }]);
    expect(await hashes(await second.store.ensure('tiny'))).toEqual([HASH_1]);
    expect(froms()).toEqual([0, HALF]);
  });

  it('stops when the last caller leaves, not before', async () => {
    const { store } = open({ [AT]: { file: FILE_1, holdAt: HALF } });
    const leaving = new AbortController();
    const [left, stayed] = [store.ensure('tiny', { signal: leaving.signal }), store.ensure('tiny')];
    await heldUp();
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'aborted' });
    release();
    expect((await stayed).hash).toBe(HASH_1);
    expect(requests).toHaveLength(1);
  });

  it.each<[string, SourceScript[string], ModelHash | null, string, RegExp]>([
    ['a wrong hash', { file: FILE_2 }, HASH_1, 'hash-mismatch', new RegExp(`models\\.test/tiny\\.gguf gave a file with the SHA-256 ${HASH_2}; ${HASH_1} was promised`)],
    ['a web page', { text: '<!doctype html><title>No</title>', type: 'text/html' }, HASH_1, 'model-invalid', /is a web page, not a model/],
    ['garbage', { text: 'x'.repeat(BYTES) }, null, 'model-invalid', /is not a GGUF/],
    ['nothing there', { failures: [404] }, HASH_1, 'download-failed', /models\.test.*answered 404/],
  ])('refuses %s, and keeps nothing of it', async (_what, route, sha256, code, message) => {
    const { store } = open({ [AT]: route }, [entry({}, sha256)]);
    await expect(store.ensure('tiny')).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string, advice: expect.any(String) as string });
    expect(await names()).toEqual([]);
    expect(store.list()).toMatchObject([{ state: { kind: 'paused', done: 0, reason: expect.any(String) as string } }]);
  });

  it('keeps what fits when the disk is full, and goes on once there is room', async () => {
    const send = cdp() as unknown as { send(method: string, params: object): Promise<unknown> };
    const { store } = open({ [AT]: { file: FILE_1 } });
    await store.start();
    const { usage = 0 } = await navigator.storage.estimate();
    await send.send('Storage.overrideQuotaForOrigin', { origin: location.origin, quotaSize: usage + HALF });
    try {
      await expect(store.ensure('tiny')).rejects.toMatchObject({ code: 'disk-full', advice: expect.stringContaining('Delete a model') as string });
    } finally {
      await send.send('Storage.overrideQuotaForOrigin', { origin: location.origin });
    }
    const { state } = await shown(store, kind('paused'));
    expect(state).toMatchObject({ reason: expect.stringContaining('no room') as string });
    expect(await hashes(await store.ensure('tiny'))).toEqual([HASH_1]);
    expect(froms()).toEqual([0, state.kind === 'paused' ? state.done : -1]);
    expect(froms()[1]).toBeGreaterThan(0);
    expect((await store.storage()).quotaBytes).toBeGreaterThan(BYTES);
  });
});

describe('several tabs', () => {
  it('download a model once, and all see it come', async () => {
    const script: SourceScript = { [AT]: { file: FILE_1, holdAt: HALF } };
    const [a, b, watcher] = [open(script), open(script), open(script)];
    await Promise.all([a, b, watcher].map(({ store }) => store.start()));
    const first = a.store.ensure('tiny');
    await heldUp();
    const second = b.store.ensure('tiny');
    expect((await shown(b.store, kind('downloading'))).state).toMatchObject({ waiting: true });
    release();
    expect((await Promise.all([first, second])).map(({ hash }) => hash)).toEqual([HASH_1, HASH_1]);
    expect(requests).toHaveLength(1);
    await shown(watcher.store, kind('stored'));
  });

  it('go on with what a tab that died has left', async () => {
    const [a, b] = [open({ [AT]: { file: FILE_1, holdAt: HALF } }), open({ [AT]: { file: FILE_1 } })];
    const died = expect(a.store.ensure('tiny')).rejects.toMatchObject({ code: 'engine-crashed' });
    await heldUp();
    const waiting = b.store.ensure('tiny');
    await shown(b.store, kind('downloading'));
    a.kill();
    await died;
    expect(await hashes(await waiting)).toEqual([HASH_1]);
    expect(froms()).toEqual([0, HALF]);
  });

  it('hear of deletions', async () => {
    const [a, b] = [open({ [AT]: { file: FILE_1 } }), open({ [AT]: { file: FILE_1 } })];
    await b.store.start();
    await a.store.ensure('tiny');
    await shown(b.store, kind('stored'));
    await a.store.remove('tiny');
    await shown(b.store, kind('remote'));
    expect(await names()).toEqual([]);
  });
});

describe('hashes that nobody promised', () => {
  it('are remembered at first use, and compared from then on', async () => {
    const unknown = entry({ files: [{ urls: [AT] }] });
    const first = open({ [AT]: { file: FILE_1 } }, [unknown]);
    await first.store.ensure('tiny');
    expect(first.store.list()).toMatchObject([{ sha256: HASH_1, hashSource: 'first-use' }]);
    await first.store.remove('tiny');
    await first.store.stop();

    const second = open({ [AT]: { file: FILE_2 } }, [unknown]);
    await expect(second.store.ensure('tiny')).rejects.toMatchObject({ code: 'hash-mismatch', advice: expect.stringContaining('delete the model') as string });
    await second.store.remove('tiny');
    expect((await second.store.ensure('tiny')).hash).toBe(HASH_2);
  });

  it('are taken from the source where it says them', async () => {
    const at = 'https://huggingface.co/a/b/resolve/main/tiny.gguf';
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${HASH_1}\nsize ${BYTES}\n`;
    const { store } = open({ [at]: { file: FILE_1 }, [at.replace('resolve', 'raw')]: { text: pointer } }, [entry({ files: [{ urls: [at] }] })]);
    await store.ensure('tiny');
    expect(store.list()).toMatchObject([{ hashSource: 'source', sha256: HASH_1 }]);
  });
});
