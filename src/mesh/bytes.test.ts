import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase32, encodeBase64url, joined, labelled, sameText, utf8 } from './bytes.ts';

describe('bytes as text', () => {
  // RFC 4648, section 10, in lower case and without padding.
  it.each([['', '', ''], ['f', 'my', 'Zg'], ['fo', 'mzxq', 'Zm8'], ['foo', 'mzxw6', 'Zm9v'], ['foob', 'mzxw6yq', 'Zm9vYg'], ['fooba', 'mzxw6ytb', 'Zm9vYmE'], ['foobar', 'mzxw6ytboi', 'Zm9vYmFy']])('"%s"', (text, base32, base64url) => {
    expect(encodeBase32(utf8(text))).toBe(base32);
    expect(encodeBase64url(utf8(text))).toBe(base64url);
  });

  it('come back the same, and are spelt as the platform spells them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = encodeBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(decodeBase64url(text)).toEqual(bytes);
      }),
    );
  });

  it('have one spelling only', () => {
    for (const text of ['Zh', 'Zm9', 'Z', 'Zg==', 'Zm 9v', 'Zm9+', 'Zé']) expect(decodeBase64url(text), text).toBe(null);
  });
});

describe('bytes put together', () => {
  it('differ whenever their parts do', () => {
    const part = fc.uint8Array({ maxLength: 6 });
    const parts = fc.array(part, { maxLength: 4 });
    const spelt = (list: readonly Uint8Array[]): string => JSON.stringify(list.map((bytes) => [...bytes]));
    fc.assert(fc.property(parts, parts, (a, b) => (encodeBase64url(joined(a)) === encodeBase64url(joined(b))) === (spelt(a) === spelt(b))));
    expect(labelled('a', utf8('bc'))).not.toEqual(labelled('ab', utf8('c')));
  });
});

describe('texts', () => {
  it('are the same or not', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => sameText(a, b) === (a === b)));
    for (const [a, b] of [['', 'a'], ['a', ''], ['ab', 'a'], ['a', 'b']] as const) expect(sameText(a, b)).toBe(false);
    expect(sameText('same', 'same')).toBe(true);
  });
});
