/** Runs many histories, one seed after another, and tells of those that broke a promise. */
import { runHistory, type History } from './sim-history.ts';

export interface FuzzResult {
  readonly histories: number;
  readonly failed: readonly History[];
  readonly virtualMs: number;
  /** The longest time in quiet until all was in order. */
  readonly slowestMs: number;
  /** The most messages that one peer sent in a second, for each of its links. */
  readonly busiest: number;
}

/** What to type to see that history again, with its log. */
export const replayCommand = (seed: number): string => `npm run fuzz -- --seed ${seed} --histories 1`;

/** @param most failures after which it stops */
export function fuzz(firstSeed: number, histories: number, most = 5): FuzzResult {
  const failed: History[] = [];
  let [virtualMs, slowestMs, busiest, done] = [0, 0, 0, 0];
  for (; done < histories && failed.length < most; done += 1) {
    const history = runHistory({ seed: firstSeed + done });
    virtualMs += history.virtualMs;
    busiest = Math.max(busiest, history.busiest);
    if (history.problem !== null) failed.push(history);
    else slowestMs = Math.max(slowestMs, history.settledMs);
  }
  return { histories: done, failed, virtualMs, slowestMs, busiest };
}

/** What a test says when promises were broken. */
export const explain = ({ failed }: FuzzResult): string => failed.map(({ seed, problem }) => `seed ${seed}: ${problem}\n  replay: ${replayCommand(seed)}`).join('\n');
