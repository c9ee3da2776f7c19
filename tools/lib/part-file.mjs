/** The half of a download that is already on disk: `<name>.part`, and beside it the tag of the version that it belongs to. */
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';

export class PartFile {
  #handle;
  #onGrow;

  /**
   * @param {string} path
   * @param {import('node:fs/promises').FileHandle} handle
   * @param {number} size
   * @param {(size: number) => void} onGrow
   */
  constructor(path, handle, size, onGrow) {
    this.path = path;
    this.#handle = handle;
    this.size = size;
    this.#onGrow = onGrow;
  }

  /**
   * @param {string} path
   * @param {(size: number) => void} onGrow hears of each new size; 0 means that everything before was dropped
   * @returns {Promise<PartFile>} at the end of what is there
   */
  static async open(path, onGrow) {
    const handle = await open(path, 'a');
    return new PartFile(path, handle, (await stat(path)).size, onGrow);
  }

  /** @param {Uint8Array} chunk */
  async write(chunk) {
    await this.#handle.appendFile(chunk);
    this.size += chunk.byteLength;
    this.#onGrow(this.size);
  }

  /** Drops what came so far. */
  async restart() {
    await this.#handle.truncate(0);
    await rm(`${this.path}.tag`, { force: true });
    this.size = 0;
    this.#onGrow(0);
  }

  /** @returns {Promise<string | null>} the tag that the source gave to the version of which this is the beginning */
  tag() {
    return readFile(`${this.path}.tag`, 'utf8').catch(() => null);
  }

  /** @param {string} tag */
  setTag(tag) {
    return writeFile(`${this.path}.tag`, tag);
  }

  close() {
    return this.#handle.close();
  }

  /** @param {string} path its name from now on. Close it first. */
  async moveTo(path) {
    await rm(`${this.path}.tag`, { force: true });
    await rename(this.path, path);
  }
}
