/**
 * Who a peer is: a key pair made with each page load, certified by the key of the device. Everything that signs, hashes
 * or seals goes through {@link MeshCrypto}, so that a simulation can do without.
 */
import type { DeviceId, PeerId } from '../shared/ids.ts';
import { labelled, utf8 } from './bytes.ts';

/** Keys as raw bytes in base64url (RFC 4648, section 5, no padding): Ed25519 (32 bytes), or P-256 (65 bytes) where a browser lacks it. */
export type PublicKey = string;

export interface Identity {
  readonly peer: PeerId;
  readonly device: DeviceId;
  readonly key: PublicKey;
  readonly deviceKey: PublicKey;
  /** The device's signature over the page's key. */
  readonly certificate: string;
  /** Signs with the page's key. @returns base64url */
  sign(bytes: Uint8Array): Promise<string>;
  /** Signs with the device's key, for what must count after this page load. @returns base64url */
  signAsDevice(bytes: Uint8Array): Promise<string>;
}

export interface MeshCrypto {
  /** False for a signature that is not of that key, and for garbage. */
  verify(key: PublicKey, signature: string, bytes: Uint8Array): Promise<boolean>;
  /** The id that belongs to a key: 20 base32 characters of its SHA-256. */
  idOf(key: PublicKey): Promise<string>;
  /** 16 random bytes, base64url. */
  nonce(): string;
}

/** What a room's secret gives: see `invitation.ts`. */
export interface RoomKeys {
  /** HMAC-SHA-256 with the room's key, base64url. */
  mac(bytes: Uint8Array): Promise<string>;
  /** In time that does not depend on where they differ. */
  isMac(mac: string, bytes: Uint8Array): Promise<boolean>;
}

/** What a room's secret is stretched and divided with. */
export interface SecretCrypto {
  /** PBKDF2 with HMAC-SHA-256. @returns 32 bytes */
  stretch(secret: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array>;
  /** HMAC-SHA-256. @returns 32 bytes */
  hmac(key: Uint8Array, bytes: Uint8Array): Promise<Uint8Array>;
}

/** What the device's key signs to certify a page's. */
export const certificateBytes = (key: PublicKey): Uint8Array => labelled('llambo/1 certificate', utf8(key));
