import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { messagesChapter } from './docs-messages.mjs';
import { readSource } from './docs-source.mjs';
import { fileTimesTable, limitsTables, withPart } from './docs-times.mjs';

const SOURCE = `
/** Who it is. */
export const personIdSchema = v.pipe(v.string(), v.regex(/^[a-z]+$/));
const inner = { deep: v.number() };
/** One of us. */
export const personSchema = v.strictObject({ id: personIdSchema, age: v.exactOptional(v.number()) });
export const eventSchema = v.variant('type', [
  /** It begins. */
  v.strictObject({ type: v.literal('begin') }),
  v.strictObject({
    type: v.literal('end'),
    /** Or not. */
    why: v.string(),
  }),
]);
const MORE = {
  /** Said between. */
  aside: v.strictObject({ t: v.literal('aside') }),
};
export const MESSAGES = {
  // --- Greeting: first of all.
  /** Says who | what. */
  hello: v.strictObject({
    t: v.literal('hello'),
    /** All of
     *  them. */
    people: v.pipe(list(personSchema), v.maxLength(3)),
    parts: v.nullable(list(v.strictObject({
      /** How many. */
      count: v.number(),
      more: v.strictObject(inner),
    }))),
    event: eventSchema,
  }),
  // --- Asides: on the way.
  ...MORE,
  /** Nothing more. */
  bye: v.strictObject({ t: v.literal('bye') }),
} as const;`;

const personIdSchema = v.pipe(v.string(), v.regex(/^[a-z]+$/));
const personSchema = v.strictObject({ id: personIdSchema, age: v.exactOptional(v.number()) });
const eventSchema = v.variant('type', [v.strictObject({ type: v.literal('begin') }), v.strictObject({ type: v.literal('end'), why: v.string() })]);
const hello = v.strictObject({
  t: v.literal('hello'),
  people: v.pipe(v.array(personSchema), v.minLength(1), v.maxLength(3)),
  parts: v.nullable(v.pipe(v.array(v.strictObject({ count: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 53 - 1)), more: v.strictObject({ deep: v.number() }) })), v.maxLength(2000))),
  event: eventSchema,
});
const bye = v.strictObject({ t: v.literal('bye') });
const source = readSource([{ path: 'a.ts', text: SOURCE }]);
const schemas = { personIdSchema, personSchema, eventSchema };

/** @typedef {Parameters<typeof messagesChapter>[0]} Messages */

describe('the chapter of messages', () => {
  const chapter = messagesChapter(/** @type {Messages} */ (/** @type {unknown} */ ({ hello, aside: v.strictObject({ t: v.literal('aside') }), bye })), schemas, source);

  it('has a heading for each group, and each message with its comment', () => {
    expect(chapter).toContain('### Greeting\n\nFirst of all.\n\n#### `hello`\n\nSays who | what.');
    expect(chapter).toContain('### Asides\n\nOn the way.\n\n#### `aside`\n\nSaid between.\n\nIt has no fields.');
    expect(chapter).toContain('#### `bye`\n\nNothing more.\n\nIt has no fields.');
  });

  it('has a line for each field, with its bounds and its comment, but for the tag', () => {
    expect(chapter).toContain('| `people` | list of 1 to 3: [person](#person) | All of them. |');
    expect(chapter).toContain('| `parts` | list of at most 2,000: object, or null |  |');
    expect(chapter).toContain('| `parts[].count` | whole number, 0 to 2^53 − 1 | How many. |');
    expect(chapter).toContain('| `parts[].more.deep` | number |  |');
    expect(chapter).not.toContain('| `t` |');
  });

  it('describes what has a name once, and links to it', () => {
    expect(chapter.split('#### Person\n\nOne of us.')).toHaveLength(2);
    expect(chapter).toContain('| `age` | number; may be absent |  |');
    expect(chapter).toContain('| person id | text, matches `^[a-z]+$` | Who it is. |');
  });

  it('has each kind of a variant', () => {
    expect(chapter).toContain('With `type` `"begin"`: It begins.\n\nIt has no fields.');
    expect(chapter).toContain('With `type` `"end"`.\n\n| field | what | |\n| --- | --- | --- |\n| `why` | text | Or not. |');
  });

  it('leaves nothing out silently', () => {
    const chapterOf = (/** @type {unknown} */ messages) => () => messagesChapter(/** @type {Messages} */ (messages), schemas, source);
    expect(chapterOf({ hello: v.strictObject({ t: v.literal('hello'), when: v.date() }) })).toThrow('"date"');
    expect(chapterOf({ other: bye })).toThrow('"other" has no doc comment');
  });
});

describe('tables of bounds and times', () => {
  const limits = { a: 1, beatMs: 1000, deadMs: 90_000, frameBytes: 65_536, most: 1500, later: 5 };
  const text = `export const LIMITS = {
  a: 1,
  // --- Mesh: between peers.
  /** How often | how late. */
  beatMs: 1000,
  deadMs: 90_000,
  /** Of a frame. */
  frameBytes: 65_536,
  /** Of all. */
  most: 1500,
  // --- The page.
  later: 5,
};`;

  it('have what is about peers, joined where one comment is about several', () => {
    const { times, bounds } = limitsTables(limits, readSource([{ path: 'limits.ts', text }]));
    expect(times.split('\n').slice(2)).toEqual(['| `beatMs`, `deadMs` | 1 s, 90 s | How often \\| how late. |']);
    expect(bounds.split('\n').slice(2)).toEqual(['| `frameBytes` | 64 KiB | Of a frame. |', '| `most` | 1,500 | Of all. |']);
    expect(() => limitsTables(limits, readSource([]))).toThrow('Mesh');
  });

  it('compute the times of a file', () => {
    const file = { path: 'a.ts', text: 'const SECOND = 1_000;\n/** Twice. */\nconst WAIT_MS = 2 * (LIMITS.beatMs + SECOND);\nconst NO_MS = later();\nconst OTHER = 3;' };
    expect(fileTimesTable([file], limits).split('\n').slice(2)).toEqual(['| `WAIT_MS` | 4 s | Twice. | `a.ts` |']);
  });

  it('go between their marks, and nowhere else', () => {
    const document = 'a\n<!-- made by npm run docs: one -->\nold\n<!-- end -->\nb';
    const once = withPart(document, 'one', 'new');
    expect(once).toBe('a\n<!-- made by npm run docs: one -->\n\nnew\n\n<!-- end -->\nb');
    expect(withPart(once, 'one', 'new')).toBe(once);
    expect(() => withPart(document, 'two', 'new')).toThrow('"two"');
  });
});
