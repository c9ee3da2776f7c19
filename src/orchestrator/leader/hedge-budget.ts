/**
 * How many second tasks may be given for answers that are slow to come: `hedgeShare` of the tasks granted, so that hedging can
 * never double the load of a swarm that is slow because it is full (Dean and Barroso, "The Tail at Scale", 2013). Some are
 * free at the start, so that a young swarm can hedge what runs on a node that falls silent: hedges ≤ share × tasks + `FREE_HEDGES`.
 */
export interface HedgeBudget {
  /** A task was granted that is no hedge. */
  earn(): void;
  readonly hasOne: boolean;
  spend(): void;
  setShare(share: number): void;
}

/** The slots of a small node. With one, the others of four streams that fell silent together waited five times as long. */
export const FREE_HEDGES = 4;
/** What may be saved up: as many streams as one large node has that falls silent. More would be a burst of double work. */
const MOST = 32;

export function createHedgeBudget(first: number): HedgeBudget {
  let share = first;
  let left = FREE_HEDGES;
  return {
    earn() {
      left = Math.min(MOST, left + share);
    },
    get hasOne() {
      return share > 0 && left >= 1;
    },
    spend() {
      left -= 1;
    },
    setShare(next) {
      share = next;
    },
  };
}
