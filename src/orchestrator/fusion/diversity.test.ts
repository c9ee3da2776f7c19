import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { ModelHash } from '../../shared/ids.ts';
import { candidateSeed, planCandidates, type Member } from './diversity.ts';

const hash = 'a'.repeat(64) as ModelHash;
const family: Member[] = [{ model: 'one', hash }, { model: 'two', hash }];
const seed = fc.integer({ min: 0, max: LIMITS.seed - 1 });

describe('the plan of the candidates', () => {
  it('asks one after the other of a family, each greedy first, then warmer', () => {
    const plan = planCandidates({ n: 6, seed: 7, members: family });
    expect(plan.map(({ model, temperature }) => [model, temperature])).toEqual([['one', 0], ['two', 0], ['one', 0.2], ['two', 0.2], ['one', 0.3], ['two', 0.3]]);
    expect(plan[0]).toEqual({ index: 0, seed: 7, temperature: 0, model: 'one', profile: 'exact' });
  });

  it('of one model climbs a ladder, no further than is asked for', () => {
    const temperatures = (temperature?: number) =>
      planCandidates({ n: 8, seed: 7, members: family.slice(0, 1), ...(temperature === undefined ? {} : { temperature }) }).map((each) => each.temperature);
    expect(temperatures()).toEqual([0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.6, 0.6]);
    expect(temperatures(0.35)).toEqual([0, 0.2, 0.3, 0.35, 0.35, 0.35, 0.35, 0.35]);
  });

  it('of seeds differs in nothing else', () => {
    const plan = planCandidates({ n: 4, seed: 7, diversity: 'seeds', members: family, temperature: 0.9 });
    expect(plan.every(({ model, temperature }) => model === 'one' && temperature === 0.9)).toBe(true);
    expect(planCandidates({ n: 2, seed: 7, diversity: 'seeds', members: [] }).map(({ temperature }) => temperature)).toEqual([0.4, 0.4]);
  });

  it('of one alone changes nothing of what was asked', () => {
    expect(planCandidates({ n: 1, seed: 7, members: family, temperature: 0.9 })).toEqual([{ index: 0, seed: 7 }]);
    expect(planCandidates({ n: 1, seed: 7, members: [] })).toEqual([{ index: 0, seed: 7 }]);
  });

  it('asks no server for exact answers, which it would refuse', () => {
    expect(planCandidates({ n: 2, seed: 7, members: [{ model: 'served', hash: null }] }).map(({ profile }) => profile)).toEqual(['chat', 'chat']);
  });

  it('is nested: the first three of fifteen are the three', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 32 }), fc.integer({ min: 2, max: 32 }), fc.constantFrom('seeds', 'ladder', 'family'), fc.subarray(family), (from, few, many, diversity, members) => {
        const least = Math.min(few, many);
        const plan = (n: number) => planCandidates({ n, seed: from, diversity, members });
        expect(plan(few).slice(0, least)).toEqual(plan(many).slice(0, least));
      }),
    );
  });

  it('gives each a seed of its own that a task takes, and the same ones for the same request', () => {
    fc.assert(
      fc.property(seed, (from) => {
        const seeds = Array.from({ length: 32 }, (_, index) => candidateSeed(from, index));
        expect(new Set(seeds).size).toBe(32);
        expect(seeds.every((each) => Number.isInteger(each) && each >= 0 && each < LIMITS.seed)).toBe(true);
        expect(seeds[0]).toBe(from);
        expect(candidateSeed(from, 31)).toBe(seeds[31]);
      }),
    );
    // Neighbouring requests have no candidate in common.
    const neighbours = Array.from({ length: 100 }, (_, from) => Array.from({ length: 32 }, (__, index) => candidateSeed(from, index + 1))).flat();
    expect(new Set(neighbours).size).toBe(neighbours.length);
  });
});
