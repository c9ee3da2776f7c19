/** Which words of a list somebody may have meant: pure. */

/** Slips that a word may be away: one for a short word, two for others. */
const MOST_SLIPS = 2;
const SHOWN = 3;

/** Letters put in, left out or changed, and neighbours swapped (optimal string alignment), to get from one word to the other. */
function slips(a: string, b: string): number {
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min(old[column]! + 1, current[column - 1]! + 1, old[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) least = Math.min(least, older[column - 2]! + 1);
      current.push(least);
    }
    older = old;
    old = current;
  }
  return old[b.length]!;
}

/** @returns the nearest first, none that is too far to be meant */
export function nearestWords(word: string, list: readonly string[]): readonly string[] {
  return list
    .filter((known) => Math.abs(known.length - word.length) <= MOST_SLIPS)
    .map((known) => ({ known, away: slips(word, known) }))
    .filter(({ away, known }) => away <= Math.min(MOST_SLIPS, known.length - 2))
    .sort((a, b) => a.away - b.away)
    .slice(0, SHOWN)
    .map(({ known }) => known);
}
