/** How people write: frames with their holes filled, with and without capitals, full stops and a word before. */
import { listOf, poolOf } from './splits.ts';
import type { Draw, Message, Pool } from './types.ts';

/** @param frame with holes like `{name}`; each must have a value */
export function fill(frame: string, values: Readonly<Record<string, string | number>>): string {
  return frame.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The frame "${frame}" has a hole ${hole} that nothing fills.`);
    return String(value);
  });
}

const OPENINGS = poolOf(`
  Please tell me:|Quick question:|Hello!|Hi,|Hey,|Can you help me?|I have a question.|Please:|Question:|Tell me:|One more:|Okay,|So,|Next:|Now this:`);

/** How much may change without changing what is asked. `loose`: all of it. `kept`: the text holds something to be copied as it is. */
export type Wording = 'loose' | 'kept';

/** A question the way somebody types it. Most come as they are. */
export function spoken(draw: Draw, text: string, wording: Wording = 'loose'): string {
  let said = text;
  if (draw.chance(0.06)) said = `${draw.frame(OPENINGS)} ${said}`;
  if (draw.chance(0.12)) said = said.replace(/[.?!]$/, '');
  if (wording === 'kept') return said;
  if (draw.chance(0.12)) return said.charAt(0).toLowerCase() + said.slice(1);
  return draw.chance(0.1) ? said.toLowerCase() : said;
}

/** One turn of a person. */
export const asked = (content: string): readonly Message[] => [{ role: 'user', content }];

/** Draws a frame, fills it, and says it as people do. */
export function ask(draw: Draw, frames: Pool<string>, values: Readonly<Record<string, string | number>>, wording: Wording = 'loose'): readonly Message[] {
  return asked(spoken(draw, fill(draw.frame(frames), values), wording));
}

const VOWEL = /^[aeiou]/i;
/** With its article: "an apple", "a pear". */
export const withArticle = (noun: string): string => `${VOWEL.test(noun) ? 'an' : 'a'} ${noun}`;

/** For a frame's "a {x}" of which nobody knew whether a vowel would follow. */
export const articlesMended = (text: string): string => text.replace(/\b([Aa]) (?=[aeiou])/g, '$1n ');

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A list as people write it: with commas, and maybe a word before the last. */
export const listed = (items: readonly (string | number)[], last = ''): string =>
  last === '' ? items.join(', ') : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;

const STARTS = listOf('B|Br|D|F|G|Gr|H|J|K|L|M|N|P|R|S|St|T|V|W|Z|Ch|Al|El|Or|An|Il');
const MIDDLES = listOf('a|e|i|o|u|ar|en|il|or|an|el|ia|eo');
const JOINS = listOf('b|d|l|m|n|r|s|t|v|k|nd|rt|ll|ss|n|r');
const ENDS = listOf('a|o|us|en|in|el|is|ia|ek|as|on|i|ett|ine|ar');

/** A name that nobody has heard: only copying it from the question gets it right. */
export function madeName(draw: Draw): string {
  for (;;) {
    const longer = draw.chance(0.4) ? draw.one(MIDDLES) + draw.one(JOINS) : '';
    const name = draw.one(STARTS) + draw.one(MIDDLES) + draw.one(JOINS) + longer + draw.one(ENDS);
    if (draw.mayUse(name)) return name;
  }
}
