import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LlamboError } from '../shared/errors.ts';
import { splitGguf } from '../testing/gguf-split.ts';
import { readGguf, type GgufHeader } from './gguf.ts';

const tiny = new Uint8Array(readFileSync('public/models/tiny-1.gguf'));

/** Reads from bytes, and remembers how far the reader went. */
function reading(file: Uint8Array, size = file.length): { header: Promise<GgufHeader>; most: () => number } {
  let most = 0;
  const header = readGguf((offset, length) => {
    most = Math.max(most, offset + length);
    return file.subarray(offset, offset + length);
  }, size, 'a.gguf');
  return { header, most: () => most };
}
const read = (file: Uint8Array, size?: number): Promise<GgufHeader> => reading(file, size).header;
const changed = (change: (view: DataView, bytes: Uint8Array) => void, file: Uint8Array = tiny): Uint8Array => {
  const copy = file.slice();
  change(new DataView(copy.buffer), copy);
  return copy;
};
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('readGguf', () => {
  it('tells what the model is and how long the file must be', async () => {
    const header = await read(tiny);
    expect(header).toMatchObject({
      version: 3, architecture: 'llama', name: 'Llambo tiny', license: 'MIT', contextLength: 256, hasChatTemplate: true, split: null, tensorCount: 47,
    });
    expect(header.tensors[0]).toMatchObject({ name: 'token_embd.weight', shape: [128, 1024] });
    expect(header.requiredBytes).toBeLessThanOrEqual(tiny.length);
    expect(header.requiredBytes).toBeGreaterThan(tiny.length - header.alignment);
  });

  it('reads the header only', async () => {
    const { header, most } = reading(tiny);
    await header;
    expect(most()).toBeLessThanOrEqual(64 * 1024);
  });

  it('goes on reading when metadata are longer than the first read', async () => {
    // A key with a text of 300 kB in front of the others.
    const long = text('x'.repeat(300_000));
    const pair = new Uint8Array(8 + 1 + 4 + 8 + long.length);
    const view = new DataView(pair.buffer);
    view.setBigUint64(0, 1n, true);
    pair[8] = 0x61;
    view.setUint32(9, 8, true);
    view.setBigUint64(13, BigInt(long.length), true);
    pair.set(long, 21);
    const file = new Uint8Array(tiny.length + pair.length + 64);
    file.set(tiny.subarray(0, 24));
    file.set(pair, 24);
    file.set(tiny.subarray(24), 24 + pair.length);
    new DataView(file.buffer).setBigUint64(16, 28n, true);
    expect(await read(file)).toMatchObject({ architecture: 'llama', tensorCount: 47 });
  });

  it.each([
    ['nothing', new Uint8Array(0), /is empty/],
    ['a web page', text('\n<!DOCTYPE html><html><body>404</body></html>'), /is a web page, not a model/],
    ['an LFS pointer', text('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n'), /is a pointer to a model/],
    ['garbage', new Uint8Array(4096).fill(0x42), /is not a GGUF model/],
    ['the magic alone', tiny.slice(0, 4), /is not a GGUF model/],
    ['a big-endian file', changed((view) => view.setUint32(4, 3, false)), /big-endian/],
    ['version 1', changed((view) => view.setUint32(4, 1, true)), /version 1/],
    ['a file cut in its header', tiny.slice(0, 5000), /is damaged/],
    ['a file cut in its data', tiny.slice(0, 700_000), /is cut off: it has 700000 bytes and needs 13\d{5}/],
    ['2^63 tensors', changed((view) => view.setBigUint64(8, 2n ** 63n, true)), /is damaged/],
    ['2^40 tensors', changed((view) => view.setBigUint64(8, 2n ** 40n, true)), /is damaged/],
    ['a key of 2^50 bytes', changed((view) => view.setBigUint64(24, 2n ** 50n, true)), /is damaged/],
  ])('refuses %s', async (_what, file, message) => {
    await expect(read(file)).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringMatching(message) as string, advice: expect.any(String) as string });
  });

  it('gives up where a header does not end', async () => {
    const { header, most } = reading(changed((view) => view.setBigUint64(8, 2n ** 40n, true)), 2 ** 31);
    await expect(header).rejects.toMatchObject({ code: 'model-invalid' });
    expect(most()).toBeLessThanOrEqual(64 * 1024 * 1024);
  });

  it('knows the parts of a split model', async () => {
    const [first, second] = await splitGguf(tiny);
    expect(await read(first)).toMatchObject({ architecture: 'llama', split: { part: 0, count: 2 }, tensorCount: 24 });
    expect(await read(second)).toMatchObject({ architecture: null, split: { part: 1, count: 2 }, tensorCount: 23 });
  });

  it('stops when asked', async () => {
    await expect(readGguf(() => tiny, tiny.length, 'a.gguf', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });

  it('survives any damage to the header: an answer or model-invalid, soon', async () => {
    const header = tiny.subarray(0, 26_000);
    const damage = fc.array(fc.tuple(fc.nat({ max: header.length - 9 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(1, 2, 4, 8)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(damage, fc.constantFrom(26_000, tiny.length, 2 ** 31), async (places, size) => {
        const file = changed((_view, bytes) => {
          for (const [offset, value, width] of places) {
            const number = new DataView(new ArrayBuffer(8));
            number.setBigUint64(0, value, true);
            bytes.set(new Uint8Array(number.buffer, 0, width), offset);
          }
        }, header);
        const outcome = await read(file, size).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome instanceof LlamboError && outcome.code).toBe('model-invalid');
      }),
      { numRuns: 400 },
    );
  });
});
