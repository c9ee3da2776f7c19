/** Each node in its turn, whatever it does and however fast: what balancers do that know nothing. The baseline of the simulation. */
import type { Strategy } from './strategy.ts';

export function createRoundRobin(): Strategy {
  /** Wishes that other nodes serve have their own turn: else two kinds that alternate would each see every other node only. */
  const turns = new WeakMap<object, number>();
  return {
    name: 'round-robin',
    blind: true,
    rank: () => 0,
    choose(_demand, pool) {
      const turn = turns.get(pool.key) ?? 0;
      turns.set(pool.key, turn + 1);
      return pool.at(turn);
    },
  };
}
