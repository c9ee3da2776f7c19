/**
 * Messages as frames of bytes. A frame is one kind byte, the length of what follows in four bytes (big-endian), and that.
 * A message that fits is one frame of kind 1; a longer one is cut into full frames of kind 2 and a last one of kind 3.
 * Pure, and the first thing that a stranger's bytes meet: whatever they are, nothing here throws, and what is held for an
 * unfinished message is at most `LIMITS.messageBytes`.
 *
 * Text: JSON in UTF-8. Lone surrogates survive, because JSON writes them as escapes.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import { parseMessage, type Parsed } from '../../protocol/parse.ts';
import { LlamboError } from '../../shared/errors.ts';

const WHOLE = 1;
const PART = 2;
const LAST = 3;
const HEADER_BYTES = 5;
const PAYLOAD_BYTES = LIMITS.frameBytes - HEADER_BYTES;

const encoder = new TextEncoder();
// A byte order mark is kept, so that it is malformed JSON like any other stray character.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function emptyFrame(kind: number, length: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + length);
  bytes[0] = kind;
  bytes[1] = length >>> 24;
  bytes[2] = length >>> 16;
  bytes[3] = length >>> 8;
  bytes[4] = length;
  return bytes;
}

function frame(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = emptyFrame(kind, payload.length);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Longer texts are quicker with the platform's encoder. */
const SHORT_CHARS = 1024;

/** A short text without a character beyond ASCII, which heartbeats are, straight into its frame; null for any other. */
function shortFrame(text: string): Uint8Array | null {
  if (text.length > SHORT_CHARS) return null;
  const bytes = emptyFrame(WHOLE, text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 127) return null;
    bytes[HEADER_BYTES + index] = code;
  }
  return bytes;
}

/**
 * @returns frames of at most `LIMITS.frameBytes`, to be sent in this order with nothing in between
 * @throws LlamboError `bad-request` if the message is longer than `LIMITS.messageBytes`
 */
export function encode(message: PeerMessage): Uint8Array[] {
  const text = JSON.stringify(message);
  const short = shortFrame(text);
  if (short) return [short];
  const payload = encoder.encode(text);
  if (payload.length <= PAYLOAD_BYTES) return [frame(WHOLE, payload)];
  if (payload.length > LIMITS.messageBytes) {
    throw new LlamboError('bad-request', `A message of ${payload.length} bytes is too long to send: ${LIMITS.messageBytes} are allowed.`, { advice: 'Send a shorter text.' });
  }
  const frames: Uint8Array[] = [];
  for (let start = 0; start < payload.length; start += PAYLOAD_BYTES) {
    const end = start + PAYLOAD_BYTES;
    frames.push(frame(end < payload.length ? PART : LAST, payload.subarray(start, end)));
  }
  return frames;
}

/** @returns null while a message is not complete. After `malformed` the decoder is of no more use: the link closes. */
export type Decoder = (frame: Uint8Array) => Parsed | null;

const malformed = (what: string): Parsed => ({ kind: 'malformed', what });

/** One per link: it holds the message that is arriving in parts. */
export function createDecoder(): Decoder {
  let parts: Uint8Array[] = [];

  /** Full parts only, so that their number is bounded with their bytes. */
  function keep(payload: Uint8Array): Parsed | null {
    if (payload.length !== PAYLOAD_BYTES) return malformed('frame: a part that is not full');
    if ((parts.length + 1) * PAYLOAD_BYTES > LIMITS.messageBytes) return malformed('frame: too long a message');
    // A copy: the transport may use its buffer again.
    parts.push(payload.slice());
    return null;
  }

  function finish(last: Uint8Array): Parsed {
    const before = parts;
    parts = [];
    const length = before.length * PAYLOAD_BYTES + last.length;
    if (before.length === 0) return malformed('frame: an end without a start');
    if (length > LIMITS.messageBytes) return malformed('frame: too long a message');
    const whole = new Uint8Array(length);
    before.forEach((part, index) => whole.set(part, index * PAYLOAD_BYTES));
    whole.set(last, before.length * PAYLOAD_BYTES);
    return read(whole);
  }

  return (bytes) => {
    if (bytes.length <= HEADER_BYTES || bytes.length > LIMITS.frameBytes) return malformed('frame: size');
    const length = ((bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!) >>> 0;
    if (length !== bytes.length - HEADER_BYTES) return malformed('frame: length');
    const payload = bytes.subarray(HEADER_BYTES);
    switch (bytes[0]!) {
      case WHOLE:
        return parts.length === 0 ? read(payload) : malformed('frame: a message within another');
      case PART:
        return keep(payload);
      case LAST:
        return finish(payload);
      default:
        return malformed('frame: kind');
    }
  };
}

function read(payload: Uint8Array): Parsed {
  let value: unknown;
  try {
    const text = decoder.decode(payload);
    if (!isShallow(text)) return malformed('frame: too deep');
    value = JSON.parse(text);
  } catch {
    return malformed('frame: not JSON in UTF-8');
  }
  return parseMessage(value);
}

const QUOTE = 34;
const BACKSLASH = 92;

/** Whether brackets outside of strings nest no deeper than `LIMITS.messageDepth`. Says nothing of whether the text is JSON. */
function isShallow(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = endOfString(text, index);
    } else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > LIMITS.messageDepth) return false;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return true;
}

/** Where the quote is that closes the string that opens at `start`; the text's end if there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = end - 1;
    while (text.charCodeAt(escapes) === BACKSLASH) escapes -= 1;
    if ((end - 1 - escapes) % 2 === 0) return end;
  }
  return text.length;
}
