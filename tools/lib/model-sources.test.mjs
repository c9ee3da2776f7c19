import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpSource } from './model-sources.mjs';
import { PartFile } from './part-file.mjs';

const CONTENT = 'GGUF and the rest of a model';

let folder = '';
/** @type {import('node:http').Server} */
let server;
/** @type {import('node:http').RequestListener} */
let answer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'llambo-source-'));
  server = createServer((request, response) => answer(request, response));
  await new Promise((resolve) => server.listen(0, 'localhost', () => resolve(null)));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/**
 * @param {string} kept what an earlier attempt left
 * @param {{ bytes?: number, tag?: string }} [options]
 */
async function bring(kept, { bytes, tag } = {}) {
  const path = join(folder, 'm.part');
  writeFileSync(path, kept);
  if (tag) writeFileSync(`${path}.tag`, tag);
  const part = await PartFile.open(path, () => undefined);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const delivery = { part, folder, sized: () => undefined, report: () => undefined, signal: new AbortController().signal };
  const error = await httpSource(`http://localhost:${port}/m.gguf`, bytes).bring(delivery).then(() => null, (/** @type {Error} */ reason) => reason.message);
  await part.close();
  return { error, content: readFileSync(path, 'utf8') };
}

/** Answers ranges of CONTENT, as long as the tag is right. */
const ranges = (/** @type {string} */ tag) => /** @type {import('node:http').RequestListener} */ ((request, response) => {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? NaN);
  const condition = request.headers['if-range'];
  response.setHeader('ETag', tag);
  if (Number.isNaN(start) || (condition && condition !== tag)) return void response.end(CONTENT);
  response.writeHead(206, { 'Content-Range': `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}` }).end(CONTENT.slice(start));
});

describe('a model by HTTP', () => {
  it('arrives', async () => {
    answer = ranges('"1"');
    expect(await bring('')).toEqual({ error: null, content: CONTENT });
  });

  it('is resumed', async () => {
    let asked = '';
    answer = (request, response) => {
      asked = request.headers.range ?? '';
      return ranges('"1"')(request, response);
    };
    expect(await bring(CONTENT.slice(0, 9), { tag: '"1"' })).toEqual({ error: null, content: CONTENT });
    expect(asked).toBe('bytes=9-');
  });

  it('begins anew if it changed since', async () => {
    answer = ranges('"2"');
    expect(await bring('GGUF of yesterday', { tag: '"1"' })).toEqual({ error: null, content: CONTENT });
  });

  it('begins anew if nothing says what the beginning belongs to', async () => {
    answer = ranges('"1"');
    expect(await bring('GGUF of whom?')).toEqual({ error: null, content: CONTENT });
  });

  it('begins anew where ranges are unknown', async () => {
    answer = (_request, response) => void response.end(CONTENT);
    expect(await bring(CONTENT.slice(0, 9), { bytes: CONTENT.length })).toEqual({ error: null, content: CONTENT });
  });

  it('must be a model', async () => {
    answer = (_request, response) => void response.end('<!doctype html>');
    expect(await bring('')).toEqual({ error: expect.stringMatching(/begins with "<!do"/), content: '' });
  });

  it('must have the size that the catalogue names; nothing is kept of another', async () => {
    answer = (_request, response) => void response.writeHead(200, { 'Content-Length': CONTENT.length }).end(CONTENT);
    expect(await bring('', { bytes: 5 })).toEqual({ error: expect.stringMatching(/28 bytes, not 5/), content: '' });
  });

  it('keeps what came before a cut', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': CONTENT.length });
      response.write(CONTENT.slice(0, 12), () => response.destroy());
    };
    const { error, content } = await bring('');
    expect(error).not.toBeNull();
    expect(content).toBe(CONTENT.slice(0, 12));
  });

  it('says what the server said', async () => {
    answer = (_request, response) => void response.writeHead(503).end();
    expect((await bring('')).error).toBe('it answered 503 Service Unavailable');
  });
});
