import { describe, expect, it } from 'vitest';
import { createManualClock } from '../testing/manual-clock.ts';
import { createModelSource } from '../testing/model-source.ts';
import { fetchPointer, parsePointer, pointerUrl } from './worker/model-pointer.ts';

describe('LFS pointers', () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 1234\n`;
  const url = 'https://huggingface.co/a/b/resolve/main/c.gguf?download=true';
  const ask = (routes: Record<string, string>) => {
    const source = createModelSource((address) => (routes[address] === undefined ? undefined : { bytes: new TextEncoder().encode(routes[address]) }));
    return fetchPointer({ fetch: (address, init) => source.fetch(address, init), clock: createManualClock() }, url);
  };

  it('lie beside the file', () => {
    expect(pointerUrl(url)).toBe('https://huggingface.co/a/b/raw/main/c.gguf');
    expect(pointerUrl('https://a.test/c.gguf')).toBe(null);
  });

  it.each([
    ['a file', 'GGUF'],
    ['no hash', 'version https://git-lfs.github.com/spec/v1\nsize 5\n'],
    ['no size', pointer.replace(/size .*/, '')],
    ['a size that is none', pointer.replace('1234', '-1')],
  ])('are not %s', (_what, text) => expect(parsePointer(text)).toBe(null));

  it('tell hash and size', async () => {
    expect(await ask({ 'https://huggingface.co/a/b/raw/main/c.gguf': pointer })).toEqual({ sha256: 'ab'.repeat(32), bytes: 1234 });
  });

  it('are no reason to fail, or to read a whole file', async () => {
    expect(await ask({})).toBe(null);
    expect(await ask({ 'https://huggingface.co/a/b/raw/main/c.gguf': pointer.padEnd(2_000_000) })).toBe(null);
  });
});
