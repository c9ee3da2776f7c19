/** Sums of every day: units, change, the clock; and plurals. */
import { listOf, pairsOf, poolOf } from '../splits.ts';
import { ask, capitalised, withArticle } from '../speech.ts';
import type { Draft, QuestionKind } from '../types.ts';
import { COUNTABLE, PRODUCTS, personName } from '../words/people.ts';
import { held, inSteps } from './arithmetic.ts';

/** Large unit, small unit, how many of it, each with its ways to be written; the first one is written in answers. */
const UNITS = [
  ['m|metres', 'cm|centimetres', 100], ['km|kilometres', 'm|metres', 1000], ['cm|centimetres', 'mm|millimetres', 10],
  ['kg|kilograms|kilos', 'g|grams', 1000], ['l|litres', 'ml|millilitres', 1000], ['hours', 'minutes', 60], ['minutes', 'seconds', 60],
  ['days', 'hours', 24], ['weeks', 'days', 7], ['years', 'months', 12], ['euros', 'cents', 100], ['dollars', 'cents', 100],
] as const;
const CONVERT = poolOf(`
  How many {v} are {n} {u}?|Convert {n} {u} to {v}.|{n} {u} in {v}?|What is {n} {u} in {v}?|How many {v} are in {n} {u}?|{n} {u} = ? {v}
  |Write {n} {u} in {v}.|How much is {n} {u} in {v}?|Turn {n} {u} into {v}.|{n} {u} are how many {v}?|I have {n} {u}. How many {v} is that?
  |Express {n} {u} as {v}.`);

/** From the larger unit to the smaller; hard: back, or where tables don't help. */
export const units: QuestionKind = {
  name: 'units', levels: ['easy', 'hard'], weight: 4, exact: true,
  draft(draw, difficulty) {
    const [large, small, factor] = draw.one(UNITS);
    const back = difficulty === 'hard' && draw.chance(0.6);
    // Tens are a matter of noughts; of sixties and dozens one knows a table.
    const isTable = factor % 10 !== 0 || factor === 60;
    const count = difficulty === 'hard' ? draw.whole(2, isTable ? 12 : 99) : draw.whole(1, isTable ? 5 : 20);
    const [from, to] = back ? [small, large] : [large, small];
    const [u, v] = [draw.one(listOf(from)), draw.one(listOf(to))];
    const [n, result] = back ? [count * factor, count] : [count, count * factor];
    // Ends like "litres" would be one of two spellings: the answer takes the unit in the way it was asked for.
    return { meanings: count <= 12 ? [] : [`unit ${n} ${from} ${to}`], messages: ask(draw, CONVERT, { n, u, v }), answer: `${result} ${v}`, format: 'number' };
  },
};

const PAYS = poolOf(`
  {x} costs {a} {m}. {p} pays with {b} {m}. How much change does {p} get?|{p} buys {x} for {a} {m} and gives {b} {m}. How much comes back?
  |{x} is {a} {m}. I pay {b} {m}. What is my change?|How much change from {b} {m} for {x} at {a} {m}?
  |{p} pays {b} {m} for {x} of {a} {m}. How much does {p} get back?|I give {b} {m} for {x} that costs {a} {m}. How much do I get back?
  |{x} costs {a} {m}, I have {b} {m}. How much is left?`);
const BUYS = poolOf(`
  One of the {t} costs {a} {m}. How much are {b} {t}?|{b} {t} at {a} {m} each: how much is that?
  |{p} buys {b} {t} for {a} {m} each. How much does {p} pay?|What do {b} {t} cost at {a} {m} each?
  |{t} cost {a} {m} apiece. {p} takes {b}. How much is it?|How much must {p} pay for {b} {t} at {a} {m} each?`);

/** Change; hard: change from larger sums, and the price of several. */
export const change: QuestionKind = {
  name: 'change', levels: ['easy', 'hard'], weight: 3, exact: true,
  draft(draw, difficulty) {
    const m = draw.one(['cents', 'euros', 'dollars']);
    const p = personName(draw);
    if (difficulty === 'hard' && draw.chance(0.5)) {
      const [a, b] = [draw.whole(11, 60), draw.whole(3, 9)];
      return {
        meanings: held(a, '*', b), messages: ask(draw, BUYS, { a, b, m, p, t: draw.word(COUNTABLE) }), answer: `${inSteps(a, b)} ${m}`,
        format: 'number',
      };
    }
    const b = draw.one(difficulty === 'easy' ? [10, 20, 50, 100] : [100, 200, 500]);
    const a = difficulty === 'easy' && b === 100 ? draw.whole(1, 9) * 10 + draw.one([0, 5]) : draw.whole(1, b - 1);
    return {
      meanings: held(b, '-', a), messages: ask(draw, PAYS, { a, b, m, p, x: withArticle(draw.word(PRODUCTS)) }),
      answer: `${b - a} ${m}`, format: 'number',
    };
  },
};

const LATER = poolOf(`
  It is {h}. What time is it in {n} minutes?|What time is it {n} minutes after {h}?|It is {h} now. What time will it be in {n} minutes?
  |A film starts at {h} and takes {n} minutes. When does it end?|{h} plus {n} minutes?|{n} minutes after {h}?
  |The train leaves at {h} and drives {n} minutes. When does it arrive?|{n} minutes later than {h} is?
  |A lesson of {n} minutes begins at {h}. When is it over?`);
const EARLIER = poolOf(`
  It is {h}. What time was it {n} minutes ago?|What time is it {n} minutes before {h}?|{n} minutes before {h}?|{h} minus {n} minutes?
  |A film of {n} minutes ended at {h}. When did it start?|The bus comes at {h}. I want to be there {n} minutes earlier. When is that?
  |{n} minutes earlier than {h} is?`);
const BETWEEN = poolOf(`
  How many minutes are there from {h} to {g}?|How many minutes from {h} to {g}?|How long is it from {h} to {g}?|It is {h}. How many minutes until {g}?
  |A walk from {h} to {g}: how many minutes?|The time between {h} and {g}, in minutes?`);

const clockTime = (minutes: number): string => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;

/** Within one hour; hard: across the hour, backwards, and how long it takes. */
export const clock: QuestionKind = {
  name: 'clock', levels: ['easy', 'hard'], weight: 4, exact: true,
  draft(draw, difficulty) {
    const hour = draw.whole(1, 21) * 60;
    if (difficulty === 'easy') {
      const from = draw.whole(0, 10) * 5;
      const n = 5 * draw.whole(1, (60 - from) / 5);
      return { meanings: [], messages: ask(draw, LATER, { h: clockTime(hour + from), n }), answer: clockTime(hour + from + n), format: 'time' };
    }
    const [from, n] = [hour + draw.whole(0, 59), draw.whole(3, 90)];
    const what = draw.whole(0, 2);
    const meanings = [`clock ${what} ${from} ${n}`];
    if (what === 0) return { meanings, messages: ask(draw, LATER, { h: clockTime(from), n }), answer: clockTime(from + n), format: 'time' };
    if (what === 1) return { meanings, messages: ask(draw, EARLIER, { h: clockTime(from + n), n }), answer: clockTime(from), format: 'time' };
    return { meanings, messages: ask(draw, BETWEEN, { h: clockTime(from), g: clockTime(from + n) }), answer: `${n} minutes`, format: 'number' };
  },
};

const IRREGULAR = pairsOf(`
  man=men|woman=women|child=children|foot=feet|tooth=teeth|goose=geese|mouse=mice|person=people|sheep=sheep|fish=fish|deer=deer|ox=oxen|leaf=leaves
  |knife=knives|wife=wives|life=lives|wolf=wolves|half=halves|shelf=shelves|loaf=loaves|thief=thieves|potato=potatoes|tomato=tomatoes|hero=heroes
  |piano=pianos|photo=photos`);
const REGULAR = listOf(`
  dog|cat|house|tree|car|book|lamp|chair|table|river|garden|doctor|teacher|farmer|flower|apple|pear|plum|cup|plate|spoon|door|window|wall|road|street
  |town|bird|horse|cow|pig|hen|duck|frog|bee|ant|spider|cloud|star|moon|stone|rock|hill|mountain|lake|boat|ship|train|plane|bicycle|wheel|engine|clock
  |watch|bench|church|beach|peach|branch|box|fox|tax|bus|glass|class|dress|kiss|cross|boss|dish|brush|wish|bush|city|baby|lady|party|story|country
  |family|berry|cherry|puppy|fly|spy|sky|body|army|copy|diary|boy|toy|key|day|monkey|donkey|toe|shoe|nose|face|page|bridge|orange|hat|bag|bed|bell
  |belt|pen|pencil|coin|card|map|song|word|letter|number|room|roof|chief|belief|king|queen|prince|princess|actress|waitress|uncle|aunt|cousin|brother
  |sister|friend|neighbour|pillow|window|meadow|sparrow|robot|computer|phone|camera|guitar|violin|drum|trumpet|carrot|onion|pea|bean|banana|lemon
  |melon|egg|cake|cookie|sandwich|lunch|glove|sock|shirt|skirt|scarf|coat|jacket|button|needle|thread|hammer|nail|saw|axe|ladder|bucket|rope|basket
  |bottle|jar|bowl|pot|pan|stove|kettle|sofa|desk|mirror|carpet|curtain|pillow|blanket|candle|match|torch|switch|witch|coach|watch|speech|inch|couch
  |sketch|ranch|eyelash|crash|flash|radish|fox|mix|suffix|virus|bonus|campus|circus|address|process|princess|mattress|ray|tray|essay|display|holiday
  |birthday|railway|highway|valley|alley|chimney|journey|kidney|turkey|joy|ploy|guy|factory|library|gallery|battery|memory|victory|century|cemetery
  |enemy|penny|pony|bunny|kitty|daisy|cookie|ferry|cavity|duty|hobby|lorry|nanny|ruby`).filter((word, index, all) => all.indexOf(word) === index);
const PLURAL = poolOf(`
  What is the plural of {w}?|Plural of {w}?|The plural of {w} is?|Write the plural of {w}.|One {w}, two?|How do you write more than one {w}?
  |{w} in the plural?|Give me the plural of {w}.|I have one {w}, you have many?`);
const SINGULAR = poolOf(`
  What is the singular of {w}?|Singular of {w}?|The singular of {w} is?|Write the singular of {w}.|Two {w}, one?|{w} in the singular?
  |Many {w}, but one?|Give me the singular of {w}.`);

export function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|sh|ch)$/.test(word) ? `${word}es` : `${word}s`;
}

/** By the rules, of words that training may not have seen; hard: the irregular ones, and back to one. */
export const plurals: QuestionKind = {
  name: 'plurals', levels: ['easy', 'hard'], weight: 3, exact: true,
  draft(draw, difficulty) {
    const ready = (meanings: readonly string[], word: string, plural: string, back: boolean): Draft => ({
      meanings, messages: ask(draw, back ? SINGULAR : PLURAL, { w: back ? plural : word }), answer: `${capitalised(back ? word : plural)}.`, format: 'words',
    });
    if (difficulty === 'hard' && draw.chance(0.5)) return ready([], ...draw.one(IRREGULAR), draw.chance(0.35));
    const word = draw.one(REGULAR);
    return ready([`plural ${word}`], word, pluralOf(word), difficulty === 'hard');
  },
};
