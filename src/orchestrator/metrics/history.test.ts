import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHistories, HOUR, MINUTE, type History, type Rest } from './history.ts';

/** Gaps between writes, a few of them long, and values of which some are the same. */
const writes = fc.array(fc.tuple(fc.oneof({ weight: 8, arbitrary: fc.nat(5) }, { weight: 2, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.nat(5000) }), fc.nat(3)), { minLength: 1, maxLength: 120 });
const rests = fc.constantFrom<Rest>('zero', 'last', 'nothing');

/** The same figure as a plain list, from its first second. */
function model(rest: Rest, list: readonly (readonly [number, number])[]): { values: (number | null)[]; seconds: number[] } {
  const values: (number | null)[] = [];
  const seconds: number[] = [];
  for (const [gap, value] of list) {
    const still = rest === 'zero' ? 0 : rest === 'last' ? (values.at(-1) ?? 0) : null;
    if (values.length > 0) for (let second = 0; second < gap; second += 1) values.push(still);
    seconds.push(values.length);
    values.push(value);
  }
  return { values, seconds };
}

describe('an hour of seconds', () => {
  it('is what a plain list of the last hour would be, whatever the gaps', () => {
    fc.assert(
      fc.property(rests, writes, fc.nat(10_000), (rest, list, start) => {
        const { values, seconds } = model(rest, list);
        const histories = createHistories();
        const history = histories.open(rest, start, list[0]![1]);
        seconds.slice(1).forEach((second, index) => histories.write(history, start + second, list[index + 1]![1]));
        const end = start + values.length;
        expect(histories.read(history, end - HOUR, end)).toEqual([...Array.from({ length: HOUR }, () => null), ...values].slice(-HOUR));
      }),
      { numRuns: 60 },
    );
  });

  it('goes on at rest after the last write', () => {
    const histories = createHistories();
    const still = (rest: Rest): (number | null)[] => histories.read(histories.open(rest, 100, 7), 99, 103);
    expect(still('zero')).toEqual([null, 7, 0, 0]);
    expect(still('last')).toEqual([null, 7, 7, 7]);
    expect(still('nothing')).toEqual([null, 7, null, null]);
  });

  it('stores no minute in which nothing changes, and gives back those that are over', () => {
    const histories = createHistories();
    const history = histories.open('last', 0, 1);
    for (let second = 1; second < 3 * HOUR; second += 1) histories.write(history, second, 1);
    expect(histories.minutes).toBe(0);
    for (let second = 3 * HOUR; second < 6 * HOUR; second += 1) histories.write(history, second, second % 2);
    expect(histories.minutes).toBe(61);
    histories.write(history, 9 * HOUR, 1);
    expect(histories.minutes).toBe(0);
    histories.close(history);
  });

  it('keeps the mean of the oldest minutes where the store is full, and all of what is fine', () => {
    const histories = createHistories(30);
    const [coarse, fine] = [histories.open('zero', 0, 0), histories.open('zero', 0, 0, true)];
    for (let second = 1; second < 20 * MINUTE; second += 1) for (const history of [coarse, fine]) histories.write(history, second, second);
    expect(histories.minutes).toBe(30);
    const all = Array.from({ length: 20 * MINUTE }, (_, second) => second);
    const read = (history: History): (number | null)[] => histories.read(history, 0, 20 * MINUTE);
    expect(read(fine)).toEqual(all);
    expect(read(coarse).slice(0, MINUTE)).toEqual(Array.from({ length: MINUTE }, () => 29.5));
    expect(read(coarse).slice(10 * MINUTE)).toEqual(all.slice(10 * MINUTE));
    // The sum of what was counted is not lost with the seconds.
    expect(read(coarse).reduce((sum, value) => sum! + value!, 0)).toBe(all.reduce((sum, value) => sum + value, 0));
  });

  it('uses what was closed again', () => {
    const histories = createHistories(4);
    for (let round = 0; round < 5000; round += 1) {
      const history = histories.open('zero', round, 1);
      histories.write(history, round + 1, 2);
      histories.close(history);
    }
    expect(histories.minutes).toBe(0);
  });
});
