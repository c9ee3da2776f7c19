/**
 * What must be verified, one after the other: each builds on what the one before left. Documents that come over links
 * take turns with what the person here decides, and a link that has too many waiting ends.
 */
import { LIMITS } from '../protocol/limits.ts';
import type { LinkEnd, PeerLink } from './link/peer-link.ts';

export interface Turns {
  /** After all that came before, whatever became of it. */
  after<T>(act: () => Promise<T>): Promise<T>;
  /**
   * The same, for what came over a link.
   * @param what in words, if it comes without end
   * @param act returns how the link ends, or null if nothing is wrong; it does not throw
   */
  hear(link: PeerLink, what: string, act: () => Promise<LinkEnd | null>): void;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  /** Of each link, those that wait. */
  const pending = new Map<PeerLink, number>();

  function after<T>(act: () => Promise<T>): Promise<T> {
    const result = last.then(act);
    last = result.catch(() => undefined);
    return result;
  }

  return {
    after,
    hear(link, what, act) {
      const count = (pending.get(link) ?? 0) + 1;
      if (count > LIMITS.pendingRules) return link.end({ kind: 'violation', reason: 'flood', what });
      pending.set(link, count);
      void after(async () => {
        const end = await act();
        const left = (pending.get(link) ?? 1) - 1;
        if (left > 0) pending.set(link, left);
        else pending.delete(link);
        if (end) link.end(end);
      });
    },
  };
}
