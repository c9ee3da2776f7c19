/**
 * Keys of relayed connections without cryptography, the same for the same seed and cheap enough for a simulation. They
 * keep what the protocol rests on: boxes open in their order, unchanged, at the end that they were sealed for, and show
 * nothing of what is in them to somebody who only looks. Nobody tries to break them here.
 */
import { utf8 } from '../mesh/bytes.ts';
import { SEAL_BYTES, type RelayCrypto, type RelayKeys } from '../mesh/relay/relay-crypto.ts';
import { LlamboError } from '../shared/errors.ts';
import { createSeededRandom } from './seeded-random.ts';

const KEY_BYTES = 16;

/** FNV-1a (public domain) over the parts and their lengths. */
function hash(...parts: readonly (string | number | Uint8Array)[]): number {
  let state = 0x811c9dc5;
  for (const part of parts) {
    const bytes = part instanceof Uint8Array ? part : utf8(String(part));
    for (let index = 0; index < bytes.length; index += 1) state = Math.imul(state ^ bytes[index]!, 0x01000193);
    state = Math.imul(state ^ bytes.length, 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x7feb352d);
  return (state ^ (state >>> 15)) >>> 0;
}

function digest(length: number, ...parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = hash(at, ...parts);
  return bytes;
}

/** The same call hides and shows. */
function hidden(bytes: Uint8Array, key: string, count: number): Uint8Array {
  let state = hash(key, count) | 1;
  const other = new Uint8Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) {
    // Xorshift (Marsaglia, public domain).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    other[index] = bytes[index]! ^ state;
  }
  return other;
}

function sealing(secret: string, binding: Uint8Array, dialled: boolean): RelayKeys {
  const [ours, theirs] = dialled ? [`${secret} dialler`, `${secret} acceptor`] : [`${secret} acceptor`, `${secret} dialler`];
  let sealed = 0;
  let opened = 0;
  return {
    binding,
    seal(plain) {
      const box = new Uint8Array(plain.length + SEAL_BYTES);
      box.set(hidden(plain, ours, sealed));
      box.set(digest(SEAL_BYTES, hash(ours, sealed, plain)), plain.length);
      sealed += 1;
      return Promise.resolve(box);
    },
    open(box) {
      const plain = hidden(box.subarray(0, -SEAL_BYTES), theirs, opened);
      const tag = digest(SEAL_BYTES, hash(theirs, opened, plain));
      opened += 1;
      const isRight = box.length >= SEAL_BYTES && tag.every((byte, index) => byte === box[plain.length + index]);
      return Promise.resolve(isRight ? plain : null);
    },
  };
}

/** @param seed of the keys */
export function createFakeRelayCrypto(seed = 1): RelayCrypto {
  const random = createSeededRandom(seed);

  const newKey = (): Uint8Array => digest(KEY_BYTES, random.id());

  function check(key: Uint8Array): Uint8Array {
    if (key.length !== KEY_BYTES) throw new LlamboError('bad-request', 'No keys could be agreed upon.');
    return key;
  }

  // Both know what was shown; that it takes a secret to know what they share is taken on trust.
  const keysOf = (offer: Uint8Array, answer: Uint8Array, dialled: boolean): RelayKeys =>
    sealing(`${hash('shared', offer, answer)}`, digest(32, 'binding', offer, answer), dialled);

  return {
    offer() {
      const shown = newKey();
      return Promise.resolve({ bytes: shown, finish: async (answer) => keysOf(shown, check(answer), true) });
    },
    async answer(offer) {
      const shown = newKey();
      return { bytes: shown, keys: keysOf(check(offer), shown, false) };
    },
  };
}
