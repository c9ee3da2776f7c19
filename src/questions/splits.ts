/** What lies in which split: decided by hashes, so that nobody has to keep lists, and a new word moves few old ones. */
import { hashOf } from './seeded.ts';
import type { Pool, Split } from './types.ts';

/** Hundredths of all meanings. Enough of them for hundreds of test questions where there are only some hundred meanings. */
const TEST = 8;
const CALIBRATION = 4;
/** Of a list, the part that training never sees. */
const KEPT_SHARE = 0.15;
/** Of the words made up on the spot, in hundredths. */
const KEPT_MADE = 20;

/** @param meaning what is asked, not how */
export function splitOf(meaning: string): Split {
  const place = hashOf(`meaning ${meaning}`) % 100;
  return place < TEST ? 'test' : place < TEST + CALIBRATION ? 'calibration' : 'train';
}

/** How much of all meanings lies in a split. */
export function shareOf(split: Split): number {
  return { test: TEST, calibration: CALIBRATION, train: 100 - TEST - CALIBRATION }[split] / 100;
}

/** Whether a made-up word is kept from training. */
export const isKept = (word: string): boolean => hashOf(`word ${word}`) % 100 < KEPT_MADE;

/**
 * @param items at least two; texts, or things that begin with one (`hot=cold`)
 * @returns them in two parts: which are kept is up to their hashes, that some are is certain
 */
export function createPool(items: readonly string[]): Pool<string> {
  const byHash = [...items].sort((one, other) => hashOf(`pool ${one}`) - hashOf(`pool ${other}`));
  const kept = new Set(byHash.slice(0, Math.ceil(items.length * KEPT_SHARE)));
  return { known: items.filter((item) => !kept.has(item)), kept: [...kept] };
}

/** A pool written in one text, items between bars. */
export const poolOf = (text: string): Pool<string> => createPool(listOf(text));

/** @param text items between bars; line breaks around them don't count */
export const listOf = (text: string): string[] => text.split('|').map((item) => item.trim());

/** `hot=cold|big=small` as pairs. */
export const pairsOf = (text: string): (readonly [string, string])[] =>
  listOf(text).map((item) => {
    const [one = '', other = ''] = item.split('=');
    return [one, other];
  });
