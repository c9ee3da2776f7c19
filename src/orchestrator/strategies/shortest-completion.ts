/**
 * The node that is expected to be done first: its line, the way there, reading the prompt, and writing the answer at the speed
 * that its streams have once there is one more. Looks closely at a few of those that write fastest, since who writes fast
 * mostly reads fast, and since a look at all would grow with the swarm.
 */
import { cheapest, rankBySpeed, type Candidate, type Demand, type HomeLine, type Pool, type Strategy } from './strategy.ts';

/** How many are looked at: with more, the simulation's waits were no shorter. */
export const LOOK_AT = 12;

/** Reading and writing alone. */
const workMs = ({ prefillTokenMs, nextTokenMs }: Candidate, { answerTokens }: Demand, freshTokens: number): number =>
  freshTokens * prefillTokenMs + answerTokens * nextTokenMs;

/** In a slot of a full node that the oldest task there leaves, if that is like this one. */
const inLineMs = ({ candidate, oldestMs }: HomeLine, demand: Demand, freshTokens: number): number => {
  const work = workMs(candidate, demand, freshTokens);
  return work + Math.max(0, work - oldestMs);
};

/**
 * Expected time from giving the task to its last token, milliseconds.
 * @param freshTokens of the prompt, how many must be read
 */
export function completionMs(candidate: Candidate, demand: Demand, freshTokens: number): number {
  const { occupied, slots, rttMs } = candidate;
  const work = workMs(candidate, demand, freshTokens);
  // Those in line before it are taken to be like it; with `slots` at a time one ends every `work / slots`.
  const before = Math.max(0, occupied + 1 - slots);
  return rttMs + work + (before * work) / Math.max(1, slots);
}

/**
 * A task that stays in its asker's tab costs no way there and back, and nobody else reads its prompt: another tab's node is
 * taken only if it is expected to be done this many times sooner. Two tabs that both ask as much as they can answer gain
 * nothing by answering each other: measured, they lose a tenth and more. The same for a slot of its own that is about to be free.
 */
export const HOME_FACTOR = 1.5;

/** The one that is done first, or one of the asker's own that is not much later. @param freshTokens of the prompt */
export function soonest(demand: Demand, pool: Pool, best: readonly Candidate[], freshTokens: number): Candidate | null {
  const cost = (candidate: Candidate): number => completionMs(candidate, demand, freshTokens);
  const other = cheapest(best, cost);
  if (!other || demand.own.length === 0) return other;
  const atHome = (candidate: Candidate): number => cost(candidate) - candidate.rttMs;
  const own = cheapest(demand.own.flatMap((address) => pool.get(address) ?? []), atHome);
  if (own) return atHome(own) <= HOME_FACTOR * cost(other) ? own : other;
  const isSoon = (line: HomeLine): boolean => pool.has(line.candidate.address) && inLineMs(line, demand, freshTokens) <= HOME_FACTOR * cost(other);
  return demand.lines.find(isSoon)?.candidate ?? other;
}

export function createShortestCompletion(): Strategy {
  return {
    name: 'shortest-completion',
    blind: false,
    rank: rankBySpeed,
    choose: (demand, pool) => soonest(demand, pool, pool.best(LOOK_AT), demand.promptTokens),
  };
}
