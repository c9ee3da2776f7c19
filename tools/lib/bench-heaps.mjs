/** Memory of a page's JavaScript, its workers' included, each after a collection of garbage of its own. */

/** @typedef {import('playwright').CDPSession} CDPSession */
/** @typedef {{ page: number, workers: number }} Heaps MB of JavaScript */
/** @typedef {{ sessionId: string, message: string }} Envelope a message of the protocol, from or to a worker */
/** @typedef {{ id?: number, method?: string, params?: Envelope, result?: unknown }} ProtocolMessage */
/** @typedef {(method: string, params?: object) => Promise<unknown>} Call */

/** A worker that computes answers when its turn ends; one that is being ended never does. */
const PATIENCE_MS = 20_000;

/**
 * One page or worker. Messages to its workers travel inside messages to it, and so do theirs inside its own.
 *
 * @param {Call} call
 */
function createTarget(call) {
  /** @type {Map<string, ReturnType<typeof createWorkerTarget>>} */
  const workers = new Map();
  return {
    /** @param {string | undefined} method @param {Envelope | undefined} envelope */
    onEvent(method, envelope) {
      if (!envelope) return;
      const { sessionId, message } = envelope;
      if (method === 'Target.attachedToTarget') workers.set(sessionId, createWorkerTarget((text) => call('Target.sendMessageToTarget', { sessionId, message: text })));
      if (method === 'Target.receivedMessageFromTarget') workers.get(sessionId)?.receive(/** @type {ProtocolMessage} */ (JSON.parse(message)));
    },
    /** @returns {Promise<number[]>} bytes: its own, and those of each worker below it */
    async measure() {
      await call('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
      await call('HeapProfiler.enable');
      await call('HeapProfiler.collectGarbage');
      const { usedSize } = /** @type {{ usedSize: number }} */ (await call('Runtime.getHeapUsage'));
      /** @type {number[][]} */
      const below = await Promise.all([...workers.values()].map((worker) => worker.measure()));
      await call('Target.setAutoAttach', { autoAttach: false, waitForDebuggerOnStart: false, flatten: false });
      return [usedSize, ...below.flat()];
    },
  };
}

/** @param {(message: string) => Promise<unknown>} send */
function createWorkerTarget(send) {
  /** @type {Map<number, (result: unknown) => void>} */
  const open = new Map();
  let last = 0;
  /** @type {Call} */
  const call = (method, params = {}) => {
    last += 1;
    const id = last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`A worker did not answer ${method}.`)), PATIENCE_MS);
      open.set(id, (result) => {
        clearTimeout(timer);
        resolve(result);
      });
      send(JSON.stringify({ id, method, params })).catch(reject);
    });
  };
  const target = createTarget(call);
  return {
    measure: () => target.measure(),
    /** @param {ProtocolMessage} message */
    receive({ id, method, params, result }) {
      if (id === undefined) target.onEvent(method, params);
      else open.get(id)?.(result);
    },
  };
}

/**
 * @param {CDPSession} session of the page
 * @returns {Promise<Heaps>}
 */
export async function heapsOf(session) {
  const page = createTarget((method, params) => session.send(/** @type {'Runtime.getHeapUsage'} */ (method), params));
  session.on('Target.attachedToTarget', ({ sessionId }) => page.onEvent('Target.attachedToTarget', { sessionId, message: '' }));
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => page.onEvent('Target.receivedMessageFromTarget', { sessionId, message }));
  const [own = 0, ...workers] = await page.measure();
  return { page: own / 1e6, workers: workers.reduce((sum, bytes) => sum + bytes, 0) / 1e6 };
}
