/** The node with the smallest share of its slots in use; chance among equals. Blind for speed: an idle phone goes before a server at half load. */
import { cheapest, loadOf, RANKS, type Strategy } from './strategy.ts';

/** Of the lowest rank, in which loads differ by less than a 64th. */
const LOOK_AT = 4;

export function createLeastLoaded(): Strategy {
  return {
    name: 'least-loaded',
    blind: false,
    rank: (candidate) => Math.min(RANKS - 1, Math.floor(loadOf(candidate) * RANKS)),
    choose: (_demand, pool) => cheapest(pool.best(LOOK_AT), loadOf),
  };
}
