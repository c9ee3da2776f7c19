/** Short texts that something is asked about: fields to be copied from them, and statements that hold or don't. */
import { poolOf } from '../splits.ts';
import { articlesMended, asked, capitalised, fill, spoken } from '../speech.ts';
import type { Draft, Draw, QuestionKind } from '../types.ts';
import { COLOURS, MONTHS, PETS, PRODUCTS, cityName, peopleNames, personName } from '../words/people.ts';
import { yesNo } from './arithmetic.ts';

/** A sentence, and what it says. Numbers are numbers. */
export interface FieldText {
  readonly text: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly meanings: readonly string[];
}

const CONTACTS = poolOf(`
  {name} lives in {city} and is {age} years old.|{name} from {city} was born on {date}.|My friend {name} moved to {city} on {date}.
  |Hello, I am {name}, I am {age} and I live in {city}.|On {date}, {name} flew to {city}.|{name} ({age}) works in {city}.
  |{name} will be in {city} on {date}.|We met {name} in {city} on {date}.|{name}, who is {age}, comes from {city}.
  |The meeting with {name} is in {city} on {date}.|Dear {name}, we expect you in {city} on {date}.|In {city}, {name} turned {age} on {date}.
  |{name} is {age}. The family lives in {city}.|This is {name} from {city}. I arrive on {date}.
  |The doctor {name} opens a practice in {city} on {date}.|{name} left {city} at the age of {age}.
  |The concert of {name} takes place on {date} in {city}.`);
const ORDERS = poolOf(`
  {name} ordered a {product} for {price} euros.|{name} from {city} bought a {product} for {price} euros on {date}.
  |We sent a {product} to {name} in {city} on {date}.|Please send one {product} to {name}, {city}. It costs {price} euros.
  |{name} paid {price} euros for the {product}.|The {product} goes to {name} in {city} and costs {price} euros.
  |On {date}, {name} paid {price} euros for a {product}.|{name} wants to return the {product} from {date}.
  |I am {name} and my {product} of {price} euros is broken.|The {product} for {name} arrives on {date}.
  |Invoice for {name}: one {product}, {price} euros, due on {date}.|Order of {date}: {name}, {city}, one {product}.
  |A {product} was sold to {name} for {price} euros.|{name} in {city} waits for a {product} since {date}.
  |Refund {price} euros to {name} for the {product}.|{name} sells a {product} in {city} for {price} euros.`);

function textOf(draw: Draw, frames: typeof CONTACTS): FieldText {
  const frame = draw.frame(frames);
  const all: Record<string, string | number> = {};
  for (const [, name] of frame.matchAll(/\{(\w+)\}/g)) all[name!] = valueOf(draw, name!);
  const text = articlesMended(fill(frame, all));
  return { text, values: all, meanings: [`text ${text}`] };
}

function valueOf(draw: Draw, name: string): string | number {
  switch (name) {
    case 'name': return personName(draw);
    case 'city': return cityName(draw);
    case 'product': return draw.word(PRODUCTS);
    case 'age': return draw.whole(4, 95);
    case 'price': return draw.chance(0.7) ? draw.whole(2, 99) : draw.whole(100, 990);
    default: return draw.chance(0.6) ? `${draw.one(MONTHS)} ${draw.whole(1, 28)}` : `${draw.whole(1, 28)} ${draw.one(MONTHS)}`;
  }
}

export const contactText = (draw: Draw): FieldText => textOf(draw, CONTACTS);
export const orderText = (draw: Draw): FieldText => textOf(draw, ORDERS);

const FIELD = poolOf(`
  What is the {f}? {t}|Extract the {f}: {t}|{t} What is the {f}?|Find the {f} in this text: {t}|Which {f} is named here? {t}|{f}? {t}
  |{t} Which {f} is that?|Read this: {t} What is the {f}?|Give me the {f}: {t}|{t} Tell me the {f}.|Copy the {f} from this sentence: {t}
  |Take the {f} out of this: {t}`);

/** One field of one sentence; hard: of two sentences that both have some. */
export const extracting: QuestionKind = {
  name: 'extracting', levels: ['easy', 'hard'], weight: 7, exact: true,
  draft(draw, difficulty) {
    const first = draw.chance(0.5) ? contactText(draw) : orderText(draw);
    const second = difficulty === 'hard' ? noise(draw) : '';
    const text = second === '' ? first.text : draw.chance(0.5) ? `${first.text} ${second}` : `${second} ${first.text}`;
    const field = draw.one(Object.keys(first.values));
    const value = first.values[field]!;
    return {
      meanings: first.meanings, messages: asked(spoken(draw, fill(draw.frame(FIELD), { f: field, t: text }), 'kept')),
      answer: typeof value === 'number' ? String(value) : `${value}.`, format: typeof value === 'number' ? 'number' : 'words',
    };
  },
};

const NOISE = poolOf(`
  Thank you very much for your help.|The weather was fine.|Nobody else came.|Everything went well.|Please call me back.|It was a long day.
  |We are all very happy about it.|The door was open.|There is nothing more to say.|I will write again soon.|All is ready.|The road was wet.
  |It rained the whole time.|That is good news.`);
const noise = (draw: Draw): string => draw.frame(NOISE);

/** What somebody has or did: a statement, a question about it, and what could have been said instead. */
const STATEMENTS = poolOf(`
  {p} has a {x} {y}.=Does {p} have a {x} {y}?|{p} bought a {x} {y}.=Did {p} buy a {x} {y}?|{p} found a {x} {y}.=Did {p} find a {x} {y}?
  |{p} lost a {x} {y}.=Did {p} lose a {x} {y}?|{p} sold a {x} {y}.=Did {p} sell a {x} {y}?|{p} wants a {x} {y}.=Does {p} want a {x} {y}?
  |The {y} of {p} is {x}.=Is the {y} of {p} {x}?|{p} painted the {y} {x}.=Did {p} paint the {y} {x}?|{p} sees a {x} {y}.=Does {p} see a {x} {y}?
  |{p} carries a {x} {y}.=Does {p} carry a {x} {y}?|There is a {x} {y} in the room of {p}.=Is there a {x} {y} in the room of {p}?
  |{p} gave away a {x} {y}.=Did {p} give away a {x} {y}?|{p} washed a {x} {y}.=Did {p} wash a {x} {y}?`);
const AT = poolOf(`
  {p} lives in {c}.=Does {p} live in {c}?|{p} works in {c}.=Does {p} work in {c}?|{p} was born in {c}.=Was {p} born in {c}?
  |{p} went to {c}.=Did {p} go to {c}?|{p} comes from {c}.=Does {p} come from {c}?|{p} is on holiday in {c}.=Is {p} on holiday in {c}?`);
const ANIMAL = poolOf(`
  {p} has a {a}.=Does {p} have a {a}?|{p} likes the {a}.=Does {p} like the {a}?|{p} feeds a {a}.=Does {p} feed a {a}?
  |{p} is afraid of the {a}.=Is {p} afraid of the {a}?|{p} plays with a {a}.=Does {p} play with a {a}?`);
const FORMS = poolOf(`
  {t} {q}|{q} {t}|Text: {t} Question: {q}|Read: {t} {q}|{t} So: {q}|{t} Now tell me: {q}|Here is a text. {t} {q}|{t} Is it right to say yes? {q}
  |According to this text: {t} {q}|{t} Yes or no: {q}`);

interface Statement {
  readonly text: string;
  /** Asked as it is, or with one thing changed. */
  question(isSo: boolean): string;
}

const say = (frame: string, values: Record<string, string>): string => articlesMended(fill(frame, values));

function statement(draw: Draw, person: string, other: string): Statement {
  const which = draw.whole(0, 3);
  const [frame, question] = draw.frame(which < 2 ? STATEMENTS : which === 2 ? AT : ANIMAL).split('=') as [string, string];
  const draws = { x: () => draw.one(COLOURS), y: () => draw.word(PRODUCTS), c: () => cityName(draw), a: () => draw.one(PETS) };
  const values: Record<string, string> = { p: person };
  for (const [, name] of frame.matchAll(/\{([xyca])\}/g)) values[name!] = draws[name as keyof typeof draws]();
  return {
    text: capitalised(say(frame, values)),
    question(isSo) {
      if (isSo) return say(question, values);
      const changed = draw.one(Object.keys(values));
      if (changed === 'p') return say(question, { ...values, p: other });
      for (;;) {
        const value = draws[changed as keyof typeof draws]();
        if (value !== values[changed]) return say(question, { ...values, [changed]: value });
      }
    },
  };
}

/** One statement; hard: of three people, about one of them or about somebody the text doesn't say it of. */
export const reading: QuestionKind = {
  name: 'reading', levels: ['easy', 'hard'], weight: 7, exact: true,
  draft(draw, difficulty): Draft {
    const people = peopleNames(draw, difficulty === 'easy' ? 2 : 4);
    const said = people.slice(0, difficulty === 'easy' ? 1 : 3).map((person, index) => statement(draw, person, people[(index + 1) % people.length]!));
    const isSo = draw.chance(0.5);
    const text = said.map((entry) => entry.text).join(' ');
    const question = draw.one(said).question(isSo);
    return {
      ...yesNo(holds(said, question)), meanings: [`text ${text}`],
      messages: asked(spoken(draw, draw.frame(FORMS).replace('{t}', () => text).replace('{q}', () => question), 'kept')),
    };
  },
};

/** With one thing changed, a question may by chance be true of another statement of the text. */
const holds = (said: readonly Statement[], question: string): boolean => said.some((entry) => entry.question(true) === question);
