/** Little stories with a sum in them. The answer shows the sum, so that it is found in the order in which it is read. */
import { poolOf } from '../splits.ts';
import { ask } from '../speech.ts';
import type { Draft, Draw, QuestionKind } from '../types.ts';
import { COUNTABLE, peopleNames } from '../words/people.ts';
import { calculation, held } from './arithmetic.ts';

const MORE = poolOf(`
  {p} has {a} {t}. {q} gives {p} {b} more {t}. How many {t} does {p} have now?|{p} has {a} {t} and buys {b} more. How many {t} does {p} have?
  |{p} found {a} {t} in the morning and {b} {t} in the evening. How many {t} did {p} find?
  |There are {a} {t} on the table. {p} puts {b} more there. How many {t} are on the table?
  |{p} has {a} {t}, {q} has {b} {t}. How many {t} do they have together?|{p} picks {a} {t} and {q} picks {b} {t}. How many is that in all?
  |A box holds {a} {t}, another holds {b} {t}. How many {t} are in both boxes?
  |{p} sold {a} {t} on Monday and {b} on Tuesday. How many {t} did {p} sell?|If {p} has {a} {t} and gets {b} more, how many {t} has {p} then?
  |{p} had {a} {t}. Then {p} won {b} {t}. How many {t} are there now?`);
const LESS = poolOf(`
  {p} has {a} {t}. {p} gives {b} {t} to {q}. How many {t} are left?
  |There are {a} {t} in a box. {p} takes {b} of them. How many {t} are left in the box?|{p} had {a} {t} and lost {b}. How many {t} does {p} have now?
  |{p} baked {a} {t} and ate {b}. How many are left?|A shop has {a} {t} and sells {b}. How many {t} remain?
  |Of {a} {t}, {b} are broken. How many {t} are whole?|{p} has {a} {t} and {q} has {b} {t}. How many more {t} does {p} have?
  |{p} needs {a} {t} and has {b}. How many {t} are missing?|{a} {t} were in the garden. {q} took {b}. How many {t} are still there?
  |If {p} has {a} {t} and {q} takes {b}, how many does {p} keep?`);
const TIMES = poolOf(`
  {p} has {a} boxes with {b} {t} in each box. How many {t} does {p} have?|Each of {a} friends has {b} {t}. How many {t} do they have together?
  |{p} buys {a} bags of {b} {t}. How many {t} is that?|There are {a} rows with {b} {t} in each row. How many {t} are there?
  |{p} needs {b} {t} a day. How many {t} does {p} need for {a} days?|{a} shelves hold {b} {t} each. How many {t} is that in all?
  |{p} makes {b} {t} in an hour. How many {t} does {p} make in {a} hours?`);
const SHARE = poolOf(`
  {p} shares {a} {t} equally among {b} friends. How many {t} does each friend get?
  |{a} {t} are put into {b} boxes, the same number in each. How many {t} are in a box?
  |{b} children share {a} {t} fairly. How many does each child get?|{p} puts {a} {t} into bags of {b}. How many bags does {p} fill?
  |{p} has {a} {t} for {b} days, as many each day. How many {t} a day is that?
  |How many {t} does each of {b} people get if {p} hands out {a} {t} equally?`);
const MORE_LESS = poolOf(`
  {p} has {a} {t}. {p} buys {b} more and then gives {c} to {q}. How many {t} does {p} have now?
  |{p} has {a} {t}, finds {b} and loses {c}. How many {t} are left?|A bus has {a} people. {b} get on and {c} get off. How many people are on the bus?
  |{p} had {a} {t}. {q} gave {p} {b}, and {p} ate {c}. How many {t} are left?
  |There were {a} {t} in the shop. {b} came new and {c} were sold. How many {t} are there now?
  |{p} picks {a} {t}, then {b} more, and gives away {c}. How many does {p} keep?`);
const TIMES_MORE = poolOf(`
  {p} has {a} boxes of {b} {t} and {c} more {t}. How many {t} does {p} have?
  |{p} buys {a} bags with {b} {t} each. {q} gives {p} {c} more. How many {t} does {p} have?
  |There are {a} rows of {b} {t} and {c} {t} on the side. How many {t} are there?
  |{p} fills {a} boxes with {b} {t} each, and {c} {t} are left over. How many {t} were there?`);
const TIMES_LESS = poolOf(`
  {p} has {a} boxes of {b} {t} and gives away {c} {t}. How many {t} are left?
  |{p} buys {a} bags with {b} {t} each and loses {c}. How many {t} does {p} have?|There are {a} rows of {b} {t}. {q} takes {c}. How many {t} are left?
  |{a} friends bring {b} {t} each. They eat {c}. How many {t} remain?`);

type Values = Record<string, string | number>;

function one(draw: Draw, values: Values): Draft {
  const { t } = values;
  const ready = (frames: typeof MORE, a: number, sign: '+' | '-' | '*' | '/', b: number, result: number): Draft => ({
    meanings: [...held(a, sign, b), `story ${calculation(a, sign, b)}`], messages: ask(draw, frames, { ...values, a, b }), answer: `${a} ${sign} ${b} = ${result}, so ${result} ${sign === '/' ? '' : t}`.trim(), format: 'number',
  });
  switch (draw.whole(0, 3)) {
    case 0: {
      const [a, b] = [draw.whole(2, 60), draw.whole(2, 40)];
      return ready(MORE, a, '+', b, a + b);
    }
    case 1: {
      const a = draw.whole(5, 99);
      const b = draw.whole(2, a - 2);
      return ready(LESS, a, '-', b, a - b);
    }
    case 2: {
      const [a, b] = [draw.whole(2, 12), draw.whole(2, 12)];
      return ready(TIMES, a, '*', b, a * b);
    }
    default: {
      const [b, each] = [draw.whole(2, 12), draw.whole(2, 12)];
      return ready(SHARE, b * each, '/', b, each);
    }
  }
}

function two(draw: Draw, values: Values): Draft {
  const ready = (frames: typeof MORE, [a, b, c]: readonly number[], first: '+' | '*', second: '+' | '-'): Draft => {
    const middle = first === '+' ? a! + b! : a! * b!;
    const end = second === '+' ? middle + c! : middle - c!;
    return {
      meanings: [`${a}${first}${b}${second}${c}`, ...held(a!, first, b!), ...held(middle, second, c!)],
      messages: ask(draw, frames, { ...values, a: a!, b: b!, c: c! }),
      answer: `${a} ${first} ${b} = ${middle}, ${middle} ${second} ${c} = ${end}, so ${end}`, format: 'number',
    };
  };
  switch (draw.whole(0, 2)) {
    case 0: {
      const [a, b] = [draw.whole(3, 60), draw.whole(2, 40)];
      return ready(MORE_LESS, [a, b, draw.whole(2, Math.min(30, a + b - 1))], '+', '-');
    }
    case 1:
      return ready(TIMES_MORE, [draw.whole(2, 12), draw.whole(2, 12), draw.whole(2, 20)], '*', '+');
    default: {
      const [a, b] = [draw.whole(2, 12), draw.whole(2, 12)];
      return ready(TIMES_LESS, [a, b, draw.whole(2, Math.min(20, a * b - 1))], '*', '-');
    }
  }
}

/** One step; hard: two. */
export const wordProblems: QuestionKind = {
  name: 'word-problems', levels: ['easy', 'hard'], weight: 9, exact: true,
  draft(draw, difficulty) {
    const [p, q] = peopleNames(draw, 2);
    const values = { p: p!, q: q!, t: draw.word(COUNTABLE) };
    return difficulty === 'easy' ? one(draw, values) : two(draw, values);
  },
};
