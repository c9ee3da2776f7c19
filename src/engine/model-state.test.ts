import { describe, expect, it } from 'vitest';
import type { CatalogEntry } from '../protocol/models.ts';
import type { ModelHash } from '../shared/ids.ts';
import type { StoredFiles } from './model-index.ts';
import { isOutdated, modelInfo, modelState, promisedBytes, weakest, type KnownModel } from './model-state.ts';

const [old, young] = ['a'.repeat(64), 'b'.repeat(64)] as [ModelHash, ModelHash];
const entry = (sha256?: ModelHash): CatalogEntry => ({
  id: 'm', name: 'M', license: 'MIT', tier: 'tiny', context: 256, slots: 1, ubatch: 16, maxThreads: 1, memoryBytes: 1, goodAt: '',
  files: [{ urls: ['m.gguf'], bytes: 10, ...(sha256 ? { sha256 } : {}) }],
});
const stored = (sha256: ModelHash): StoredFiles => ({ entry: entry(sha256), files: [{ sha256, bytes: 10 }], hashSource: 'catalogue', addedAt: 0 });
const known = (more: Partial<KnownModel> = {}): KnownModel => ({ entry: entry(old), origin: 'catalogue', record: null, arrived: 0, activity: null, ...more });
const record = (sha256: ModelHash): NonNullable<KnownModel['record']> => ({ origin: 'catalogue', entry: entry(sha256), stored: stored(sha256), update: null });
const progress = { done: 5, total: 10, bytesPerSecond: 1 };

describe('the state of a model', () => {
  it.each<[string, Partial<KnownModel>, object]>([
    ['nothing is here', {}, { kind: 'remote' }],
    ['a part is here', { arrived: 4 }, { kind: 'paused', done: 4, total: 10 }],
    ['it is on its way', { arrived: 4, activity: { kind: 'downloading', progress, waiting: false } }, { kind: 'downloading', ...progress, waiting: false }],
    ['another tab brings it', { activity: { kind: 'downloading', progress, waiting: true } }, { kind: 'downloading', ...progress, waiting: true }],
    ['it failed', { arrived: 4, activity: { kind: 'failed', reason: 'no net' } }, { kind: 'paused', done: 4, total: 10, reason: 'no net' }],
    ['it is stored', { record: record(old) }, { kind: 'stored' }],
    ['the catalogue has another', { entry: entry(young), record: record(old) }, { kind: 'outdated' }],
    ['an update failed', { entry: entry(young), record: record(old), activity: { kind: 'failed', reason: 'x' } }, { kind: 'outdated' }],
    ['an update is on its way', { entry: entry(young), record: record(old), activity: { kind: 'downloading', progress, waiting: false } }, { kind: 'downloading', ...progress, waiting: false }],
  ])('%s', (_what, more, state) => expect(modelState(known(more))).toEqual(state));

  it('shows the stored bytes, not the promised ones', () => {
    expect(modelInfo(known({ entry: entry(young), record: record(old) }))).toMatchObject({ sha256: old, bytes: 10, hashSource: 'catalogue', loaded: false });
    expect(modelInfo(known({ entry: entry() }))).toMatchObject({ sha256: null, hashSource: null, bytes: 10 });
  });

  it('calls nothing outdated that was never promised', () => {
    expect(isOutdated(entry(), stored(old))).toBe(false);
    expect(isOutdated({ ...entry(old), files: [...entry(old).files, ...entry(young).files] }, stored(old))).toBe(true);
  });

  it('knows a size only if all are known, and trusts no more than the weakest', () => {
    expect(promisedBytes({ ...entry(), files: [{ urls: ['a'], bytes: 1 }, { urls: ['b'] }] })).toBe(null);
    expect(weakest(['catalogue', 'source'])).toBe('source');
    expect(weakest(['source', 'first-use', 'catalogue'])).toBe('first-use');
  });
});
