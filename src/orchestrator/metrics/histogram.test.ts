import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHistogram, MOST, QUANTILE_ERROR, type Histogram } from './histogram.ts';

const filled = (values: readonly number[]): Histogram => {
  const histogram = createHistogram();
  for (const value of values) histogram.add(value);
  return histogram;
};
/** By the same rule, from the values themselves. */
const exact = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)]!;

/** From below a millisecond to the end of the range, each power of ten as often. */
const measured = fc.double({ min: -2, max: 7, noNaN: true }).map((power) => 10 ** power);
const many = fc.array(measured, { minLength: 1, maxLength: 300 });

describe('histogram', () => {
  it('gives each quantile within the error that it promises', () => {
    fc.assert(
      fc.property(many, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const [is, told] = [exact(values, share), filled(values).quantile(share)];
        expect(Math.abs(told - is)).toBeLessThanOrEqual(is <= 1 ? 1 : is * QUANTILE_ERROR * (1 + 1e-9));
      }),
    );
  });

  it('is after a merge what it would be had it seen all', () => {
    fc.assert(
      fc.property(many, many, (first, second) => {
        const merged = filled(first);
        merged.merge(filled(second));
        const whole = filled([...first, ...second]);
        expect(merged.parts().counts).toEqual(whole.parts().counts);
        expect(merged.summary()).toEqual({ ...whole.summary(), sum: expect.closeTo(whole.summary().sum, 0) as number });
      }),
    );
  });

  it('knows the extremes exactly, and ignores what is no measurement', () => {
    const histogram = filled([3, 40, 500, -1, NaN, Infinity]);
    expect(histogram.summary()).toMatchObject({ count: 3, sum: 543, least: 3, most: 500 });
    expect(histogram.quantile(1)).toBe(500);
  });

  it('counts what is beyond its range at the end of it', () => {
    expect(filled([MOST * 50]).summary()).toMatchObject({ most: MOST, p50: MOST });
  });

  it('has nothing to say of nothing', () => {
    expect(createHistogram().quantile(0.5)).toBeNaN();
    expect(createHistogram().summary()).toEqual({ count: 0, sum: 0, least: 0, most: 0, p50: 0, p95: 0, p99: 0 });
  });
});
