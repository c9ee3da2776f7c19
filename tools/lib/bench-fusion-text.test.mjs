import { expect, it } from 'vitest';
import { evaluationTables, rowsText, summaryRows } from './bench-fusion-text.mjs';

const score = (/** @type {number} */ right, /** @type {number} */ count) => ({ right, count, low: 0.1, high: 0.9 });
const lead = { difference: -0.05, low: -0.1, high: 0.02, gained: 1, lost: 2, chance: 0.0004 };
const cost = { calls: 3, promptTokens: 60, tokens: 21.4, seconds: 0.25 };
const early = { score: score(5, 20), lead: { ...lead, difference: 0, low: 0, high: 0 }, changed: 0.05, cost: { ...cost, calls: 2.5, tokens: 15 }, saved: 0.3 };

/** @param {number} n */
const result = (n) => ({
  contender: 'vote', n, cost, early,
  groups: [{ group: 'sums', score: score(1, 4), lead, adjusted: 0.25 }, { group: 'all', score: score(5, 20), lead, adjusted: lead.chance }],
});

/** @type {import('../../src/measure/evaluation.ts').Evaluation} */
const evaluation = {
  version: 1, questions: 20, unfinished: 0, kinds: ['sums'], models: ['tiny-1'], nodes: 4, msPerToken: 3, best: 0,
  singles: [{ model: 'tiny-1', index: 0, groups: [{ group: 'sums', score: score(2, 4) }, { group: 'all', score: score(6, 20) }] }],
  results: [result(1), result(3)],
  calibrations: [{ contender: 'vote', n: 3, of: 'holds', error: 0.21, bins: [{ from: 0.3, to: 0.4, count: 7, stated: 0.33, came: 0.54 }] }],
};

it('has a table for accuracy by size, for kinds, for costs and for what was stated', () => {
  const [accuracy, groups, costs, stated] = evaluationTables(evaluation).map((table) => table.split('\n'));
  expect(accuracy).toEqual(['| Right, %, and lead in points | n = 1 | n = 3 |', '| --- | --: | --: |', '| vote | 25.0, −5.0 [−10.0, +2.0] | 25.0, −5.0 [−10.0, +2.0] |']);
  expect(groups?.slice(2)).toEqual(['| sums | 4 | 50.0 [10.0, 90.0] | 25.0, −5.0 (1/2), p 0.250 |', '| all | 20 | 30.0 [10.0, 90.0] | 25.0, −5.0 (1/2), p < 0.001 |']);
  // One alone has nothing to stop.
  expect(costs?.slice(2)).toEqual(['| vote, n = 3 | 3.0 | 60 | 21 | 0.3 | 2.5 | 15 | 0.3 | 30.0 % | 25.0 | +0.0 [+0.0, +0.0] | 5.0 % |']);
  expect(stated?.at(-1)).toBe('| vote: "the lead holds", held |  |  |  | 54.0 (7) |  |  |  |  |  |  | 21.0 |');
});

it('says of each goal what was measured, and whether it is met', () => {
  const goals = /** @type {import('../../src/measure/goals.ts').Goal[]} */ ([
    { goal: 'gain of vote', met: false, result: result(3) }, { goal: 'early stop', met: true, result: result(3) }, { goal: 'auto does no harm', met: false, result: null },
  ]);
  expect(rowsText(summaryRows(evaluation, goals, ['sums'])).split('\n')).toEqual([
    'tiny-1, greedy: 30.0 [10.0, 90.0] % right',
    'Kinds on which the vote beats the best single engine, n = 3: 1 of 1, sums (goal ≥ 3, p < 0.05 after Holm: missed)',
    'Tokens saved by early stop of the vote, n = 3, 4 nodes in parallel: 30.0 %; +0.0 [+0.0, +0.0] points against all 3, another answer for 5.0 % (goal ≥ 50 %, interval above −1 point: met)',
    'auto does no harm: not measured',
  ]);
});
