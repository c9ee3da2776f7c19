/** Brings a model file into the cache folder: what is on disk first, then the sources in turn, each checked by hash. */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ArrivingFile } from './arriving-file.mjs';
import { hashFile } from './model-files.mjs';
import { PartFile } from './part-file.mjs';
import { reasonOf } from './processes.mjs';
import { formatBytes } from './progress.mjs';

/** A page asks again when its download was cut; more often than this it would only hear the same. */
const RETRY_AFTER_MS = 10_000;

/**
 * @typedef {object} ArrivalContext
 * @property {string} folder the cache folder
 * @property {string[]} folders where the file may already be
 * @property {import('./model-files.mjs').VerifiedFiles} verified
 * @property {import('./progress.mjs').Console} out
 * @property {AbortSignal} signal
 * @property {() => number} now milliseconds
 */

/** One wanted file. Nothing happens until somebody asks for it. */
export class ModelArrival {
  /** @type {ArrivingFile | null} */
  #file = null;
  /** @type {Promise<void>} */
  #finished = Promise.resolve();

  /**
   * @param {import('./model-files.mjs').WantedFile} wanted
   * @param {import('./model-sources.mjs').Source[]} sources tried in order
   * @param {ArrivalContext} context
   */
  constructor(wanted, sources, context) {
    this.wanted = wanted;
    this.sources = sources;
    this.context = context;
  }

  /** Resolves when nothing is under way any more. Never rejects. */
  get finished() {
    return this.#finished;
  }

  /** @returns {ArrivingFile} begins the arrival, if it is not under way or done; tries again, if it failed a while ago */
  file() {
    const state = this.#file?.state;
    const again = state?.kind === 'failed' && this.context.now() - state.at >= RETRY_AFTER_MS;
    if (!this.#file || again) {
      const file = new ArrivingFile(this.#partPath(), this.wanted);
      this.#file = file;
      this.#finished = this.#bring(file).catch((/** @type {unknown} */ error) => {
        file.failed(reasonOf(error), this.context.now());
        if (!this.context.signal.aborted) this.context.out.say(`${reasonOf(error)}\nThe page goes on with the built-in engine.`);
      });
    }
    return this.#file;
  }

  #partPath() {
    return join(this.context.folder, `${this.wanted.name}.part`);
  }

  /** @param {ArrivingFile} file */
  async #bring(file) {
    const { verified, folder, folders, out, signal } = this.context;
    await mkdir(folder, { recursive: true });
    const found = await verified.find(this.wanted, folders, { say: (text) => out.say(text), signal });
    if (found) return file.completed(found, (await stat(found)).size);

    const part = await PartFile.open(this.#partPath(), (size) => (size === 0 ? file.restarted() : file.grew(size)));
    try {
      if (part.size > 0) file.grew(part.size);
      const failures = await this.#trySources(part, file);
      if (failures) throw new Error(`${this.wanted.name} could not be fetched. Tried:\n${failures.map((line) => `  - ${line}`).join('\n')}`);
    } finally {
      await part.close();
      if (part.size === 0) await rm(part.path, { force: true });
    }
    const path = join(folder, this.wanted.name);
    await part.moveTo(path);
    file.completed(path, part.size);
    if (this.wanted.sha256) await verified.remember(path, this.wanted.sha256);
    out.say(`${this.wanted.name} is here: ${formatBytes(part.size)}, ${this.wanted.sha256 ? 'hash checked' : 'no hash known to check it by'}.`);
  }

  /**
   * @param {PartFile} part
   * @param {ArrivingFile} file
   * @returns {Promise<string[] | null>} what went wrong with each; null if the whole right file is in `part`
   */
  async #trySources(part, file) {
    /** @type {string[]} */
    const failures = [];
    // An earlier start may have been stopped after the last byte.
    if (part.size > 0 && part.size === this.wanted.bytes) {
      if (!(await this.#mismatch(part))) return null;
      await part.restart();
    }
    for (const source of this.sources) {
      // A wrong beginning from an earlier attempt must not count against this source: then it gets a second chance.
      for (let resumed = true; resumed; ) {
        resumed = part.size > 0;
        const failure = await this.#trySource(source, part, file);
        if (!failure) return null;
        failures.push(`${source.name}: ${failure.reason}`);
        this.context.out.say(`${source.name}: ${failure.reason}.`);
        resumed &&= failure.wrongBytes;
      }
    }
    return failures;
  }

  /**
   * @param {import('./model-sources.mjs').Source} source
   * @param {PartFile} part
   * @param {ArrivingFile} file
   * @returns {Promise<{ reason: string, wrongBytes: boolean } | null>}
   */
  async #trySource(source, part, file) {
    const { folder, out, signal } = this.context;
    const progress = out.progress(this.wanted.name, 'bytes');
    try {
      await source.bring({ part, folder, signal, sized: (bytes) => file.sized(bytes), report: (done, total) => progress.update(done, total) });
    } catch (error) {
      signal.throwIfAborted();
      return { reason: reasonOf(error), wrongBytes: false };
    } finally {
      progress.end();
    }
    const wrong = await this.#mismatch(part);
    if (!wrong) return null;
    await part.restart();
    return { reason: `${wrong}; removed`, wrongBytes: true };
  }

  /**
   * @param {PartFile} part
   * @returns {Promise<string | null>}
   */
  async #mismatch(part) {
    const { bytes, sha256 } = this.wanted;
    if (bytes !== undefined && part.size !== bytes) return `it gave ${part.size} bytes, not ${bytes}`;
    if (sha256 === undefined) return null;
    const got = await hashFile(part.path, this.context.signal);
    return got === sha256 ? null : `the SHA-256 of its file is ${got}, not ${sha256}`;
  }
}
