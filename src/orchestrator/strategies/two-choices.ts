/**
 * Two nodes by chance, and of these the less loaded: the longest line grows with log log n instead of log n ÷ log log n
 * (Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 2001).
 */
import { loadOf, type Strategy } from './strategy.ts';

export function createTwoChoices(): Strategy {
  return {
    name: 'two-choices',
    blind: false,
    rank: () => 0,
    choose(_demand, pool) {
      const one = pool.draw();
      const other = pool.draw();
      return one && other && loadOf(other) < loadOf(one) ? other : one;
    },
  };
}
