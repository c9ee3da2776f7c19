/** What the page shows of a model, worked out from what is known of it. Pure, and the only place that decides a state. */
import type { CatalogEntry, HashSource, ModelInfo, ModelOrigin, ModelState } from '../protocol/models.ts';
import type { Progress } from './model-files-api.ts';
import type { ModelRecord, StoredFiles } from './model-index.ts';

/** What is happening to a model now, beyond what is stored. */
export type Activity =
  | { readonly kind: 'downloading'; readonly progress: Progress; readonly waiting: boolean }
  | { readonly kind: 'failed'; readonly reason: string };

export interface KnownModel {
  /** As it is offered now. */
  readonly entry: CatalogEntry;
  readonly origin: ModelOrigin;
  readonly record: ModelRecord | null;
  /** Bytes of it that are here without being complete. */
  readonly arrived: number;
  readonly activity: Activity | null;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** All files together; null if the catalogue doesn't say. */
export function promisedBytes(entry: CatalogEntry): number | null {
  const sizes = entry.files.map((file) => file.bytes);
  return sizes.length > 0 && sizes.every((size) => size !== undefined) ? sum(sizes) : null;
}

/** The catalogue promises other bytes than these. A file without a promised hash is never outdated. */
export function isOutdated(entry: CatalogEntry, stored: StoredFiles): boolean {
  const promised = entry.files.map((file) => file.sha256);
  if (!promised.some((hash) => hash !== undefined)) return false;
  return promised.length !== stored.files.length || promised.some((hash, index) => hash !== undefined && hash !== stored.files[index]?.sha256);
}

/** How sure we are of a set of files: as sure as of the least certain one. */
export function weakest(sources: readonly HashSource[]): HashSource {
  if (sources.includes('first-use')) return 'first-use';
  return sources.includes('source') ? 'source' : 'catalogue';
}

export function modelState({ entry, record, arrived, activity }: KnownModel): ModelState {
  const stored = record?.stored ?? null;
  if (activity?.kind === 'downloading') return { kind: 'downloading', ...activity.progress, waiting: activity.waiting };
  if (stored) return { kind: isOutdated(entry, stored) ? 'outdated' : 'stored' };
  const total = promisedBytes(entry);
  if (activity?.kind === 'failed') return { kind: 'paused', done: arrived, total, reason: activity.reason };
  return arrived > 0 ? { kind: 'paused', done: arrived, total } : { kind: 'remote' };
}

/** @returns everything but `loaded`, which only the app knows: false here */
export function modelInfo(model: KnownModel): ModelInfo {
  const { entry, origin, record } = model;
  const stored = record?.stored ?? null;
  const promised = entry.files[0]?.sha256 ?? null;
  return {
    id: entry.id,
    name: entry.name,
    license: entry.license,
    origin,
    bytes: stored ? sum(stored.files.map((file) => file.bytes)) : promisedBytes(entry),
    sha256: stored?.files[0]?.sha256 ?? promised,
    hashSource: stored?.hashSource ?? (promised === null ? null : 'catalogue'),
    tier: entry.tier,
    context: entry.context,
    singleTurn: entry.singleTurn ?? false,
    goodAt: entry.goodAt,
    state: modelState(model),
    loaded: false,
  };
}
