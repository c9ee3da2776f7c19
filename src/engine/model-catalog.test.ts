import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCatalog, parseRuntimeConfig } from './model-catalog.ts';
import { addedEntry, freeId, modelUrls } from './model-entry.ts';

const entry = {
  id: 'tiny-1', name: 'Tiny', license: 'MIT', tier: 'tiny', context: 256, slots: 4, ubatch: 64, maxThreads: 1, memoryBytes: 30_000_000, goodAt: 'Sums.',
  files: [{ urls: ['models/tiny-1.gguf'], bytes: 10, sha256: 'AB'.repeat(32) }],
};
const catalog = (...models: unknown[]): unknown => ({ version: 1, models });

describe('the catalogue', () => {
  it('accepts the one that ships', () => {
    const models = parseCatalog(JSON.parse(readFileSync('public/models/catalog.json', 'utf8')));
    expect(models.map(({ id }) => id)).toContain('tiny-1');
  });

  it('brings hashes into their one form', () => {
    expect(parseCatalog(catalog(entry))[0]!.files[0]!.sha256).toBe('ab'.repeat(32));
  });

  it.each([
    ['another version', { version: 2, models: [] }, /version: /],
    ['no object', 'models', /The model catalogue: /],
    ['an unknown key', catalog({ ...entry, speed: 3 }), /model "tiny-1", speed: /],
    ['a short hash', catalog({ ...entry, files: [{ urls: ['a'], sha256: 'ab' }] }), /model "tiny-1", files\.0\.sha256: must be 64 hexadecimal digits/],
    ['plain http', catalog({ ...entry, files: [{ urls: ['http://a.test/a.gguf'] }] }), /files\.0\.urls\.0: must be relative or start with https/],
    ['a script as address', catalog({ ...entry, files: [{ urls: ['javascript:alert(1)'] }] }), /urls\.0/],
    ['an address without a scheme', catalog({ ...entry, files: [{ urls: ['//a.test/a.gguf'] }] }), /urls\.0/],
    ['no address', catalog({ ...entry, files: [{ urls: [] }] }), /files\.0\.urls/],
    ['no slots', catalog({ ...entry, slots: 0 }), /slots/],
    ['a huge context', catalog({ ...entry, context: 2 ** 21 }), /context/],
    ['an id with a slash', catalog({ ...entry, id: '../x' }), /id/],
    ['an entry without an id', catalog({ name: 'x' }), /model number 0/],
    ['the same id twice', catalog(entry, entry), /two entries with the same id/],
  ])('refuses %s and says where', (_what, value, message) => expect(() => parseCatalog(value)).toThrow(message));

  it('allows http for this machine only', () => {
    const local = { ...entry, files: [{ urls: ['http://localhost:8080/a.gguf', 'http://127.0.0.1/a.gguf', 'https://a.test/a.gguf'] }] };
    expect(parseCatalog(catalog(local))).toHaveLength(1);
  });
});

describe('llambo.json', () => {
  it('may name a model and bring more', () => {
    expect(parseRuntimeConfig({})).toEqual({});
    expect(parseRuntimeConfig({ model: 'tiny-1', extraModels: [entry] }).extraModels).toHaveLength(1);
    expect(() => parseRuntimeConfig({ extraModels: [{ ...entry, tier: 'huge' }] })).toThrow(/llambo\.json: model "tiny-1", tier/);
    expect(parseRuntimeConfig({ signalling: [{ path: 'signal' }], iceServers: [{ urls: ['stun:a.example'] }] }).signalling).toEqual([{ path: 'signal' }]);
    expect(() => parseRuntimeConfig({ signalling: [{ host: 'http://a' }] })).toThrow(/llambo\.json: signalling\.0\.host: must be a host name/);
  });
});

describe('models that a person adds', () => {
  const base = 'https://page.test/llambo/';

  it('takes an address, also the one of the page about the file', () => {
    expect(modelUrls(' https://huggingface.co/a/b/blob/main/c.gguf#x ', base)).toEqual({ urls: ['https://huggingface.co/a/b/resolve/main/c.gguf'], fileName: 'c.gguf' });
    expect(modelUrls('models/c.gguf', base).urls).toEqual(['https://page.test/llambo/models/c.gguf']);
  });

  it.each(['', 'http://a.test/a.gguf', 'file:///etc/passwd', 'javascript:1'])('refuses %j', (typed) => {
    expect(() => modelUrls(typed, base)).toThrow(/address/);
  });

  it('guesses settings by size and by what the file says', () => {
    const files = [{ urls: ['https://a.test/a.gguf'] }];
    expect(addedEntry({ id: 'a', fileName: 'a.gguf', files, bytes: 0, header: null })).toMatchObject({ name: 'a', tier: 'tiny', context: 2048, slots: 1, ubatch: 16, maxThreads: 8 });
    const header = { architecture: 'llama', name: 'A 1B', license: 'mit', contextLength: 512, hasChatTemplate: true, split: null, alignment: 32, tensorCount: 3 };
    expect(addedEntry({ id: 'a', fileName: 'a.gguf', files, bytes: 800_000_000, header })).toMatchObject({ name: 'A 1B', license: 'mit', tier: 'medium', context: 512 });
    expect(addedEntry({ id: 'a', fileName: 'a.gguf', files, bytes: 1_600_000_000, header })).toMatchObject({ tier: 'large' });
  });

  it('finds an id that is free', () => {
    expect(freeId('Smol LM2 (Q4_1).gguf', () => false)).toBe('smol-lm2-q4_1');
    expect(freeId('big-00001-of-00002.gguf', (id) => id === 'big')).toBe('big-2');
    expect(freeId('日本.gguf', () => false)).toBe('model');
  });
});
