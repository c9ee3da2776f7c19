/**
 * Reads little-endian values from the first bytes of a file. It knows that there may be more file than bytes: a value
 * that isn't there yet raises {@link NeedMore}, one that can't be there at all (it would lie behind the file's end)
 * raises {@link Malformed}. So a length field full of rubbish costs nothing: it is compared before it is believed.
 */

/** The prefix in hand is too short; at least `bytes` of the file are needed. */
export class NeedMore extends Error {
  readonly bytes: number;
  constructor(bytes: number) {
    super(`needs the first ${bytes} bytes`);
    this.bytes = bytes;
  }
}

/** These bytes can't be a GGUF header. The message goes on from "the file is damaged:". */
export class Malformed extends Error {}

const decoder = new TextDecoder();

export class Cursor {
  offset = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fileSize: number;

  /** @param fileSize bytes of the whole file, of which `bytes` are the first */
  constructor(bytes: Uint8Array, fileSize: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fileSize = fileSize;
  }

  /** Moves over `length` bytes and gives where they start. */
  skip(length: number): number {
    const end = this.offset + length;
    if (end > this.#fileSize) throw new Malformed(`its header wants ${end} bytes, and the file has ${this.#fileSize}`);
    if (end > this.#bytes.length) throw new NeedMore(end);
    const start = this.offset;
    this.offset = end;
    return start;
  }

  u16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** A 64-bit count or offset. Beyond 2^53 there is no such file. */
  u64(): number {
    const value = Number(this.#view.getBigUint64(this.skip(8), true));
    if (!Number.isSafeInteger(value)) throw new Malformed(`it counts to ${value}`);
    return value;
  }

  skipString(): void {
    this.skip(this.u64());
  }

  /** @param most characters' bytes that are worth decoding; a longer text is cut */
  string(most: number): string {
    const length = this.u64();
    const start = this.skip(length);
    return decoder.decode(this.#bytes.subarray(start, start + Math.min(length, most)));
  }
}
