/** What tests of the model store share: a store over the browser's real private files, locks and channels, and a scripted network. */
import { afterEach, beforeEach } from 'vitest';
import { createModelStore, type ModelStore, type StoredModel } from '../engine/model-store.ts';
import type { CatalogEntry, ModelInfo } from '../protocol/models.ts';
import type { ModelHash } from '../shared/ids.ts';
import { systemEnv } from '../shared/system-env.ts';
import type { SourceRequest, SourceScript } from './model-source.ts';

export const HASH_1 = 'ff1adec9e3570318cdf10c8f5e786c2f6b59735a27bc02c34de9f3a178764655' as ModelHash;
export const HASH_2 = '2653dd8b73307b4e504a69f15c41165afa25496794852daad4f9cd061b663d58' as ModelHash;
export const BYTES = 1_302_112;
export const HALF = BYTES / 2;
export const FILE_1 = new URL('/models/tiny-1.gguf', location.href).href;
export const FILE_2 = new URL('/models/tiny-2.gguf', location.href).href;
export const AT = 'https://models.test/tiny.gguf';

export const entry = (more: Partial<CatalogEntry> = {}, sha256: ModelHash | null = HASH_1): CatalogEntry => ({
  id: 'tiny', name: 'Tiny', license: 'MIT', tier: 'tiny', context: 256, slots: 1, ubatch: 64, maxThreads: 1, memoryBytes: 1, goodAt: '',
  files: [{ urls: [AT], bytes: BYTES, ...(sha256 ? { sha256 } : {}) }],
  ...more,
});

/** The model as the store shows it, once it looks as wanted. */
export function shown(store: ModelStore, wanted: (info: ModelInfo) => boolean, id = 'tiny'): Promise<ModelInfo> {
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
export const kind = (wanted: ModelInfo['state']['kind']) => ({ state }: ModelInfo): boolean => state.kind === wanted;

export const bytesOf = async (url: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await (await fetch(url)).arrayBuffer());
const digest = async (blob: Blob): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
export const hashes = (model: StoredModel): Promise<string[]> => Promise.all(model.files.map(digest));

/** A worker whose network follows the script. */
export const scriptedWorker = (script: SourceScript): Worker =>
  new Worker(new URL('../engine/model-scripted.worker.ts', import.meta.url), { type: 'module', name: JSON.stringify(script) });

export interface Opened {
  readonly store: ModelStore;
  /** Ends the worker as a crash of its tab would. */
  kill(): void;
}

export interface StoreBench {
  /** Of this test alone, in the browser's private files. */
  folder(): string;
  /** What workers asked the network for in this test. */
  readonly requests: readonly SourceRequest[];
  froms(): number[];
  open(script: SourceScript, catalog?: readonly CatalogEntry[]): Opened;
  /** A store that was made otherwise is stopped with the rest. */
  adopt(store: ModelStore): ModelStore;
  /** Lets held answers go on. */
  release(): void;
  /** Files in the store's folder, or in this one. */
  names(path?: string): Promise<string[]>;
  /** Resolves when an answer is held at its half: everything before it is on disk. */
  heldUp(): Promise<void>;
}

/** Call once in a test file: every test gets a folder of its own, and leaves nothing. */
export function createStoreBench(): StoreBench {
  const requests: SourceRequest[] = [];
  let folder: string;
  let channel: BroadcastChannel;
  let stores: ModelStore[];

  beforeEach(() => {
    folder = `test-${systemEnv.random.id()}`;
    requests.length = 0;
    stores = [];
    channel = new BroadcastChannel('model-source');
    channel.onmessage = ({ data }: MessageEvent<SourceRequest>) => requests.push(data);
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.stop()));
    channel.close();
    await (await navigator.storage.getDirectory()).removeEntry(folder, { recursive: true }).catch(() => undefined);
  });

  function adopt(store: ModelStore): ModelStore {
    stores.push(store);
    return store;
  }

  return {
    folder: () => folder,
    requests,
    froms: () => requests.map(({ from }) => from),
    adopt,
    release: () => channel.postMessage('release'),

    open(script, catalog = [entry()]) {
      let worker: Worker | null = null;
      const createWorker = (): Worker => (worker = scriptedWorker(script));
      const store = adopt(createModelStore({ env: systemEnv, catalog, baseUrl: location.href }, { folder, retryMs: 1, createWorker }));
      return { store, kill: () => worker!.dispatchEvent(new ErrorEvent('error', { message: 'killed by the test' })) };
    },

    async names(path = folder) {
      const found: string[] = [];
      let directory = await navigator.storage.getDirectory();
      for (const piece of path.split('/')) directory = await directory.getDirectoryHandle(piece);
      for await (const [name, handle] of directory.entries()) if (handle.kind === 'file') found.push(name);
      return found.sort();
    },

    async heldUp() {
      const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
      for (;;) {
        const partial = await directory.getDirectoryHandle('partial', { create: true });
        for await (const handle of partial.values()) {
          if (handle.kind === 'file' && !handle.name.endsWith('.json') && (await handle.getFile().then(({ size }) => size, () => 0)) >= HALF) return;
        }
      }
    },
  };
}
