/**
 * Keys of relayed connections by the browser's own cryptography: ephemeral ECDH (X25519; P-256 where a browser lacks it),
 * HKDF-SHA-256 (RFC 5869), AES-256-GCM with a counter as nonce. An offer is a list of public keys, each after its length
 * in one byte: P-256 always, so that two browsers of different age agree, and X25519 if there is one. The answer is one.
 * Both are hashed into the binding, so nobody in between can take the better key out of an offer unseen.
 */
import { LlamboError } from '../../shared/errors.ts';
import { labelled, utf8 } from '../bytes.ts';
import type { RelayCrypto, RelayKeys } from '../relay/relay-crypto.ts';

interface Curve {
  readonly algorithm: { readonly name: string; readonly namedCurve?: string };
  /** Of its raw public keys: P-256's is an uncompressed point. */
  readonly keyBytes: number;
}

const X25519: Curve = { algorithm: { name: 'X25519' }, keyBytes: 32 };
const P256: Curve = { algorithm: { name: 'ECDH', namedCurve: 'P-256' }, keyBytes: 65 };
const CURVES = [X25519, P256];

const SECRET_BITS = 256;
const NONCE_BYTES = 12;

type Role = 'dialler' | 'acceptor';
type Bytes = Uint8Array<ArrayBuffer>;

interface KeyPair {
  readonly curve: Curve;
  readonly raw: Bytes;
  readonly privateKey: CryptoKey;
}

const malformed = (what: string): LlamboError => new LlamboError('bad-request', `No keys could be agreed upon: ${what}.`);
/** Some browsers want bytes that are not shared; a copy never is. */
const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);

function packOffer(pairs: readonly KeyPair[]): Bytes {
  return Uint8Array.from(pairs.flatMap(({ raw }) => [raw.length, ...raw]));
}

/** @returns no more keys than there are curves */
function unpackOffer(bytes: Uint8Array): Bytes[] {
  const keys: Bytes[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + bytes[at]!;
    if (end > bytes.length || end === at + 1 || keys.length >= CURVES.length) throw malformed('the offer is malformed');
    keys.push(own(bytes.subarray(at + 1, end)));
    at = end;
  }
  return keys;
}

/** @param subtle the page's `crypto.subtle` */
export function createRelayCrypto(subtle: SubtleCrypto = globalThis.crypto.subtle): RelayCrypto {
  async function newPair(curve: Curve): Promise<KeyPair> {
    const { publicKey, privateKey } = (await subtle.generateKey(curve.algorithm, false, ['deriveBits'])) as CryptoKeyPair;
    return { curve, privateKey, raw: new Uint8Array(await subtle.exportKey('raw', publicKey)) };
  }

  /** Null where this browser does not know the curve. */
  const pairIfKnown = (curve: Curve): Promise<KeyPair | null> => newPair(curve).catch(() => null);

  async function secretOf({ curve, privateKey }: KeyPair, theirs: Bytes): Promise<ArrayBuffer> {
    try {
      const key = await subtle.importKey('raw', theirs, curve.algorithm, false, []);
      return await subtle.deriveBits({ ...curve.algorithm, public: key }, privateKey, SECRET_BITS);
    } catch {
      throw malformed('a key is no point of its curve');
    }
  }

  async function keysOf(role: Role, secret: ArrayBuffer, offer: Uint8Array, answer: Uint8Array): Promise<RelayKeys> {
    const binding = new Uint8Array(await subtle.digest('SHA-256', own(labelled('llambo/1 relay', offer, answer))));
    const material = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
    const keyOf = (writer: Role, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> =>
      subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: binding, info: own(utf8(`llambo/1 relay ${writer}`)) }, material, { name: 'AES-GCM', length: 256 }, false, [use]);
    const [ours, theirs] = await Promise.all([keyOf(role, 'encrypt'), keyOf(role === 'dialler' ? 'acceptor' : 'dialler', 'decrypt')]);
    return sealing(subtle, binding, ours, theirs);
  }

  return {
    async offer() {
      const pairs = (await Promise.all(CURVES.map(pairIfKnown))).filter((pair) => pair !== null);
      if (pairs.length === 0) throw new LlamboError('unsupported', 'This browser can not agree on keys.', { advice: 'Use an up-to-date browser.' });
      const offer = packOffer(pairs);
      return {
        bytes: offer,
        async finish(answer) {
          const ours = pairs.find(({ curve }) => curve.keyBytes === answer.length);
          if (!ours) throw malformed('the answer fits nothing that was offered');
          return keysOf('dialler', await secretOf(ours, own(answer)), offer, answer);
        },
      };
    },
    async answer(offer) {
      const offered = unpackOffer(offer);
      for (const curve of CURVES) {
        const theirs = offered.find(({ length }) => length === curve.keyBytes);
        const ours = theirs && (await pairIfKnown(curve));
        if (ours) return { bytes: ours.raw, keys: await keysOf('acceptor', await secretOf(ours, theirs), offer, ours.raw) };
      }
      throw malformed('no curve that both know');
    },
  };
}

/** Two counters, one for each direction; no key is ever used with the same one twice. */
function sealing(subtle: SubtleCrypto, binding: Uint8Array, ours: CryptoKey, theirs: CryptoKey): RelayKeys {
  let sealed = 0;
  let opened = 0;

  function nonce(count: number): AesGcmParams {
    const iv = new Uint8Array(NONCE_BYTES);
    new DataView(iv.buffer).setBigUint64(NONCE_BYTES - 8, BigInt(count));
    return { name: 'AES-GCM', iv };
  }

  return {
    binding,
    async seal(plain) {
      const params = nonce(sealed);
      sealed += 1;
      return new Uint8Array(await subtle.encrypt(params, ours, own(plain)));
    },
    async open(box) {
      const params = nonce(opened);
      opened += 1;
      try {
        return new Uint8Array(await subtle.decrypt(params, theirs, own(box)));
      } catch {
        return null;
      }
    },
  };
}
