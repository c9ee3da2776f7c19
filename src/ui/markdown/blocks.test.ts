import { Lexer } from 'marked';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { BlockSplitter, splitBlocks } from './blocks.ts';

/** Pieces that make and break blocks when they meet. */
const piece = fc.oneof(
  fc.constantFrom(
    '\n', '\n\n', ' ', '  ', '\t', '    ', '- ', '* ', '+ ', '1. ', '2', '.', ') ', '# ', '## ', '> ', '```', '```js\n', '~~~', '---', '===',
    '|', '| a | b |\n', '|---|---|\n', '`', '**', '_', '[x]: https://a.b\n', '[x]', '[t](https://a.b)', '<div>', '</div>', '<!--', '-->', '<script>',
    '\r\n', '\\', '&amp;', 'word', 'ü', '🦙', '\u202e', '<br>', '- [ ] ', '![a](b)',
  ),
  fc.string({ maxLength: 5 }),
);
const pieces = fc.array(piece, { maxLength: 40 });

describe('splitBlocks', () => {
  it('loses and invents nothing', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const letters = (text: string): string => text.replace(/\s/g, '');
        const raw = splitBlocks(parts.join('')).map((block) => block.raw);
        expect(letters(raw.join(''))).toBe(letters(parts.join('')));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads code with its language', () => {
    expect(splitBlocks('```python title\nprint(1)\n```')[0]!.content).toEqual({ kind: 'code', code: 'print(1)', language: 'python' });
  });

  it('takes an unfinished fence for code', () => {
    expect(splitBlocks('```js\nlet a')[0]!.content).toMatchObject({ kind: 'code', code: 'let a' });
  });

  it('shows what is too long as plain text', () => {
    expect(splitBlocks('a '.repeat(20_000))[0]!.content.kind).toBe('plain');
  });
});

describe('BlockSplitter', () => {
  it('splits a growing text as it would split the whole', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const splitter = new BlockSplitter();
        let text = '';
        for (const part of parts) {
          text += part;
          expect(splitter.update(text)).toEqual(splitBlocks(text));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps the identity of settled blocks', () => {
    const splitter = new BlockSplitter();
    const first = splitter.update('one\n\ntwo\n\nthree\n\nfo')[0];
    expect(splitter.update('one\n\ntwo\n\nthree\n\nfour')[0]).toBe(first);
  });

  it('starts anew when the text is another', () => {
    const splitter = new BlockSplitter();
    splitter.update('one\n\ntwo\n\nthree');
    expect(splitter.update('1\n\n2')).toEqual(splitBlocks('1\n\n2'));
  });

  it('reads again only the end of 100 KB that grow', () => {
    const splitter = new BlockSplitter();
    let text = 'A paragraph with **bold** text and a [link](https://a.b).\n\n'.repeat(1800);
    splitter.update(text);
    const reading = vi.spyOn(Lexer.prototype, 'blockTokens');
    for (let batch = 0; batch < 200; batch += 1) splitter.update((text += 'token '));
    const read = reading.mock.calls.map(([source]) => source.length);
    reading.mockRestore();
    expect(read).toHaveLength(200);
    // The paragraph that grows, and the one before it.
    expect(Math.max(...read)).toBeLessThan(200 * 'token '.length + 200);
  });
});
