/** What is known by heart: capitals, sounds, colours, opposites, days. Closed classes, trained whole; what varies is how one asks. */
import { listOf, poolOf } from '../splits.ts';
import { ask, asked, capitalised, listed, spoken, withArticle, fill } from '../speech.ts';
import type { Draft, Draw, Pool, QuestionKind } from '../types.ts';
import { CAPITALS, COLOUR_OF, HOMES, LEGS, MATERIAL, OPPOSITES, SORTS, SOUNDS, WORKPLACES, YOUNG, sortsOverlap } from '../words/facts.ts';
import { DAYS, MONTHS } from '../words/people.ts';
import { yesNo } from './arithmetic.ts';

const CAPITAL = poolOf(`
  What is the capital of {k}?|Capital of {k}?|Which city is the capital of {k}?|Name the capital of {k}.|The capital of {k} is?
  |Do you know the capital of {k}?|{k}: what is the capital?|What is the capital city of {k}?|Which city is {k} governed from?
  |Where is the capital of {k}?|{k} has which capital?`);
const COUNTRY = poolOf(`
  {k} is the capital of which country?|Which country has the capital {k}?|{k} is the capital of?|What country is {k} the capital of?
  |Of which country is {k} the capital?|The capital {k} belongs to which country?`);

interface Topic {
  readonly pairs: readonly (readonly [string, string])[];
  /** With the holes `{k}` for what is asked about and `{a}` for it with its article. */
  readonly frames: Pool<string>;
  readonly says: (value: string) => string;
  readonly format?: 'number';
}
const sentence = (value: string): string => `${capitalised(value)}.`;

const TOPICS: readonly Topic[] = [
  { pairs: CAPITALS, frames: CAPITAL, says: sentence },
  { pairs: CAPITALS, frames: CAPITAL, says: sentence },
  { pairs: CAPITALS.map(([country, city]) => [city, country] as const), frames: COUNTRY, says: sentence },
  { pairs: SOUNDS, frames: poolOf(`
    What sound does {a} make?|What does {a} say?|Which sound does {a} make?|How does {a} sound?|What noise does {a} make?|The sound of {a}?|{a} says?`), says: (value) => `${value}!` },
  { pairs: LEGS, frames: poolOf(`
    How many legs does {a} have?|How many legs has {a}?|Number of legs of {a}?|{a} has how many legs?|Count the legs of {a}.|Legs of {a}?`), says: (value) => value, format: 'number' },
  { pairs: COLOUR_OF, frames: poolOf(`
    What colour is {k}?|What color is {k}?|Which colour does {k} have?|What is the colour of {k}?|The color of {k}?|{k} is which colour?
    |Tell me the colour of {k}.`), says: sentence },
  { pairs: MATERIAL, frames: poolOf(`
    What is {a} usually made of?|What is {a} made of?|Which material is {a} made of?|{a} is made of what?|Of what is {a} made?
    |What do people make {a} of?`), says: sentence },
  { pairs: YOUNG, frames: poolOf(`
    What is a young {k} called?|What do you call a baby {k}?|A young {k} is called?|Name for a baby {k}?|What is the young of {a}?
    |How do we call the child of {a}?`), says: sentence },
  { pairs: HOMES, frames: poolOf(`
    Where does {a} live?|What is the home of {a}?|Home of {a}?|What does {a} live in?|Where is {a} at home?|Which home does {a} have?`), says: sentence },
  { pairs: WORKPLACES, frames: poolOf(`
    Where does {a} work?|What is the workplace of {a}?|Workplace of {a}?|In which place does {a} work?|Where can I find {a} at work?|{a} works where?`), says: sentence },
];

const IS_A = poolOf(`
  Is {a} {b}?|Is {a} {b} or not?|Would you call {a} {b}?|{a}: is that {b}?|Does {a} count as {b}?|Is it true that {a} is {b}?
  |Can we say that {a} is {b}?`);
const names = Object.keys(SORTS);
/** Colours have no article. */
const named = (sort: string, word: string): string => (sort === 'colour' ? word : withArticle(word));
/** "a fruit", "an animal", "a piece of furniture". */
export const sortNamed = (sort: string): string => (sort === 'clothing' || sort === 'furniture' ? `a piece of ${sort}` : withArticle(sort));

function membership(draw: Draw): Draft {
  const sort = draw.one(names);
  const claimed = draw.chance(0.5) ? sort : draw.one(names.filter((other) => !sortsOverlap(other, sort)));
  const word = draw.one(SORTS[sort]!);
  // Some words are of two sorts: an orange, a drill.
  const isSo = SORTS[claimed]!.includes(word);
  return { ...yesNo(isSo), meanings: [], messages: ask(draw, IS_A, { a: named(sort, word), b: sortNamed(claimed) }) };
}

/** Capitals, sounds, legs, colours, materials, young animals, homes, workplaces, and what is what. */
export const facts: QuestionKind = {
  name: 'facts', levels: ['easy'], weight: 9, exact: true,
  draft(draw) {
    if (draw.chance(0.15)) return membership(draw);
    const { pairs, frames, says, format = 'words' } = draw.one(TOPICS);
    const [key, value] = draw.one(pairs);
    return { meanings: [], messages: ask(draw, frames, { k: key, a: withArticle(key) }), answer: says(value), format };
  },
};

const OPPOSITE = poolOf(`
  What is the opposite of {w}?|Opposite of {w}?|What is the opposite of the word {w}?|The opposite of {w} is?|Name the opposite of {w}.
  |{w} is the opposite of what?|Which word is the opposite of {w}?|Give me the opposite of {w}.|What do you call the contrary of {w}?|Antonym of {w}?
  |not {w} but?`);
const isFirst = (word: string): boolean => OPPOSITES.some(([first]) => first === word);
const timesSecond = (word: string): number => OPPOSITES.filter(([, second]) => second === word).length;
/** Also turned round, but where that would leave two answers. */
const BOTH_WAYS = OPPOSITES.flatMap(([one, other]) => [[one, other] as const, ...(isFirst(other) || timesSecond(other) > 1 ? [] : [[other, one] as const])]);

export const opposites: QuestionKind = {
  name: 'opposites', levels: ['easy'], weight: 3, exact: true,
  draft(draw) {
    const [word, opposite] = draw.one(BOTH_WAYS);
    return { meanings: [], messages: ask(draw, OPPOSITE, { w: draw.chance(0.1) ? `"${word}"` : word }), answer: sentence(opposite), format: 'words' };
  },
};

const DAY_AFTER = poolOf(`
  What day comes after {d}?|Which day follows {d}?|What day is it the day after {d}?|The day after {d}?|Today is {d}. What day is tomorrow?
  |If today is {d}, what is tomorrow?|Next day after {d}?`);
const DAY_BEFORE = poolOf(`
  What day comes before {d}?|Which day is before {d}?|The day before {d}?|Today is {d}. What day was yesterday?|If today is {d}, what was yesterday?
  |What day was it one day before {d}?`);
const DAYS_ON = poolOf(`
  What day is {n} days after {d}?|Today is {d}. What day is it in {n} days?|It is {d}. Which day is it {n} days later?|{n} days after {d} is?
  |If today is {d}, what day is it in {n} days?|Count {n} days on from {d}.`);
const MONTH_AFTER = poolOf(`
  What month comes after {d}?|Which month follows {d}?|The month after {d}?|Next month after {d}?|It is {d}. Which month is next?
  |What is the month that follows {d}?`);
const MONTH_BEFORE = poolOf(`
  What month comes before {d}?|Which month is before {d}?|The month before {d}?|It is {d}. Which month was last month?|What was the month before {d}?`);
const MONTH_NUMBER = poolOf(`
  Which month is number {n}?|What is month number {n}?|What is the {n}. month of the year?|Name month {n}.|Month {n} is called?|The name of month {n}?`);

const around = (list: readonly string[], index: number): string => list[((index % list.length) + list.length) % list.length]!;

/** Days and months; hard: days on. */
export const calendar: QuestionKind = {
  name: 'calendar', levels: ['easy', 'hard'], weight: 3, exact: true,
  draft(draw, difficulty) {
    const ready = (frames: Pool<string>, values: Record<string, string | number>, answer: string): Draft => ({
      meanings: [], messages: ask(draw, frames, values), answer: sentence(answer), format: 'words',
    });
    if (difficulty === 'hard') {
      const [day, n] = [draw.whole(0, 6), draw.whole(2, 20)];
      return ready(DAYS_ON, { d: DAYS[day]!, n }, around(DAYS, day + n));
    }
    const [day, month] = [draw.whole(0, 6), draw.whole(0, 11)];
    switch (draw.whole(0, 4)) {
      case 0: return ready(DAY_AFTER, { d: DAYS[day]! }, around(DAYS, day + 1));
      case 1: return ready(DAY_BEFORE, { d: DAYS[day]! }, around(DAYS, day - 1));
      case 2: return ready(MONTH_AFTER, { d: MONTHS[month]! }, around(MONTHS, month + 1));
      case 3: return ready(MONTH_BEFORE, { d: MONTHS[month]! }, around(MONTHS, month - 1));
      default: return ready(MONTH_NUMBER, { n: month + 1 }, MONTHS[month]!);
    }
  },
};

const ODD = poolOf(`
  Which word does not belong: {l}?|Which one does not fit: {l}?|Find the odd one out: {l}.|Odd one out: {l}|Which word is the odd one out: {l}?
  |{l}: which does not belong?|What does not fit here: {l}?|One of these is different: {l}. Which?|Which of these is not like the others: {l}?
  |Name the word that does not fit: {l}.|From {l}, which is out of place?`);
/** Words that are in one sort only. */
const CLEAR = Object.fromEntries(names.map((sort) => [sort, SORTS[sort]!.filter((word) => names.every((other) => other === sort || !SORTS[other]!.includes(word)))]));

/** Three of a sort and one other; hard: four of a sort. The words are known, their company is not. */
export const oddOneOut: QuestionKind = {
  name: 'odd-one-out', levels: ['easy', 'hard'], weight: 5, exact: true,
  draft(draw, difficulty) {
    const sort = draw.one(names);
    const other = draw.one(names.filter((name) => !sortsOverlap(name, sort)));
    const odd = draw.one(CLEAR[other]!);
    const all = draw.shuffled([...draw.some(CLEAR[sort]!, difficulty === 'easy' ? 3 : 4), odd]);
    return {
      meanings: [`odd ${[...all].sort().join(' ')}`], messages: ask(draw, ODD, { l: listed(all, draw.one(['', '', '', 'or', 'and'])) }),
      answer: sentence(odd), format: 'words', choices: all.map(sentence),
    };
  },
};

const SMALL = listOf('zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen');
const TENS = listOf('||twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety');

/** @param number from 0 to 999 */
export function numberInWords(number: number): string {
  if (number < 20) return SMALL[number]!;
  if (number < 100) return TENS[Math.floor(number / 10)]! + (number % 10 ? `-${SMALL[number % 10]}` : '');
  return `${SMALL[Math.floor(number / 100)]} hundred${number % 100 ? ` and ${numberInWords(number % 100)}` : ''}`;
}

const AS_WORD = poolOf(`
  Write {n} as a word.|Write {n} in words.|How do you write {n} in words?|{n} in words?|Spell the number {n}.|What is {n} in words?
  |How do you say {n}?|Give me {n} in letters.`);
const AS_DIGITS = poolOf(`
  Write {n} as a number.|Write {n} in digits.|{n} in digits?|How do you write {n} in digits?|What number is {n}?|Which number is {n}?|{n} as a number?
  |Give me {n} in figures.`);

/** To twenty; hard: to 999. */
export const numberWords: QuestionKind = {
  name: 'number-words', levels: ['easy', 'hard'], weight: 3, exact: true,
  draft(draw, difficulty) {
    const number = difficulty === 'easy' ? draw.whole(0, 20) : draw.chance(0.4) ? draw.whole(21, 99) : draw.whole(100, 999);
    const written = numberInWords(number);
    const meanings = number <= 20 ? [] : [`word ${number}`];
    if (draw.chance(0.5)) return { meanings, messages: ask(draw, AS_WORD, { n: number }), answer: written, format: 'words' };
    return { meanings, messages: asked(spoken(draw, fill(draw.frame(AS_DIGITS), { n: written }))), answer: String(number), format: 'number' };
  },
};
