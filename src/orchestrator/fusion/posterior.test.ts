import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { incompleteBeta, logGamma } from './beta.ts';
import { confidenceIn, isDecided, leadProbability, posteriorOf, type Standing } from './posterior.ts';

describe('the incomplete beta function', () => {
  it('knows factorials', () => {
    let factorial = 0;
    for (let n = 1; n <= 170; n += 1) {
      expect(logGamma(n)).toBeCloseTo(factorial, 9);
      factorial += Math.log(n);
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
  });

  it('is the tail of a binomial distribution for whole numbers', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (a, b, x) => {
      const n = a + b - 1;
      let tail = 0;
      for (let k = a; k <= n; k += 1) tail += Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(x) + (n - k) * Math.log(1 - x));
      expect(incompleteBeta(x, a, b)).toBeCloseTo(tail, 10);
    }));
  });

  it('has a mirror, and ends', () => {
    fc.assert(fc.property(fc.double({ min: 0.1, max: 3000, noNaN: true }), fc.double({ min: 0.1, max: 3000, noNaN: true }), (a, b) => {
      expect(incompleteBeta(0.5, a, b) + incompleteBeta(0.5, b, a)).toBeCloseTo(1, 9);
      expect(incompleteBeta(0.5, a, a)).toBeCloseTo(0.5, 9);
    }));
    expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1]);
  });
});

const standing = (weights: readonly number[], pending: number): Standing => ({ weights, pending, ballots: Array.from({ length: weights.reduce((sum, each) => sum + each, 0) }, () => 1) });

describe('a decision', () => {
  it.each<[number[], number, boolean]>([
    [[3], 2, true], [[2], 2, false], [[3, 1], 1, true], [[3, 1], 2, false], [[3, 2], 1, false], [[3, 2], 0, true], [[2, 2], 0, false], [[], 0, false], [[], 3, false],
  ])('of %j with %i to come: %j', (weights, pending, decided) => {
    expect(isDecided(standing(weights, pending))).toBe(decided);
  });
});

describe('the posterior', () => {
  it('is that of Adaptive-Consistency where all say the same', () => {
    // Beta(n + 1, 1): 1 − ½ⁿ⁺¹.
    for (let n = 1; n <= 12; n += 1) expect(leadProbability(standing([n], 9))).toBeCloseTo(1 - 0.5 ** (n + 1), 12);
  });

  it('is an even chance of a tie, and none where all differ', () => {
    expect(posteriorOf([standing([2, 2], 1)]).value).toBeLessThanOrEqual(0.5);
    expect(posteriorOf([standing([1, 1, 1, 1], 1)])).toEqual({ value: 0, meaning: 'posterior' });
  });

  it('takes a few heavy ones for few', () => {
    const heavy: Standing = { weights: [8], ballots: [4, 4], pending: 0 };
    expect(leadProbability(heavy)).toBeCloseTo(leadProbability(standing([2], 0)), 12);
  });

  it('of several fields is no higher than that of any, and certain only where each is', () => {
    const [sure, open] = [standing([4], 3), standing([3, 1], 3)];
    expect(confidenceIn([sure]).meaning).toBe('certain');
    expect(confidenceIn([sure, open])).toEqual(confidenceIn([open]));
    expect(confidenceIn([open, open]).value).toBeLessThan(confidenceIn([open]).value);
    expect(confidenceIn([standing([1], 0)])).toEqual({ value: 0, meaning: 'none' });
  });
});

/** How common each answer is. The first two are the worst there are: nobody knows what is commoner, so a lead is luck. */
const WORLDS: Readonly<Record<string, readonly number[]>> = {
  'two equal answers': [0.5, 0.5],
  'three equal answers': [1 / 3, 1 / 3, 1 / 3],
  'two close ones and a third': [0.4, 0.35, 0.25],
  'one, and many others': [0.3, ...Array.from({ length: 14 }, () => 0.05)],
  'most agree': [0.8, 0.1, 0.1],
};
const RUNS = 10_000;
const MOST = 15;

const LEVELS = [0.8, 0.9, 0.95, 0.99] as const;

/** At each level: how often another answer won than that of the full count, and the share of ballots that was heard. */
type Outcome = Readonly<Record<(typeof LEVELS)[number], { wrong: number; heard: number }>>;

/** @param weights one of them for each ballot, by chance */
function simulate(shares: readonly number[], n: number, weights: readonly number[]): Outcome {
  const { next } = createSeededRandom(7);
  const outcome: Outcome = { 0.8: { wrong: 0, heard: 0 }, 0.9: { wrong: 0, heard: 0 }, 0.95: { wrong: 0, heard: 0 }, 0.99: { wrong: 0, heard: 0 } };
  for (let run = 0; run < RUNS; run += 1) {
    const counts = shares.map(() => 0);
    const ballots: number[] = [];
    const stopped = new Map<number, number>();
    while (ballots.length < n && stopped.size < LEVELS.length) {
      const weight = weights[Math.floor(next() * weights.length)]!;
      ballots.push(weight);
      counts[draw(shares, next())]! += weight;
      const value = sureness(counts, ballots, (n - ballots.length) * Math.max(...weights));
      for (const level of LEVELS) {
        if (stopped.has(level) || (value < level && ballots.length < n)) continue;
        stopped.set(level, winner(counts));
        outcome[level].heard += ballots.length / n / RUNS;
      }
    }
    for (; ballots.length < n; ballots.push(0)) counts[draw(shares, next())]! += weights[Math.floor(next() * weights.length)]!;
    for (const level of LEVELS) outcome[level].wrong += stopped.get(level) === winner(counts) ? 0 : 1 / RUNS;
  }
  return outcome;
}

function draw(shares: readonly number[], chance: number): number {
  let rest = chance;
  return Math.max(0, shares.findIndex((share) => (rest -= share) < 0));
}

const winner = (counts: readonly number[]): number => counts.indexOf(Math.max(...counts));

/** The same few standings come again and again. */
const known = new Map<string, number>();

function sureness(counts: readonly number[], ballots: readonly number[], pending: number): number {
  const weights = counts.filter((count) => count > 0).sort((one, other) => other - one);
  const now: Standing = { weights, ballots, pending };
  if (isDecided(now)) return 1;
  const squares = ballots.reduce((sum, weight) => sum + weight * weight, 0);
  const key = `${weights.join(' ')} / ${squares}`;
  const value = known.get(key) ?? posteriorOf([now]).value;
  known.set(key, value);
  return value;
}

describe(`stopping when the posterior is high enough, ${RUNS} times`, () => {
  it.each(Object.entries(WORLDS))('gives another winner no more often than it says: %s', (_, shares) => {
    const outcome = simulate(shares, MOST, [1]);
    for (const level of LEVELS) expect(outcome[level].wrong, `at ${level}`).toBeLessThanOrEqual(1 - level);
  }, 20_000);

  it('nor where some weigh twice as much', () => {
    const outcome = simulate(WORLDS['two equal answers']!, 9, [1, 1.5, 2]);
    for (const level of LEVELS) expect(outcome[level].wrong, `at ${level}`).toBeLessThanOrEqual(1 - level);
  }, 20_000);

  it('hears half of fifteen where four of five agree', () => {
    expect(simulate(WORLDS['most agree']!, MOST, [1])[0.95].heard).toBeLessThan(0.5);
  }, 20_000);
});
