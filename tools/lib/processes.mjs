/**
 * Child processes that never outlive us. Each is the head of a process group of its own, so that what it starts can be
 * stopped with it; stopping asks first and insists after a while.
 */
import { spawn } from 'node:child_process';

/** Browsers and package managers put things in order within this time; after it they hang. */
const GRACE_MS = 5000;
/** Enough for the last words of a failing tool. */
const OUTPUT_TAIL = 64_000;

const groups = process.platform !== 'win32';

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function killGroup(pid, signal) {
  try {
    process.kill(groups ? -pid : pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * @typedef {object} RunOptions
 * @property {AbortSignal} signal stops the process
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [show] print its output instead of keeping it
 * @property {(chunk: Buffer) => Promise<void> | void} [onData] takes its standard output, with back-pressure
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} options
 * @returns {Promise<{ code: number, output: string }>} `output`: the end of what it said (errors only, if `onData` takes the rest).
 *   Rejects if it can't be started, if it was stopped, or with what `onData` throws.
 */
export async function run(command, args, { signal, cwd, env, show = false, onData }) {
  signal.throwIfAborted();
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    detached: groups,
    // npm is a batch file there, which Node.js starts through a shell only.
    shell: process.platform === 'win32' && command === 'npm',
  });
  let output = '';
  const keep = (/** @type {Buffer} */ chunk) => void (output = (output + chunk.toString()).slice(-OUTPUT_TAIL));
  child.stderr?.on('data', keep);
  if (!onData) child.stdout?.on('data', keep);

  const closed = new Promise((/** @type {(code: number) => void} */ resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const stop = stopper(child);
  signal.addEventListener('abort', stop.now, { once: true });
  try {
    if (onData && child.stdout) await consume(child.stdout, onData).catch((error) => (stop.now(), closed.then(() => { throw error; })));
    const code = await closed;
    signal.throwIfAborted();
    return { code, output };
  } finally {
    signal.removeEventListener('abort', stop.now);
    stop.done();
  }
}

/**
 * @param {NodeJS.ReadableStream} stream
 * @param {(chunk: Buffer) => Promise<void> | void} onData
 */
async function consume(stream, onData) {
  for await (const chunk of stream) await onData(/** @type {Buffer} */ (chunk));
}

/** @param {import('node:child_process').ChildProcess} child */
function stopper(child) {
  /** @type {NodeJS.Timeout | undefined} */
  let insist;
  return {
    now: () => {
      const { pid } = child;
      if (pid === undefined) return;
      killGroup(pid, 'SIGTERM');
      insist ??= setTimeout(() => killGroup(pid, 'SIGKILL'), GRACE_MS);
    },
    /** What is left of the group, if the head ended and others did not. */
    done: () => {
      clearTimeout(insist);
      if (groups && child.pid !== undefined) killGroup(child.pid, 'SIGKILL');
    },
  };
}

/**
 * @param {unknown} error
 * @returns {string} one line that says why; the cause, if the error only says that there is one (as `fetch` does)
 */
export function reasonOf(error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || ('code' in cause ? String(cause.code) : cause.name) : String(cause);
}

/**
 * @param {string} output of a failed command
 * @returns {string} its last line with words: most tools end with the reason
 */
export function lastLine(output) {
  return output.trim().split('\n').at(-1)?.trim() || 'it said nothing';
}
