import { readFileSync } from 'node:fs';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../protocol/limits.ts';
import type { ModelHash } from '../shared/ids.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createModelSource, type SourceRoute } from '../testing/model-source.ts';
import type { DownloadSpec, Progress } from './model-files-api.ts';
import type { FileArea } from './worker/model-area.ts';
import { downloadFile, type DownloadDeps } from './worker/model-download.ts';
import { createMemoryArea } from './worker/model-memory.ts';
import { diskFull } from './worker/model-receiver.ts';

const tiny = new Uint8Array(readFileSync('public/models/tiny-1.gguf'));
const other = new Uint8Array(readFileSync('public/models/tiny-2.gguf'));
const hashOf = (bytes: Uint8Array): ModelHash => bytesToHex(sha256(bytes)) as ModelHash;
const URL_A = 'https://a.test/tiny.gguf';
const URL_B = 'https://b.test/tiny.gguf';
const HALF = Math.floor(tiny.length / 2);
const page = new TextEncoder().encode('<!doctype html><html><title>Not found</title></html>'.padEnd(4000));

function setup(routes: Record<string, Partial<SourceRoute>>, area: FileArea = createMemoryArea(), deps: Partial<DownloadDeps> = {}) {
  const clock = createManualClock();
  const source = createModelSource((url) => routes[url] && { bytes: tiny, ...routes[url] });
  const all: DownloadDeps = {
    area, clock, fetch: (url, init) => source.fetch(url, init), retryMs: 1000, silenceMs: 60_000, ensureRoom: () => Promise.resolve(), ...deps,
  };
  const progress: Progress[] = [];
  const download = (spec: Partial<DownloadSpec> = {}, signal?: AbortSignal) =>
    downloadFile(all, { key: 'k', urls: [URL_A], bytes: tiny.length, sha256: hashOf(tiny), ...spec }, { ...(signal ? { signal } : {}), onProgress: (value) => progress.push(value) });
  return { clock, source, area, download, progress };
}

const partials = async (area: FileArea): Promise<number[]> => (await area.list()).partials.map(({ bytes }) => bytes);

describe('downloadFile', () => {
  it('stores the file under its hash and says what it is', async () => {
    const { download, area, progress } = setup({ [URL_A]: {} });
    expect(await download()).toMatchObject({ sha256: hashOf(tiny), bytes: tiny.length, header: { architecture: 'llama', tensorCount: 47 } });
    expect((await area.read(hashOf(tiny)))?.size).toBe(tiny.length);
    expect(await partials(area)).toEqual([]);
    expect(progress.at(-1)).toMatchObject({ done: tiny.length, total: tiny.length });
  });

  it('goes on after a cut, with a Range, and no byte twice', async () => {
    const { download, clock, source } = setup({ [URL_A]: { cuts: [HALF], etag: '"1"' } });
    const done = download();
    await clock.advance(1000);
    expect((await done).sha256).toBe(hashOf(tiny));
    expect(source.requests).toEqual([{ url: URL_A, from: 0 }, { url: URL_A, from: HALF }]);
  });

  it('goes on at the next visit, from what the disk holds', async () => {
    const area = createMemoryArea();
    const first = setup({ [URL_A]: { cuts: [HALF, HALF, HALF, HALF] } }, area);
    const failed = expect(first.download()).rejects.toMatchObject({ code: 'download-failed', message: expect.stringContaining(URL_A) as string });
    await first.clock.advance(60_000);
    await failed;
    expect(first.source.requests).toHaveLength(LIMITS.downloadTries);
    expect(await partials(area)).toEqual([HALF]);

    const second = setup({ [URL_A]: {} }, area);
    expect((await second.download()).sha256).toBe(hashOf(tiny));
    expect(second.source.requests).toEqual([{ url: URL_A, from: HALF }]);
  });

  it('starts anew where the server ignores Range', async () => {
    const { download, clock, source } = setup({ [URL_A]: { cuts: [HALF], ranges: false } });
    const done = download();
    await clock.advance(1000);
    expect((await done).sha256).toBe(hashOf(tiny));
    expect(source.requests.map(({ from }) => from)).toEqual([0, HALF]);
  });

  it('starts anew where the file has changed since', async () => {
    const area = createMemoryArea();
    const routes: Record<string, Partial<SourceRoute>> = { [URL_A]: { bytes: other, etag: '"old"' } };
    const before = setup({ [URL_A]: { ...routes[URL_A], cuts: [HALF, HALF, HALF, HALF] } }, area);
    const failed = expect(before.download({ sha256: null })).rejects.toThrow();
    await before.clock.advance(60_000);
    await failed;
    const { download, clock, source } = setup({ [URL_A]: { etag: '"new"' } }, area);
    const done = download({ sha256: null });
    await clock.advance(60_000);
    expect((await done).sha256).toBe(hashOf(tiny));
    expect(source.requests.map(({ from }) => from)).toEqual([HALF, 0]);
  });

  it('asks for all of it before it blames a source for a hash that half of another file spoilt', async () => {
    const area = createMemoryArea();
    const file = await area.openPartial('k');
    file.append(other.subarray(0, HALF));
    const { download, source } = setup({ [URL_A]: {} }, area);
    expect((await download()).sha256).toBe(hashOf(tiny));
    expect(source.requests.map(({ from }) => from)).toEqual([HALF, 0]);
  });

  it('refuses a wrong hash, names who gave what, and removes the file', async () => {
    const { download, area } = setup({ [URL_A]: { bytes: other } });
    await expect(download()).rejects.toMatchObject({
      code: 'hash-mismatch',
      message: expect.stringContaining(URL_A) as string,
      details: { url: URL_A, expected: hashOf(tiny), actual: hashOf(other) },
    });
    expect(await area.list()).toEqual({ files: [], partials: [] });
  });

  it('takes the next address when one is wrong', async () => {
    const { download, source } = setup({ [URL_A]: { bytes: other }, [URL_B]: {} });
    expect((await download({ urls: ['https://none.test/x.gguf', URL_A, URL_B] })).sha256).toBe(hashOf(tiny));
    expect(source.requests.map(({ url }) => url)).toEqual(['https://none.test/x.gguf', URL_A, URL_B]);
  });

  it('says of each address what it gave', async () => {
    const { download } = setup({ [URL_B]: { bytes: other } });
    await expect(download({ urls: [URL_A, URL_B] })).rejects.toMatchObject({
      code: 'hash-mismatch',
      message: expect.stringMatching(/a\.test\/tiny\.gguf: the server answered 404\..*b\.test\/tiny\.gguf gave a file/) as string,
    });
  });

  it.each([['with a promised size', tiny.length], ['without', null]])('refuses a web page at its first bytes, %s', async (_how, bytes) => {
    const { download, area } = setup({ [URL_A]: { bytes: page, type: 'text/html' } });
    await expect(download({ bytes, sha256: null })).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('is a web page') as string });
    expect(await area.list()).toEqual({ files: [], partials: [] });
  });

  it('refuses another size before it loads anything', async () => {
    const { download, progress } = setup({ [URL_A]: { bytes: tiny.slice(0, HALF) } });
    await expect(download()).rejects.toMatchObject({ code: 'hash-mismatch', message: expect.stringContaining(`has ${HALF} bytes, and ${tiny.length} were promised`) as string });
    expect(progress.every(({ done }) => done === 0)).toBe(true);
  });

  it('refuses a truncated file of which nobody knows the length', async () => {
    const { download } = setup({ [URL_A]: { bytes: tiny.slice(0, HALF), length: false } });
    await expect(download({ bytes: null, sha256: null })).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('is cut off') as string });
  });

  it('tries again after errors that pass, waiting longer each time', async () => {
    const { download, clock, source } = setup({ [URL_A]: { failures: [503, 429] } });
    const done = download();
    await clock.advance(999);
    expect(source.requests).toHaveLength(1);
    await clock.advance(1);
    expect(source.requests).toHaveLength(2);
    await clock.advance(2000);
    expect((await done).sha256).toBe(hashOf(tiny));
  });

  it('takes a silent server for dead', async () => {
    const { download, clock, source } = setup({ [URL_A]: { holdAt: HALF } });
    const done = download();
    await clock.advance(60_000);
    await clock.advance(1000);
    expect((await done).sha256).toBe(hashOf(tiny));
    expect(source.requests.map(({ from }) => from)).toEqual([0, HALF]);
  });

  it('stops on request, at once, and keeps what arrived', async () => {
    const { download, clock, area } = setup({ [URL_A]: { holdAt: HALF } });
    const controller = new AbortController();
    const done = download({}, controller.signal);
    await clock.advance(0);
    controller.abort();
    await expect(done).rejects.toMatchObject({ code: 'aborted' });
    expect(await partials(area)).toEqual([HALF]);
  });

  it('says before it starts that there is no room', async () => {
    const { download, source } = setup({ [URL_A]: {} }, undefined, {
      ensureRoom: (bytes, done) => Promise.reject(diskFull(done, { needed: bytes, free: 1000 })),
    });
    await expect(download({ urls: [URL_A, URL_B] })).rejects.toMatchObject({ code: 'disk-full', message: expect.stringContaining('1.3 MB are needed') as string, details: { freeBytes: 1000 } });
    expect(source.requests).toHaveLength(1);
  });

  it('keeps what fits when the disk is full half-way, and goes on once there is room', async () => {
    const area = createMemoryArea();
    const full: FileArea = {
      ...area,
      async openPartial(key) {
        const file = await area.openPartial(key);
        return { ...file, append: (bytes) => (file.size() + bytes.length > HALF ? raise(new DOMException('full', 'QuotaExceededError')) : file.append(bytes)) };
      },
    };
    const first = setup({ [URL_A]: {} }, full);
    await expect(first.download()).rejects.toMatchObject({ code: 'disk-full', advice: expect.stringContaining('free disk space') as string });
    const [kept] = await partials(area);
    expect(kept).toBeGreaterThan(0);
    const second = setup({ [URL_A]: {} }, area);
    expect((await second.download()).sha256).toBe(hashOf(tiny));
    expect(second.source.requests).toEqual([{ url: URL_A, from: kept }]);
  });
});

const raise = (error: Error): never => {
  throw error;
};
