import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fillTemplate, templateFields } from './template-fields.ts';

it('finds each field once, in order', () => {
  expect(templateFields('Translate {{ text }} to {{language}}: {{text}}')).toEqual(['text', 'language']);
});

it('leaves other braces alone', () => {
  expect(templateFields('{{}} {x} {{ a.b }} {{{{ {{a\nb}} ${{}}')).toEqual([]);
});

it('fills, and does not fill what was filled in', () => {
  const values = new Map([['a', '{{b}} $& $1'], ['b', 'no']]);
  expect(fillTemplate('{{a}} {{c}}', values)).toBe('{{b}} $& $1 {{c}}');
});

it('never hangs and never loses text around fields', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'a', ' ', '-', '\n') }), (text) => {
    expect(fillTemplate(text, new Map())).toBe(text);
  }));
});
