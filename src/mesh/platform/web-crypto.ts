/**
 * Keys, signatures and hashes by the browser's own cryptography. Signatures are Ed25519; where a browser can't make such
 * keys, ECDSA with P-256 and SHA-256. A key's length says which it is, so both may meet in one swarm, as long as each
 * browser can check what the other signs. It does not know where keys are kept.
 */
import { LlamboError } from '../../shared/errors.ts';
import type { DeviceId, PeerId } from '../../shared/ids.ts';
import { decodeBase64url, encodeBase32, encodeBase64url } from '../bytes.ts';
import { certificateBytes, type Identity, type MeshCrypto, type PublicKey, type SecretCrypto } from '../identity.ts';

export interface WebCrypto extends MeshCrypto, SecretCrypto {
  /** `count` bytes that nobody can guess. */
  random(count: number): Uint8Array;
  /** A pair whose private key can't leave the browser, only be used in it. */
  newKeys(): Promise<CryptoKeyPair>;
  /**
   * This page as a peer of this device: a fresh key, certified by the device's.
   * @throws whatever the browser throws if the device's key can't be used
   */
  newIdentity(device: CryptoKeyPair): Promise<Identity>;
}

/** The part of `crypto` that is used here. */
export interface CryptoLike {
  readonly subtle?: SubtleCrypto;
  getRandomValues(array: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

const ED25519 = { name: 'Ed25519' };
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const ED25519_BYTES = 32;
/** An uncompressed point. */
const P256_BYTES = 65;
const SIGNATURE_BYTES = 64;
const ID_CHARACTERS = 20;
const NONCE_BYTES = 16;

/** Some browsers want bytes that are not shared; a copy never is. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

/**
 * @param platform the page's `crypto`
 * @throws LlamboError `unsupported` on a page that the browser does not trust with cryptography
 */
export function createWebCrypto(platform: CryptoLike = globalThis.crypto): WebCrypto {
  const subtle = (platform as CryptoLike | undefined)?.subtle;
  if (!subtle) {
    throw new LlamboError('unsupported', 'This page can not join a swarm: the browser gives it no cryptography.', {
      advice: 'Open it with https:// or as http://localhost, in an up-to-date browser.',
    });
  }

  const random = (count: number): Uint8Array<ArrayBuffer> => platform.getRandomValues(new Uint8Array(count));
  const rawOf = async (key: CryptoKey): Promise<PublicKey> => encodeBase64url(new Uint8Array(await subtle.exportKey('raw', key)));
  const sign = async (key: CryptoKey, bytes: Uint8Array): Promise<string> =>
    encodeBase64url(new Uint8Array(await subtle.sign(key.algorithm.name === ED25519.name ? ED25519 : P256, key, own(bytes))));

  async function idOf(key: PublicKey): Promise<string> {
    const digest = await subtle!.digest('SHA-256', own(decodeBase64url(key) ?? new Uint8Array()));
    return encodeBase32(new Uint8Array(digest)).slice(0, ID_CHARACTERS);
  }

  async function verify(key: PublicKey, signature: string, bytes: Uint8Array): Promise<boolean> {
    const raw = decodeBase64url(key);
    const signed = decodeBase64url(signature);
    const algorithm = raw?.length === ED25519_BYTES ? ED25519 : raw?.length === P256_BYTES ? P256 : null;
    if (!raw || !algorithm || signed?.length !== SIGNATURE_BYTES) return false;
    try {
      const imported = await subtle!.importKey('raw', own(raw), algorithm, false, ['verify']);
      return await subtle!.verify(algorithm, imported, own(signed), own(bytes));
    } catch {
      // No point of the curve; or a kind of key that this browser does not know.
      return false;
    }
  }

  async function newKeys(): Promise<CryptoKeyPair> {
    const generate = (algorithm: typeof ED25519 | typeof P256): Promise<CryptoKeyPair> =>
      subtle!.generateKey(algorithm, false, ['sign', 'verify']) as Promise<CryptoKeyPair>;
    try {
      return await generate(ED25519);
    } catch {
      return generate(P256);
    }
  }

  return {
    random,
    newKeys,
    idOf,
    verify,
    nonce: () => encodeBase64url(random(NONCE_BYTES)),
    async newIdentity(device) {
      const page = await newKeys();
      const [key, deviceKey] = await Promise.all([rawOf(page.publicKey), rawOf(device.publicKey)]);
      return {
        peer: (await idOf(key)) as PeerId,
        device: (await idOf(deviceKey)) as DeviceId,
        key,
        deviceKey,
        certificate: await sign(device.privateKey, certificateBytes(key)),
        sign: (bytes) => sign(page.privateKey, bytes),
        signAsDevice: (bytes) => sign(device.privateKey, bytes),
      };
    },
    async stretch(secret, salt, iterations) {
      const key = await subtle.importKey('raw', own(secret), 'PBKDF2', false, ['deriveBits']);
      return new Uint8Array(await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: own(salt), iterations }, key, 256));
    },
    async hmac(key, bytes) {
      const imported = await subtle.importKey('raw', own(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
      return new Uint8Array(await subtle.sign('HMAC', imported, own(bytes)));
    },
  };
}
