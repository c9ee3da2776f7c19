/** The store over the browser's real private files, locks and channels; only the network is scripted. */
import { cdp } from 'vitest/browser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CatalogEntry, ModelInfo } from '../protocol/models.ts';
import { systemEnv } from '../shared/system-env.ts';
import type { ModelHash } from '../shared/ids.ts';
import { splitGguf } from '../testing/gguf-split.ts';
import type { SourceRequest, SourceScript } from '../testing/model-source.ts';
import { createModelStore, type ModelStore, type StoredModel } from './model-store.ts';

const HASH_1 = 'ff1adec9e3570318cdf10c8f5e786c2f6b59735a27bc02c34de9f3a178764655' as ModelHash;
const HASH_2 = '2653dd8b73307b4e504a69f15c41165afa25496794852daad4f9cd061b663d58' as ModelHash;
const BYTES = 1_302_112;
const HALF = BYTES / 2;
const FILE_1 = new URL('/models/tiny-1.gguf', location.href).href;
const FILE_2 = new URL('/models/tiny-2.gguf', location.href).href;
const AT = 'https://models.test/tiny.gguf';

const entry = (more: Partial<CatalogEntry> = {}, sha256: ModelHash | null = HASH_1): CatalogEntry => ({
  id: 'tiny', name: 'Tiny', license: 'MIT', tier: 'tiny', context: 256, slots: 1, ubatch: 64, maxThreads: 1, memoryBytes: 1, goodAt: '',
  files: [{ urls: [AT], bytes: BYTES, ...(sha256 ? { sha256 } : {}) }],
  ...more,
});

let folder: string;
let requests: SourceRequest[];
let channel: BroadcastChannel;
let stores: ModelStore[];

beforeEach(() => {
  folder = `test-${systemEnv.random.id()}`;
  requests = [];
  stores = [];
  channel = new BroadcastChannel('model-source');
  channel.onmessage = ({ data }: MessageEvent<SourceRequest>) => requests.push(data);
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.stop()));
  channel.close();
  await (await navigator.storage.getDirectory()).removeEntry(folder, { recursive: true }).catch(() => undefined);
});

interface Opened {
  readonly store: ModelStore;
  /** Ends the worker as a crash of its tab would. */
  kill(): void;
}

function open(script: SourceScript, catalog: readonly CatalogEntry[] = [entry()]): Opened {
  let worker: Worker | null = null;
  const createWorker = (): Worker => {
    worker = new Worker(new URL('./model-scripted.worker.ts', import.meta.url), { type: 'module', name: JSON.stringify(script) });
    return worker;
  };
  const store = createModelStore({ env: systemEnv, catalog, baseUrl: location.href }, { folder, retryMs: 1, createWorker });
  stores.push(store);
  return { store, kill: () => worker!.dispatchEvent(new ErrorEvent('error', { message: 'killed by the test' })) };
}

/** The model as the store shows it, once it looks as wanted. */
function shown(store: ModelStore, wanted: (info: ModelInfo) => boolean, id = 'tiny'): Promise<ModelInfo> {
  return new Promise((resolve) => {
    const look = (models: readonly ModelInfo[]): void => {
      const info = models.find((model) => model.id === id);
      if (!info || !wanted(info)) return;
      unsubscribe();
      resolve(info);
    };
    const unsubscribe = store.onChange(look);
    look(store.list());
  });
}
const kind = (wanted: ModelInfo['state']['kind']) => ({ state }: ModelInfo) => state.kind === wanted;

const release = (): void => channel.postMessage('release');
const froms = (): number[] => requests.map(({ from }) => from);
const bytesOf = async (url: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await (await fetch(url)).arrayBuffer());
const digest = async (blob: Blob): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const hashes = (model: StoredModel): Promise<string[]> => Promise.all(model.files.map(digest));

async function names(path = folder): Promise<string[]> {
  const found: string[] = [];
  let directory = await navigator.storage.getDirectory();
  for (const piece of path.split('/')) directory = await directory.getDirectoryHandle(piece);
  for await (const [name, handle] of directory.entries()) if (handle.kind === 'file') found.push(name);
  return found.sort();
}

describe('downloading', () => {
  it('stores a model under its hash, once', async () => {
    const { store } = open({ [AT]: { file: FILE_1 } });
    expect(store.list()).toMatchObject([{ id: 'tiny', state: { kind: 'remote' }, bytes: BYTES }]);
    const model = await store.ensure('tiny');
    expect(await hashes(model)).toEqual([HASH_1]);
    expect(model).toMatchObject({ hash: HASH_1, entry: { id: 'tiny' } });
    expect(model.files[0]!.name).toBe('tiny.gguf');
    expect(await names()).toEqual([`${HASH_1}.gguf`]);
    expect(await names(`${folder}/partial`)).toEqual([]);
    expect(store.list()).toMatchObject([{ state: { kind: 'stored' }, hashSource: 'catalogue' }]);
    await store.ensure('tiny');
    expect(requests).toHaveLength(1);
    expect(await store.durable()).toBe(true);
  });

  it('goes over the real network, with the real worker', async () => {
    const store = createModelStore(
      { env: systemEnv, catalog: [entry({ files: [{ urls: ['/models/tiny-1.gguf'], bytes: BYTES, sha256: HASH_1 }] })], baseUrl: location.href },
      { folder },
    );
    stores.push(store);
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

describe('keeping', () => {
  it('notices that the storage was cleared', async () => {
    const { store } = open({ [AT]: { file: FILE_1 } });
    await store.ensure('tiny');
    await (await navigator.storage.getDirectory()).removeEntry(folder, { recursive: true });
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
    const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder);
    await directory.getFileHandle(`${'0'.repeat(64)}.gguf`, { create: true });
    await (await directory.getDirectoryHandle('partial')).getFileHandle('abandoned', { create: true });
    await open({}).store.start();
    expect(await names()).toEqual([`${HASH_1}.gguf`]);
    expect(await names(`${folder}/partial`)).toEqual([]);
  });
});

describe('where the browser keeps nothing', () => {
  it('holds models in memory, and says so', async () => {
    const worker = (): Worker => new Worker(new URL('./model-scripted.worker.ts', import.meta.url), { type: 'module', name: JSON.stringify({ [AT]: { file: FILE_1, cuts: [HALF] } }) });
    // No folder can have such a name: what a browser without private files does, at the same place.
    const store = createModelStore({ env: systemEnv, catalog: [entry()], baseUrl: location.href }, { folder: `${folder}/none`, retryMs: 1, createWorker: worker });
    stores.push(store);
    expect(await store.durable()).toBe(false);
    expect(await hashes(await store.ensure('tiny'))).toEqual([HASH_1]);
    expect(store.list()).toMatchObject([{ state: { kind: 'stored' } }]);
    await store.remove('tiny');
    expect(store.list()).toMatchObject([{ state: { kind: 'remote' } }]);
  });

  it('gets the built-in model past a store that does not work', async () => {
    const createWorker = (): Worker => new Worker(URL.createObjectURL(new Blob(['throw new Error("broken")'])));
    const builtIn = entry({ builtIn: true, files: [{ urls: ['/models/tiny-1.gguf'], bytes: BYTES, sha256: HASH_1 }] });
    const store = createModelStore({ env: systemEnv, catalog: [builtIn, entry({ id: 'other' })], baseUrl: location.href }, { folder, createWorker });
    stores.push(store);
    expect(await hashes(await store.ensure('tiny'))).toEqual([HASH_1]);
    await expect(store.ensure('other')).rejects.toMatchObject({ code: 'engine-crashed' });
  });
});

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

/** Resolves when an answer is held at its half: everything before it is on disk. */
async function heldUp(): Promise<void> {
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
  for (;;) {
    const partial = await directory.getDirectoryHandle('partial', { create: true });
    for await (const handle of partial.values()) {
      if (handle.kind === 'file' && !handle.name.endsWith('.json') && (await handle.getFile().then(({ size }) => size, () => 0)) >= HALF) return;
    }
  }
}
