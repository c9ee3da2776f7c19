import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeBytes } from './describe-model.mjs';
import { ROOT } from './lib/paths.mjs';

/** @type {{ version: number, models: import('../src/protocol/models.ts').CatalogEntry[] }} */
const catalog = JSON.parse(readFileSync(join(ROOT, 'public/models/catalog.json'), 'utf8'));

describe('the catalogue', () => {
  it('has a version and ids of its own', () => {
    expect(catalog.version).toBe(1);
    expect(new Set(catalog.models.map(({ id }) => id)).size).toBe(catalog.models.length);
  });

  it.each(catalog.models.filter(({ builtIn }) => builtIn))('$id is in git, byte by byte', ({ files: [file] }) => {
    expect(describeBytes(readFileSync(join(ROOT, 'public', file?.urls[0] ?? '')))).toEqual({ bytes: file?.bytes, sha256: file?.sha256, pieces: file?.pieces });
  });

  it.each(catalog.models)('$id can be fetched, loaded and described', (model) => {
    expect(model.goodAt).toMatch(/\.$/);
    for (const { urls, bytes } of model.files) {
      expect(urls.some((url) => url.startsWith('https://')) || model.builtIn).toBe(true);
      // wllama reads a file into one ArrayBuffer.
      expect(bytes ?? 0).toBeLessThan(2 ** 31);
      expect(model.memoryBytes).toBeGreaterThan(bytes ?? 0);
    }
  });

  it('has one piece hash per MiB, where it has any', () => {
    for (const { bytes, pieces } of catalog.models.flatMap(({ files }) => files)) {
      if (pieces) expect(pieces).toHaveLength(Math.ceil((bytes ?? 0) / 2 ** 20));
    }
  });

  it('describes the default model, where its file is at hand', (context) => {
    const path = join(ROOT, '.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf');
    if (!existsSync(path)) return context.skip('the file of SmolLM2 is not in .cache/models');
    const { bytes, sha256, pieces } = catalog.models.find(({ id }) => id === 'smollm2-135m')?.files[0] ?? {};
    expect(describeBytes(readFileSync(path))).toEqual({ bytes, sha256, pieces });
  });
});
