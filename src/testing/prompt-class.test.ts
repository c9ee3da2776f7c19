import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../questions/kinds/index.ts';
import { questionsOf } from '../questions/questions.ts';
import type { Question } from '../questions/types.ts';
import { normaliseAnswer, type AnswerFormat } from '../shared/normalise-answer.ts';
import { classifyPrompt } from '../orchestrator/fusion/prompt-class.ts';

const EACH = 300;
const questions = new Map(KINDS.map(({ name }) => [name, questionsOf({ seed: 11, split: 'test', kind: name, count: EACH })]));
const asked = (kind: string): readonly Question[] => questions.get(kind)!;
const formatOf = ({ messages }: Pick<Question, 'messages'>): AnswerFormat => classifyPrompt({ messages: [...messages] }).matter.format;
const user = (content: string): { messages: { role: 'user'; content: string }[] } => ({ messages: [{ role: 'user', content }] });

/**
 * The least share of each kind's questions that is taken for what it is, where that is not all of them. `spam` and `urgency` ask
 * some as "Is this spam?", to be answered with "spam" or "not spam": yes or no is as good a reading, and tells the same answers
 * apart. Of questions that are beyond a small engine nobody can see by the words that "too hard" is the right answer: half of them
 * are read as asking for a word.
 */
const FLOORS: Readonly<Record<string, number>> = { parity: 0.85, facts: 0.9, remembering: 0.95, spam: 0.7, urgency: 0.85, talk: 0.95, refusals: 0.55 };

/** Other answers that would count as the right one, and are not the same. */
function merged(question: Question, found: AnswerFormat): readonly string[] {
  const others = question.choices ?? asked(question.kind).slice(0, 20).map(({ answer }) => answer);
  const isSame = (other: string, format: AnswerFormat): boolean => normaliseAnswer(other, format) === normaliseAnswer(question.answer, format);
  return others.filter((other) => isSame(other, found) && !isSame(other, question.format));
}

describe('the kind of answer that a question asks for', () => {
  it.each(KINDS.map(({ name }) => name))('is found by rules: %s', (kind) => {
    const right = asked(kind).filter((question) => formatOf(question) === (question.format === 'refusal' ? 'open' : question.format));
    expect(right.length / EACH).toBeGreaterThanOrEqual(FLOORS[kind] ?? 0.98);
  });

  it('is right for 97 % of all, and where it is not, no two different answers become one', () => {
    let right = 0;
    for (const question of [...questions.values()].flat()) {
      const found = formatOf(question);
      if (found === question.format || (question.format === 'refusal' && found === 'open')) right += 1;
      else if (question.format !== 'refusal') expect(merged(question, found)).toEqual([]);
    }
    expect(right / (KINDS.length * EACH)).toBeGreaterThan(0.97);
  });

  it.each<[string, AnswerFormat]>([
    ['Who wrote Hamlet?', 'words'], ['When was the telephone invented?', 'words'], ['What is the tallest mountain on earth?', 'words'],
    ['How tall is the Eiffel Tower?', 'number'], ['What\'s 15% of 80?', 'number'], ['Is Paris the capital of France?', 'yes-no'],
    ['True or false: the earth is flat.', 'yes-no'], ['List three fruits.', 'list'], ['Sort these numbers: 5, 3, 9', 'list'],
    ['Is this review positive or negative? The food was cold.', 'words'], ['Which is larger?\nA) the sun\nB) the moon', 'letter'],
    ['It is 9:40. What time is it in 30 minutes?', 'time'], ['Give me the name and age as JSON: Ann is 5.', 'json'],
    ['Why is the sky blue?', 'open'], ['What causes climate change?', 'open'], ['How do I install Linux?', 'open'], ['What is gravity?', 'open'], ['Write a haiku about autumn.', 'open'],
    ['What is the difference between TCP and UDP?', 'open'], ['What are the benefits of sleep?', 'open'], ['What should I cook today?', 'open'],
    ['Fix this: ```x = 3 * 4```', 'open'], ['Hello!', 'open'], ['Tell me about the year 1848.', 'open'], ['Summarise this: In 1990 there were 3 - 4 of them.', 'open'],
    ['Wie hoch ist der Turm?', 'words'], ['Erzähl mir etwas.', 'open'], ['', 'open'],
  ])('%j: %s', (content, format) => {
    expect(classifyPrompt(user(content)).matter.format).toBe(format);
  });

  it('is held by what holds the answer', () => {
    const question = user('Tell me a story.');
    expect(classifyPrompt({ ...question, choices: ['Yes.', 'No.'] }).matter).toEqual({ format: 'yes-no', promptClass: 'yes-no' });
    expect(classifyPrompt({ ...question, choices: ['A', 'B', 'C'] }).matter).toEqual({ format: 'letter', promptClass: 'choice' });
    expect(classifyPrompt({ ...question, choices: ['spam', 'not spam'] }).matter).toEqual({ format: 'words', promptClass: 'choice' });
    expect(classifyPrompt({ ...question, choices: ['the cat', 'Cat'] }).matter).toEqual({ format: 'open', promptClass: 'choice' });
    const schema = { type: 'object', properties: { city: { type: 'string' }, age: { type: 'integer' } } };
    expect(classifyPrompt({ ...question, schema }).matter).toEqual({ format: 'json', promptClass: 'json', fields: ['city', 'age'] });
    expect(classifyPrompt({ ...question, schema: { type: 'integer' } }).matter).toEqual({ format: 'json', promptClass: 'json' });
    expect(classifyPrompt({ ...question, schema }, 'words').matter).toEqual({ format: 'words', promptClass: 'word' });
    expect(classifyPrompt({ ...question, schema }, 'json').matter.fields).toEqual(['city', 'age']);
  });

  it('of a question that goes on is that of the last answer', () => {
    const then = (answer: string, content: string): AnswerFormat => formatOf({ messages: [{ role: 'user', content: 'X?' }, { role: 'assistant', content: answer }, { role: 'user', content }] });
    expect(then('Paris.', 'And of Spain?')).toBe('words');
    expect(then('85', 'And of that one?')).toBe('number');
    expect(then('Once upon a time there was a fox.', 'And then?')).toBe('open');
  });

  it('is found for any text, quickly', () => {
    const pieces = fc.oneof(fc.constantFrom('What is', 'is', '12', ' ', '?', ': ', 'A) ', '\n', 'or', '\u{1f98a}', '\ud800'), fc.string({ maxLength: 6 }));
    fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => classifyPrompt(user(parts.join(''))).because !== ''), { numRuns: 50 });
    for (const part of ['1 ', 'a ', 'a', ' ', '?', 'A, ', '1, ', 'is ', 'a: ', 'if a', 'so ', '1:', 'what '].map((each) => each.repeat(20_000))) {
      const from = process.cpuUsage().user;
      classifyPrompt(user(part));
      expect((process.cpuUsage().user - from) / 1000, part.slice(0, 8)).toBeLessThan(500);
    }
  }, 20_000);
});
