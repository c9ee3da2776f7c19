import { expect, it } from 'vitest';
import { createSeededRandom } from '../../../testing/seeded-random.ts';
import { createLogHistogram } from './log-histogram.ts';

it('says nothing before it has seen enough', () => {
  const histogram = createLogHistogram();
  expect(histogram.quantile(0.5)).toBeNull();
  for (let count = 0; count < 19; count += 1) histogram.add(5);
  expect(histogram.quantile(0.95, 20)).toBeNull();
  histogram.add(5);
  expect(histogram.quantile(0.95, 20)).toBeCloseTo(5, 0);
});

it('finds quantiles within 6%, over many orders of magnitude', () => {
  const random = createSeededRandom(1);
  for (const scale of [0.01, 1, 1000, 100_000]) {
    const histogram = createLogHistogram();
    const values = Array.from({ length: 900 }, () => scale * Math.exp(3 * random.next()));
    for (const value of values) histogram.add(value);
    const sorted = values.toSorted((one, other) => one - other);
    for (const share of [0.05, 0.5, 0.95]) {
      const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
      expect(Math.abs(histogram.quantile(share)! / exact - 1)).toBeLessThan(0.06);
    }
  }
});

it('forgets: what changed is seen after some thousand values', () => {
  const histogram = createLogHistogram();
  for (let count = 0; count < 100_000; count += 1) histogram.add(10);
  for (let count = 0; count < 3000; count += 1) histogram.add(100);
  expect(histogram.quantile(0.5)! / 100).toBeCloseTo(1, 1);
});

it('takes what is no measurement for the smallest or the largest', () => {
  const histogram = createLogHistogram();
  for (const value of [0, -1, Number.MAX_VALUE]) histogram.add(value);
  expect(histogram.quantile(0.1)).toBeLessThan(0.0011);
  expect(histogram.quantile(1)).toBeGreaterThan(4_000_000);
});
