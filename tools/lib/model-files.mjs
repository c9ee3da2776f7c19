/** Model files on disk, by hash. A file is hashed once; a stamp of its size and time says later that it is still that file. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { formatBytes } from './progress.mjs';

/** @typedef {{ name: string, bytes?: number | undefined, sha256?: string | undefined }} WantedFile */
/** @typedef {{ size: number, mtimeMs: number, sha256: string }} Stamp */

/**
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<string>} SHA-256
 */
export async function hashFile(path, signal) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {Promise<string | null>} what is wrong with it, if it does not begin like a GGUF file
 */
export async function notGguf(path) {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return notGgufBytes(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/**
 * @param {Uint8Array} head the first bytes
 * @returns {string | null}
 */
export function notGgufBytes(head) {
  const text = Buffer.from(head.subarray(0, 4)).toString('latin1');
  return text === 'GGUF' ? null : `It begins with ${JSON.stringify(text)}, a GGUF file begins with "GGUF".`;
}

/** The hashes of files that were checked before, kept in `verified.json` of the cache folder. */
export class VerifiedFiles {
  #stampsPath;

  /** @param {string} folder */
  constructor(folder) {
    this.#stampsPath = join(folder, 'verified.json');
  }

  /**
   * @param {string} path
   * @param {AbortSignal} signal
   * @returns {Promise<string>} SHA-256, computed only if the file changed since it was last asked for
   */
  async hash(path, signal) {
    const { size, mtimeMs } = await stat(path);
    const stamps = await this.#stamps();
    const stamp = stamps[path];
    if (stamp && stamp.size === size && stamp.mtimeMs === mtimeMs) return stamp.sha256;
    const sha256 = await hashFile(path, signal);
    await this.remember(path, sha256);
    return sha256;
  }

  /**
   * @param {string} path
   * @param {string} sha256 its hash, computed by the caller
   */
  async remember(path, sha256) {
    const { size, mtimeMs } = await stat(path);
    await mkdir(dirname(this.#stampsPath), { recursive: true });
    await writeFile(this.#stampsPath, JSON.stringify({ ...(await this.#stamps()), [path]: { size, mtimeMs, sha256 } }, null, 2));
  }

  /**
   * @param {WantedFile} wanted
   * @param {string[]} folders
   * @param {{ say: (text: string) => void, signal: AbortSignal }} context
   * @returns {Promise<string | null>} the path of the first right one. Wrong ones are removed, and said.
   */
  async find(wanted, folders, { say, signal }) {
    for (const folder of folders) {
      const path = join(folder, wanted.name);
      const found = await stat(path).catch(() => null);
      if (!found?.isFile()) continue;
      const wrong = await this.#mismatch(path, found.size, wanted, signal);
      if (!wrong) return path;
      await rm(path);
      say(`Removed ${path}: ${wrong}.`);
    }
    return null;
  }

  /**
   * @param {string} path
   * @param {number} size
   * @param {WantedFile} wanted
   * @param {AbortSignal} signal
   * @returns {Promise<string | null>}
   */
  async #mismatch(path, size, wanted, signal) {
    if (wanted.bytes !== undefined && size !== wanted.bytes) return `it has ${formatBytes(size)} (${size}), not ${wanted.bytes}`;
    if (wanted.sha256 === undefined) return null;
    const sha256 = await this.hash(path, signal);
    return sha256 === wanted.sha256 ? null : `its SHA-256 is ${sha256}, not ${wanted.sha256}`;
  }

  /** @returns {Promise<Record<string, Stamp>>} */
  async #stamps() {
    try {
      return /** @type {Record<string, Stamp>} */ (JSON.parse(await readFile(this.#stampsPath, 'utf8')));
    } catch {
      // Absent or damaged: files are hashed again, nothing is lost.
      return {};
    }
  }
}
