import { readFileSync } from 'node:fs';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../protocol/limits.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import type { FileArea } from './worker/model-area.ts';
import { importFile } from './worker/model-import.ts';
import { createMemoryArea } from './worker/model-memory.ts';

const tiny = new Uint8Array(readFileSync('public/models/tiny-1.gguf'));
const page = '<!doctype html><html><title>Not found</title></html>'.padEnd(4000);

describe('importFile', () => {
  const deps = (area: FileArea) => ({ area, clock: createManualClock(), ensureRoom: () => Promise.resolve() });

  it('copies a new file, and only hashes one that is there', async () => {
    const area = createMemoryArea();
    expect((await importFile(deps(area), 'i', new Blob([tiny]), 'tiny.gguf')).sha256).toBe(bytesToHex(sha256(tiny)));
    const untouched: FileArea = { ...area, openPartial: () => Promise.reject(new Error('nothing is to be copied')) };
    expect((await importFile(deps(untouched), 'i', new Blob([tiny]), 'again.gguf')).sha256).toBe(bytesToHex(sha256(tiny)));
  });

  it('leaves nothing of a file that is no model, or too large', async () => {
    const area = createMemoryArea();
    await expect(importFile(deps(area), 'i', new Blob([page]), 'page.gguf')).rejects.toMatchObject({ code: 'model-invalid' });
    await expect(importFile(deps(area), 'i', new Blob([tiny.slice(0, tiny.length / 2)]), 'half.gguf')).rejects.toMatchObject({ code: 'model-invalid' });
    const huge = { size: LIMITS.modelFileBytes + 1 } as Blob;
    await expect(importFile(deps(area), 'i', huge, 'huge.gguf')).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('larger than 2 GB') as string });
    expect(await area.list()).toEqual({ files: [], partials: [] });
  });
});
