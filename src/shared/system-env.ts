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

const systemRandom: Random = {
  next: () => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32,
  // 36 does not divide 256: the bias towards the first letters is below 2 %, harmless in an identifier.
  id: () => Array.from(crypto.getRandomValues(new Uint8Array(ID_LENGTH)), (byte) => ALPHABET[byte % ALPHABET.length]).join(''),
};

export const systemEnv: Env = { clock: systemClock, random: systemRandom };
