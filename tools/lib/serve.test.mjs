import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArrivingFile } from './arriving-file.mjs';
import { UsageError } from './options.mjs';
import { close, createHandler, listen } from './serve.mjs';

let folder = '';
/** @type {import('node:http').Server} */
let server;
let base = '';
/** @type {ArrivingFile} */
let file;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'llambo-serve-'));
  writeFileSync(join(folder, 'm.part'), 'GGUF');
  file = new ArrivingFile(join(folder, 'm.part'), { bytes: 10, sha256: 'abc' });
  const handler = createHandler({
    files: (request, response, next) => (request.url === '/' ? response.end('page') : next()),
    models: new Map([['m.gguf', () => file]]),
    config: async () => ({ model: 'tiny-1' }),
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin' },
  });
  const listening = await listen(handler, { port: 0, strictPort: true, host: 'localhost' });
  server = listening.server;
  base = `http://localhost:${listening.port}`;
});
afterEach(async () => {
  await close(server);
  rmSync(folder, { recursive: true });
});

const model = (/** @type {RequestInit} */ init = {}) => fetch(`${base}/models/m.gguf`, init);

describe('the server', () => {
  it('isolates every response, missing pages too', async () => {
    for (const path of ['/', '/llambo.json', '/nothing', '/models/other.gguf']) {
      expect((await fetch(base + path)).headers.get('cross-origin-opener-policy')).toBe('same-origin');
    }
    expect((await fetch(`${base}/nothing`)).status).toBe(404);
    expect((await fetch(base, { method: 'POST' })).status).toBe(405);
  });

  it('tells the page its configuration', async () => {
    expect(await (await fetch(`${base}/llambo.json`)).json()).toEqual({ model: 'tiny-1' });
  });

  it('streams a model through while it arrives', async () => {
    file.grew(4);
    const response = await model();
    expect(response.headers.get('content-length')).toBe('10');
    appendFileSync(join(folder, 'm.part'), ' model');
    file.completed(join(folder, 'm.part'), 10);
    expect(await response.text()).toBe('GGUF model');
  });

  it('resumes a model that arrives', async () => {
    file.grew(4);
    const asked = model({ headers: { Range: 'bytes=2-' } });
    const response = await asked;
    appendFileSync(join(folder, 'm.part'), ' model');
    file.grew(10);
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([206, 'bytes 2-9/10', 'UF model']);
  });

  it('ignores a range that belongs to another version', async () => {
    file.completed(join(folder, 'm.part'), 4);
    const status = async (/** @type {string} */ tag) => (await model({ headers: { Range: 'bytes=2-', 'If-Range': tag } })).status;
    expect([await status('"abc"'), await status('"other"')]).toEqual([206, 200]);
  });

  it('refuses a range beyond the end', async () => {
    file.completed(join(folder, 'm.part'), 4);
    const response = await model({ headers: { Range: 'bytes=4-' } });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */4']);
  });

  it('cuts the download when the arrival fails', async () => {
    file.grew(4);
    const response = await model();
    file.failed('The network is gone.', 0);
    await expect(response.text()).rejects.toThrow();
  });

  it('says 404, and what was tried, if no source has the model', async () => {
    const asked = model();
    file.failed('Tried: everything.', 0);
    const response = await asked;
    expect([response.status, await response.text()]).toEqual([404, 'Tried: everything.\n']);
  });

  it('ends open streams when it stops', async () => {
    file.grew(4);
    const response = await model();
    await close(server);
    await expect(response.text()).rejects.toThrow();
  });

  it('takes the next port if one is taken, unless told not to', async () => {
    const taken = Number(new URL(base).port);
    const second = await listen(() => undefined, { port: taken, strictPort: false, host: 'localhost' });
    expect(second.port).toBeGreaterThan(taken);
    await close(second.server);
    await expect(listen(() => undefined, { port: taken, strictPort: true, host: 'localhost' })).rejects.toThrow(UsageError);
  });
});
