import { expect, test } from 'vitest';
import { median, medianInterval, seeded, slopeOf } from './bench-stats.mjs';

test('the median of odd and even counts', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(() => median([])).toThrow();
});

test('15 values: the interval runs from the fourth to the twelfth, with 96.5 %', () => {
  const values = Array.from({ length: 15 }, (_, index) => 15 - index);
  expect(medianInterval(values)).toMatchObject({ low: 4, high: 12, confidence: expect.closeTo(0.9648, 4) });
});

test('too few values give all of them, and say how little that means', () => {
  expect(medianInterval([1, 2, 3])).toEqual({ low: 1, high: 3, confidence: 0.75 });
  expect(medianInterval([7])).toEqual({ low: 7, high: 7, confidence: 0 });
});

test('the interval holds the median as often as it says', () => {
  const next = seeded(1);
  const runs = Array.from({ length: 4000 }, () => medianInterval(Array.from({ length: 15 }, next)));
  const held = runs.filter(({ low, high }) => low <= 0.5 && high >= 0.5).length / runs.length;
  expect(held).toBeGreaterThan(0.955);
  expect(held).toBeLessThan(0.975);
});

test('the slope of a line, exact and with noise', () => {
  const line = Array.from({ length: 20 }, (_, x) => ({ x, y: 5 + 2 * x }));
  expect(slopeOf(line)).toEqual({ slope: 2, error: 0 });
  const next = seeded(2);
  const { slope, error } = slopeOf(line.map(({ x, y }) => ({ x, y: y + next() - 0.5 })));
  expect(Math.abs(slope - 2)).toBeLessThan(3 * error);
});
