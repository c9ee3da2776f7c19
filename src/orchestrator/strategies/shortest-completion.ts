/**
 * The node that is expected to be done first: its line, the way there, reading the prompt, and writing the answer at the speed
 * that its streams have once there is one more. Looks closely at a few of those that write fastest, since who writes fast
 * mostly reads fast, and since a look at all would grow with the swarm.
 */
import { cheapest, rankBySpeed, type Candidate, type Demand, type Strategy } from './strategy.ts';

/** How many are looked at: with more, the simulation's waits were no shorter. */
export const LOOK_AT = 12;

/**
 * Expected time from giving the task to its last token, milliseconds.
 * @param freshTokens of the prompt, how many must be read
 */
export function completionMs(candidate: Candidate, demand: Demand, freshTokens: number): number {
  const { occupied, slots, rttMs, prefillTokenMs, nextTokenMs } = candidate;
  const work = freshTokens * prefillTokenMs + demand.answerTokens * nextTokenMs;
  // Those in line before it are taken to be like it; with `slots` at a time one ends every `work / slots`.
  const before = Math.max(0, occupied + 1 - slots);
  return rttMs + work + (before * work) / Math.max(1, slots);
}

export function createShortestCompletion(): Strategy {
  return {
    name: 'shortest-completion',
    blind: false,
    rank: rankBySpeed,
    choose: (demand, pool) => cheapest(pool.best(LOOK_AT), (candidate) => completionMs(candidate, demand, demand.promptTokens)),
  };
}
