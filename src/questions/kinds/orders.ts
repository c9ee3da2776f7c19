/** Which is larger, what comes next, what comes first: numbers and people in order. */
import { poolOf } from '../splits.ts';
import { ask, listed } from '../speech.ts';
import type { Draft, Draw, QuestionKind } from '../types.ts';
import { peopleNames } from '../words/people.ts';
import { yesNo } from './arithmetic.ts';

const LARGER = poolOf(`
  Which number is larger: {l}?|Which is larger, {l}?|Which is bigger, {l}?|What is more, {l}?|{l}: which is larger?|Which of these is greater: {l}?
  |Which number is greater, {l}?|Name the larger number: {l}.|Tell me the bigger one: {l}.`);
const SMALLER = poolOf(`
  Which number is smaller: {l}?|Which is smaller, {l}?|Which is less, {l}?|What is less, {l}?|{l}: which is smaller?|Which of these is smaller: {l}?
  |Name the smaller number: {l}.|Tell me the smaller one: {l}.`);
const LARGEST = poolOf(`
  Which number is the largest: {l}?|What is the largest of {l}?|Find the biggest number: {l}.|Which is the biggest: {l}?|The largest of {l}?
  |Name the greatest of these: {l}.|Maximum of {l}?|From {l}, pick the largest.|Highest number: {l}?`);
const SMALLEST = poolOf(`
  Which number is the smallest: {l}?|What is the smallest of {l}?|Find the smallest number: {l}.|Which is the least: {l}?|The smallest of {l}?
  |Name the smallest of these: {l}.|Minimum of {l}?|From {l}, pick the smallest.|Lowest number: {l}?`);

/** Numbers as they meet in life: of one length, of different ones, and close to each other. */
function numbers(draw: Draw, count: number): number[] {
  const bound = draw.one([20, 100, 100, 1000]);
  if (bound < 1000 || draw.chance(0.6)) return differentNumbers(draw, 0, bound - 1, count);
  const near = draw.whole(100, 970);
  return differentNumbers(draw, near, near + 29, count);
}

function differentNumbers(draw: Draw, low: number, high: number, count: number): number[] {
  const found = new Set<number>();
  while (found.size < count) found.add(draw.whole(low, high));
  return [...found];
}

/** Two numbers; hard: the most or least of three to five. */
export const comparing: QuestionKind = {
  name: 'comparing', levels: ['easy', 'hard'], weight: 5, exact: true,
  draft(draw, difficulty) {
    const most = draw.chance(0.5);
    const chosen = numbers(draw, difficulty === 'easy' ? 2 : draw.whole(3, 5));
    const frames = difficulty === 'easy' ? (most ? LARGER : SMALLER) : most ? LARGEST : SMALLEST;
    const text = difficulty === 'easy' ? chosen.join(draw.one([' or ', ' or ', ' and ', ', '])) : listed(chosen, draw.one(['', '', 'and', 'or']));
    return {
      meanings: [`of ${[...chosen].sort((a, b) => a - b).join(' ')}`], messages: ask(draw, frames, { l: text }),
      answer: String((most ? Math.max : Math.min)(...chosen)), format: 'number', choices: chosen.map(String),
    };
  },
};

const UPWARDS = poolOf(`
  Sort these numbers: {l}|Sort {l} from small to large.|Put these in order: {l}|Put {l} in order.|Order these numbers: {l}|Sort: {l}
  |Sort from smallest to largest: {l}|Arrange {l} from low to high.|{l} in ascending order?|Bring these into order: {l}|Which order is right for {l}?
  |Line up {l} from small to big.`);
const DOWNWARDS = poolOf(`
  Sort {l} from large to small.|Sort from largest to smallest: {l}|Arrange {l} from high to low.|{l} in descending order?|Sort {l}, the largest first.
  |Put {l} in order, biggest first.|Count down with {l}.|Order {l} from big to small.`);

/** Three numbers; hard: four or five, either way. */
export const sorting: QuestionKind = {
  name: 'sorting', levels: ['easy', 'hard'], weight: 7, exact: true,
  draft(draw, difficulty) {
    const down = difficulty === 'hard' && draw.chance(0.35);
    const bound = draw.chance(0.25) ? 20 : 100;
    const chosen = differentNumbers(draw, 0, bound - 1, difficulty === 'easy' ? 3 : draw.whole(4, 5));
    const inOrder = [...chosen].sort((a, b) => (down ? b - a : a - b));
    return {
      meanings: [`of ${[...inOrder].sort((a, b) => a - b).join(' ')}`],
      messages: ask(draw, down ? DOWNWARDS : UPWARDS, { l: chosen.join(draw.one([', ', ', ', ' ', ','])) }), answer: inOrder.join(', '),
      format: 'list',
    };
  },
};

const NEXT = poolOf(`
  What comes next: {l}?|Continue the sequence: {l}, ?|Next number after {l}?|{l}, ...|Which number follows: {l}?|What is the next number: {l}?
  |{l}, and then?|Continue: {l}|How does {l} go on?|Go on with {l}, ...|What number is missing at the end: {l}, ?`);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** All of its terms; the last one is asked for. Rules with few sequences are known by heart. */
interface Sequence {
  readonly terms: readonly (number | string)[];
  readonly byHeart: boolean;
}

const terms = (count: number, term: (index: number) => number | string): readonly (number | string)[] => Array.from({ length: count }, (_, index) => term(index));

function harderSequence(draw: Draw): Sequence {
  switch (draw.whole(0, 4)) {
    case 0: {
      const [start, times] = [draw.whole(1, 9), draw.one([2, 2, 3])];
      return { terms: terms(5, (index) => start * times ** index), byHeart: true };
    }
    case 1: {
      const [start, first] = [draw.whole(0, 60), draw.whole(1, 6)];
      return { terms: terms(5, (index) => start + first * index + (index * (index - 1)) / 2), byHeart: false };
    }
    case 2: {
      const start = draw.whole(1, 8);
      return { terms: terms(5, (index) => (start + index) ** 2), byHeart: true };
    }
    case 3: {
      const [start, step] = [draw.whole(0, 13), draw.whole(1, 3)];
      return { terms: terms(5, (index) => ALPHABET.charAt(start + step * index)), byHeart: true };
    }
    default: {
      const [one, other, step] = [draw.whole(1, 60), draw.whole(1, 60), draw.whole(1, 5)];
      return { terms: [one, other, one + step, other, one + 2 * step, other], byHeart: false };
    }
  }
}

function easySequence(draw: Draw): Sequence {
  const [step, start] = [draw.whole(1, 12), draw.whole(0, 80)];
  const up = terms(5, (index) => start + step * index);
  return { terms: draw.chance(0.35) ? up.toReversed() : up, byHeart: false };
}

/** Steps of one size; hard: doubling, growing steps, squares, letters, two sequences in one. */
export const sequences: QuestionKind = {
  name: 'sequences', levels: ['easy', 'hard'], weight: 5, exact: true,
  draft(draw, difficulty) {
    const { terms: all, byHeart } = difficulty === 'easy' ? easySequence(draw) : harderSequence(draw);
    const shown = all.slice(0, -1);
    const format = typeof all[0] === 'string' ? 'words' : 'number';
    return {
      meanings: byHeart ? [] : [`next ${shown.join(' ')}`], messages: ask(draw, NEXT, { l: shown.join(', ') }, 'kept'),
      answer: String(all.at(-1)), format,
    };
  },
};

/** Comparative, its opposite, superlative, its opposite. */
const MEASURES = [
  ['taller', 'shorter', 'tallest', 'shortest'], ['older', 'younger', 'oldest', 'youngest'], ['faster', 'slower', 'fastest', 'slowest'],
  ['stronger', 'weaker', 'strongest', 'weakest'], ['richer', 'poorer', 'richest', 'poorest'], ['louder', 'quieter', 'loudest', 'quietest'],
] as const;
const STATED = poolOf(`
  {a} is {w} than {b}.|{a} is {w} than {b}.|{a}, compared with {b}, is {w}.|We know that {a} is {w} than {b}.|{a} is much {w} than {b}.
  |{a} is a bit {w} than {b}.|It is true that {a} is {w} than {b}.`);
const WHO = poolOf(`
  {s} Who is the {o}?|{s} So who is the {o}?|{s} Who is {o}?|{s} Name the {o}.|{s} Which of them is the {o}?|{s} The {o} is who?
  |{s} Tell me who is the {o}.`);
const WHETHER = poolOf(`
  {s} Is {a} {w} than {b}?|{s} So is {a} {w} than {b}?|{s} Is it true that {a} is {w} than {b}?|{s} Does that mean that {a} is {w} than {b}?
  |{s} Can we say that {a} is {w} than {b}?`);

/** Three people in one line of thought; hard: the statements in any order and either direction, or four people. */
export const logic: QuestionKind = {
  name: 'logic', levels: ['easy', 'hard'], weight: 6, exact: true,
  draft(draw, difficulty) {
    const isHard = difficulty === 'hard';
    const people = peopleNames(draw, isHard && draw.chance(0.4) ? 4 : 3);
    const [more, less, most, least] = draw.one(MEASURES);
    const turned = people.slice(1).map(() => isHard && draw.chance(0.4));
    const statements = turned.map((back, index) => {
      const [a, b] = [people[index]!, people[index + 1]!];
      const frame = draw.frame(STATED);
      return back ? say(frame, b, less, a) : say(frame, a, more, b);
    });
    const order = isHard ? draw.shuffled(statements) : statements;
    const meanings = [`order ${more} ${people.join(' ')}`];
    const s = order.join(' ');
    if (draw.chance(0.35)) return { ...whether(draw, people, [more, less], s), meanings };
    const wantsMost = draw.chance(0.5);
    return {
      meanings, messages: ask(draw, WHO, { s, o: wantsMost ? most : least }, 'kept'), answer: `${wantsMost ? people[0] : people.at(-1)}.`,
      format: 'words', choices: people.map((name) => `${name}.`),
    };
  },
};

const say = (frame: string, a: string, w: string, b: string): string => frame.replace('{a}', a).replace('{w}', w).replace('{b}', b);

function whether(draw: Draw, people: readonly string[], [more, less]: readonly [string, string], s: string): Omit<Draft, 'meanings'> {
  const [one, other] = draw.some(people.map((_, index) => index), 2) as [number, number];
  const asksMore = draw.chance(0.5);
  return { ...yesNo(asksMore === one < other), messages: ask(draw, WHETHER, { s, a: people[one]!, w: asksMore ? more : less, b: people[other]! }, 'kept') };
}
