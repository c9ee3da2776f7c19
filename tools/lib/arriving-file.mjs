/**
 * A file that may still be arriving. Its writer says how far it got; each reader gets what is there and then follows.
 * Knows neither where the bytes come from nor who wants them.
 */
import { open } from 'node:fs/promises';

/** Large enough for the disk, small enough to start quickly. */
const CHUNK = 256 * 1024;

/**
 * @typedef {{ kind: 'arriving', done: number }
 *   | { kind: 'complete', done: number }
 *   | { kind: 'failed', reason: string, at: number }} ArrivalState
 */

/** The file did not come, and will not unless somebody tries again. */
export class ArrivalError extends Error {}

export class ArrivingFile {
  /** @type {ArrivalState} */
  #state = { kind: 'arriving', done: 0 };
  /** Counts how often the bytes began anew: a reader must not mix two attempts. */
  #attempt = 0;
  /** @type {Set<() => void>} */
  #waiting = new Set();
  #path;
  /** @type {number | null} */
  #bytes;

  /**
   * @param {string} path where the bytes are being written
   * @param {{ bytes?: number | undefined, sha256?: string | undefined }} [known]
   */
  constructor(path, { bytes, sha256 } = {}) {
    this.#path = path;
    this.#bytes = bytes ?? null;
    this.sha256 = sha256 ?? null;
  }

  /**
   * @param {string} path
   * @param {number} bytes
   * @param {string} [sha256]
   * @returns {ArrivingFile} one that is already there
   */
  static complete(path, bytes, sha256) {
    const file = new ArrivingFile(path, { bytes, sha256 });
    file.completed(path, bytes);
    return file;
  }

  get state() {
    return this.#state;
  }

  /** Null until known. */
  get bytes() {
    return this.#bytes;
  }

  /** @param {number} bytes how large the file will be */
  sized(bytes) {
    this.#bytes = bytes;
    this.#wake();
  }

  /** @param {number} done bytes that may be read now */
  grew(done) {
    this.#state = { kind: 'arriving', done };
    this.#wake();
  }

  /** What came so far was wrong. Readers of it are cut off. */
  restarted() {
    this.#attempt += 1;
    this.grew(0);
  }

  /**
   * @param {string} path where it is from now on
   * @param {number} bytes
   */
  completed(path, bytes) {
    this.#path = path;
    this.#bytes = bytes;
    this.#state = { kind: 'complete', done: bytes };
    this.#wake();
  }

  /**
   * @param {string} reason
   * @param {number} at when, in milliseconds
   */
  failed(reason, at) {
    this.#state = { kind: 'failed', reason, at };
    this.#wake();
  }

  /**
   * Waits until the size is known and the first bytes are there.
   *
   * @param {AbortSignal} signal
   * @returns {Promise<number>} the size. Rejects with {@link ArrivalError} if the file does not come.
   */
  async begun(signal) {
    for (;;) {
      if (this.#state.kind === 'failed') throw new ArrivalError(this.#state.reason);
      if (this.#bytes !== null && (this.#state.done > 0 || this.#state.kind === 'complete')) return this.#bytes;
      await this.#change(signal);
    }
  }

  /**
   * @param {number} start first byte
   * @param {number} end last byte
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<Buffer, void>} throws if the arrival fails or begins anew before `end`
   */
  async *read(start, end, signal) {
    const attempt = this.#attempt;
    await this.begun(signal);
    // A file that completes is renamed, perhaps right now: then it has its new path at the second try.
    const handle = await open(this.#path).catch(() => open(this.#path));
    try {
      for (let position = start; position <= end; ) {
        const available = Math.min(this.#available(attempt), end + 1) - position;
        if (available <= 0) {
          await this.#change(signal);
          continue;
        }
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(available, CHUNK)), 0, undefined, position);
        if (bytesRead === 0) throw new ArrivalError('The file became shorter while it was read.');
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  /**
   * @param {number} attempt
   * @returns {number} bytes that can be read
   */
  #available(attempt) {
    if (this.#state.kind === 'failed') throw new ArrivalError(this.#state.reason);
    if (attempt !== this.#attempt) throw new ArrivalError('The download had to begin anew.');
    return this.#state.done;
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<void>} resolves at the next change
   */
  #change(signal) {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(/** @type {Error} */ (signal.reason));
      const settle = () => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        if (signal.aborted) reject(/** @type {Error} */ (signal.reason));
        else resolve();
      };
      this.#waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
    });
  }

  #wake() {
    for (const settle of [...this.#waiting]) settle();
  }
}
