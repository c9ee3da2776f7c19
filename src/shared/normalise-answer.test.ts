import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_FORMATS, normaliseAnswer, numberIn, type AnswerFormat } from './normalise-answer.ts';

/** Texts near to what engines write: random characters alone would hardly ever hold an answer. */
const pieces = fc.oneof(
  fc.constantFrom('=', 'so', 'The answer is', 'answer:', 'Yes', 'no.', 'not', 'A)', 'b', '(C)', 'cm', 'centimetres', 'minutes', '$', '€', '%', ',', ', ', '.', '"', '{"a": ', '}', '[', ']', 'the', 'an', 'too small', '12:30', 'pm', '-', '−', '1,000', '0.5'),
  fc.integer({ min: -99_999, max: 99_999 }).map(String),
  fc.string({ maxLength: 6 }),
  fc.string({ maxLength: 6, unit: 'grapheme' }),
);
const answers = fc.array(pieces, { maxLength: 8 }).chain((parts) => fc.constantFrom('', ' ').map((gap) => parts.join(gap)));

describe('normalised answers', () => {
  it('stay as they are when normalised again', () => {
    fc.assert(fc.property(answers, fc.constantFrom(...ANSWER_FORMATS), (text, format) => {
      const once = normaliseAnswer(text, format);
      expect(normaliseAnswer(once, format)).toBe(once);
    }), { numRuns: 3000 });
  });

  it('stay as they are in brackets within brackets', () => {
    expect(['a))', '[(a, b).]', '((a)'].map((text) => normaliseAnswer(text, 'list'))).toEqual(['a', 'a, b', 'a']);
  });

  it('never make one of two numbers', () => {
    fc.assert(fc.property(fc.integer(), fc.integer(), (one, other) => {
      expect(normaliseAnswer(String(one), 'number') === normaliseAnswer(`${other}.`, 'number')).toBe(one === other);
    }));
  });

  it.each<readonly [AnswerFormat, readonly string[], string]>([
    ['number', ['85', '85.', ' 85 ', 'The answer is 85.', '47 + 38 = 85', '47 + 38 = 85, so 85 apples', '85 apples', '85.0', '+85', '85 … 85'], '85'],
    ['number', ['1000', '1,000', '1000.00'], '1000'],
    ['number', ['-5', '−5', '3 - 8 = -5'], '-5'],
    ['number', ['500 cm', '500 centimetres', '500cm', '5 * 100 = 500 centimeters'], '500 cm'],
    ['number', ['5 dollars', '$5', '$ 5', '5 $'], '5 dollars'],
    ['number', ['3 or 4', '3 OR 4!'], '3 or 4'],
    ['number', ['47 + 38 = 85 or 86', '47 + 38 = 85 or 86.'], '47 + 38 = 85 or 86'],
    ['number', ['None.', 'none'], 'none'],
    ['number', ['5 cm and 5 m'], '5 cm and 5 m'],
    ['time', ['9:05', '09:05', '9.05', 'At 9:05.', '9:05 am'], '09:05'],
    ['time', ['15:15', '3:15 pm', '3:15 p.m.'], '15:15'],
    ['time', ['25:10'], '25:10'],
    ['yes-no', ['Yes.', 'yes', 'YES!', 'Yes, it is.', 'True'], 'yes'],
    ['yes-no', ['No.', 'no, it is not', 'Nope', 'false'], 'no'],
    ['yes-no', ['Yes and no.'], 'yes and no'],
    ['letter', ['B', 'b', 'B)', '(b)', 'B. Paris', 'The answer is B.', 'Option B', '"B"', 'B Paris'], 'B'],
    ['letter', ['a dog', 'A dog.'.toLowerCase()], 'dog'],
    ['list', ['1, 2, 3', '1,2,3', '1 2 3', '[1, 2, 3]', '1, 2 and 3', '1; 2; 3.'], '1, 2, 3'],
    ['list', ['Apple, pear', 'apple and pear.'], 'apple, pear'],
    ['json', ['{"city": "Oslo", "age": 5}', '{ "age":5,"city":"oslo." }', '```json\n{"age": 5, "city": "Oslo"}\n```'], '{"age":5,"city":"oslo"}'],
    ['json', ['{"age": 5'], '{"age": 5'],
    ['words', ['Paris.', 'paris', 'PARIS', '"Paris"', 'The answer is Paris.', ' paris '], 'paris'],
    ['words', ['a dog', 'Dog.', 'the dog'], 'dog'],
    ['words', ['forty-seven', 'Forty seven'], 'forty seven'],
    ['refusal', ['I am too small to know that.', 'I don\'t know.', 'A larger model can help.'], 'refusal'],
    ['refusal', ['Paris.'], 'paris'],
    ['open', ['A  story\n'], 'A story'],
  ])('%s: %j are one', (format, texts, canonical) => {
    expect(texts.map((text) => normaliseAnswer(text, format))).toEqual(texts.map(() => canonical));
  });

  it('tells numbers from parts of words and of versions', () => {
    expect(numberIn('v2 of x3')).toBeNull();
    expect(numberIn('1.2.3')).toBeNull();
  });
});
