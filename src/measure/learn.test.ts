import { expect, it } from 'vitest';
import { madeRun, plurality } from '../testing/measure-fixtures.ts';
import { evaluate } from './evaluate.ts';
import { gainingKinds, goalsOf } from './goals.ts';
import { learn, learnCrosswise } from './learn.ts';

const MENDED = ['2', '1', '1'];

it('counts how often each model was right with each class', () => {
  const run = madeRun([['1', '2', '1'], ['1', '1', '2']], (index, question) => ({
    model: index === 1 ? 'tiny-2' : 'tiny-1',
    ...(index === 2 && question === 1 ? { finishReason: 'error' } : {}),
  }));
  expect(learn(run, ({ difficulty }) => (difficulty === 'easy' ? 'number' : 'word'))).toEqual([
    { model: 'tiny-1', promptClass: 'number', right: 2, asked: 2 },
    { model: 'tiny-2', promptClass: 'number', right: 0, asked: 1 },
    { model: 'tiny-1', promptClass: 'word', right: 1, asked: 1 },
    { model: 'tiny-2', promptClass: 'word', right: 1, asked: 1 },
  ]);
});

it('judges no answer by itself: what is known for a question was learned from the other half', () => {
  const run = madeRun(Array.from({ length: 40 }, () => ['1']));
  const known = learnCrosswise(run, () => 'number');
  const asked = run.questions.map((question) => known(question)[0]!.asked);
  const [one, other] = [...new Set(asked)] as [number, number];
  expect(one + other).toBe(40);
  // Whose own half has `one` questions knows of the `other` ones.
  expect(asked.filter((count) => count === one)).toHaveLength(other);
});

it('meets a goal only if chance does not explain it, and enough was asked', () => {
  const kindOf = (question: number): string => ['sums', 'facts', 'logic'][question % 3]!;
  const contenders = [plurality(), plurality(1, 'auto')];
  const few = evaluate(madeRun(Array.from({ length: 9 }, () => MENDED), undefined, kindOf), contenders)!;
  expect(goalsOf(few).map(({ goal, met }) => [goal, met])).toEqual([['gain of vote', false], ['early stop', false], ['auto does no harm', false]]);
  // On one node two that agree are enough, but only of the wrong ones too: nothing is saved here, so early stop is not met.
  const many = evaluate(madeRun(Array.from({ length: 1002 }, () => MENDED), undefined, kindOf), contenders, { rounds: 50 })!;
  expect(goalsOf(many).map(({ met }) => met)).toEqual([true, false, true]);
  expect(gainingKinds(many.results.find(({ n }) => n === 3)!, many).map(({ group }) => group)).toEqual(['sums', 'facts', 'logic']);
});

it('a vote that saves half of its tokens at the same answers meets the goal of early stop', () => {
  const agreed = evaluate(madeRun(Array.from({ length: 20 }, () => Array.from({ length: 5 }, () => '1'))), [plurality(0.9)], { nodes: 1 })!;
  const [, early] = goalsOf(agreed);
  expect(early).toMatchObject({ goal: 'early stop', met: true, result: { n: 5, early: { saved: 0.8, changed: 0 } } });
  expect(goalsOf(agreed)[2]).toMatchObject({ met: false, result: null });
});
