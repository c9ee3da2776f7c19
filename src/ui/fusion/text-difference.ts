/** Where two texts differ, word by word. Pure. */
import { diffWordsWithSpace } from 'diff';

export interface Part {
  readonly text: string;
  /** `added`: only the second text has it. */
  readonly kind: 'same' | 'added' | 'removed';
}

/** Characters of both texts: comparing takes the product of their differences, and the page waits. */
const MOST_CHARS = 20_000;

/**
 * @returns the second text in parts, with what the first has in their place; as one part if they are too long or have nothing in common
 */
export function differences(first: string, second: string): readonly Part[] {
  if (first === second || first.length + second.length > MOST_CHARS) return [{ text: second, kind: 'same' }];
  // Given up after this many edits: then they are different texts, and marks would be noise.
  const parts = diffWordsWithSpace(first, second, { maxEditLength: 400 });
  if (!parts?.some(({ added, removed, value }) => !added && !removed && value.trim() !== '')) return [{ text: second, kind: 'same' }];
  return parts.map(({ value, added, removed }) => ({ text: value, kind: added ? 'added' : removed ? 'removed' : 'same' }));
}
