/** Any node, each as likely, whatever it does. Needs no state, and is no worse than taking turns. */
import type { Strategy } from './strategy.ts';

export function createRandomChoice(): Strategy {
  return { name: 'random', blind: true, rank: () => 0, choose: (_demand, pool) => pool.draw() };
}
