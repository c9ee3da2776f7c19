/**
 * What is in the box of a `relay` message, as bytes. In the open: one byte that says what it is, 16 characters that name
 * the connection, chosen by who dials, and the content. Sealed, the content is a part: one byte that says what it is, and
 * the rest. Frames longer than a part are cut. Pure; whatever came, nothing here throws.
 *
 *   box   1 ask      the dialler's offer of keys
 *         2 answer   the other end's choice
 *         3 sealed   a part
 *         4 end      there is no such connection (any more); nothing more in it
 *   part  0, 1       a message of the control channel: its end, or a piece before its end
 *         2, 3       the same for the bulk channel
 *         4 close    nothing more comes
 *         5 took     four bytes (big-endian): how much has arrived since the last of these
 */
import { LIMITS } from '../../protocol/limits.ts';
import { decodeBase64url, encodeBase64url, utf8 } from '../bytes.ts';
import { SEAL_BYTES } from './relay-crypto.ts';

const BOX_KINDS = ['ask', 'answer', 'sealed', 'end'] as const;
export type BoxKind = (typeof BOX_KINDS)[number];

export interface Box {
  readonly kind: BoxKind;
  /** Which connection of these two peers. */
  readonly path: string;
  readonly content: Uint8Array;
}

const PATH_CHARACTERS = 16;
const PATH = /^[a-z0-9]{16}$/;
const HEADER_BYTES = 1 + PATH_CHARACTERS;
/** Base64 makes four characters of three bytes. */
const BOX_BYTES = (LIMITS.relayBoxChars / 4) * 3;

/** The most of a frame that fits into one part. */
export const PIECE_BYTES = BOX_BYTES - HEADER_BYTES - SEAL_BYTES - 1;

export function packBox({ kind, path, content }: Box): string {
  const bytes = new Uint8Array(HEADER_BYTES + content.length);
  bytes[0] = BOX_KINDS.indexOf(kind) + 1;
  bytes.set(utf8(path), 1);
  bytes.set(content, HEADER_BYTES);
  return encodeBase64url(bytes);
}

/** @returns null for what {@link packBox} does not write */
export function unpackBox(text: string): Box | null {
  const bytes = decodeBase64url(text);
  if (!bytes || bytes.length < HEADER_BYTES) return null;
  const kind = BOX_KINDS[bytes[0]! - 1];
  const path = String.fromCharCode(...bytes.subarray(1, HEADER_BYTES));
  const content = bytes.subarray(HEADER_BYTES);
  if (!kind || !PATH.test(path) || (kind === 'end' && content.length > 0)) return null;
  return { kind, path, content };
}

/** Characters of the box around a part of that many bytes. */
export const boxChars = (partBytes: number): number => Math.ceil(((HEADER_BYTES + SEAL_BYTES + partBytes) * 4) / 3);

export type Lane = 'control' | 'bulk';

export type Part =
  | { readonly kind: 'piece'; readonly lane: Lane; readonly last: boolean; readonly bytes: Uint8Array }
  | { readonly kind: 'close' }
  | { readonly kind: 'took'; readonly bytes: number };

const CLOSE = 4;
const TOOK = 5;

export function packPart(part: Part): Uint8Array {
  switch (part.kind) {
    case 'close':
      return Uint8Array.of(CLOSE);
    case 'took':
      return Uint8Array.of(TOOK, part.bytes >>> 24, part.bytes >>> 16, part.bytes >>> 8, part.bytes);
    case 'piece': {
      const bytes = new Uint8Array(1 + part.bytes.length);
      bytes[0] = (part.lane === 'bulk' ? 2 : 0) + (part.last ? 0 : 1);
      bytes.set(part.bytes, 1);
      return bytes;
    }
  }
}

/** @returns null for what {@link packPart} does not write */
export function unpackPart(bytes: Uint8Array): Part | null {
  const [kind] = bytes;
  if (kind === undefined || kind > TOOK) return null;
  if (kind === CLOSE) return bytes.length === 1 ? { kind: 'close' } : null;
  if (kind === TOOK) return bytes.length === 5 ? { kind: 'took', bytes: new DataView(bytes.buffer, bytes.byteOffset).getUint32(1) } : null;
  return { kind: 'piece', lane: kind >= 2 ? 'bulk' : 'control', last: kind % 2 === 0, bytes: bytes.subarray(1) };
}

/** What a piece counts for in the window: empty ones cost too. */
export const costOf = (piece: Uint8Array): number => piece.length + 32;
