/** Lets so many begin in one turn of the event loop, and the rest in the next ones, in the order in which they came. */

/** @returns null: begin now; or what to wait for. */
export type Pacer = () => Promise<void> | null;

/** @param pause settles in another turn */
export function createPacer(pause: () => Promise<void>, most: number): Pacer {
  const waiting: (() => void)[] = [];
  /** In this turn. */
  let begun = 0;

  async function nextTurns(): Promise<void> {
    while (begun > 0) {
      await pause();
      const next = waiting.splice(0, most);
      begun = next.length;
      for (const begin of next) begin();
    }
  }

  return () => {
    if (begun >= most || waiting.length > 0) return new Promise((resolve) => void waiting.push(resolve));
    begun += 1;
    if (begun === 1) void nextTurns();
    return null;
  };
}
