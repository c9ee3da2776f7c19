/** What browser tests may ask of the process that runs them: signalling servers that come and go. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** @type {Map<number, Worker>} by port */
const running = new Map();

/**
 * @param {unknown} _context
 * @param {number} [wanted] port; without it, a free one
 * @returns {Promise<number>} the port, on 127.0.0.1
 */
export async function startSignalling(_context, wanted = 0) {
  const worker = new Worker(new URL('signalling-worker.mjs', import.meta.url), { workerData: { port: wanted } });
  const [{ port }] = /** @type {[import('node:net').AddressInfo]} */ (await once(worker, 'message'));
  // The process must be able to end even if a test forgets.
  worker.unref();
  running.set(port, worker);
  return port;
}

/**
 * @param {unknown} _context
 * @param {number} port
 */
export async function stopSignalling(_context, port) {
  await running.get(port)?.terminate();
  running.delete(port);
}
