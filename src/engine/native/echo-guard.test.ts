import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEchoGuard } from './echo-guard.ts';

/** What the reader gets of these pieces. */
function read(prefix: string, pieces: readonly string[]): string {
  const guard = createEchoGuard(prefix);
  return pieces.map((piece) => guard.piece(piece)).join('') + guard.end();
}

const pieces = fc.array(fc.string({ maxLength: 5 }), { maxLength: 12 });
const prefix = fc.string({ minLength: 16, maxLength: 40 });
/** The text in pieces of this length. */
const inPieces = (text: string, length: number): string[] => text.match(new RegExp(`[^]{1,${length}}`, 'g')) ?? [];

describe('the prefix said again', () => {
  it('is dropped, however it comes', () => {
    fc.assert(fc.property(prefix, pieces, fc.integer({ min: 1, max: 9 }), (before, rest, length) => {
      expect(read(before, inPieces(before + rest.join(''), length))).toBe(rest.join(''));
    }));
  });

  it('is all that is ever dropped', () => {
    fc.assert(fc.property(prefix, pieces, (before, rest) => {
      const text = rest.join('');
      expect(read(before, rest)).toBe(text.startsWith(before) ? text.slice(before.length) : text);
    }));
  });

  it('is held back no longer than it may be one', () => {
    const guard = createEchoGuard('once upon a time there');
    expect(guard.piece('once ')).toBe('');
    expect(guard.piece('more')).toBe('once more');
    expect(guard.piece('once upon a time there')).toBe('once upon a time there');
  });

  it('is let through where it is short: it may be the answer', () => {
    expect(read('no', ['no', ', never'])).toBe('no, never');
    expect(read('', ['a', 'b'])).toBe('ab');
  });
});
