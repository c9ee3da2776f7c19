import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeText } from './safe-text.ts';

const harmful = fc.constantFrom(...'\u202e\u200b\u2066\u0000\n\u0301\u200d\ufeff\ud800');
const anything = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
const texts = fc.array(fc.oneof(harmful, anything, fc.constantFrom(...'ab ')), { maxLength: 100 }).map((characters) => characters.join(''));

describe('safeText', () => {
  it.each([
    ['Anna’s laptop', 'Anna’s laptop'],
    ['  two\n\tlines ', 'two lines'],
    ['evil\u202egnp.exe', 'evil gnp.exe'],
    ['\u2066left\u2069 right', 'left right'],
    ['zero\u200bwidth\ufeff', 'zero width'],
    ['مرحبا', 'مرحبا'],
    ['👩‍💻 at work', '👩‍💻 at work'],
    ['ha\u0301lf \ud83d', 'ha\u0301lf'],
    ['z\u0301\u0302\u0303\u0304\u0305\u0306\u0307!', 'z\u0301\u0302\u0303\u0304!'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['', 'no name'],
    ['\u200b\u200d \u3164', 'no name'],
  ])('shows %j as %j', (text, shown) => expect(safeText(text)).toBe(shown));

  it('cuts long ones, and not in the middle of a character', () => {
    expect(safeText('a'.repeat(50), 10)).toBe('aaaaaaaaa…');
    expect(safeText('🦙'.repeat(50), 4)).toBe('🦙🦙🦙…');
  });

  it('lets nothing through that turns, hides or breaks the line', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 8, max: 40 }), (text, longest) => {
        const shown = safeText(text, longest);
        expect([...shown].length).toBeLessThanOrEqual(longest);
        expect(shown).toMatch(/[^\s\u200b-\u200f]/u);
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
        expect(safeText(shown, longest)).toBe(shown);
      }),
    );
  });
});
