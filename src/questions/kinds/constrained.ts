/** Questions whose answer has a given form: a letter, or JSON of a small schema. They ask what other kinds ask, in another form. */
import { poolOf } from '../splits.ts';
import { ask, asked, spoken } from '../speech.ts';
import type { AnswerSchema, Draft, Draw, QuestionKind } from '../types.ts';
import { CAPITALS, OPPOSITES, SORTS, sortsOverlap } from '../words/facts.ts';
import { comparing } from './orders.ts';
import { facts, sortNamed } from './knowledge.ts';
import { held, pairBelow, parity, sums } from './arithmetic.ts';
import { contactText, orderText } from './texts.ts';
import { sentiment } from './labels.ts';

const LETTERS = 'ABCD';
const FORMS = poolOf(`
  {q} {o}|{q} Choose: {o}|{q} Options: {o}|Choose the right letter. {q} {o}|{q} {o} Answer with a letter.|Which is right? {q} {o}|{q} Pick one: {o}
  |{q} Answer with one letter: {o}|Multiple choice: {q} {o}`);
const STYLES = ['A) ', 'A: ', 'A. ', '(A) '] as const;

interface Choice {
  readonly question: string;
  readonly right: string;
  readonly wrong: readonly string[];
  readonly meanings: readonly string[];
}

function numberChoice(draw: Draw, difficulty: 'easy' | 'hard', count: number): Choice {
  const sign = draw.chance(0.6) ? '+' : '-';
  const [a, b] = pairBelow(draw, difficulty === 'easy' ? 21 : 100, sign);
  const right = sign === '+' ? a + b : a - b;
  const near = [1, 2, 10, -1, -2, -10, 3, 11, 9].map((step) => right + step).filter((value) => value >= 0);
  return { question: `What is ${a} ${sign} ${b}?`, right: `${right}`, wrong: draw.some(near, count - 1).map(String), meanings: held(a, sign, b) };
}

function knownChoice(draw: Draw, count: number): Choice {
  const pairs = draw.chance(0.6) ? CAPITALS : OPPOSITES;
  const [key, right] = draw.one(pairs);
  const others = pairs.map(([, value]) => value).filter((value) => value !== right && value !== key);
  const question = pairs === CAPITALS ? `What is the capital of ${key}?` : `What is the opposite of ${key}?`;
  return { question, right, wrong: draw.some([...new Set(others)], count - 1), meanings: [] };
}

function sortChoice(draw: Draw, count: number): Choice {
  const names = Object.keys(SORTS);
  const sort = draw.one(names);
  const right = draw.one(SORTS[sort]!);
  const others = draw.some(names.filter((other) => !sortsOverlap(other, sort)), count - 1);
  const wrong = others.map((other) => draw.one(SORTS[other]!.filter((word) => !SORTS[sort]!.includes(word))));
  // Two sorts may have a word in common.
  if (new Set(wrong).size < wrong.length) return sortChoice(draw, count);
  return { question: `Which of these is ${sortNamed(sort)}?`, right, wrong, meanings: [`choice ${sort} ${[right, ...wrong].sort().join(' ')}`] };
}

function drawChoice(draw: Draw, difficulty: 'easy' | 'hard', count: number): Choice {
  const which = draw.whole(0, 2);
  return which === 0 ? numberChoice(draw, difficulty, count) : which === 1 ? knownChoice(draw, count) : sortChoice(draw, count);
}

/** Three options; hard: four, and larger sums. */
export const choice: QuestionKind = {
  name: 'choice', levels: ['easy', 'hard'], weight: 8, exact: true,
  draft(draw, difficulty) {
    const count = difficulty === 'easy' ? 3 : 4;
    const { question, right, wrong, meanings } = drawChoice(draw, difficulty, count);
    const options = draw.shuffled([right, ...wrong]);
    const style = draw.one(STYLES);
    const text = options.map((option, index) => style.replace('A', LETTERS.charAt(index)) + option).join(draw.one([' ', ' ', ', ']));
    const letters = options.map((_, index) => LETTERS.charAt(index));
    return {
      meanings, messages: ask(draw, FORMS, { q: question, o: text }, 'kept'), answer: letters[options.indexOf(right)]!, format: 'letter',
      choices: letters,
    };
  },
};

const AS_JSON = poolOf(`
  {q} Answer as JSON.|{q} Reply in JSON.|{q} Give the answer as JSON.|{q} (JSON)|{q} JSON, please.|Answer in JSON: {q}|As JSON: {q}|{q} Return JSON.
  |{q} I need JSON.|In JSON: {q}|{q} Write it as JSON.|{q} Output JSON only.`);

const schemaOf = (properties: AnswerSchema['properties']): AnswerSchema => ({
  type: 'object', properties, required: Object.keys(properties), additionalProperties: false,
});

/** Without the full stop that a sentence has and a value has not. */
const bare = (answer: string): string => answer.replace(/[.!]$/, '');

/** The answer to a plain question, as `{"answer": …}`. */
function wrapped(draw: Draw, { messages, answer, format, choices, meanings }: Draft): Draft {
  const question = messages[0]!.content.replace(/(?<![.?!:=])$/, '?');
  const value = format === 'number' ? Number(answer) : format === 'yes-no' ? answer === 'Yes.' : bare(answer);
  const type = typeof value === 'number' ? 'integer' : typeof value === 'boolean' ? 'boolean' : 'string';
  const field = { type, ...(type === 'string' && choices && { enum: choices.map(bare) }) } as const;
  return {
    meanings, format: 'json', messages: ask(draw, AS_JSON, { q: question }, 'kept'), answer: toJson({ answer: value }), schema: schemaOf({ answer: field }),
  };
}

/** One space after colons and commas: easy to read, and what a grammar made from a schema lets pass. */
export const toJson = (value: Readonly<Record<string, string | number | boolean>>): string =>
  `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${JSON.stringify(item)}`).join(', ')}}`;

const FIELDS = poolOf(`
  Extract {f} as JSON: {t}|{t} Give {f} as JSON.|Read {f} from this, as JSON: {t}|JSON with {f}: {t}|{t} Write {f} as JSON.
  |Find {f} in this text. Answer as JSON. {t}|As JSON, {f}: {t}|Return {f} as JSON. {t}`);

/** Some fields of a sentence, in the order in which they were asked for. */
function fields(draw: Draw, count: number): Draft {
  const { text, values, meanings } = draw.chance(0.5) ? contactText(draw) : orderText(draw);
  const names = draw.some(Object.keys(values), Math.min(count, Object.keys(values).length));
  const found = Object.fromEntries(names.map((name) => [name, values[name]!]));
  const asksFor = names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const types = Object.fromEntries(names.map((name) => [name, { type: typeof values[name] === 'number' ? 'integer' : 'string' } as const]));
  return {
    meanings, messages: asked(spoken(draw, draw.frame(FIELDS).replace('{f}', () => asksFor).replace('{t}', () => text), 'kept')),
    answer: toJson(found), format: 'json', schema: schemaOf(types),
  };
}

/** A sum, a comparison, a fact or a yes as `{"answer": …}`; hard: two fields of a sentence, a label. */
export const json: QuestionKind = {
  name: 'json', levels: ['easy', 'hard'], weight: 8, exact: true,
  draft(draw, difficulty) {
    if (difficulty === 'hard') {
      if (draw.chance(0.7)) return fields(draw, 2);
      return wrapped(draw, sentiment.draft(draw, 'easy'));
    }
    if (draw.chance(0.25)) return fields(draw, 1);
    return wrapped(draw, draw.one([sums, sums, comparing, facts, parity]).draft(draw, 'easy'));
  },
};
