/** Is every answer right? Worked out again from the words of the question, without what made it. */
import { describe, expect, it } from 'vitest';
import { questionsOf, textOf } from './questions.ts';
import type { Question } from './types.ts';
import { CAPITALS, OPPOSITES, SORTS } from './words/facts.ts';

const some = (kind: string): Question[] => [...questionsOf({ seed: 21, split: 'train', kind, count: 400 }), ...questionsOf({ seed: 21, split: 'test', kind, count: 100 })];
const numbersIn = (text: string): number[] => [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
/** The result of an answer that may show the way to it. */
const resultOf = ({ answer }: Question): number => Number(/-?\d+(?=\D*$)/.exec(answer)![0]);
const lastOf = ({ messages }: Question): string => messages.at(-1)!.content;

/** Each step of a shown way, like `4 * 30 = 120`, must be true. */
function wayIsTrue({ answer }: Question): boolean {
  return [...answer.matchAll(/(\d+) ([-+*/]) (\d+) = (\d+)/g)].every(([, a, sign, b, result]) => calculate(Number(a), sign!, Number(b)) === Number(result));
}

function calculate(a: number, sign: string, b: number): number {
  if (sign === '+') return a + b;
  if (sign === '-') return a - b;
  return '*×x'.includes(sign) ? a * b : a / b;
}

/** What two numbers of a question can make. */
const made = ([a = 0, b = 0]: number[]): number[] => [a + b, Math.abs(a - b), a * b, a / b, b / a];

const CHECKS: Readonly<Record<string, (question: Question) => boolean>> = {
  sums(question) {
    const numbers = numbersIn(textOf(question));
    const [a = 0, b = 0, c = 0] = numbers;
    if (numbers.length === 3) return wayIsTrue(question) && resultOf(question) === a + b + (/ - /.test(textOf(question)) ? -c : c);
    const isSum = /\+|plus|sum|add |add up|together|increase|more than/i.test(textOf(question));
    return resultOf(question) === (isSum ? a + b : Math.abs(a - b));
  },
  products(question) {
    const [a = 0, b = 0] = numbersIn(textOf(question));
    if (/\d ?[*×x] ?\d|times (?!does)|multipl|product/i.test(textOf(question))) return wayIsTrue(question) && resultOf(question) === a * b;
    return wayIsTrue(question) && resultOf(question) * Math.min(a, b) === Math.max(a, b) || (resultOf(question) === 0 && a * b === 0);
  },
  'word-problems'(question) {
    const asked = numbersIn(textOf(question));
    const [, a, , b] = /(\d+) (.) (\d+)/.exec(question.answer)!.map((part, index) => (index % 2 ? Number(part) : part));
    const isAsked = asked.includes(a as number) && asked.includes(b as number);
    return wayIsTrue(question) && isAsked && resultOf(question) >= 0 && (asked.length === 3 || made(asked).includes(resultOf(question)));
  },
  parity(question) {
    const text = textOf(question);
    const [a = 0, b] = numbersIn(text);
    if (b === undefined) return question.answer === ((a % 2 === 0) === /even/i.test(text) ? 'Yes.' : 'No.');
    const divides = /divisor|go into|does \d+ divide/i.test(text) ? b % a === 0 : a % b === 0;
    return question.answer === (divides ? 'Yes.' : 'No.');
  },
  comparing(question) {
    const most = /larg|bigg|great|more|max|highest/i.test(textOf(question).replace(/^one more/i, ''));
    return resultOf(question) === (most ? Math.max : Math.min)(...numbersIn(textOf(question)));
  },
  sorting(question) {
    const down = /large to|largest to|high to|descending|largest first|biggest first|count down|big to/i.test(textOf(question));
    return question.answer === numbersIn(textOf(question)).sort((a, b) => (down ? b - a : a - b)).join(', ');
  },
  sequences(question) {
    if (question.format === 'words') {
      const letters = textOf(question).match(/\b[A-Z]\b/g)!.map((letter) => letter.charCodeAt(0));
      return question.answer.charCodeAt(0) === letters.at(-1)! + letters[1]! - letters[0]!;
    }
    const numbers = [...numbersIn(textOf(question)), resultOf(question)];
    const steps = numbers.slice(1).map((number, index) => number - numbers[index]!);
    const grows = steps.slice(1).map((step, index) => step - steps[index]!);
    const alternates = numbers.length === 6 && numbers[1] === numbers[3] && numbers[3] === numbers[5];
    return alternates || grows.every((by) => by === grows[0]) || numbers.slice(1).every((number, index) => number / numbers[index]! === numbers[1]! / numbers[0]!);
  },
  logic(question) {
    const text = textOf(question);
    const more = 'taller|older|faster|stronger|richer|louder';
    const below = new Map<string, string>();
    for (const [, a, word, b] of text.matchAll(/(\w+) is (?:much |a bit )?(\w+) than (\w+)\./g)) {
      if (new RegExp(more).test(word!)) below.set(a!, b!);
      else below.set(b!, a!);
    }
    for (const [, a, b, word] of text.matchAll(/(\w+), compared with (\w+), is (\w+)\./g)) {
      if (new RegExp(more).test(word!)) below.set(a!, b!);
      else below.set(b!, a!);
    }
    const line = [[...below.keys()].find((name) => ![...below.values()].includes(name))!];
    for (let next = below.get(line[0]!); next !== undefined; next = below.get(next)) line.push(next);
    const whether = /(\w+) (?:is )?(\w+er) than (\w+)\??$/.exec(text);
    if (!whether) return question.answer === `${/tallest|oldest|fastest|strongest|richest|loudest/.test(text) ? line[0] : line.at(-1)}.`;
    const [, a, word, b] = whether;
    return question.answer === (line.indexOf(a!) < line.indexOf(b!) === new RegExp(more).test(word!) ? 'Yes.' : 'No.');
  },
  'odd-one-out'(question) {
    const sortsOf = (word: string): string[] => Object.keys(SORTS).filter((sort) => SORTS[sort]!.includes(word.toLowerCase()));
    const [odd, ...others] = [question.answer, ...question.choices!.filter((choice) => choice !== question.answer)].map((choice) => sortsOf(choice.replace('.', '')));
    const isNamed = textOf(question).toLowerCase().includes(question.answer.replace('.', '').toLowerCase());
    return isNamed && new Set(others.map((sorts) => sorts.join())).size === 1 && odd!.join() !== others[0]!.join();
  },
  units(question) {
    const rates = [7, 10, 12, 24, 60, 100, 1000];
    const [given = 0] = numbersIn(textOf(question));
    const ratio = Math.max(given, resultOf(question)) / Math.min(given, resultOf(question));
    return rates.includes(ratio) && textOf(question).toLowerCase().includes(question.answer.replace(/^\d+ /, ''));
  },
  change(question) {
    const [a = 0, b = 0] = numbersIn(textOf(question));
    // "a phone" has "one of" in it.
    return wayIsTrue(question) && [a * b, Math.abs(a - b)].includes(resultOf(question)) && (a * b === resultOf(question)) === /each|apiece|\bone of/i.test(textOf(question));
  },
  clock(question) {
    const times = [...textOf(question).matchAll(/(\d+):(\d\d)/g)].map(([, hour, minute]) => Number(hour) * 60 + Number(minute));
    if (times.length === 2) return resultOf(question) === times[1]! - times[0]!;
    const [, by] = /(?<![\d:])(\d+) minutes/i.exec(textOf(question)) ?? [];
    const [hour, minute] = question.answer.split(':').map(Number) as [number, number];
    const back = /before|ago|minus|start\?|start$|earlier/i.test(textOf(question));
    return hour * 60 + minute === times[0]! + (back ? -Number(by) : Number(by));
  },
  choice(question) {
    const text = textOf(question);
    const options = [...text.matchAll(/\(?\b([A-D])[).:]+ ([^(]+?)(?=,? \(?[A-D][).:]|\.? Answer|$)/g)].map(([, letter, option]) => [letter!, option!.replace(/[?.]$/, '')] as const);
    const chosen = options.find(([letter]) => letter === question.answer)![1];
    const [, a, sign, b] = /(\d+) ([-+]) (\d+)/.exec(text) ?? [];
    if (sign) return Number(chosen) === calculate(Number(a), sign, Number(b));
    const [, capital] = /capital of ([A-Z]\w+(?: [A-Z]\w+)*|the \w+(?: \w+)?)\?/i.exec(text) ?? [];
    if (capital) return CAPITALS.some(([country, city]) => country.toLowerCase() === capital.toLowerCase() && city === chosen);
    const [, opposite] = /opposite of (\w+)/.exec(text) ?? [];
    if (opposite) return OPPOSITES.some(([one, other]) => one === opposite && other === chosen);
    const [, sort] = /is (?:a piece of|an?) ([\w ]+)\?/i.exec(text)!;
    return SORTS[sort!]!.includes(chosen) && options.every(([letter, option]) => letter === question.answer || !SORTS[sort!]!.includes(option));
  },
  'follow-ups'(question) {
    if (question.format !== 'number') return true;
    const before = Number(question.messages.at(-2)!.content);
    const [n = 2] = numbersIn(lastOf(question));
    return [before + n, before - n, before * n, before / n].includes(resultOf(question));
  },
  remembering: (question) => question.messages[0]!.content.toLowerCase().includes(question.answer.replace(/\.$/, '').toLowerCase()),
  extracting: (question) => textOf(question).includes(question.answer.replace(/\.$/, '')),
  topic: (question) => question.choices!.includes(question.answer),
  json: (question) =>
    Object.entries(JSON.parse(question.answer) as object).every(([key, value]: [string, unknown]) => key === 'answer' || textOf(question).includes(String(value))),
};

describe('answers, worked out again from the words', () => {
  it.each(Object.entries(CHECKS))('%s', (kind, check) => {
    const wrong = some(kind).filter((question) => !check(question));
    expect(wrong.slice(0, 5).map((question) => `${textOf(question)} → ${question.answer}`)).toEqual([]);
  });
});

describe('stories', () => {
  it('have two characters of different names and kinds, and what was asked for', () => {
    for (const { answer, mentions } of some('stories')) {
      for (const wanted of mentions!) expect(answer.toLowerCase()).toContain(wanted.toLowerCase());
      const [, first] = /(?:called|Its name was) ([A-Z]\w+)/.exec(answer)!;
      const [, second, sort] = /([A-Z]\w+) the (\w+) (?:came|said)/.exec(answer)!;
      expect(second).not.toBe(first);
      expect(answer.indexOf(`the ${sort}`)).toBe(answer.lastIndexOf(`the ${sort} `));
    }
  });
});
