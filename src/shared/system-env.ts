/** The real clock and the real dice: the one file that may name `setTimeout`, `Date.now` and `crypto`. */
import type { Clock, Env, Random } from './env.ts';

const ID_LENGTH = 16;
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Numbers drawn at once: asking the system for each one costs more than most that is done with it. */
const DRAWN = 256;
const drawn = new Uint32Array(DRAWN);
let left = 0;

function next(): number {
  if (left === 0) {
    crypto.getRandomValues(drawn);
    left = DRAWN;
  }
  left -= 1;
  return drawn[left]! / 2 ** 32;
}

const systemRandom: Random = {
  next,
  // 36 does not divide 256: the bias towards the first letters is below 2 %, harmless in an identifier.
  id: () => Array.from(crypto.getRandomValues(new Uint8Array(ID_LENGTH)), (byte) => ALPHABET[byte % ALPHABET.length]).join(''),
};

export const systemEnv: Env = { clock: systemClock, random: systemRandom };
