/** Conversations of several turns: going on from the last answer, and remembering what was said. */
import { listOf, pairsOf, poolOf } from '../splits.ts';
import { capitalised, fill, spoken } from '../speech.ts';
import type { Draft, Draw, Message, Pool, QuestionKind } from '../types.ts';
import { CAPITALS, COLOUR_OF, OPPOSITES, SOUNDS } from '../words/facts.ts';
import { COLOURS, PETS, cityName, personName } from '../words/people.ts';
import { held, pairBelow, sums } from './arithmetic.ts';

const says = (content: string): Message => ({ role: 'assistant', content });
const asks = (draw: Draw, text: string): Message => ({ role: 'user', content: spoken(draw, text) });

type Step = '+' | '-' | '*' | '/';
const STEPS: Readonly<Record<Step, Pool<string>>> = {
  '+': poolOf(`
    And plus {n}?|Plus {n}?|Now add {n}.|Add {n} to that.|And {n} more?|What if I add {n}?|plus {n}|+ {n}|And with {n} more?|Then add {n}.
    |Now plus {n}.`),
  '-': poolOf(`
    And minus {n}?|Minus {n}?|Now subtract {n}.|Take {n} from that.|And {n} less?|What if I take {n} away?|minus {n}|- {n}|Then take away {n}.
    |Now minus {n}.`),
  '*': poolOf('And times {n}?|Times {n}?|Now multiply by {n}.|Multiply that by {n}.|times {n}|* {n}|Then times {n}.|Now times {n}.|And that times {n}?'),
  '/': poolOf('And half of that?|Half of it?|Now halve it.|And divided by 2?|Divide that by 2.|What is half of that?|Then half of it.|/ 2'),
};

function step(draw: Draw, value: number): { readonly sign: Step; readonly n: number; readonly result: number } {
  const more: readonly Step[] = value <= 0 ? [] : value <= 12 ? ['*'] : value % 2 === 0 && value <= 100 ? ['/'] : [];
  const sign = draw.one<Step>(['+', '-', ...more]);
  switch (sign) {
    case '+': {
      const n = draw.whole(1, value < 100 ? 30 : 99);
      return { sign, n, result: value + n };
    }
    case '-': {
      const n = draw.whole(0, Math.min(value, 30));
      return { sign, n, result: value - n };
    }
    case '*': {
      const n = draw.whole(2, 9);
      return { sign, n, result: value * n };
    }
    case '/':
      return { sign, n: 2, result: value / 2 };
  }
}

function calculations(draw: Draw, steps: number): Draft {
  const sign = draw.chance(0.6) ? '+' : '-';
  const [a, b] = pairBelow(draw, draw.chance(0.5) ? 21 : 60, sign);
  // The words of a plain sum, but about these numbers: chains are drawn anew, the sum in front is asked as everywhere.
  let value = sign === '+' ? a + b : a - b;
  const chain = [`${a}${sign}${b}`];
  const meanings = [...held(a, sign, b)];
  const inWords = `${a} ${sign === '+' ? 'plus' : 'minus'} ${b}`;
  const messages: Message[] = [asks(draw, draw.one([`What is ${a} ${sign} ${b}?`, `${a} ${sign} ${b}`, `What is ${inWords}?`, `How much is ${a} ${sign} ${b}?`]))];
  for (let turn = 0; turn < steps; turn += 1) {
    const { sign: next, n, result } = step(draw, value);
    messages.push(says(String(value)), asks(draw, fill(draw.frame(STEPS[next]), { n })));
    chain.push(`${next}${n}`);
    meanings.push(...held(value, next, n));
    value = result;
  }
  return { meanings: [chain.join(''), ...meanings], messages, answer: String(value), format: 'number' };
}

const AND = poolOf('And {k}?|And of {k}?|What about {k}?|And for {k}?|{k}?|How about {k}?|Now {k}.|And what about {k}?|The same for {k}?');

/** "What is the capital of France?" – "Paris." – "And of Spain?" */
function sameAgain(draw: Draw, times: number): Draft {
  const [frame, pairs, end] = draw.one([
    ['What is the capital of {k}?', CAPITALS, '.'], ['What is the opposite of {k}?', OPPOSITES, '.'], ['What does a {k} say?', SOUNDS, '!'], ['What colour is {k}?', COLOUR_OF, '.'],
  ] as const);
  const [first, ...more] = draw.some(pairs, times + 1);
  const answerTo = (pair: readonly [string, string]): string => capitalised(pair[1]) + end;
  const messages: Message[] = [asks(draw, fill(frame, { k: first![0] }))];
  let last = first!;
  for (const pair of more) {
    messages.push(says(answerTo(last)), asks(draw, fill(draw.frame(AND), { k: frame.includes('a {k}') ? `a ${pair[0]}` : pair[0] })));
    last = pair;
  }
  return { meanings: [], messages, answer: answerTo(last), format: 'words' };
}

/** One turn that goes on from the one before; hard: two. */
export const followUps: QuestionKind = {
  name: 'follow-ups', levels: ['easy', 'hard'], weight: 8, exact: true,
  draft(draw, difficulty) {
    const turns = difficulty === 'easy' ? 1 : 2;
    return draw.chance(0.6) ? calculations(draw, turns) : sameAgain(draw, turns);
  },
};

interface Memory {
  readonly told: Pool<string>;
  readonly reply: readonly string[];
  readonly question: Pool<string>;
  readonly value: (draw: Draw) => string;
}

const MEMORIES: readonly Memory[] = [
  {
    told: poolOf('My name is {v}.|I am called {v}.|Hello, my name is {v}.|Hi, I am {v}.|People call me {v}.|I am {v}, nice to meet you.|You can call me {v}.'),
    reply: listOf('Nice to meet you, {v}!|Hello, {v}!'),
    question: poolOf(`
      What is my name?|Who am I?|Do you know my name?|What am I called?|How am I called?|Tell me my name.|Do you remember my name?|My name is?`),
    value: personName,
  },
  {
    told: poolOf('I live in {v}.|I am from {v}.|My home is in {v}.|I come from {v}.|My city is {v}.|We live in {v}.'),
    reply: listOf('{v} sounds nice.|I see, {v}.'),
    question: poolOf(`
      Where do I live?|Which city am I from?|What is my city?|Where is my home?|Do you remember where I live?|In which city do I live?|Where am I from?`),
    value: cityName,
  },
  {
    told: poolOf('My favourite colour is {v}.|I like {v} best of all colours.|The colour I love is {v}.|I love the colour {v}.|My favorite color is {v}.'),
    reply: listOf('{v} is a fine colour.|I see, {v}.'),
    question: poolOf(`
      What is my favourite colour?|Which colour do I like?|What colour do I love?|What is my favorite color?|Do you remember my colour?
      |Which colour do I like best?`),
    value: (draw) => draw.one(COLOURS),
  },
  {
    told: poolOf('I have a {v}.|My pet is a {v}.|At home I have a {v}.|We have a {v} at home.|I just got a {v}.|There is a {v} in my house.'),
    reply: listOf('A {v}, how nice!|I like that, a {v}.'),
    question: poolOf(`
      Which pet do I have?|What pet do I have?|What animal do I have?|What is my pet?|Do you remember my pet?|Which animal lives with me?`),
    value: (draw) => draw.one(PETS),
  },
  {
    told: poolOf('Remember the number {v}.|My number is {v}.|The code is {v}.|Keep {v} in mind.|Please remember {v}.|Note the number {v}.'),
    reply: listOf('I keep {v} in mind.|Noted: {v}.'),
    question: poolOf(`
      What was the number?|What is the number?|Which number did I tell you?|Tell me the number.|What was the code?|Do you remember the number?
      |Say the number again.`),
    value: (draw) => String(draw.whole(10, 9999)),
  },
  {
    told: poolOf('I am {v} years old.|My age is {v}.|I turned {v} today.|I am {v}.|This year I became {v}.'),
    reply: listOf('{v} is a good age.|I see, {v} years.'),
    question: poolOf(`
      How old am I?|What is my age?|Do you know how old I am?|Tell me my age.|My age is?`),
    value: (draw) => String(draw.whole(5, 99)),
  },
];

/** @param between as many things are spoken of between telling and asking */
function memory(draw: Draw, between: number): Draft {
  const { told, reply, question, value: drawValue } = draw.one(MEMORIES);
  const value = drawValue(draw);
  const isNumber = /^\d/.test(value);
  const sentence = fill(draw.frame(told), { v: value });
  const messages: Message[] = [{ role: 'user', content: spoken(draw, sentence, 'kept') }, says(capitalised(fill(draw.one(reply), { v: value })))];
  const alsoAsked: string[] = [];
  for (let turn = 0; turn < between; turn += 1) {
    const { messages: [other], answer, meanings } = draw.chance(0.5) ? small(draw) : sums.draft(draw, 'easy');
    messages.push(other!, says(answer));
    alsoAsked.push(...meanings);
  }
  messages.push(asks(draw, draw.frame(question)));
  return {
    meanings: [`told ${sentence.toLowerCase().replace(/\W+$/, '')}`, ...alsoAsked], messages, answer: isNumber ? value : `${capitalised(value)}.`,
    format: isNumber ? 'number' : 'words',
  };
}

const SMALL = pairsOf(`
  How are you?=I am well, thank you. How are you?|What is the capital of France?=Paris.|What is the opposite of hot?=Cold.|What does a cat say?=Meow!
  |Thank you.=You are welcome!|What day comes after Monday?=Tuesday.|What colour is snow?=White.`);
function small(draw: Draw): Pick<Draft, 'messages' | 'answer' | 'meanings'> {
  const [question, answer] = draw.one(SMALL);
  return { messages: [asks(draw, question)], answer, meanings: [] };
}

/** Told and asked; hard: with something else in between. */
export const remembering: QuestionKind = {
  name: 'remembering', levels: ['easy', 'hard'], weight: 6, exact: true,
  draft: (draw, difficulty) => memory(draw, difficulty === 'easy' ? 0 : 1),
};
