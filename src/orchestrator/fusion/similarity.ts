/**
 * How alike two texts are, by the sequences of words that they share: no model, no embedding. Symmetric, 0 to 1, the same
 * everywhere.
 *
 * For each length of sequence the harmonic mean of both overlaps (F1), and the mean of the lengths, as chrF does with letters
 * (Popović 2015, "chrF: character n-gram F-score"); words instead of letters, because texts of the same language share most
 * short sequences of letters whatever they say.
 */

/** Up to so many words in a row: ROUGE and BLEU look at four at the most; in texts of one sentence four in a row are rare. */
const LONGEST = 3;

/** Words of a text that are looked at. Two answers that begin so far alike are alike; and 15 of them are compared in some 10 ms. */
const MOST_WORDS = 400;

/** A word; a single sign of a script without spaces, or of anything else that is no space. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu;
/** Marks that close or separate: whether a sentence has one changes nothing in what it says. */
const MARK = /^[.,;:!?"'“”‘’()]$/u;

/** How often each sequence comes; one map for each length. */
export type Profile = readonly ReadonlyMap<string, number>[];

export function profileOf(text: string): Profile {
  const words: string[] = [];
  for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) {
    if (!MARK.test(word)) words.push(word);
    if (words.length === MOST_WORDS) break;
  }
  return Array.from({ length: LONGEST }, (_, index) => sequences(words, index + 1));
}

function sequences(words: readonly string[], length: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let from = 0; from + length <= words.length; from += 1) {
    const sequence = words.slice(from, from + length).join(' ');
    counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
  }
  return counts;
}

/** @returns 1 for the same words in the same order, 0 where no word is shared; two empty texts are alike */
export function similarity(one: Profile, other: Profile): number {
  // Of two single words there are no sequences of three: what neither has is not compared.
  const pairs = one.map((counts, index) => [counts, other[index]!] as const).filter(([mine, theirs]) => mine.size + theirs.size > 0);
  if (pairs.length === 0) return 1;
  return pairs.reduce((sum, [mine, theirs]) => sum + overlap(mine, theirs), 0) / pairs.length;
}

function overlap(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number {
  const [fewer, more] = one.size <= other.size ? [one, other] : [other, one];
  let shared = 0;
  for (const [sequence, count] of fewer) shared += Math.min(count, more.get(sequence) ?? 0);
  return (2 * shared) / (sizeOf(one) + sizeOf(other));
}

const sizeOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
