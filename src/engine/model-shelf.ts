/**
 * All models that this tab knows: the catalogue's, and the ones that were added. It brings together what is offered,
 * what the index remembers and what really lies in the store, and tells when a model shows differently. It starts
 * nothing and deletes nothing.
 */
import type { CatalogEntry, ModelInfo, ModelOrigin } from '../protocol/models.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import type { ModelHash } from '../shared/ids.ts';
import type { AreaContents } from './model-files-api.ts';
import type { ModelIndex, ModelRecord, StoredFiles } from './model-index.ts';
import { partialKey } from './model-obtain.ts';
import { modelInfo, type Activity, type KnownModel } from './model-state.ts';

export interface ModelShelf {
  get(id: string): KnownModel | null;
  all(): readonly KnownModel[];
  /** As the page shows them; the same array until something changes. */
  list(): readonly ModelInfo[];
  onChange(listener: (models: readonly ModelInfo[]) => void): Unsubscribe;
  setActivity(id: string, activity: Activity | null): void;
  /** Offers this from the next refresh on. What is stored and not offered any more stays. */
  setCatalog(catalog: readonly CatalogEntry[]): void;
  /** Reads index and store anew. */
  refresh(index: ModelIndex, contents: AreaContents): Promise<void>;
}

export const originOf = (entry: CatalogEntry): ModelOrigin => (entry.builtIn ? 'built-in' : 'catalogue');

export function createModelShelf(first: readonly CatalogEntry[], baseUrl: string): ModelShelf {
  let catalog = first;
  const changes = new Emitter<readonly ModelInfo[]>();
  const activities = new Map<string, Activity>();
  let models = new Map<string, KnownModel>(
    catalog.map((entry) => [entry.id, { entry, origin: originOf(entry), record: null, arrived: 0, activity: null }]),
  );
  let infos: readonly ModelInfo[] = [];
  publish();

  function publish(): void {
    infos = Object.freeze([...models.values()].map((model) => Object.freeze(modelInfo(model))));
    changes.emit(infos);
  }

  async function refresh(index: ModelIndex, { files, partials }: AreaContents): Promise<void> {
    const sizes = new Map(files.map(({ sha256, bytes }) => [sha256, bytes]));
    const unfinished = new Map(partials.map(({ key, bytes }) => [key, bytes]));
    const records = new Map((await index.all()).map((record) => [record.entry.id, present(record, sizes)]));
    const offered: [CatalogEntry, ModelOrigin][] = catalog.map((entry) => [entry, originOf(entry)]);
    for (const { entry, origin, stored } of records.values()) {
      const isOffered = catalog.some(({ id }) => id === entry.id);
      // What the catalogue no longer offers stays as long as it is stored.
      if (!isOffered && (stored || origin === 'url' || origin === 'file')) offered.push([stored?.entry ?? entry, origin]);
    }
    const next = await Promise.all(
      offered.map(async ([entry, origin]): Promise<[string, KnownModel]> => {
        const arrived = await arrivedBytes(entry, index, sizes, unfinished);
        return [entry.id, { entry, origin, record: records.get(entry.id) ?? null, arrived, activity: null }];
      }),
    );
    models = new Map(next.map(([id, model]) => [id, { ...model, activity: activities.get(id) ?? null }]));
    publish();
  }

  async function arrivedBytes(entry: CatalogEntry, index: ModelIndex, sizes: ReadonlyMap<ModelHash, number>, unfinished: ReadonlyMap<string, number>): Promise<number> {
    let arrived = 0;
    for (const file of entry.files) {
      const url = file.urls[0];
      const hash = file.sha256 ?? (url === undefined ? null : (await index.learnt(new URL(url, baseUrl).href))?.sha256) ?? null;
      arrived += (hash === null ? undefined : sizes.get(hash)) ?? unfinished.get(partialKey(file, baseUrl)) ?? 0;
    }
    return arrived;
  }

  return {
    get: (id) => models.get(id) ?? null,
    all: () => [...models.values()],
    list: () => infos,
    onChange: (listener) => changes.on(listener),
    setActivity(id, activity) {
      if (activity) activities.set(id, activity);
      else activities.delete(id);
      const model = models.get(id);
      if (!model) return;
      models.set(id, { ...model, activity });
      publish();
    },
    setCatalog: (next) => void (catalog = next),
    refresh,
  };
}

/** The record without sets whose files are gone: the index may remember what the browser has cleared. */
function present(record: ModelRecord, sizes: ReadonlyMap<ModelHash, number>): ModelRecord {
  const complete = (set: StoredFiles | null): StoredFiles | null =>
    set && set.files.every(({ sha256, bytes }) => sizes.get(sha256) === bytes) ? set : null;
  return { ...record, stored: complete(record.stored), update: complete(record.update) };
}
