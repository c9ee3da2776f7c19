/**
 * What the store remembers of each model beside its bytes: kept in IndexedDB, one record per model, so that two tabs
 * that write about different models never meet. It doesn't know whether the files are really there.
 */
import { createStore, del, entries, get, set, update, type UseStore } from 'idb-keyval';
import * as v from 'valibot';
import { LIMITS } from '../protocol/limits.ts';
import type { CatalogEntry, HashSource, ModelOrigin } from '../protocol/models.ts';
import { parseModelHash, type ModelHash } from '../shared/ids.ts';
import { storedEntrySchema } from './model-catalog.ts';

export interface StoredFile {
  readonly sha256: ModelHash;
  readonly bytes: number;
}

/** A complete set of files, and the entry that they came with. */
export interface StoredFiles {
  readonly entry: CatalogEntry;
  readonly files: readonly StoredFile[];
  readonly hashSource: HashSource;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
}

export interface ModelRecord {
  readonly origin: ModelOrigin;
  /** As it was last offered. For models that no catalogue offers, the only place where it is known. */
  readonly entry: CatalogEntry;
  readonly stored: StoredFiles | null;
  /** A newer set that waits for its first loading; then it becomes `stored`. */
  readonly update: StoredFiles | null;
}

export interface ModelIndex {
  all(): Promise<readonly ModelRecord[]>;
  get(id: string): Promise<ModelRecord | null>;
  /** Atomic, also against other tabs. @param change from what is there to what shall be; null: no record */
  change(id: string, change: (record: ModelRecord | null) => ModelRecord | null): Promise<void>;
  /** The hash that an address gave at its first use; null if it was never used. */
  learnt(url: string): Promise<StoredFile | null>;
  learn(url: string, file: StoredFile): Promise<void>;
  forget(urls: readonly string[]): Promise<void>;
}

const hash = v.pipe(v.string(), v.check((text) => parseModelHash(text) !== null), v.transform((text) => parseModelHash(text) as ModelHash));
const fileSchema = v.object({ sha256: hash, bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });
const storedSchema = v.object({
  entry: storedEntrySchema,
  files: v.pipe(v.array(fileSchema), v.minLength(1), v.maxLength(LIMITS.modelParts)),
  hashSource: v.picklist(['catalogue', 'source', 'first-use']),
  addedAt: v.number(),
});
const recordSchema = v.object({
  origin: v.picklist(['built-in', 'catalogue', 'url', 'file']),
  entry: storedEntrySchema,
  stored: v.nullable(storedSchema),
  update: v.nullable(storedSchema),
});

/** A record that this version can't read (damaged, or written by a newer one) counts as none; its files get swept. */
function parseRecord(value: unknown): ModelRecord | null {
  const result = v.safeParse(recordSchema, value);
  return result.success ? result.output : null;
}

const MODEL = 'model:';
const HASH = 'hash:';

/** @param name of the database */
export function createModelIndex(name: string): ModelIndex {
  const store: UseStore = createStore(name, 'models');
  return {
    async all() {
      const found: [IDBValidKey, unknown][] = await entries(store);
      return found.flatMap(([key, value]) => (typeof key === 'string' && key.startsWith(MODEL) ? (parseRecord(value) ?? []) : []));
    },
    get: async (id) => parseRecord(await get(MODEL + id, store)),
    // A model without a record keeps a null: to delete it would be a second step, between which another tab may write.
    change: (id, change) => update<unknown>(MODEL + id, (value) => change(parseRecord(value)), store),
    async learnt(url) {
      const result = v.safeParse(fileSchema, await get(HASH + url, store));
      return result.success ? result.output : null;
    },
    learn: (url, file) => set(HASH + url, file, store),
    async forget(urls) {
      for (const url of urls) await del(HASH + url, store);
    },
  };
}

/** The same in memory, for tabs whose files live in memory too. */
export function createMemoryIndex(): ModelIndex {
  const records = new Map<string, ModelRecord>();
  const hashes = new Map<string, StoredFile>();
  return {
    all: () => Promise.resolve([...records.values()]),
    get: (id) => Promise.resolve(records.get(id) ?? null),
    change(id, change) {
      const next = change(records.get(id) ?? null);
      if (next) records.set(id, next);
      else records.delete(id);
      return Promise.resolve();
    },
    learnt: (url) => Promise.resolve(hashes.get(url) ?? null),
    learn: (url, file) => Promise.resolve(void hashes.set(url, file)),
    forget: (urls) => Promise.resolve(urls.forEach((url) => hashes.delete(url))),
  };
}
