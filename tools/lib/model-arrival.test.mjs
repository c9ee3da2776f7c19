import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelArrival } from './model-arrival.mjs';
import { VerifiedFiles } from './model-files.mjs';
import { Console } from './progress.mjs';

const CONTENT = 'GGUF and the rest of a model';
const wanted = { name: 'm.gguf', bytes: CONTENT.length, sha256: createHash('sha256').update(CONTENT).digest('hex') };

let folder = '';
let said = '';
let now = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llambo-arrival-'));
  said = '';
  now = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @param {import('./model-sources.mjs').Source[]} sources */
function arrival(sources) {
  const cache = join(folder, 'cache');
  const out = new Console({ write: (text) => (said += text) }, () => 0);
  const signal = new AbortController().signal;
  return new ModelArrival(wanted, sources, { folder: cache, folders: [join(folder, 'public'), cache], verified: new VerifiedFiles(cache), out, signal, now: () => now });
}

/**
 * @param {string} name
 * @param {string} content
 * @param {{ cutAt?: number }} [options] the connection breaks there, once
 * @returns {import('./model-sources.mjs').Source & { offsets: number[] }}
 */
function source(name, content, { cutAt } = {}) {
  /** @type {number[]} */
  const offsets = [];
  return {
    name,
    offsets,
    async bring({ part }) {
      offsets.push(part.size);
      await part.write(Buffer.from(content.slice(part.size, cutAt)));
      if (cutAt === undefined) return;
      cutAt = undefined;
      throw new Error('the connection broke');
    },
  };
}

/** @param {ModelArrival} model */
async function outcome(model) {
  const file = model.file();
  await model.finished;
  return file.state;
}

describe('a model', () => {
  it('that is there already is not fetched', async () => {
    mkdirSync(join(folder, 'public'));
    writeFileSync(join(folder, 'public/m.gguf'), CONTENT);
    const remote = source('remote', CONTENT);
    expect(await outcome(arrival([remote]))).toEqual({ kind: 'complete', done: CONTENT.length });
    expect(remote.offsets).toEqual([]);
  });

  it('of the wrong content is removed, said, and fetched', async () => {
    mkdirSync(join(folder, 'public'));
    writeFileSync(join(folder, 'public/m.gguf'), CONTENT.toUpperCase());
    expect((await outcome(arrival([source('remote', CONTENT)]))).kind).toBe('complete');
    expect(existsSync(join(folder, 'public/m.gguf'))).toBe(false);
    expect(said).toMatch(/Removed .*SHA-256 is/);
    expect(readFileSync(join(folder, 'cache/m.gguf'), 'utf8')).toBe(CONTENT);
  });

  it('goes on from the next source where the first one stopped', async () => {
    const [first, second] = [source('first', CONTENT, { cutAt: 10 }), source('second', CONTENT)];
    expect((await outcome(arrival([first, second]))).kind).toBe('complete');
    expect(second.offsets).toEqual([10]);
    expect(readFileSync(join(folder, 'cache/m.gguf'), 'utf8')).toBe(CONTENT);
  });

  it('is resumed by the next start', async () => {
    expect((await outcome(arrival([source('remote', CONTENT, { cutAt: 10 })]))).kind).toBe('failed');
    const remote = source('remote', CONTENT);
    expect((await outcome(arrival([remote]))).kind).toBe('complete');
    expect(remote.offsets).toEqual([10]);
  });

  it('whose kept beginning was wrong is fetched again from the same source', async () => {
    mkdirSync(join(folder, 'cache'));
    writeFileSync(join(folder, 'cache/m.gguf.part'), 'GGUF wrong');
    const remote = source('remote', CONTENT);
    expect((await outcome(arrival([remote]))).kind).toBe('complete');
    expect(remote.offsets).toEqual([10, 0]);
  });

  it('that no source gives rightly says what was tried, and is tried again later', async () => {
    const model = arrival([source('liar', 'GGUF but something else     '), source('broken', CONTENT, { cutAt: 5 })]);
    const state = await outcome(model);
    expect(state).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/liar: the SHA-256[^]*broken: the connection broke/) });
    expect((await outcome(model)).kind).toBe('failed');
    now = 60_000;
    expect((await outcome(model)).kind).toBe('complete');
  });

  it('that was stopped after its last byte needs no source', async () => {
    mkdirSync(join(folder, 'cache'));
    writeFileSync(join(folder, 'cache/m.gguf.part'), CONTENT);
    expect((await outcome(arrival([]))).kind).toBe('complete');
  });
});
