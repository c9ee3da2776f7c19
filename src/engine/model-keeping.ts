/** Taking files in from the person, deleting models, and sweeping up what no model needs any more. */
import type { CatalogEntry } from '../protocol/models.ts';
import type { ModelHash } from '../shared/ids.ts';
import { addedEntry, checkHeaders, freeId } from './model-entry.ts';
import type { FileReport } from './model-files-api.ts';
import type { TransferOptions } from './model-files.ts';
import type { StoredFile, StoredFiles } from './model-index.ts';
import { absoluteUrls, partialKey } from './model-obtain.ts';
import { modelLock, TRANSFER_LOCK, type StoreParts } from './model-parts.ts';
import { orderParts } from './model-split.ts';
import type { KnownModel } from './model-state.ts';

/**
 * Stores the files as a model: as the one that already has them, or that the catalogue promises with these hashes, or
 * as a new one.
 * @returns its id
 * @throws LlamboError `aborted`, `bad-request`, `disk-full`, `model-invalid`; then nothing of it is kept
 */
export async function importModel(parts: StoreParts, added: readonly File[], transfer: TransferOptions): Promise<string> {
  const ordered = orderParts(added);
  const id = await parts.tabs.shared(TRANSFER_LOCK, async () => {
    const reports = await importAll(parts, ordered, transfer);
    const twin = parts.shelf.all().find((known) => hasThese(known, reports));
    return twin ? adopt(parts, twin, reports) : create(parts, ordered[0]!.name, reports);
  }, { signal: transfer.signal });
  await parts.refresh();
  parts.tabs.tell({ type: 'changed', id });
  return id;
}

async function importAll(parts: StoreParts, ordered: readonly File[], { signal, onProgress }: TransferOptions): Promise<FileReport[]> {
  const total = ordered.reduce((sum, file) => sum + file.size, 0);
  const reports: FileReport[] = [];
  let before = 0;
  try {
    for (const file of ordered) {
      const report = await parts.files.importFile(file, {
        ...(signal ? { signal } : {}),
        onProgress: ({ done, bytesPerSecond }) => onProgress?.({ done: before + done, total, bytesPerSecond }),
      });
      reports.push(report);
      before += report.bytes;
    }
    checkHeaders(reports.map(({ header }) => header), ordered[0]!.name);
    return reports;
  } catch (error) {
    await removeUnused(parts, reports);
    throw error;
  }
}

const sameHashes = (hashes: readonly (ModelHash | undefined)[], reports: readonly FileReport[]): boolean =>
  hashes.length === reports.length && hashes.every((hash, index) => hash === reports[index]!.sha256);

const hasThese = ({ entry, record }: KnownModel, reports: readonly FileReport[]): boolean =>
  sameHashes(entry.files.map((file) => file.sha256), reports) || (record?.stored ? sameHashes(record.stored.files.map((file) => file.sha256), reports) : false);

const filesOf = (reports: readonly FileReport[]): StoredFile[] => reports.map(({ sha256, bytes }) => ({ sha256, bytes }));

/** These bytes belong to a model that is known: nothing new is offered. */
async function adopt({ index, env }: StoreParts, { entry, origin, record }: KnownModel, reports: readonly FileReport[]): Promise<string> {
  const stored = record?.stored;
  if (stored && sameHashes(stored.files.map((file) => file.sha256), reports)) return entry.id;
  const set: StoredFiles = { entry, files: filesOf(reports), hashSource: 'catalogue', addedAt: env.clock.wallTime() };
  await index.change(entry.id, (now) => (now && stored ? { ...now, entry, update: set } : { origin, entry, stored: set, update: null }));
  return entry.id;
}

async function create({ index, shelf, env }: StoreParts, fileName: string, reports: readonly FileReport[]): Promise<string> {
  const id = freeId(fileName, (taken) => shelf.get(taken) !== null);
  const files = filesOf(reports);
  const entry: CatalogEntry = addedEntry({
    id, fileName, files: files.map(() => ({ urls: [] })), bytes: files.reduce((sum, file) => sum + file.bytes, 0), header: reports[0]?.header ?? null,
  });
  await index.change(id, () => ({ origin: 'file', entry, stored: { entry, files, hashSource: 'first-use', addedAt: env.clock.wallTime() }, update: null }));
  return id;
}

/** Deletes a model's record and files. The shelf must know it. */
export async function removeModel(parts: StoreParts, id: string): Promise<void> {
  const { tabs, index, files, shelf, baseUrl, refresh } = parts;
  await tabs.exclusive(modelLock(id), async () => {
    const record = await index.get(id);
    const entry = record?.entry ?? shelf.get(id)?.entry;
    await index.change(id, () => null);
    if (!record?.stored && entry) await index.forget(entry.files.flatMap((file) => absoluteUrls(file, baseUrl)));
    await files.remove([], (entry?.files ?? []).map((file) => partialKey(file, baseUrl)));
    const promised = (entry?.files ?? []).flatMap((file) => (file.sha256 ? [{ sha256: file.sha256 }] : []));
    await removeUnused(parts, [...(record?.stored?.files ?? []), ...(record?.update?.files ?? []), ...promised]);
  });
  shelf.setActivity(id, null);
  await refresh();
  tabs.tell({ type: 'changed', id });
}

/** Deletes those of the files that no model has. */
export async function removeUnused({ index, files }: StoreParts, candidates: readonly Pick<StoredFile, 'sha256'>[]): Promise<void> {
  const used = usedHashes(await index.all());
  await files.remove(candidates.map(({ sha256 }) => sha256).filter((sha256) => !used.has(sha256)), []);
}

const usedHashes = (records: readonly { stored: StoredFiles | null; update: StoredFiles | null }[]): Set<ModelHash> =>
  new Set(records.flatMap(({ stored, update }) => [...(stored?.files ?? []), ...(update?.files ?? [])]).map(({ sha256 }) => sha256));

/**
 * Deletes what lies around: files of no model, and unfinished ones that nobody will go on with. Does nothing while any
 * tab transfers something.
 */
export async function sweep(parts: StoreParts): Promise<void> {
  const { tabs, index, files, shelf, baseUrl } = parts;
  await tabs.ifFree(TRANSFER_LOCK, async () => {
    const [contents, records] = [await files.list(), await index.all()];
    const entries = [...shelf.all().map(({ entry }) => entry), ...records.map(({ entry }) => entry)].flatMap((entry) => entry.files);
    const wanted = usedHashes(records);
    // Of a model in parts, the first ones may be finished while the last one is not.
    for (const file of entries) {
      const url = absoluteUrls(file, baseUrl)[0];
      const hash = file.sha256 ?? (url === undefined ? undefined : (await index.learnt(url))?.sha256);
      if (hash) wanted.add(hash);
    }
    const keys = new Set(entries.map((file) => partialKey(file, baseUrl)));
    await files.remove(
      contents.files.map(({ sha256 }) => sha256).filter((sha256) => !wanted.has(sha256)),
      contents.partials.map(({ key }) => key).filter((key) => !keys.has(key)),
    );
  });
}
