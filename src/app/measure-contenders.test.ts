import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluate } from '../measure/evaluate.ts';
import type { ContenderResult, Evaluation } from '../measure/evaluation.ts';
import type { MeasureRun } from '../measure/types.ts';
import { madeRun } from '../testing/measure-fixtures.ts';
import { createContenders } from './measure-contenders.ts';

/** Two models in turn, the first of each greedy. */
function family(table: readonly (readonly string[])[]): MeasureRun {
  const run = madeRun(table, (index) => ({ tokens: 3 + (index % 4) }));
  const changed = <T extends { readonly index: number }>(one: T): T & { model: string; temperature: number } =>
    ({ ...one, model: one.index % 2 === 0 ? 'tiny-1' : 'tiny-2', temperature: Math.floor(one.index / 2) / 10 });
  // Rules tell that a number is asked for.
  const questions = run.questions.map((question, place) => ({ ...question, messages: [{ role: 'user' as const, content: `What is ${place + 1} - ${place}?` }] }));
  return { ...run, questions, plan: run.plan.map(changed), answers: run.answers.map(changed) };
}

const judged = (run: MeasureRun, confidence = 1, nodes = 2): Evaluation => evaluate(run, createContenders(run, { confidence }), { nodes, rounds: 20 })!;
const resultOf = ({ results }: Evaluation, name: string, size: number): ContenderResult => results.find(({ contender, n }) => contender === name && n === size)!;
const rightOf = (evaluation: Evaluation, name: string, size: number): number => resultOf(evaluation, name, size).groups.at(-1)!.score.right;

const word = fc.constantFrom('1', 'The answer is 1.', '2', '3', 'I am too small to know that.', '');
const tables = fc.array(fc.array(word, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 5 });
const FEW = { numRuns: 25 };

it('one candidate is the greedy engine, whatever the policy', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const evaluation = judged(family(table));
      const [greedy] = evaluation.singles;
      for (const { contender, n, groups } of evaluation.results) if (n === 1) expect([contender, groups.at(-1)!.score]).toEqual([contender, greedy!.groups.at(-1)!.score]);
    }),
    FEW,
  );
});

it('early stop that waits for certainty gives what all give', () => {
  fc.assert(
    fc.property(tables, fc.integer({ min: 1, max: 5 }), (table, nodes) => {
      const voting = judged(family(table), 1, nodes).results.filter(({ contender }) => contender !== 'first');
      for (const { contender, early } of voting) expect({ contender, changed: early.changed }).toEqual({ contender, changed: 0 });
    }),
    FEW,
  );
});

it('votes of several models, and of the first one alone', () => {
  const evaluation = judged(family([['2', '1', '2', '1', '2'], ['1', '2', '1', '2', '1']]));
  expect(rightOf(evaluation, 'vote', 5)).toBe(1);
  expect(resultOf(evaluation, 'vote', 5).cost.calls).toBe(5);
  expect(resultOf(evaluation, 'vote, one model', 5).cost.calls).toBe(3);
  const mended = judged(family([['2', '1', '1', '2', '1']]));
  expect([rightOf(mended, 'vote', 3), rightOf(mended, 'vote, one model', 3), rightOf(mended, 'vote, one model', 1)]).toEqual([1, 1, 0]);
});

it('auto takes no more than it was offered, and says what it takes by its cost', () => {
  const evaluation = judged(family([['1', '1', '1', '1', '1'], ['1', '1', '1', '1', '1']]));
  for (const n of [1, 3, 5]) expect(resultOf(evaluation, 'auto', n).cost.calls).toBeLessThanOrEqual(n);
});

it('learns whom to believe from the other half of the questions', () => {
  // The second model is always right, and in the minority.
  const evaluation = judged(family(Array.from({ length: 40 }, () => ['2', '1', '2', '1', '2'])));
  expect(rightOf(evaluation, 'vote', 5)).toBe(0);
  expect(rightOf(evaluation, 'weighted', 5)).toBe(0);
  expect(rightOf(evaluation, 'weighted, learned', 5)).toBe(40);
});
