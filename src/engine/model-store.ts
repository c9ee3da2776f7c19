/**
 * The models of this device, as the page has them: offered, on their way, stored. It owns the worker that holds the
 * files, the index that remembers them and the talk with other tabs; it doesn't know engines, and so never which model
 * is in use. A second store of the same folder, in this tab or another, sees the same models.
 */
import type { CatalogEntry, ModelInfo } from '../protocol/models.ts';
import type { StorageInfo } from '../protocol/snapshot.ts';
import { LIMITS } from '../protocol/limits.ts';
import { abortable, background } from '../shared/abort.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Env } from '../shared/env.ts';
import { LlamboError } from '../shared/errors.ts';
import { freeId, modelUrls, addedEntry } from './model-entry.ts';
import { createModelFiles, type TransferOptions } from './model-files.ts';
import { createMemoryIndex, createModelIndex } from './model-index.ts';
import { ModelJobs } from './model-jobs.ts';
import { createModelShelf } from './model-shelf.ts';
import { importModel, removeModel, sweep } from './model-keeping.ts';
import { loadModelFiles, openStored, byEitherWay, type StoredModel } from './model-loading.ts';
import { modelLock, type StoreParts } from './model-parts.ts';
import { isOutdated } from './model-state.ts';
import { createModelTabs, createSoloTabs, type TabMessage } from './model-tabs.ts';
import type { WorkerLike } from './worker-link.ts';

export type { StoredModel } from './model-loading.ts';

export interface EnsureOptions extends TransferOptions {
  /** Get the newer files of an outdated model. The old ones stay until `promote`. */
  readonly update?: boolean;
}

export interface ModelStore {
  /** Catalogue order, then the added ones. The same frozen array until something changes. */
  list(): readonly ModelInfo[];
  onChange(listener: (models: readonly ModelInfo[]) => void): Unsubscribe;
  /** Finds what is stored, and takes part in what other tabs do. Every other call waits for it. Idempotent. */
  start(): Promise<void>;
  /** Ends running calls with `stopped` or `aborted`; downloads go on at the next visit. Final. */
  stop(): Promise<void>;
  /** False: this browser keeps no files, and all of them go when the tab closes. */
  durable(): Promise<boolean>;
  /**
   * The model's files, downloaded first if need be. Several callers share one download.
   * @throws LlamboError `aborted`, `busy`, `disk-full`, `download-failed`, `engine-crashed`, `hash-mismatch`, `model-invalid`, `not-found`, `stopped`
   */
  ensure(id: string, options?: EnsureOptions): Promise<StoredModel>;
  /** Offers these from now on in place of the catalogue before. Nodes that run keep what they were made with. */
  offer(catalog: readonly CatalogEntry[]): Promise<void>;
  /** Offers the model at this address from now on; nothing is downloaded yet. @throws LlamboError `bad-request` */
  addFromUrl(url: string): Promise<ModelInfo>;
  /** Stores one GGUF, or all parts of a split one. @throws LlamboError `aborted`, `bad-request`, `disk-full`, `model-invalid` */
  addFromFiles(files: readonly File[], options?: TransferOptions): Promise<ModelInfo>;
  /** Stops a download, in whatever tab it runs; what arrived is kept. */
  pause(id: string): Promise<void>;
  /**
   * Deletes the files, and a model that was added altogether. What was learnt of its hash stays, unless the model was
   * not stored: deleting it then means "forget it".
   */
  remove(id: string): Promise<void>;
  /** The newer files have been loaded once: the older ones may go. */
  promote(id: string): Promise<void>;
  storage(): Promise<StorageInfo>;
}

export interface ModelStoreDeps {
  readonly env: Env;
  readonly catalog: readonly CatalogEntry[];
  /** Absolute address of the page, with a trailing slash; relative addresses of models start there. */
  readonly baseUrl: string;
}

export interface ModelStoreOptions {
  /** Of the private file system, and name of everything that tabs share. */
  readonly folder?: string;
  /** First wait before a failed download is tried again; doubles with each. Milliseconds. */
  readonly retryMs?: number;
  createWorker?(): WorkerLike;
}

const cleared = (name: string): LlamboError =>
  new LlamboError('not-found', `${name} is no longer in the browser's storage: it was cleared.`, { advice: 'Choose the model again to get it once more.' });

const defaultWorker = (): Worker => new Worker(new URL('./model-store.worker.ts', import.meta.url), { type: 'module', name: 'llambo-models' });

export function createModelStore(deps: ModelStoreDeps, options: ModelStoreOptions = {}): ModelStore {
  const { env, catalog, baseUrl } = deps;
  const { folder = 'models', retryMs = 1000, createWorker = defaultWorker } = options;
  const scope = `llambo:${folder}`;
  const shelf = createModelShelf(catalog, baseUrl);
  const jobs = new ModelJobs<StoredModel>();
  const files = createModelFiles({ env, createWorker, settings: { folder, retryMs, silenceMs: LIMITS.downloadSilenceMs } });
  const watched = new Set<string>();
  let parts: Promise<StoreParts> | null = null;
  let stopped = false;

  function start(): Promise<StoreParts> {
    if (stopped) return Promise.reject(new LlamboError('stopped', 'The model store was closed.'));
    parts ??= open().catch((error: unknown) => {
      parts = null; // the next call tries again
      throw error;
    });
    return parts;
  }

  async function open(): Promise<StoreParts> {
    const durable = await files.durable();
    const index = durable ? createModelIndex(scope) : createMemoryIndex();
    const tabs = durable && 'locks' in navigator ? createModelTabs(scope) : createSoloTabs();
    const refresh = async (): Promise<void> => shelf.refresh(index, await files.list());
    const opened: StoreParts = { env, baseUrl, files, index, tabs, shelf, refresh };
    tabs.onMessage((message) => hear(opened, message));
    await sweep(opened);
    await refresh();
    return opened;
  }

  function hear(opened: StoreParts, message: TabMessage): void {
    const { id } = message;
    if (message.type === 'stop') return background(jobs.stop(id), () => undefined);
    if (message.type === 'changed') return background(opened.refresh(), () => undefined);
    jobs.report(id, message.progress);
    shelf.setActivity(id, { kind: 'downloading', progress: message.progress, waiting: true });
    if (!jobs.has(id)) background(watch(opened, id), () => undefined);
  }

  /** Another tab downloads; whether it finishes, fails or dies, its lock comes free. */
  async function watch({ tabs, refresh }: StoreParts, id: string): Promise<void> {
    if (watched.has(id)) return;
    watched.add(id);
    await tabs.shared(modelLock(id), () => Promise.resolve()).finally(() => watched.delete(id));
    if (!jobs.has(id)) shelf.setActivity(id, null);
    await refresh();
  }

  function info(id: string): ModelInfo {
    const found = shelf.list().find((model) => model.id === id);
    if (!found) throw new LlamboError('not-found', `There is no model ${JSON.stringify(id)}.`, { advice: 'Choose one from the list.' });
    return found;
  }

  async function ensure(id: string, update: boolean, transfer: TransferOptions): Promise<StoredModel> {
    const opened = await abortable(start(), transfer.signal);
    info(id);
    const known = shelf.get(id)!;
    const stored = known.record?.stored;
    if (stored && !(update && isOutdated(known.entry, stored))) {
      const found = await openStored(opened, known);
      if (found) return found;
      await opened.refresh();
      if (known.origin !== 'built-in') throw cleared(known.entry.name);
    }
    return jobs.run(id, transfer, (context) => loadModelFiles(opened, id, { ...context, update }));
  }

  return {
    list: () => shelf.list(),
    onChange: (listener) => shelf.onChange(listener),
    async start() {
      await start();
    },
    async stop() {
      stopped = true;
      await jobs.stopAll();
      files.close();
      await parts?.then(({ tabs }) => tabs.close()).catch(() => undefined);
    },
    durable: () => files.durable(),
    async ensure(id, { update = false, ...transfer } = {}) {
      const builtIn = catalog.find((entry) => entry.id === id && entry.builtIn);
      const work = (): Promise<StoredModel> => ensure(id, update, transfer);
      return builtIn ? byEitherWay(builtIn, baseUrl, transfer.signal, work) : work();
    },
    async offer(next) {
      shelf.setCatalog(next);
      const { refresh } = await start();
      await refresh();
    },
    async addFromUrl(typed) {
      const { index, refresh, tabs } = await start();
      const { urls, fileName } = modelUrls(typed, baseUrl);
      const known = shelf.all().find(({ entry }) => entry.files.some((file) => file.urls.some((url) => new URL(url, baseUrl).href === urls[0])));
      if (known) return info(known.entry.id);
      const id = freeId(fileName, (taken) => shelf.get(taken) !== null);
      const entry = addedEntry({ id, fileName, files: urls.map((url) => ({ urls: [url] })), bytes: 0, header: null });
      await index.change(id, () => ({ origin: 'url', entry, stored: null, update: null }));
      await refresh();
      tabs.tell({ type: 'changed', id });
      return info(id);
    },
    async addFromFiles(added, transfer = {}) {
      return info(await importModel(await start(), added, transfer));
    },
    async pause(id) {
      const { tabs } = await start();
      tabs.tell({ type: 'stop', id });
      await jobs.stop(id);
    },
    async remove(id) {
      const opened = await start();
      info(id);
      opened.tabs.tell({ type: 'stop', id });
      await jobs.stop(id);
      await removeModel(opened, id);
    },
    async promote(id) {
      const opened = await start();
      await opened.index.change(id, (record) => (record?.update ? { ...record, stored: record.update, update: null } : record));
      await sweep(opened);
      await opened.refresh();
      opened.tabs.tell({ type: 'changed', id });
    },
    async storage() {
      const { usage = 0, quota = 0 } = (await navigator.storage?.estimate()) ?? {};
      return { usedBytes: usage, quotaBytes: quota, persisted: (await navigator.storage?.persisted?.()) ?? false };
    },
  };
}
