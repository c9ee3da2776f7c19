/**
 * Gets the files of one model into the store, one after the other: finds out what each must be, takes it from the
 * store if it is there, else has the worker download it. One tab at a time per file, whatever models it is part of.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { CatalogEntry, HashSource, ModelFile } from '../protocol/models.ts';
import { throwIfAborted } from '../shared/abort.ts';
import { LlamboError } from '../shared/errors.ts';
import type { ModelHash } from '../shared/ids.ts';
import { readGgufBlob, summaryOf, type GgufSummary } from './gguf.ts';
import type { FileReport } from './model-files-api.ts';
import type { ModelFiles, TransferOptions } from './model-files.ts';
import type { ModelIndex, StoredFile } from './model-index.ts';
import { promisedBytes, weakest } from './model-state.ts';
import type { ModelTabs } from './model-tabs.ts';

export interface ObtainDeps {
  readonly files: ModelFiles;
  readonly index: ModelIndex;
  readonly tabs: ModelTabs;
  /** Absolute address of the page. */
  readonly baseUrl: string;
}

export interface Obtained {
  readonly files: readonly StoredFile[];
  readonly headers: readonly GgufSummary[];
  readonly hashSource: HashSource;
}

interface Expected {
  readonly sha256: ModelHash | null;
  readonly bytes: number | null;
  readonly source: HashSource;
}

export const absoluteUrls = (file: ModelFile, baseUrl: string): string[] => file.urls.map((url) => new URL(url, baseUrl).href);

/** The name of a file while it is unfinished: the same in every tab and at every visit. */
export function partialKey(file: ModelFile, baseUrl: string): string {
  return file.sha256 ?? bytesToHex(sha256(utf8ToBytes(absoluteUrls(file, baseUrl)[0] ?? '')));
}

/** @throws LlamboError as `ModelFiles.download`, and `not-found` for a model that has no address */
export async function obtainFiles(deps: ObtainDeps, entry: CatalogEntry, { signal, onProgress }: TransferOptions = {}): Promise<Obtained> {
  const promised = promisedBytes(entry);
  const reports: (FileReport & { source: HashSource })[] = [];
  let before = 0;
  for (const [index, file] of entry.files.entries()) {
    throwIfAborted(signal);
    const isLast = index === entry.files.length - 1;
    const report = await obtainFile(deps, file, entry.name, {
      ...(signal ? { signal } : {}),
      onProgress: (progress) => {
        const total = promised ?? (isLast && progress.total !== null ? before + progress.total : null);
        onProgress?.({ done: before + progress.done, total, bytesPerSecond: progress.bytesPerSecond });
      },
    });
    before += report.bytes;
    reports.push(report);
  }
  return {
    files: reports.map(({ sha256, bytes }) => ({ sha256, bytes })),
    headers: reports.map(({ header }) => header),
    hashSource: weakest(reports.map(({ source }) => source)),
  };
}

function obtainFile(deps: ObtainDeps, file: ModelFile, name: string, options: TransferOptions): Promise<FileReport & { source: HashSource }> {
  const { files, index, tabs, baseUrl } = deps;
  const urls = absoluteUrls(file, baseUrl);
  const [firstUrl] = urls;
  const key = partialKey(file, baseUrl);
  const work = async (): Promise<FileReport & { source: HashSource }> => {
    const expected = await expectation(deps, file, firstUrl, options.signal);
    const stored = expected.sha256 && (await storedReport(files, expected.sha256, name));
    if (stored) return { ...stored, source: expected.source };
    if (firstUrl === undefined) throw gone(name);
    const { sha256, bytes } = expected;
    const report = await files.download({ key, urls, sha256, bytes }, options).catch((error: unknown) => {
      throw expected.source === 'first-use' && sha256 ? replaced(error) : error;
    });
    if (expected.source !== 'catalogue') await index.learn(firstUrl, { sha256: report.sha256, bytes: report.bytes });
    return { ...report, source: expected.source };
  };
  return tabs.exclusive(`file:${key}`, work, { signal: options.signal });
}

/** What the file must be: by the catalogue, else by its source, else by what came the first time. */
async function expectation({ files, index }: ObtainDeps, file: ModelFile, url: string | undefined, signal?: AbortSignal): Promise<Expected> {
  const bytes = file.bytes ?? null;
  if (file.sha256 !== undefined) return { sha256: file.sha256, bytes, source: 'catalogue' };
  if (url === undefined) return { sha256: null, bytes, source: 'first-use' };
  const pointer = await files.pointer(url, signal ? { signal } : {});
  if (pointer) return { ...pointer, source: 'source' };
  const learnt = await index.learnt(url);
  return learnt ? { ...learnt, source: 'first-use' } : { sha256: null, bytes, source: 'first-use' };
}

async function storedReport(files: ModelFiles, sha256: ModelHash, name: string): Promise<FileReport | null> {
  const blob = await files.read(sha256);
  return blob && { sha256, bytes: blob.size, header: summaryOf(await readGgufBlob(blob, name)) };
}

export const gone = (name: string): LlamboError =>
  new LlamboError('not-found', `The file of ${name} is no longer in the browser's storage.`, { advice: 'Add the file again, or delete the model from the list.' });

/** Nobody promised this hash but we ourselves: the person may decide that the new file is the right one. */
function replaced(error: unknown): unknown {
  if (!(error instanceof LlamboError) || error.code !== 'hash-mismatch') return error;
  return new LlamboError(error.code, `${error.message} That was the file at its first download.`, {
    advice: 'If you trust the new file, delete the model from the list and get it again.',
    ...(error.details ? { details: error.details } : {}),
    cause: error,
  });
}
