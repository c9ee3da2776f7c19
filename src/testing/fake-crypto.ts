/**
 * Keys without cryptography, the same for the same seed and cheap enough for a million handshakes. They keep the one
 * promise that the protocol rests on: what was not made with a key does not pass for it. Nobody tries to break them here.
 */
import { certificateBytes, type Identity, type MeshCrypto, type RoomKeys, type SecretCrypto } from '../mesh/identity.ts';
import { encodeBase32, encodeBase64url, utf8 } from '../mesh/bytes.ts';
import type { DeviceId, PeerId, RoomId } from '../shared/ids.ts';
import { createSeededRandom } from './seeded-random.ts';

/** FNV-1a (public domain) in two lanes, mixed and drawn out to 16 bytes. */
function hash(key: string, bytes: Uint8Array): Uint8Array {
  let left = 0x811c9dc5;
  let right = 0x050c5d1f;
  const add = (byte: number): void => {
    left = Math.imul(left ^ byte, 0x01000193);
    right = Math.imul(right ^ byte, 0x01000183);
  };
  for (let index = 0; index < key.length; index += 1) add(key.charCodeAt(index));
  // Where the key ends counts too.
  add(0x100);
  for (let index = 0; index < bytes.length; index += 1) add(bytes[index]!);
  const digest = new Uint8Array(16);
  const view = new DataView(digest.buffer);
  for (let word = 0; word < 4; word += 1) view.setUint32(word * 4, mix(left + Math.imul(word, right)));
  return digest;
}

function mix(state: number): number {
  const mixed = Math.imul(state ^ (state >>> 16), 0x7feb352d);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

const idOf = (key: string): string => encodeBase32(hash('id', utf8(key))).slice(0, 20);
const signature = (key: string, bytes: Uint8Array): string => encodeBase64url(hash(`signed by ${key}`, bytes));

export interface FakeCrypto extends MeshCrypto, SecretCrypto {
  /** A new page of a device; without a name, of a device of its own. */
  newIdentity(device?: string): Identity;
}

/** @param seed of the nonces and of the keys */
export function createFakeCrypto(seed = 1): FakeCrypto {
  const random = createSeededRandom(seed);
  const crypto: FakeCrypto = {
    verify: (key, signed, bytes) => Promise.resolve(signed === signature(key, bytes)),
    idOf: (key) => Promise.resolve(idOf(key)),
    nonce: () => random.id(),
    stretch: (secret, salt) => Promise.resolve(hash(encodeBase64url(secret), salt)),
    hmac: (key, bytes) => Promise.resolve(hash(encodeBase64url(key), bytes)),
    newIdentity(device = random.id()) {
      const key = `page-${random.id()}`;
      const deviceKey = `device-${device}`;
      return {
        peer: idOf(key) as PeerId,
        device: idOf(deviceKey) as DeviceId,
        key,
        deviceKey,
        certificate: signature(deviceKey, certificateBytes(key)),
        sign: (bytes) => Promise.resolve(signature(key, bytes)),
        signAsDevice: (bytes) => Promise.resolve(signature(deviceKey, bytes)),
      };
    },
  };
  return crypto;
}

/** What a room's secret would give. */
export function createFakeRoom(secret = 'secret'): { readonly id: RoomId; readonly keys: RoomKeys } {
  const mac = (bytes: Uint8Array): string => encodeBase64url(hash(`room ${secret}`, bytes));
  return {
    id: encodeBase32(hash('room', utf8(secret))).slice(0, 16) as RoomId,
    keys: { mac: (bytes) => Promise.resolve(mac(bytes)), isMac: (claimed, bytes) => Promise.resolve(claimed === mac(bytes)) },
  };
}
