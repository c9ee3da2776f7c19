/** By chance, each node as likely as it is fast: by the speed that one more stream would have there, as measured. */
import { rankBySpeed, speedOfRank, type Strategy } from './strategy.ts';

export function createWeighted(): Strategy {
  return { name: 'weighted', blind: false, rank: rankBySpeed, choose: (_demand, pool) => pool.draw(speedOfRank) };
}
