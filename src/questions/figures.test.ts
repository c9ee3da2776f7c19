import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracies, compare, majority } from './figures.ts';
import { questionsOf } from './questions.ts';
import { createNumbers } from './seeded.ts';
import { mcnemar, pairedBootstrap, wilson } from './statistics.ts';

describe('wilson', () => {
  it.each([
    // Newcombe (1998), table I.
    [81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718],
  ])('of %i in %i', (right, count, low, high) => {
    expect(wilson(right, count).low).toBeCloseTo(low, 4);
    expect(wilson(right, count).high).toBeCloseTo(high, 4);
  });

  it('holds the share, and lies within 0 and 1', () => {
    fc.assert(fc.property(fc.nat(500), fc.nat(500), (right, wrong) => {
      const { low, high } = wilson(right, right + wrong);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      if (right + wrong > 0) expect(low <= right / (right + wrong) && right / (right + wrong) <= high).toBe(true);
    }));
  });
});

describe('mcnemar', () => {
  it.each([[0, 0, 1], [1, 0, 1], [5, 5, 1], [0, 5, 0.0625], [0, 6, 0.03125], [10, 2, 0.03857421875], [3, 9, 0.14599609375]])('of %i against %i', (one, other, chance) => {
    expect(mcnemar(one, other)).toBeCloseTo(chance, 10);
  });

  it('is the same both ways, and finite for many', () => {
    fc.assert(fc.property(fc.nat(5000), fc.nat(5000), (one, other) => {
      expect(mcnemar(one, other)).toBe(mcnemar(other, one));
      expect(mcnemar(one, other)).toBeGreaterThanOrEqual(0);
    }));
  });
});

describe('the paired bootstrap', () => {
  it('holds the difference, and nothing where there is none', () => {
    const next = createNumbers(5);
    const one = Array.from({ length: 500 }, () => next() < 0.9);
    const other = one.map((right) => right && next() < 0.95);
    const { difference, low, high } = pairedBootstrap(one, other);
    expect(low).toBeGreaterThan(0);
    expect(low < difference && difference < high).toBe(true);
    expect(pairedBootstrap(one, one)).toEqual({ difference: 0, low: 0, high: 0 });
  });

  it('refuses what are no pairs', () => {
    expect(() => pairedBootstrap([true], [])).toThrow(RangeError);
    expect(() => pairedBootstrap([], [])).toThrow(RangeError);
  });
});

describe('figures', () => {
  const questions = questionsOf({ seed: 4, split: 'test', count: 300 });

  it('count each question in its groups', () => {
    const answers = questions.map(({ answer }, index) => (index % 4 === 0 ? 'something else' : answer));
    const all = accuracies(questions, answers).find(({ of }) => of === 'all')!;
    const exact = questions.filter(({ format }) => format !== 'open');
    expect(all.count).toBe(exact.length);
    expect(all.right).toBe(questions.filter(({ format }, index) => format !== 'open' && index % 4 !== 0).length);
    const kinds = accuracies(questions, answers).filter(({ of }) => exact.some(({ kind }) => kind === of));
    expect(kinds.reduce((sum, { count }) => sum + count, 0)).toBe(exact.length);
  });

  it('vote by what answers mean; the first engine decides a tie', () => {
    expect(majority({ format: 'number' }, ['84', '47 + 38 = 85', '85.'])).toBe('47 + 38 = 85');
    expect(majority({ format: 'number' }, ['84', '85'])).toBe('84');
    expect(majority({ format: 'words' }, ['Paris.', 'rome', 'paris'])).toBe('Paris.');
    expect(majority({ format: 'words' }, [])).toBe('');
  });

  it('say who is ahead', () => {
    const right = questions.map(({ answer }) => answer);
    const half = right.map((answer, index) => (index % 2 ? answer : ''));
    const { difference, onlyOne, onlyOther, chance } = compare(questions, right, half);
    expect(onlyOther).toBe(0);
    expect(difference).toBeCloseTo(onlyOne / questions.length);
    expect(chance).toBeLessThan(1e-9);
  });
});
