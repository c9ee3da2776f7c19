import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeAddress } from '../../shared/ids.ts';
import { makeBallot } from '../../testing/fusion-suite.ts';
import { averageOf, type Point } from './averages.ts';
import type { Ballot, Matter, Verdict } from './types.ts';
import { createWeighted, type WeightedOptions } from './weighted.ts';
import { accuracy, logOdds, weighingBy, type AccuracyOf } from './weights.ts';

const yesNo: Matter = { format: 'yes-no', promptClass: 'yes-no' };
const number: Matter = { format: 'number', promptClass: 'number' };

const accuracyOf: AccuracyOf = ({ node }) => {
  if (node === nodeAddress('peer', 'good')) return { right: 90, asked: 100 };
  return node === nodeAddress('peer', 'poor') ? { right: 55, asked: 100 } : node === nodeAddress('peer', 'liar') ? { right: 0, asked: 100 } : null;
};
const by = (node: string, text: string, index: number, change: Partial<Ballot> = {}): Ballot => makeBallot(yesNo, { text, index, node: nodeAddress('peer', node), ...change });

describe('weights', () => {
  it('are the log-odds of being right; guessing weighs nothing', () => {
    expect(logOdds(0.9, 'yes-no')).toBeCloseTo(Math.log(9), 12);
    expect(logOdds(0.5, 'yes-no')).toBeCloseTo(0, 12);
    expect(logOdds(0.25, 'choice')).toBeCloseTo(0, 12);
  });

  it('believe little of few questions, and nobody without end', () => {
    expect(accuracy({ right: 1, asked: 1 }, 'yes-no')).toBeCloseTo(2.5 / 3, 12);
    expect(accuracy(null, 'yes-no')).toBe(0.75);
    expect(accuracy({ right: 1000, asked: 1000 }, 'number')).toBe(0.95);
  });

  it('never pass what they may be at the most, and never vanish', () => {
    const any = fc.record({ right: fc.nat(100), wrong: fc.nat(100), logprob: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true })), kind: fc.constantFrom('yes-no', 'choice', 'number', 'open') });
    fc.assert(fc.property(any, ({ right, wrong, logprob, kind }) => {
      const { weightOf, most } = weighingBy(() => ({ right, asked: right + wrong }), kind);
      const weight = weightOf(by('any', 'yes', 0, { logprob }));
      expect(weight).toBeGreaterThan(0);
      expect(weight).toBeLessThanOrEqual(most);
    }));
  });
});

describe('a weighted vote', () => {
  const judge = (ballots: readonly Ballot[], options: WeightedOptions = { accuracyOf }): Verdict => createWeighted(yesNo, options).judge(ballots, 0);

  it('hears one who is right nine times in ten before three who hardly ever are', () => {
    expect(judge([by('good', 'yes', 0), by('poor', 'no', 1), by('poor', 'no', 2), by('poor', 'no', 3)]).text).toBe('yes');
    expect(judge([by('good', 'yes', 0), by('liar', 'no', 1), by('liar', 'no', 2), by('liar', 'no', 3), by('liar', 'no', 4)]).text).toBe('yes');
  });

  it('is a plain vote where nothing is known of anybody', () => {
    const texts = fc.array(fc.constantFrom('yes', 'no'), { minLength: 1, maxLength: 9 });
    fc.assert(fc.property(texts, (answers) => {
      const yes = answers.filter((answer) => answer === 'yes').length;
      fc.pre(yes * 2 !== answers.length);
      expect(judge(answers.map((answer, index) => by('any', answer, index)), {}).text).toBe(yes * 2 > answers.length ? 'yes' : 'no');
    }));
  });

  it('hears who is sure of its words before who is not', () => {
    expect(judge([by('good', 'yes', 0, { logprob: -2 }), by('good', 'no', 1, { logprob: -0.01 })]).text).toBe('no');
    expect(judge([by('good', 'yes', 0, { logprob: null }), by('good', 'no', 1, { logprob: -0.01 })]).text).toBe('no');
  });
});

describe('an average', () => {
  const points = (...values: number[]): Point[] => values.map((value) => ({ value, weight: 1 }));

  it('is the usual one where all weigh the same', () => {
    expect(averageOf('mean', points(1, 2, 6))).toBeCloseTo(3, 12);
    expect(averageOf('median', points(9, 1, 4))).toBe(4);
    expect(averageOf('median', points(1, 2, 4, 9))).toBe(3);
    expect(averageOf('trimmed', points(1, 2, 3, 4, 1000))).toBeCloseTo(3, 12);
    expect(averageOf('trimmed', points(0, 10))).toBeCloseTo(5, 12);
  });

  it('hears the heavier ones', () => {
    expect(averageOf('mean', [{ value: 0, weight: 3 }, { value: 4, weight: 1 }])).toBeCloseTo(1, 12);
    expect(averageOf('median', [{ value: 0, weight: 3 }, { value: 4, weight: 1 }, { value: 9, weight: 1 }])).toBe(0);
  });

  it('lies between the least and the most, and hears no order', () => {
    const some = fc.array(fc.record({ value: fc.double({ min: -1e300, max: 1e300, noNaN: true }), weight: fc.constantFrom(0.1, 0.3, 1, 2) }), { minLength: 1, maxLength: 9 });
    fc.assert(fc.property(some, fc.constantFrom('mean', 'median', 'trimmed'), (list, kind) => {
      const value = averageOf(kind, list);
      const values = list.map((point) => point.value);
      const slack = 1e-9 * Math.max(...values.map(Math.abs));
      expect(value).toBeGreaterThanOrEqual(Math.min(...values) - slack);
      expect(value).toBeLessThanOrEqual(Math.max(...values) + slack);
      expect(averageOf(kind, list.toReversed())).toBe(value);
    }));
  });

  const judge = (average: 'mean' | 'median' | 'trimmed', ...texts: string[]): Verdict =>
    createWeighted(number, { average }).judge(texts.map((text, index) => makeBallot(number, { text, index })), 0);

  it('is written as answers are, with their unit, and is nobody\'s if nobody said it', () => {
    expect(judge('mean', '84 cm', '85')).toMatchObject({ text: '84.5 cm', chosen: null, confidence: { value: 0, meaning: 'none' } });
    expect(judge('mean', '1', '2', '2')).toMatchObject({ text: '1.7', chosen: null });
    expect(judge('median', '1', 'It is 2.', '9')).toMatchObject({ text: 'It is 2.', chosen: 1 });
    expect(judge('trimmed', '5', '5', '1000000', '5', '5')).toMatchObject({ text: '5', chosen: 0 });
  });

  it('leaves out what is no number, or an amount of something else', () => {
    expect(judge('mean', '10 cm', '20 cm', '3 kg', 'no idea')).toMatchObject({ text: '15 cm', chosen: null });
    expect(judge('mean', 'none', 'none', '3').text).toBe('none');
  });

  it('is none of words', () => {
    expect(createWeighted(yesNo, { average: 'mean' }).judge([by('any', 'yes', 0), by('any', 'yes', 1)], 0).text).toBe('yes');
  });
});
