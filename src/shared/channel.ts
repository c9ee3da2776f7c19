/**
 * A queue between a producer that pushes and a consumer that iterates: how engine events become an async iterable.
 * One consumer. Leaving the loop early (`break`, `return`) calls `onLeave`, so that the work behind it can be cancelled.
 */
export interface Channel<T> extends AsyncIterable<T> {
  push(value: T): void;
  /** No more values; the loop ends after those already pushed. */
  end(): void;
  /** The loop throws this after the values already pushed. */
  fail(error: unknown): void;
}

export function createChannel<T>(onLeave?: () => void): Channel<T> {
  const values: T[] = [];
  let ended: { error?: unknown } | null = null;
  let wake: (() => void) | null = null;

  const notify = (): void => {
    wake?.();
    wake = null;
  };
  const finish = (outcome: { error?: unknown }): void => {
    ended ??= outcome;
    notify();
  };

  async function* iterate(): AsyncGenerator<T, void, void> {
    let done = false;
    try {
      for (;;) {
        while (values.length > 0) yield values.shift()!;
        if (ended) break;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      done = true;
      if (ended && 'error' in ended) throw ended.error;
    } finally {
      if (!done) onLeave?.();
    }
  }

  return {
    push(value) {
      if (ended) return;
      values.push(value);
      notify();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    [Symbol.asyncIterator]: iterate,
  };
}
