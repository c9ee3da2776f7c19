import { describe, expect, it } from 'vitest';
import { orderParts, parseSplitName, splitUrls } from './model-split.ts';

const named = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));

describe('split models', () => {
  it.each([
    ['big-00002-of-00003.gguf', { stem: 'big', part: 2, count: 3 }],
    ['big.gguf', null],
    ['big-00004-of-00003.gguf', null],
    ['big-00000-of-00003.gguf', null],
    ['big-2-of-3.gguf', null],
  ])('reads the name %s', (name, expected) => expect(parseSplitName(name)).toEqual(expected));

  it('derives all addresses from any of them, and keeps the query', () => {
    expect(splitUrls(new URL('https://a.test/x/big-00002-of-00002.gguf?download=true'))).toEqual([
      'https://a.test/x/big-00001-of-00002.gguf?download=true',
      'https://a.test/x/big-00002-of-00002.gguf?download=true',
    ]);
    expect(splitUrls(new URL('https://a.test/one.gguf'))).toEqual(['https://a.test/one.gguf']);
    expect(() => splitUrls(new URL('https://a.test/big-00001-of-09999.gguf'))).toThrow(/9999 parts/);
  });

  it('puts files in order, whatever the case of their names', () => {
    expect(orderParts(named('Big-00002-of-00002.GGUF', 'big-00001-of-00002.gguf')).map(({ name }) => name)).toEqual([
      'big-00001-of-00002.gguf',
      'Big-00002-of-00002.GGUF',
    ]);
  });

  it('names the parts that are missing', () => {
    expect(() => orderParts(named('big-00002-of-00003.gguf'))).toThrow('missing: big-00001-of-00003.gguf, big-00003-of-00003.gguf.');
  });

  it('refuses no files, and files of several models', () => {
    expect(() => orderParts([])).toThrow(/no file/);
    expect(() => orderParts(named('a.gguf', 'b.gguf'))).toThrow(/2 files are not one model/);
    expect(() => orderParts(named('a-00001-of-00002.gguf', 'a-00002-of-00002.gguf', 'b.gguf'))).toThrow(/more than one model/);
  });
});
