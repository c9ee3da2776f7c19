/** Whether a server is there: how many failures make it gone, and when to look again. It asks nobody itself. */
import { LIMITS } from '../../protocol/limits.ts';
import type { Clock } from '../../shared/env.ts';

export interface ServerWatch {
  /** It answered. */
  good(): void;
  /** It failed. @returns true if it has failed so often in a row that it is taken for gone */
  bad(): boolean;
  /** It is gone: `look` is called after a wait that doubles each time, until `good`. */
  askLater(): void;
  /** Whoever looks now needs no reminder. */
  rest(): void;
}

export function createServerWatch(clock: Clock, look: () => void): ServerWatch {
  let failures = 0;
  let looks = 0;
  let cancel = (): void => undefined;
  return {
    good() {
      failures = 0;
      looks = 0;
    },
    bad() {
      failures += 1;
      return failures >= LIMITS.nativeFailures;
    },
    askLater() {
      cancel();
      cancel = clock.after(Math.min(LIMITS.nativeRetryLastMs, LIMITS.nativeRetryFirstMs * 2 ** looks), look);
      looks += 1;
    },
    rest: () => cancel(),
  };
}
