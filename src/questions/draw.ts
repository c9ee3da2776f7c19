/** Chance for the kinds: from a seed, and with what a split may see. It also notes whether something kept was drawn. */
import { isKept } from './splits.ts';
import type { Draw, Pool, Split } from './types.ts';

/** Outside training, how often a word or a frame comes from what was kept. The rest is as in training: people's wording is a mixture, too. */
const KEPT_WORDS = 0.5;
const KEPT_FRAMES = 0.3;

export interface NotingDraw extends Draw {
  /** What was drawn since the last time it was asked. */
  noted(): { readonly newFrame: boolean; readonly newWords: boolean };
}

/**
 * @param next uniform in [0, 1)
 * @param split decides what may be drawn
 */
export function createDraw(next: () => number, split: Split): NotingDraw {
  let newFrame = false;
  let newWords = false;
  const chance = (probability: number): boolean => next() < probability;
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const one = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const shuffled = <T>(list: readonly T[]): T[] => {
    const items = [...list];
    for (let index = items.length - 1; index > 0; index -= 1) {
      const other = whole(0, index);
      [items[index], items[other]] = [items[other]!, items[index]!];
    }
    return items;
  };
  const some = <T>(list: readonly T[], count: number): T[] => {
    // Few of many: draw again what came twice. Else shuffle.
    if (count * 3 > list.length) return shuffled(list).slice(0, count);
    const found: T[] = [];
    while (found.length < count) {
      const item = one(list);
      if (!found.includes(item)) found.push(item);
    }
    return found;
  };
  const isFresh = (probability: number): boolean => split !== 'train' && chance(probability);
  const word = <T>({ known, kept }: Pool<T>): T => {
    if (!isFresh(KEPT_WORDS)) return one(known);
    newWords = true;
    return one(kept);
  };
  return {
    chance,
    whole,
    one,
    some,
    shuffled,
    word,
    words(pool, count) {
      const found: unknown[] = [];
      for (let tries = 0; found.length < count && tries < 1000; tries += 1) {
        const item = word(pool);
        if (!found.includes(item)) found.push(item);
      }
      return found as never[];
    },
    frame({ known, kept }) {
      if (!isFresh(KEPT_FRAMES)) return one(known);
      newFrame = true;
      return one(kept);
    },
    mayUse(made) {
      if (!isKept(made)) return true;
      if (split === 'train') return false;
      newWords = true;
      return true;
    },
    noted() {
      const now = { newFrame, newWords };
      newFrame = newWords = false;
      return now;
    },
  };
}
