import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRight } from '../questions/scoring.ts';
import { drawQuestions, exactKinds, keyOf } from './asked-questions.ts';
import { formatOf, readOwnQuestions } from './own-questions.ts';

describe('questions of ours', () => {
  it('are as many of each kind, in turn, all different, and the same from the same seed', () => {
    const asked = { count: 90, seed: 4, split: 'test', kinds: ['sums', 'facts', 'logic'] } as const;
    const questions = drawQuestions(asked);
    expect(questions.map(({ kind }) => kind)).toEqual(Array.from({ length: 90 }, (_, place) => asked.kinds[place % 3]));
    expect(new Set(questions.map(({ key }) => key)).size).toBe(90);
    expect(drawQuestions(asked)).toEqual(questions);
    // Fewer are the first ones of more: a small run is a part of the large one.
    expect(drawQuestions({ ...asked, count: 20 })).toEqual(questions.slice(0, 20));
    expect(questions.every((question) => isRight(question, question.answer))).toBe(true);
  });

  it('are fewer where a kind has no more', { timeout: 20_000 }, () => {
    const { length } = drawQuestions({ count: 1800, seed: 1, split: 'test', kinds: ['refusals'] });
    expect(length).toBeGreaterThan(1000);
    expect(length).toBeLessThan(1800);
  });

  it('are of kinds whose answers can be checked', () => {
    expect(exactKinds()).not.toContain('stories');
    expect(() => drawQuestions({ count: 5, seed: 1, split: 'test', kinds: ['sums', 'stories'] })).toThrow('can\'t be checked');
    expect(() => drawQuestions({ count: 5, seed: 1, split: 'test', kinds: ['riddles'] })).toThrow(RangeError);
  });

  it('have a key of their words and who said them', () => {
    expect(keyOf([{ role: 'user', content: 'ab' }])).toMatch(/^[0-9a-f]{16}$/);
    const keys = [[{ role: 'user', content: 'ab' }],
      [{ role: 'assistant', content: 'ab' }], [{ role: 'user', content: 'a' }, { role: 'user', content: 'b' }]] as const;
    expect(new Set(keys.map((messages) => keyOf(messages))).size).toBe(3);
  });
});

describe('a person\'s own questions', () => {
  it('are read from CSV as spreadsheets write it', () => {
    const questions = readOwnQuestions('mine.csv', '\uFEFFQuestion; Answer ;kind\r\n"What is 2 + 2; really?";4;maths\r\n"Say ""yes""";yes;\r\n\r\n');
    expect(questions.map(({ messages, answer, kind, format }) => [messages[0]!.content, answer, kind, format])).toEqual([
      ['What is 2 + 2; really?', '4', 'maths', 'number'],
      ['Say "yes"', 'yes', 'own', 'yes-no'],
    ]);
  });

  it('are read from a JSON object on each line', () => {
    const lines = ['{"question":"2+2?","answer":4}', '', '{"question":"Ripe?","answer":true,"format":"yes-no","kind":"fruit"}', '{"question":"2+2?","answer":"four","format":"words"}'];
    const questions = readOwnQuestions('mine.jsonl', lines.join('\n'));
    // Asked twice: the later answer counts.
    expect(questions.map(({ answer, format, kind }) => [answer, format, kind])).toEqual([['four', 'words', 'own'], ['true', 'yes-no', 'fruit']]);
  });

  it.each([
    ['mine.csv', 'question,result\na,b', 'there is no "answer"'],
    ['mine.csv', 'question,answer\na,', 'row 1: "answer" is empty'],
    ['mine.csv', 'question,answer\na,b,c,d', 'Row 1'],
    ['mine.csv', 'question,answer\n', 'no questions'],
    ['mine.csv', 'question,answer,format\na,b,number', '"answer" is no number'],
    ['mine.csv', 'question,answer,format\na,b,poem', '"format" is one of number'],
    ['mine.jsonl', '{"question":"a","answer":"b"}\n{"question":', 'Line 2 is not JSON'],
    ['mine.jsonl', '{"question":"a","answer":["b"]}', 'line 1: "answer"'],
    ['mine.jsonl', '[1]', 'line 1'],
  ])('%s: %j is refused, and it is said why', (name, content, message) => {
    expect(() => readOwnQuestions(name, content)).toThrow(message);
  });

  it.each([
    ['12', 'number'], ['-3.5', 'number'], ['$1,200', 'number'], ['7 km', 'number'], ['25%', 'number'],
    ['7:30', 'time'], ['7:30 pm', 'time'], ['Yes', 'yes-no'], ['B', 'letter'], ['(C)', 'letter'],
    ['{"a": 1}', 'json'], ['{a}', 'words'], ['red, blue', 'list'], ['Paris', 'words'], ['7 of 9', 'words'], ['a', 'words'],
  ])('%j looks like %s', (answer, format) => {
    expect(formatOf(answer)).toBe(format);
  });

  it('are right with their own answer, whatever that is', () => {
    const text = fc.string({ minLength: 1, maxLength: 40 }).filter((answer) => answer.trim() !== '');
    fc.assert(
      fc.property(text, (answer) => {
        const [question] = readOwnQuestions('mine.jsonl', JSON.stringify({ question: 'Well?', answer }));
        expect(isRight(question!, answer)).toBe(true);
      }),
    );
  });
});
