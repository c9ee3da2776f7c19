import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scheduleOn, spentBy } from './schedule.ts';

const lengths = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 15 });
const nodes = fc.integer({ min: 1, max: 20 });
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

it('gives the next one to whoever is free first', () => {
  expect(scheduleOn(2, [5, 2, 4, 1])).toEqual([
    { index: 1, from: 0, to: 2 },
    { index: 0, from: 0, to: 5 },
    { index: 2, from: 2, to: 6 },
    { index: 3, from: 5, to: 6 },
  ]);
});

it('keeps every node at work, and each at one thing', () => {
  fc.assert(
    fc.property(nodes, lengths, (count, tokens) => {
      const slots = scheduleOn(count, tokens);
      expect(slots.map(({ index }) => index).sort((one, other) => one - other)).toEqual(tokens.map((_, index) => index));
      expect(slots.every(({ index, from, to }) => to - from === tokens[index])).toBe(true);
      for (const { from } of slots) expect(slots.filter((other) => other.from <= from && from < other.to).length).toBeLessThanOrEqual(count);
      // Graham (1966): no later than the work shared out, and the longest of it.
      expect(Math.max(...slots.map(({ to }) => to))).toBeLessThanOrEqual(sum(tokens) / count + Math.max(...tokens));
    }),
  );
});

it('has spent nothing at the start and all at the end, and more as time goes on', () => {
  fc.assert(
    fc.property(nodes, lengths, (count, tokens) => {
      const slots = scheduleOn(count, tokens);
      const all = new Set(tokens.keys());
      expect(spentBy(slots, slots.at(-1)!.to, all)).toEqual({ calls: tokens.length, tokens: sum(tokens) });
      const spent = slots.map(({ to }, place) => spentBy(slots, to, new Set(slots.slice(0, place + 1).map(({ index }) => index))));
      for (const [place, { calls, tokens: written }] of spent.entries()) {
        expect(calls).toBeGreaterThanOrEqual(place + 1);
        expect(written).toBeGreaterThanOrEqual(spent[place - 1]?.tokens ?? 0);
      }
    }),
  );
});

it('does not count who would begin at that moment', () => {
  const slots = scheduleOn(1, [4, 6]);
  expect(spentBy(slots, 4, new Set([0]))).toEqual({ calls: 1, tokens: 4 });
  expect(spentBy(slots, 7, new Set([0]))).toEqual({ calls: 2, tokens: 7 });
});
