/** From a model's id to its files: opened if they are stored, downloaded if not, by one tab for all. */
import type { CatalogEntry } from '../protocol/models.ts';
import { isAbort, LlamboError } from '../shared/errors.ts';
import type { ModelHash } from '../shared/ids.ts';
import { fetchDirectly } from './model-direct.ts';
import { addedEntry, checkHeaders } from './model-entry.ts';
import type { Progress } from './model-files-api.ts';
import type { StoredFile, StoredFiles } from './model-index.ts';
import type { JobContext } from './model-jobs.ts';
import { removeUnused } from './model-keeping.ts';
import { gone, obtainFiles, type Obtained } from './model-obtain.ts';
import { modelLock, TRANSFER_LOCK, type StoreParts } from './model-parts.ts';
import { fileNameOf, partName } from './model-split.ts';
import { isOutdated, promisedBytes, type KnownModel } from './model-state.ts';

/** A model that is ready to be loaded. */
export interface StoredModel {
  readonly entry: CatalogEntry;
  /** In order; handles, not bytes. Named as gguf-split names parts. */
  readonly files: readonly File[];
  /** Of the first file. */
  readonly hash: ModelHash;
}

export interface LoadingContext extends JobContext {
  /** Get the newer files of an outdated model, and leave the old ones in place. */
  readonly update: boolean;
}

/** Asking the browser not to clear storage on its own is worth it for what takes minutes to get again. */
const WORTH_KEEPING_BYTES = 10_000_000;
const NOTHING: Progress = { done: 0, total: null, bytesPerSecond: 0 };

/** @returns null if one of the files is not there */
export async function openSet({ files }: StoreParts, set: Pick<StoredFiles, 'entry' | 'files'>): Promise<StoredModel | null> {
  const blobs = await Promise.all(set.files.map(({ sha256 }) => files.read(sha256)));
  if (!blobs.every((blob, index) => blob !== null && blob.size === set.files[index]!.bytes)) return null;
  return model(set.entry, blobs as Blob[], set.files);
}

/** Opens what is stored; with the settings that are offered today, if it is for the same bytes. */
export function openStored(parts: StoreParts, { entry, record }: KnownModel): Promise<StoredModel | null> {
  const stored = record?.stored;
  if (!stored) return Promise.resolve(null);
  return openSet(parts, isOutdated(entry, stored) ? stored : { ...stored, entry });
}

function model(entry: CatalogEntry, blobs: readonly Blob[], files: readonly StoredFile[]): StoredModel {
  const name = (index: number): string => (blobs.length === 1 ? `${entry.id}.gguf` : partName(entry.id, index + 1, blobs.length));
  // A File around a Blob shares its bytes.
  return { entry, files: blobs.map((blob, index) => new File([blob], name(index))), hash: files[0]!.sha256 };
}

/** The work of one download job. @throws LlamboError as `ModelStore.ensure` */
export async function loadModelFiles(parts: StoreParts, id: string, context: LoadingContext): Promise<StoredModel> {
  const { tabs, shelf, refresh } = parts;
  const { signal } = context;
  const show = (progress: Progress, waiting: boolean): void => {
    shelf.setActivity(id, { kind: 'downloading', progress, waiting });
    context.report(progress);
  };
  let reason: string | null = null;
  try {
    const work = (): Promise<StoredModel> => tabs.shared(TRANSFER_LOCK, () => fetchModel(parts, id, context, show), { signal });
    return await tabs.exclusive(modelLock(id), work, { signal, onWait: () => show(NOTHING, true) });
  } catch (error) {
    if (!isAbort(error)) reason = error instanceof Error ? error.message : String(error);
    throw error;
  } finally {
    // What is on disk decides what is shown; only why it stopped isn't written there.
    shelf.setActivity(id, reason === null ? null : { kind: 'failed', reason });
    await refresh().catch(() => undefined);
    tabs.tell({ type: 'changed', id });
  }
}

async function fetchModel(parts: StoreParts, id: string, { signal, update }: LoadingContext, show: (progress: Progress, waiting: boolean) => void): Promise<StoredModel> {
  const { tabs, shelf, refresh } = parts;
  // Another tab may have brought it, or deleted it, while this one waited.
  await refresh();
  const known = shelf.get(id);
  if (!known) throw new LlamboError('not-found', 'This model was deleted in another tab.', { advice: 'Choose one from the list.' });
  const newer = known.record?.update;
  const opened = update && known.record?.stored ? newer && !isOutdated(known.entry, newer) && (await openSet(parts, newer)) : await openStored(parts, known);
  if (opened) return opened;
  if (known.entry.files.every((file) => file.urls.length === 0)) throw gone(known.entry.name);

  if ((promisedBytes(known.entry) ?? Infinity) >= WORTH_KEEPING_BYTES) await navigator.storage?.persist?.().catch(() => false);
  show({ ...NOTHING, done: known.arrived, total: promisedBytes(known.entry) }, false);
  const onProgress = (progress: Progress): void => {
    show(progress, false);
    tabs.tell({ type: 'progress', id, progress });
  };
  return keep(parts, known, await obtainFiles(parts, known.entry, { signal, onProgress }), update);
}

/**
 * A model that ships with the page comes by two ways at once, from the store and straight from the page's own server,
 * and the quicker one counts: the first answer waits for no store to open, and whoever's storage is full, broken or
 * offline still gets an engine.
 */
export async function byEitherWay(entry: CatalogEntry, baseUrl: string, signal: AbortSignal | undefined, work: () => Promise<StoredModel>): Promise<StoredModel> {
  const stored = work();
  const direct = fetchDirectly(entry, baseUrl, signal).then((files) => model(entry, files.map(({ blob }) => blob), files.map(({ file }) => file)));
  // If neither way works, the store's own error says more.
  return Promise.any([stored, direct]).catch(() => stored);
}

/** Writes down what came, if it is one model. */
async function keep(parts: StoreParts, known: KnownModel, obtained: Obtained, update: boolean): Promise<StoredModel> {
  const { index, env } = parts;
  const { files, headers, hashSource } = obtained;
  const { id, name } = known.entry;
  try {
    checkHeaders(headers, name);
  } catch (error) {
    await removeUnused(parts, files);
    throw error;
  }
  const entry = known.origin === 'url' ? described(known.entry, obtained) : known.entry;
  const set: StoredFiles = { entry, files, hashSource, addedAt: env.clock.wallTime() };
  await index.change(id, (record) =>
    update && record?.stored ? { ...record, entry, update: set } : { origin: known.origin, entry, stored: set, update: null },
  );
  const opened = await openSet(parts, set);
  if (!opened) throw gone(name);
  return opened;
}

/** The entry of a model that was added by address, now that the file can speak for itself. */
const described = (entry: CatalogEntry, { files, headers }: Obtained): CatalogEntry =>
  addedEntry({
    id: entry.id,
    fileName: fileNameOf(new URL(entry.files[0]!.urls[0]!)),
    files: entry.files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    header: headers[0] ?? null,
  });
