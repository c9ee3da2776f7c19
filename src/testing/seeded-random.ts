/** Dice that fall the same way every time: mulberry32 (Tommy Ettinger, public domain). */
import type { Random } from '../shared/env.ts';

const DIGITS = Uint8Array.from('0123456789abcdefghijklmnopqrstuvwxyz', (digit) => digit.charCodeAt(0));

export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const digit = (): number => DIGITS[Math.floor(next() * 36)]!;
  // Made at once: the simulations of the leader count what a decision costs, and each has an id.
  const id = (): string =>
    String.fromCharCode(digit(), digit(), digit(), digit(), digit(), digit(), digit(), digit(), digit(), digit(), digit(), digit(), digit(), digit(), digit(), digit());
  return { next, id };
}
