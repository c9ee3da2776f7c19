import { describe, expect, it } from 'vitest';
import type { LlamboError } from '../shared/errors.ts';
import type { FusionOptions } from './fusion.ts';
import { parseAsk } from './request.ts';

const refusal = (fusion: unknown): string => {
  try {
    parseAsk('Hi', { fusion });
  } catch (error) {
    return `${(error as LlamboError).code}: ${(error as LlamboError).message}`;
  }
  return 'taken';
};

describe('the fusion of a request', () => {
  it('goes through as it is', () => {
    const fusion: FusionOptions = {
      policy: 'weighted', n: 32, diversity: 'ladder', confidence: 1, budget: { tokens: 1, seconds: 0.5, nodes: 3 }, format: 'number', score: 'judge', average: 'median',
    };
    expect(parseAsk('Hi', { fusion }).options.fusion).toEqual(fusion);
    expect(parseAsk('Hi', { fusion: { policy: 'auto' } }).options.fusion).toEqual({ policy: 'auto' });
    expect('fusion' in parseAsk('Hi').options).toBe(false);
  });

  it.each([
    [{}, 'fusion.policy'],
    [{ policy: 'guess' }, 'fusion.policy'],
    [{ policy: 'vote', n: 0 }, 'fusion.n'],
    [{ policy: 'vote', n: 33 }, 'fusion.n'],
    [{ policy: 'vote', n: 2.5 }, 'fusion.n'],
    [{ policy: 'vote', n: '5' }, 'fusion.n'],
    [{ policy: 'vote', confidence: 0.4 }, 'fusion.confidence'],
    [{ policy: 'vote', confidence: Number.NaN }, 'fusion.confidence'],
    [{ policy: 'vote', budget: { seconds: 0 } }, 'fusion.budget.seconds'],
    [{ policy: 'vote', budget: { seconds: Infinity } }, 'fusion.budget.seconds'],
    [{ policy: 'vote', budget: { tokens: 1e9 } }, 'fusion.budget.tokens'],
    [{ policy: 'vote', budget: { money: 1 } }, 'fusion.budget.money'],
    [{ policy: 'vote', diversity: 'chaos' }, 'fusion.diversity'],
    [{ policy: 'vote', format: 'poem' }, 'fusion.format'],
    [{ policy: 'vote', voters: 5 }, 'fusion.voters'],
    ['vote', 'fusion'],
  ])('is refused if it makes no sense, by name: %j', (fusion, field) => {
    expect(refusal(fusion)).toContain('bad-request: The options is not valid at "' + field + '"');
  });
});
