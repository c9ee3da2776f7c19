/** Bytes as text and back, and the one way in which byte strings are put together before they are hashed or signed. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const BASE64URL = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const BASE32 = encoder.encode('abcdefghijklmnopqrstuvwxyz234567');
/** By character code; what is no character of the alphabet has none. */
const BASE64URL_VALUES: readonly (number | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const value = BASE64URL.indexOf(code);
  return value < 0 ? undefined : value;
});

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** The bytes' bits in groups of `width`, the last one filled up with zeros. */
function spell(bytes: Uint8Array, width: number, alphabet: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil((bytes.length * 8) / width));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= width) {
      bits -= width;
      codes[length] = alphabet[(held >>> bits) & ((1 << width) - 1)]!;
      length += 1;
    }
    held &= (1 << bits) - 1;
  }
  if (bits > 0) codes[length] = alphabet[(held << (width - bits)) & ((1 << width) - 1)]!;
  return decoder.decode(codes);
}

/** RFC 4648, section 5, without padding. */
export const encodeBase64url = (bytes: Uint8Array): string => spell(bytes, 6, BASE64URL);

/** RFC 4648, section 6, in lower case and without padding. */
export const encodeBase32 = (bytes: Uint8Array): string => spell(bytes, 5, BASE32);

/** @returns null for anything that {@link encodeBase64url} does not write, so that each byte string has one spelling. */
export function decodeBase64url(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let index = 0; index < text.length; index += 1) {
    const value = BASE64URL_VALUES[text.charCodeAt(index)];
    if (value === undefined) return null;
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length] = held >>> bits;
      length += 1;
    }
    held &= (1 << bits) - 1;
  }
  return bits < 6 && held === 0 ? bytes : null;
}

/** The parts in order, each after its length in four bytes (big-endian), so that no two lists of parts give the same bytes. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(whole.buffer);
  let offset = 0;
  for (const part of parts) {
    view.setUint32(offset, part.length);
    whole.set(part, offset + 4);
    offset += 4 + part.length;
  }
  return whole;
}

/**
 * What is signed, or put under a key: nothing that is signed for one purpose can be shown for another.
 * @param label of the purpose, as in docs/protocol.md: `llambo/1 certificate`
 */
export const labelled = (label: string, ...parts: readonly Uint8Array[]): Uint8Array => joined([utf8(label), ...parts]);

/** Compares in time that depends on the lengths only. */
export function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
