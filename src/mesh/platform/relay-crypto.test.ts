import { describe, expect, it } from 'vitest';
import type { LlamboError } from '../../shared/errors.ts';
import { SEAL_BYTES, type RelayCrypto, type RelayKeys } from '../relay/relay-crypto.ts';
import { createRelayCrypto } from './relay-crypto.ts';

/** A browser that knows none of these. */
function without(...names: readonly string[]): SubtleCrypto {
  return new Proxy(crypto.subtle, {
    get(target, name: keyof SubtleCrypto) {
      const method = (target[name] as (...args: unknown[]) => Promise<unknown>).bind(target);
      return (...args: unknown[]) =>
        args.some((arg) => typeof arg === 'object' && arg !== null && 'name' in arg && names.includes(arg.name as string))
          ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
          : method(...args);
    },
  });
}

const young = createRelayCrypto();
const old = createRelayCrypto(without('X25519'));

async function agree(dialler: RelayCrypto, acceptor: RelayCrypto): Promise<{ keys: [RelayKeys, RelayKeys]; offer: Uint8Array; answer: Uint8Array }> {
  const offer = await dialler.offer();
  const { bytes, keys } = await acceptor.answer(offer.bytes);
  return { keys: [await offer.finish(bytes), keys], offer: offer.bytes, answer: bytes };
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no error', (error: LlamboError) => error.code);

describe.each([
  ['two young browsers', young, young, 32],
  ['a young and an old one', young, old, 65],
  ['an old and a young one', old, young, 65],
])('keys of %s', (_, dialler, acceptor, answerBytes) => {
  it('are the same at both ends, and carry both ways', async () => {
    const { keys: [near, far], answer } = await agree(dialler, acceptor);
    expect(answer).toHaveLength(answerBytes);
    expect(near.binding).toEqual(far.binding);
    expect(near.binding).toHaveLength(32);
    for (const words of ['one', 'two', '']) {
      const [there, back] = [await near.seal(text(words)), await far.seal(text(words))];
      expect(there).toHaveLength(words.length + SEAL_BYTES);
      expect(there).not.toEqual(back);
      expect([await far.open(there), await near.open(back)]).toEqual([text(words), text(words)]);
    }
  });

  it('are of this one connection', async () => {
    const [first, second] = [await agree(dialler, acceptor), await agree(dialler, acceptor)];
    expect(first.keys[0].binding).not.toEqual(second.keys[0].binding);
    expect(await second.keys[1].open(await first.keys[0].seal(text('one')))).toBeNull();
  });
});

describe('a sealed box', () => {
  it('opens in its turn, unchanged, at the other end, and once', async () => {
    const seal = async (): Promise<{ far: RelayKeys; near: RelayKeys; boxes: Uint8Array[] }> => {
      const { keys: [near, far] } = await agree(young, young);
      return { near, far, boxes: [await near.seal(text('one')), await near.seal(text('two'))] };
    };
    const again = await seal();
    await again.far.open(again.boxes[0]!);
    expect(await again.far.open(again.boxes[0]!)).toBeNull();
    const skipped = await seal();
    expect(await skipped.far.open(skipped.boxes[1]!)).toBeNull();
    const back = await seal();
    expect(await back.near.open(back.boxes[0]!)).toBeNull();
    const changed = await seal();
    changed.boxes[0]![2]! ^= 1;
    expect(await changed.far.open(changed.boxes[0]!)).toBeNull();
    const cut = await seal();
    expect(await cut.far.open(cut.boxes[0]!.slice(0, 5))).toBeNull();
  });
});

describe('an agreement', () => {
  it('shows if somebody took the better key out of the offer', async () => {
    const offer = await young.offer();
    const poorer = offer.bytes.slice(33);
    const { bytes, keys } = await young.answer(poorer);
    expect(bytes).toHaveLength(65);
    expect((await offer.finish(bytes)).binding).not.toEqual(keys.binding);
  });

  it('fails with garbage, at both ends', async () => {
    const point = new Uint8Array(65).fill(4);
    for (const offer of [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(32, 1), Uint8Array.of(3, 1, 2, 3), Uint8Array.of(65, ...point), new Uint8Array(200).fill(1)]) {
      expect(await codeOf(young.answer(offer)), offer.toString()).toBe('bad-request');
    }
    // The point that makes every secret zero.
    expect(await codeOf(young.answer(Uint8Array.of(32, ...new Uint8Array(32))))).toBe('bad-request');
    for (const answer of [new Uint8Array(0), new Uint8Array(31), new Uint8Array(32), point]) {
      expect(await codeOf((await young.offer()).finish(answer)), answer.toString()).toBe('bad-request');
    }
  });

  it('says so where a browser can do nothing', async () => {
    expect(await codeOf(createRelayCrypto(without('X25519', 'ECDH')).offer())).toBe('unsupported');
  });
});
