/**
 * When the answers to one question would have come, on a number of equal nodes that work in parallel: what early stop is
 * simulated with. Time is counted in written tokens; reading the prompt takes none, and all nodes write equally fast. Pure.
 */

/** One candidate on its node. */
export interface Slot {
  /** Its place in the order of asking. */
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Candidates begin in the plan's order, each as soon as a node is free.
 *
 * @param tokens that each of them writes, in the plan's order
 * @param nodes at least one
 * @returns in the order in which they are done; of those that end together the earlier of the plan first
 */
export function scheduleOn(nodes: number, tokens: readonly number[]): readonly Slot[] {
  const freeAt = Array.from({ length: nodes }, () => 0);
  const slots = tokens.map((length, index): Slot => {
    const node = freeAt.indexOf(Math.min(...freeAt));
    const from = freeAt[node]!;
    freeAt[node] = from + length;
    return { index, from, to: from + length };
  });
  return slots.sort((one, other) => one.to - other.to || one.index - other.index);
}

/** What was done by some time, if all that still ran was cancelled then. */
export interface SpentBy {
  /** That had begun. */
  readonly calls: number;
  /** Written. */
  readonly tokens: number;
}

/**
 * Who begins at that very moment is never asked: whoever decides knows that it is enough before the next one starts.
 *
 * @param at when it was decided
 * @param done those that had come by then: an answer of no length both begins and ends at one moment
 */
export function spentBy(slots: readonly Slot[], at: number, done: ReadonlySet<number>): SpentBy {
  const begun = slots.filter(({ index, from }) => done.has(index) || from < at);
  return { calls: begun.length, tokens: begun.reduce((sum, { from, to }) => sum + Math.min(to, at) - from, 0) };
}
