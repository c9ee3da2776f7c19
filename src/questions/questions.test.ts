/** What holds for all kinds: one suite, each kind runs it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseAnswer } from '../shared/normalise-answer.ts';
import { KINDS } from './kinds/index.ts';
import { differentQuestions, questionsOf, textOf } from './questions.ts';
import { isRight } from './scoring.ts';
import { createPool, splitOf } from './splits.ts';
import { DIFFICULTIES, SPLITS, type Question } from './types.ts';

/** The engines' context holds 256 tokens; their vocabulary takes about three characters to a token, digits and made-up names fewer. */
const MOST_CHARACTERS = 520;
const MOST_TOKENS = 240;
/** What is asked, without how it is typed. */
const said = (question: Question): string => textOf(question).toLowerCase().replace(/[.?!]/g, '');
/** Of digits and made-up names, which take about a token for each, and for two characters. */
const tokensAtMost = (text: string): number => text.replace(/[^\d]/g, '').length + text.replace(/\d/g, '').length / 2.2;

describe.each(KINDS)('questions of the kind $name', ({ name, levels, exact }) => {
  // Drawn once: each test looks at the same ones.
  const drawn = new Map<string, Question[]>();
  const some = (split: Question['split']): Question[] => {
    const questions = drawn.get(split) ?? questionsOf({ seed: 7, split, kind: name, count: 200 });
    drawn.set(split, questions);
    return questions;
  };

  it('are the same for the same seed, and others for another', () => {
    expect(questionsOf({ seed: 7, split: 'test', kind: name, count: 30 })).toEqual(some('test').slice(0, 30));
    expect(questionsOf({ seed: 8, split: 'test', kind: name, count: 30 })).not.toEqual(some('test').slice(0, 30));
  });

  it('have a right answer that is taken as right, with no hole left in them', () => {
    const questions = SPLITS.flatMap((split) => some(split));
    const holed = /[{}]|undefined|NaN/;
    expect(questions.filter((question) => !isRight(question, question.answer))).toEqual([]);
    expect(questions.filter((question) => holed.test(textOf(question) + (question.format === 'json' ? '' : question.answer)))).toEqual([]);
    expect(questions.filter(({ choices, answer, format }) => choices && !choices.some((choice) => normaliseAnswer(choice, format) === normaliseAnswer(answer, format)))).toEqual([]);
    expect(questions.filter(({ format }) => (format === 'open') === exact)).toEqual([]);
    expect(questions.filter(({ messages }) => messages.some(({ role }, index) => role !== (index % 2 === 0 ? 'user' : 'assistant')) || messages.length % 2 === 0)).toEqual([]);
  });

  it('fit into the context with their answers', () => {
    const texts = SPLITS.flatMap((split) => some(split)).map((question) => `${textOf(question)}\n${question.answer}`);
    expect(texts.filter((text) => text.length > MOST_CHARACTERS || tokensAtMost(text) > MOST_TOKENS)).toEqual([]);
  });

  it('lie in one split only, but for those that are known by heart', () => {
    const trained = new Set(questionsOf({ seed: 11, split: 'train', kind: name, count: 2000 }).map(said));
    const others = [...some('test'), ...some('calibration')].filter(({ closed }) => !closed);
    expect(others.filter((question) => trained.has(said(question)))).toEqual([]);
    const tested = new Set(some('test').map(said));
    expect(some('calibration').filter((question) => !question.closed && tested.has(said(question)))).toEqual([]);
  });

  it('have new words or frames in the test split, and none in training', () => {
    expect(some('train').filter(({ newFrame, newWords }) => newFrame || newWords)).toEqual([]);
    expect(some('test').filter(({ newFrame }) => newFrame).length).toBeGreaterThan(10);
  });

  it('come in each level that the kind has, three hundred different ones of a class', () => {
    expect(new Set(some('test').map(({ difficulty }) => difficulty))).toEqual(new Set(levels));
    // Greetings are few.
    expect(differentQuestions({ seed: 1, split: 'test', kind: name, count: 300 }).length).toBeGreaterThanOrEqual(exact ? 300 : 100);
  });

  it('have JSON answers that keep to their schemas', () => {
    for (const { answer, schema, format } of some('train').filter(({ schema }) => schema)) {
      expect(format).toBe('json');
      const value = JSON.parse(answer) as Record<string, unknown>;
      expect(Object.keys(value)).toEqual(schema!.required);
      expect(Object.keys(schema!.properties)).toEqual(schema!.required);
      for (const [key, { type, enum: allowed }] of Object.entries(schema!.properties)) {
        const is = { string: typeof value[key] === 'string', integer: Number.isInteger(value[key]), boolean: typeof value[key] === 'boolean' };
        expect(is[type]).toBe(true);
        if (allowed) expect(allowed).toContain(value[key]);
      }
    }
  });
});

describe('questions', () => {
  it('are mixed by weight', () => {
    const questions = questionsOf({ seed: 1, split: 'train', count: 20_000 });
    const total = KINDS.reduce((sum, { weight }) => sum + weight, 0);
    for (const { name, weight } of KINDS) {
      const share = questions.filter(({ kind }) => kind === name).length / questions.length;
      expect(Math.abs(share - weight / total)).toBeLessThan(0.01);
    }
    const weights = Object.fromEntries(KINDS.map(({ name }) => [name, name === 'json' ? 1 : 0]));
    expect(new Set(questionsOf({ seed: 1, split: 'train', weights, count: 50 }).map(({ kind }) => kind))).toEqual(new Set(['json']));
  });

  it('are of one level, or of those that can be checked, if asked for', () => {
    for (const difficulty of DIFFICULTIES) {
      const levels = questionsOf({ seed: 1, split: 'test', difficulty, count: 100 }).map((question) => question.difficulty);
      expect(new Set(levels)).toEqual(new Set([difficulty]));
    }
    expect(questionsOf({ seed: 1, split: 'train', exactOnly: true, count: 2000 }).some(({ format }) => format === 'open')).toBe(false);
  });

  it('say which kind or level there is not', () => {
    expect(() => questionsOf({ seed: 1, split: 'train', kind: 'riddles', count: 1 })).toThrow('There is no kind of questions "riddles".');
    expect(() => questionsOf({ seed: 1, split: 'train', kind: 'facts', difficulty: 'hard', count: 1 })).toThrow('No hard questions of that kind.');
  });

  it('that are calculated are the same everywhere: no training shows in other words what a test asks', () => {
    // Sums, differences and products as they stand in questions and in the ways that answers show.
    const shownIn = (questions: readonly Question[]): Set<string> =>
      new Set(questions.flatMap((question) => [...`${textOf(question)}\n${question.answer}`.matchAll(/(?<![\d.] ?[-+*/] ?)\b(\d+) ([-+*/]) (\d+)\b(?! ?[-+*/])/g)].map(([, a, sign, b]) => {
        const [one, other] = [Number(a), Number(b)];
        return sign === '+' || sign === '*' ? `${Math.min(one, other)}${sign}${Math.max(one, other)}` : `${one}${sign}${other}`;
      })));
    const trained = shownIn(questionsOf({ seed: 5, split: 'train', count: 20_000 }));
    const isPlain = ({ closed, messages }: Question): boolean => !closed && /^\D*\d+ [-+] \d+\D*$/.test(messages[0]!.content);
    const tested = questionsOf({ seed: 5, split: 'test', kind: 'sums', count: 1500 }).filter(isPlain);
    expect(tested.length).toBeGreaterThan(200);
    expect([...shownIn(tested)].filter((calculation) => trained.has(calculation))).toEqual([]);
  });
});

describe('splits', () => {
  it('have the sizes that they are said to have', () => {
    const counts = { train: 0, test: 0, calibration: 0 };
    for (let index = 0; index < 20_000; index += 1) counts[splitOf(`thing ${index}`)] += 1;
    expect(counts.test / 20_000).toBeCloseTo(0.08, 1.7);
    expect(counts.calibration / 20_000).toBeCloseTo(0.04, 1.7);
  });

  it('keep some of each list, and lose none', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 60 }), (items) => {
      const { known, kept } = createPool(items);
      expect(kept.length).toBe(Math.ceil(items.length * 0.15));
      expect([...known, ...kept].sort()).toEqual([...items].sort());
    }));
  });
});

describe('scoring', () => {
  const numbers = questionsOf({ seed: 2, split: 'test', count: 4000 }).filter(({ format }) => format === 'number');

  it('never takes a wrong number', () => {
    const off = fc.integer({ min: -50, max: 50 }).filter((by) => by !== 0);
    fc.assert(fc.property(fc.constantFrom(...numbers), off, fc.constantFrom('', 'The answer is ', '1 + 1 = ', 'so '), (question, by, before) => {
      const right = Number(/-?\d+(?=\D*$)/.exec(question.answer)![0]);
      expect(isRight(question, `${before}${right + by}`)).toBe(false);
      expect(isRight(question, `${before}${right}.`)).toBe(true);
      expect(isRight(question, `${right} or ${right + by}`)).toBe(false);
    }));
  });

  it.each<readonly [Pick<Question, 'answer' | 'format' | 'mentions'>, string, boolean]>([
    [{ answer: '500 cm', format: 'number' }, '500', true],
    [{ answer: '500 cm', format: 'number' }, '500 centimetres', true],
    [{ answer: '500 cm', format: 'number' }, '500 km', false],
    [{ answer: '85', format: 'number' }, '', false],
    [{ answer: 'Yes.', format: 'yes-no' }, 'yes', true],
    [{ answer: 'Yes.', format: 'yes-no' }, 'Yes or no', false],
    [{ answer: 'B', format: 'letter' }, 'B) Paris', true],
    [{ answer: 'B', format: 'letter' }, 'A', false],
    [{ answer: '1, 2, 3', format: 'list' }, '1,2,3', true],
    [{ answer: '1, 2, 3', format: 'list' }, '1, 3, 2', false],
    [{ answer: 'not spam', format: 'words' }, 'spam', false],
    [{ answer: '{"answer": 11}', format: 'json' }, '{"answer":11}', true],
    [{ answer: '{"answer": 11}', format: 'json' }, '11', false],
    [{ answer: 'A fox …', format: 'open', mentions: ['fox', 'Ana'] }, 'The FOX and Ana.', true],
    [{ answer: 'A fox …', format: 'open', mentions: ['fox', 'Ana'] }, 'The fox.', false],
    [{ answer: 'A fox …', format: 'open' }, ' ', false],
  ])('%j: %j is right: %s', (question, text, right) => {
    expect(isRight(question, text)).toBe(right);
  });
});
