/** Sums, differences, products and quotients, as people type them. */
import { poolOf } from '../splits.ts';
import { ask, asked, spoken } from '../speech.ts';
import type { Difficulty, Draft, Draw, Message, Pool, QuestionKind } from '../types.ts';

type Sign = '+' | '-' | '*' | '/';

const PLAIN = poolOf(`
  {c}|{c} =|{c} = ?|What is {c}?|What is {c}|Calculate {c}.|Work out {c}.|How much is {c}?|Solve {c}.|What does {c} make?|Can you do {c}?|{c} is what?
  |Compute {c}|What do I get for {c}?|{c} equals|Give me the result of {c}.|I need {c}.|Find {c}.`);
const IN_WORDS: Readonly<Record<Sign, Pool<string>>> = {
  '+': poolOf(`
    Add {a} and {b}.|What is the sum of {a} and {b}?|What is {a} plus {b}?|How much is {a} plus {b}?|{a} plus {b}|{a} and {b} together make?
    |Add {b} to {a}.|What do {a} and {b} add up to?|The sum of {a} and {b}?|What is {a} and {b} together?|Increase {a} by {b}.
    |What is {b} more than {a}?`),
  '-': poolOf(`
    Subtract {b} from {a}.|What is {a} minus {b}?|Take {b} away from {a}.|How much is {a} minus {b}?|{a} minus {b}
    |What is the difference between {a} and {b}?|{a} take away {b}?|What is left of {a} without {b}?|Reduce {a} by {b}.|What is {b} less than {a}?
    |How far is it from {b} to {a}?`),
  '*': poolOf(`
    Multiply {a} by {b}.|What is {a} times {b}?|How much is {a} times {b}?|{a} times {b}|What is the product of {a} and {b}?|{a} multiplied by {b}?
    |Multiply {a} and {b}.|The product of {a} and {b}?`),
  '/': poolOf(`
    Divide {a} by {b}.|What is {a} divided by {b}?|How much is {a} divided by {b}?|{a} divided by {b}|How often does {b} go into {a}?
    |How many times does {b} fit into {a}?|{a} over {b}?|Share {a} among {b}.`),
};
const WRITTEN: Readonly<Record<Sign, readonly string[]>> = { '+': ['+'], '-': ['-'], '*': ['*', '×', 'x'], '/': ['/', ':', '÷'] };

/** How a calculation is known everywhere: the order of a sum's or a product's parts is no new question. */
export function calculation(a: number, sign: Sign, b: number): string {
  const [one, other] = sign === '+' || sign === '*' ? [Math.min(a, b), Math.max(a, b)] : [a, b];
  return `${one}${sign}${other}`;
}

/** Up to here engines learn them by heart, as people do. */
const BY_HEART = 12;
/** What may lie in one split only: nothing, where it has to be known by heart. */
export function held(a: number, sign: Sign, b: number): string[] {
  const small = sign === '/' ? a <= BY_HEART * BY_HEART && b <= BY_HEART : a <= BY_HEART && b <= BY_HEART;
  return small ? [] : [calculation(a, sign, b)];
}

function words(draw: Draw, a: number, sign: Sign, b: number): readonly Message[] {
  if (draw.chance(0.45)) return ask(draw, IN_WORDS[sign], { a, b });
  const symbol = draw.one(WRITTEN[sign]);
  const gap = draw.chance(0.75) ? ' ' : '';
  return ask(draw, PLAIN, { c: `${a}${gap}${symbol}${gap}${b}` });
}

const draft = (draw: Draw, a: number, sign: Sign, b: number, answer: string): Draft => ({
  meanings: held(a, sign, b), messages: words(draw, a, sign, b), answer, format: 'number',
});

/** Two numbers below a bound, the larger first where the sign needs it. */
export function pairBelow(draw: Draw, bound: number, sign: '+' | '-'): readonly [number, number] {
  const [a, b] = [draw.whole(0, bound - 1), draw.whole(0, bound - 1)];
  return sign === '-' && b > a ? [b, a] : [a, b];
}

function threeTerms(draw: Draw): Draft {
  const [a, b] = [draw.whole(1, 60), draw.whole(1, 40)];
  const minus = draw.chance(0.4);
  const c = draw.whole(1, minus ? Math.min(a + b, 40) : 40);
  const result = minus ? a + b - c : a + b + c;
  const text = `${a} + ${b} ${minus ? '-' : '+'} ${c}`;
  return {
    meanings: [text, ...held(a, '+', b), ...held(a + b, minus ? '-' : '+', c)], messages: ask(draw, PLAIN, { c: text }),
    answer: `${a + b} ${minus ? '-' : '+'} ${c} = ${result}`, format: 'number',
  };
}

/** Sums and differences: to 99, to 999 and with three terms. */
export const sums: QuestionKind = {
  name: 'sums', levels: ['easy', 'hard'], weight: 14, exact: true,
  draft(draw, difficulty) {
    if (difficulty === 'hard' && draw.chance(0.25)) return threeTerms(draw);
    const sign = draw.chance(0.55) ? '+' : '-';
    const bound = difficulty === 'hard' ? 1000 : draw.chance(0.3) ? 21 : 100;
    const [a, b] = pairBelow(draw, bound, sign);
    return draft(draw, a, sign, b, String(sign === '+' ? a + b : a - b));
  },
};

/** Tens first, then ones, as one does it in the head: the answer is written in the order in which it is found. */
function longProduct(draw: Draw): Draft {
  const [small, large] = [draw.whole(3, 9), draw.whole(13, 99)];
  const [a, b] = draw.chance(0.5) ? [small, large] : [large, small];
  return draft(draw, a, '*', b, inSteps(large, small));
}

/** @returns the whole way: "30 * 7 = 210, 8 * 7 = 56, so 266" */
export function inSteps(large: number, small: number): string {
  const [tens, ones] = [Math.floor(large / 10) * 10, large % 10];
  return ones === 0 ? String(large * small) : `${tens} * ${small} = ${tens * small}, ${ones} * ${small} = ${ones * small}, so ${large * small}`;
}

function longQuotient(draw: Draw): Draft {
  const [by, result] = [draw.whole(3, 9), draw.whole(13, 49)];
  const [tens, ones] = [Math.floor(result / 10) * 10, result % 10];
  const steps = ones === 0 ? String(result) : `${tens} * ${by} = ${tens * by}, ${ones} * ${by} = ${ones * by}, so ${result}`;
  return draft(draw, by * result, '/', by, steps);
}

/** Tables to twelve, both ways; hard: two digits times one, and back. */
export const products: QuestionKind = {
  name: 'products', levels: ['easy', 'hard'], weight: 9, exact: true,
  draft(draw, difficulty: Difficulty) {
    const divides = draw.chance(0.4);
    if (difficulty === 'hard') return divides ? longQuotient(draw) : longProduct(draw);
    const [a, b] = [draw.whole(divides ? 1 : 0, BY_HEART), draw.whole(0, BY_HEART)];
    return divides ? draft(draw, a * b, '/', a, String(b)) : draft(draw, a, '*', b, String(a * b));
  },
};

const EVEN = poolOf(`
  Is {n} {w}?|Is {n} an {w} number?|Is the number {n} {w}?|Would you call {n} {w}?|Tell me if {n} is {w}.|{n}: {w} or not?|{w}: {n}?
  |Is it true that {n} is {w}?|Do you think {n} is {w}?`);
const DIVIDES = poolOf(`
  Is {n} divisible by {d}?|Can {n} be divided by {d}?|Does {d} divide {n}?|Is {n} a multiple of {d}?|Can you share {n} by {d} without a rest?
  |Is {d} a divisor of {n}?|Does {d} go into {n} exactly?`);

/** Even or odd; hard: divisible by three, four, five, nine or ten. */
export const parity: QuestionKind = {
  name: 'parity', levels: ['easy', 'hard'], weight: 3, exact: true,
  draft(draw, difficulty) {
    if (difficulty === 'easy') {
      const [n, w] = [draw.whole(0, draw.chance(0.3) ? 99 : 9999), draw.one(['even', 'odd'])];
      return {
        ...yesNo(n % 2 === (w === 'even' ? 0 : 1)), meanings: n < 20 ? [] : [`parity ${n}`],
        messages: asked(spoken(draw, draw.frame(EVEN).replace('{n}', `${n}`).replace('{w}', w))),
      };
    }
    const d = draw.one([3, 4, 5, 9, 10]);
    const n = draw.chance(0.5) ? d * draw.whole(1, Math.floor(300 / d)) : draw.whole(1, 300);
    return { ...yesNo(n % d === 0), meanings: [`divides ${d} ${n}`], messages: ask(draw, DIVIDES, { n, d }) };
  },
};

/** The part of a draft that a yes or a no needs. */
export const yesNo = (isSo: boolean): Pick<Draft, 'answer' | 'format' | 'choices'> => ({
  answer: isSo ? 'Yes.' : 'No.', format: 'yes-no', choices: ['Yes.', 'No.'],
});
