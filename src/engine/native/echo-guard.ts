/**
 * Some servers say the assistant's prefix again before they go on with it. What might be that repetition is held back until
 * it is sure, and dropped if it is, so that no word is said twice. Pure.
 */

/** Below this many characters a repetition may well be the answer itself: "no" and then "no, never". */
const LEAST_CHARS = 16;

export interface EchoGuard {
  /** @returns of this piece, and of what was held back before, what is new to the reader */
  piece(text: string): string;
  /** No more will come. @returns what was held back and is no repetition */
  end(): string;
}

/** @param prefix what the answer continues; empty: nothing is held back */
export function createEchoGuard(prefix: string): EchoGuard {
  let open = prefix.length >= LEAST_CHARS;
  let held = '';
  const release = (text: string): string => {
    open = false;
    held = '';
    return text;
  };
  return {
    piece(text) {
      if (!open) return text;
      held += text;
      if (held.startsWith(prefix)) return release(held.slice(prefix.length));
      return prefix.startsWith(held) ? '' : release(held);
    },
    end: () => (open ? release(held) : ''),
  };
}
