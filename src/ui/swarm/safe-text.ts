/**
 * Names that other people's tabs gave: of peers and of models. They are shown as text, never as markup, and without the
 * characters that would turn the words around them, hide something or pile up over the line. Pure.
 */
import { LIMITS } from '../../protocol/limits.ts';

/**
 * Controls, line and paragraph separators, marks that change direction (Unicode UAX 9), characters that show nothing,
 * tags, and halves of a surrogate pair. The joiners U+200C and U+200D stay: Persian and emoji are written with them.
 */
const HARMFUL = /[\p{Cc}\p{Cs}\p{Co}\u{2028}\u{2029}\u{ad}\u{61c}\u{180e}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{115f}\u{1160}\u{3164}\u{ffa0}\u{e0000}-\u{e0fff}]/gu;
/** More marks on one letter than any language writes. */
const PILES = /(\p{M}{4})\p{M}+/gu;
const SEEN = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * @param longest characters (code points) that are shown; what is cut off leaves an ellipsis
 * @param otherwise for a text in which nothing can be seen
 */
export function safeText(text: string, longest: number = LIMITS.nameChars, otherwise = 'no name'): string {
  // No more than what can be needed is looked at, however long the text is.
  const seen = text.slice(0, longest * 8).replace(HARMFUL, ' ').replace(PILES, '$1').replace(/\s+/gu, ' ').trim();
  if (!SEEN.test(seen)) return otherwise;
  const characters = [...seen];
  return characters.length <= longest ? seen : `${characters.slice(0, longest - 1).join('').trimEnd()}…`;
}

/** Marks that change direction for all that follows (UAX 9): embeddings, overrides, isolates. */
const TURNING = /[\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu;

/** A text of several lines that a model wrote, where it is shown as it is: it may be in any script, but it turns nothing around it. */
export const unturned = (text: string): string => text.replace(TURNING, '');
