/** One after another: what comes while something runs waits for it, so that nobody is called in the middle of its own call. */

export type Line = (work: () => void) => void;

export function createLine(): Line {
  const waiting: (() => void)[] = [];
  let running = false;

  function runAll(): void {
    const failures: unknown[] = [];
    for (let work = waiting.shift(); work; work = waiting.shift()) {
      try {
        work();
      } catch (error) {
        // One that fails is a bug, and no reason why the others' work is left undone.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  return (work) => {
    waiting.push(work);
    if (running) return;
    running = true;
    try {
      runAll();
    } finally {
      running = false;
    }
  };
}
