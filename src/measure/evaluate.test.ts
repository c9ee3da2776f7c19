import fc from 'fast-check';
import { expect, it } from 'vitest';
import { madeRun, plurality } from '../testing/measure-fixtures.ts';
import { evaluate, type EvaluateOptions } from './evaluate.ts';
import { evaluationCsv } from './evaluation-csv.ts';
import { parseEvaluation, type ContenderResult, type Evaluation } from './evaluation.ts';
import type { MeasureRun } from './types.ts';

const VOTE = plurality();
/** An evaluation is hundreds of judgements and intervals: enough of them for a test in a few seconds. */
const FEW = { numRuns: 25 };
/** With few rounds: intervals of differences are not what these are about. */
const evaluated = (run: MeasureRun, options: EvaluateOptions = {}): Evaluation => evaluate(run, [VOTE], { rounds: 20, ...options })!;
const resultOf = ({ results }: Evaluation, n: number): ContenderResult => results.find((result) => result.n === n)!;
const allOf = ({ groups }: ContenderResult): ContenderResult['groups'][number] => groups.find(({ group }) => group === 'all')!;

const words = fc.constantFrom('1', '2', '3', '');
const tables = (candidates: number): fc.Arbitrary<string[][]> =>
  fc.array(fc.array(words, { minLength: candidates, maxLength: candidates }), { minLength: 1, maxLength: 6 });

it('counts what is right, one against the other, as a table on paper does', () => {
  const run = madeRun([
    ['1', '1', '2'], // right both ways
    ['2', '1', '1'], // the vote mends it
    ['2', '1', '1'],
    ['1', '2', '2'], // the vote spoils it
    ['2', '3', '3'], // wrong both ways
  ]);
  const evaluation = evaluated(run, { rounds: 2000 });
  expect(evaluation.singles.map(({ model, index }) => ({ model, index }))).toEqual([{ model: 'tiny-1', index: 0 }]);
  expect(evaluation.singles[0]!.groups.at(-1)).toMatchObject({ group: 'all', score: { right: 2, count: 5 } });
  const { score, lead } = allOf(resultOf(evaluation, 3));
  expect(score).toMatchObject({ right: 3, count: 5 });
  // Wilson's interval of 3 in 5, from its formula by hand.
  expect(score.low).toBeCloseTo(0.2307, 4);
  expect(score.high).toBeCloseTo(0.8824, 4);
  expect(lead).toMatchObject({ gained: 2, lost: 1, chance: 1 });
  expect(lead.difference).toBeCloseTo(0.2, 12);
  expect(lead.low).toBeLessThan(0);
  expect(lead.high).toBeGreaterThan(0.2);
});

it('compares with the greedy engine that has most right', () => {
  const run = madeRun([['2', '1', '1'], ['2', '1', '2']]);
  const two = { ...run, plan: run.plan.map((candidate) => (candidate.index === 1 ? { ...candidate, temperature: 0, model: 'tiny-2' } : candidate)) };
  const answers = two.answers.map((answer) => (answer.index === 1 ? { ...answer, temperature: 0, model: 'tiny-2' } : answer));
  const evaluation = evaluated({ ...two, answers });
  expect(evaluation.singles.map(({ model }) => model)).toEqual(['tiny-1', 'tiny-2']);
  expect(evaluation.singles[evaluation.best]!.model).toBe('tiny-2');
  // One candidate is the first one, which is not the best.
  expect(allOf(resultOf(evaluation, 1)).lead).toMatchObject({ difference: -1, gained: 0, lost: 2 });
});

it('takes the first n of the plan for n: what comes later changes nothing', () => {
  fc.assert(
    fc.property(tables(9), (table) => {
      const whole = evaluated(madeRun(table));
      const part = evaluated(madeRun(table.map((row) => row.slice(0, 5))));
      // The speed of the run is that of all its answers, which here are equally long.
      for (const n of [1, 3, 5]) expect(resultOf(whole, n)).toEqual(resultOf(part, n));
    }),
    FEW,
  );
});

it('is the same in whatever order the answers came in', () => {
  const shuffled = tables(5).chain((table) => {
    const run = madeRun(table, (index, question) => ({ tokens: 1 + ((index * 7 + question) % 5) }));
    return fc.shuffledSubarray([...run.answers], { minLength: run.answers.length }).map((answers) => [run, { ...run, answers }] as const);
  });
  fc.assert(
    fc.property(shuffled, ([run, other]) => {
      expect(evaluated(other)).toEqual(evaluated(run));
    }),
    FEW,
  );
});

it('one candidate is no fusion: as right as the greedy engine, at its cost', () => {
  fc.assert(
    fc.property(tables(3), (table) => {
      const evaluation = evaluated(madeRun(table));
      expect(allOf(resultOf(evaluation, 1)).lead).toMatchObject({ difference: 0, gained: 0, lost: 0, chance: 1 });
      expect(resultOf(evaluation, 1).cost).toEqual({ calls: 1, promptTokens: 20, tokens: 10, seconds: 0.1 });
    }),
    FEW,
  );
});

it('an early stop that only takes certainty never gives another answer, and never costs more', () => {
  fc.assert(
    fc.property(tables(9), fc.integer({ min: 1, max: 12 }), (table, nodes) => {
      for (const { early, cost } of evaluated(madeRun(table, (index) => ({ tokens: 3 + (index % 4) })), { nodes }).results) {
        expect(early).toMatchObject({ changed: 0, lead: { difference: 0, gained: 0, lost: 0 } });
        expect(early.cost.calls).toBeLessThanOrEqual(cost.calls);
        expect(early.saved).toBeGreaterThanOrEqual(0);
      }
    }),
    FEW,
  );
});

it('saves by early stop what had not been written when it was enough', () => {
  // Nine agree, one after the other: after five of them nobody can win any more. With all at once nothing is left to save.
  const run = madeRun([Array.from({ length: 9 }, () => '1')]);
  expect(resultOf(evaluated(run, { nodes: 1 }), 9).early).toMatchObject({ cost: { calls: 5, tokens: 50, promptTokens: 100, seconds: 0.5 }, changed: 0 });
  expect(resultOf(evaluated(run, { nodes: 1 }), 9).early.saved).toBeCloseTo(4 / 9, 12);
  expect(resultOf(evaluated(run, { nodes: 9 }), 9).early).toMatchObject({ cost: { calls: 9, tokens: 90 }, saved: 0 });
});

it('an early stop by probability is paid in answers that would have changed', () => {
  const run = madeRun([['2', '2', '1', '1', '1'], ['1', '1', '1', '2', '2']]);
  const bold = evaluate(run, [plurality(0.9)], { nodes: 1 })!;
  const { early, groups } = resultOf(bold, 5);
  expect(groups.at(-1)!.score.right).toBe(2);
  expect(early).toMatchObject({ score: { right: 1 }, changed: 0.5, lead: { gained: 0, lost: 1 }, cost: { calls: 1 }, saved: 0.8 });
});

it('says whether what was stated came true', () => {
  const bold = evaluate(madeRun([['2', '2', '1', '1', '1']]), [plurality(0.9)], { nodes: 1 })!;
  // Before the last: 2 (sure), 2 (sure), 2 (two of three), 2 by its place (a half). None of it held.
  const holds = bold.calibrations.find(({ n, of }) => n === 5 && of === 'holds')!;
  expect(holds.bins.map(({ count, came }) => ({ count, came }))).toEqual([{ count: 1, came: 0 }, { count: 1, came: 0 }, { count: 2, came: 0 }]);
  expect(holds.error).toBeCloseTo((1 + 1 + 2 / 3 + 1 / 2) / 4, 12);
  // Three of five votes were for the right one.
  expect(bold.calibrations.find(({ n, of }) => n === 5 && of === 'right')!.bins).toEqual([{ from: 0.6, to: 0.7, count: 1, stated: 0.6, came: 1 }]);
});

it('leaves out questions that have not all their answers, and says how many', () => {
  const run = madeRun([['1', '1', '1'], ['1', '1', '1']]);
  const partly = { ...run, answers: run.answers.slice(0, 5) };
  expect(evaluated(partly)).toMatchObject({ questions: 1, unfinished: 1 });
  expect(evaluate({ ...run, answers: [] }, [VOTE])).toBeNull();
});

it('what failed is no vote, and costs the vote no right answer', () => {
  const run = madeRun([['2', '1', '1']], (index) => (index === 0 ? { finishReason: 'error', text: '', node: null, tokens: 0 } : {}));
  expect(allOf(resultOf(evaluated(run), 3)).score.right).toBe(1);
  expect(evaluated(madeRun([['', '', '']])).results.every((result) => allOf(result).score.right === 0)).toBe(true);
});

it('groups by kind and level, and corrects for having looked at many kinds', () => {
  const gained = ['2', '1', '1'];
  const run = madeRun(Array.from({ length: 40 }, () => gained), undefined, (question) => (question < 10 ? 'sums' : question < 16 ? 'facts' : 'logic'));
  const { groups } = resultOf(evaluated(run), 3);
  const sizes = groups.map(({ group, score: { count } }) => [group, count]);
  expect(sizes).toEqual([['sums', 10], ['facts', 6], ['logic', 24], ['easy', 20], ['hard', 20], ['all', 40]]);
  const chances = new Map(groups.map(({ group, lead, adjusted }) => [group, { chance: lead.chance, adjusted }]));
  // All gained: the chance of it is 2 · 2⁻ⁿ. Holm: the least times three, the next times two, the last as it is.
  expect(chances.get('logic')!.adjusted).toBeCloseTo(3 * 2 * 2 ** -24, 12);
  expect(chances.get('sums')!.adjusted).toBeCloseTo(2 * 2 * 2 ** -10, 12);
  expect(chances.get('facts')!.adjusted).toBeCloseTo(2 * 2 ** -6, 12);
  expect(chances.get('all')!.adjusted).toBe(chances.get('all')!.chance);
});

it('needs a greedy candidate to compare with', () => {
  const run = madeRun([['1', '1', '1']]);
  const warm = { ...run, plan: run.plan.map((one) => ({ ...one, temperature: 0.5 })), answers: run.answers.map((one) => ({ ...one, temperature: 0.5 })) };
  expect(() => evaluate(warm, [VOTE])).toThrow(RangeError);
});

it('can be stored and read again, and is a table for a spreadsheet', () => {
  fc.assert(
    fc.property(tables(5), (table) => {
      const evaluation = evaluated(madeRun(table));
      expect(parseEvaluation(JSON.parse(JSON.stringify(evaluation)))).toEqual(evaluation);
    }),
    FEW,
  );
  const evaluation = evaluated(madeRun([['1', '2', '2']]));
  expect(parseEvaluation({ ...evaluation, version: 2 })).toBeNull();
  expect(parseEvaluation('a file of something else')).toBeNull();
  const [headings, ...lines] = evaluationCsv(evaluation).split('\n').map((line) => line.split(','));
  expect(headings).toHaveLength(25);
  // The greedy engine, one and three candidates; of each the kind, the level and all.
  expect(lines).toHaveLength(9);
  expect(lines.at(-1)!.slice(0, 6)).toEqual(['vote', '3', 'all', '0', '1', '0']);
  // Differences are below nothing, and stay numbers.
  expect(lines.at(-1)![8]).toBe('-1');
});
