/** What all long-running commands end like: Ctrl-C stops them, an error is one line, and nothing keeps the process. */
import { Console } from './progress.mjs';

/**
 * @param {(out: Console, signal: AbortSignal) => Promise<void>} main may throw at once, for options that make no sense
 * @returns {Promise<never>}
 */
export async function runCommand(main) {
  const stop = new AbortController();
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(name, () => stop.abort(new Error('Stopped.')));
  try {
    await main(new Console(process.stdout, () => performance.now()), stop.signal);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = stop.signal.aborted ? 130 : 1;
  }
  // The signalling package's timers would keep the process.
  process.exit();
}
