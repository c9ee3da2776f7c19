/** Memory of a page's JavaScript, its workers' included, each after a collection of garbage of its own. */

/** @typedef {import('playwright').CDPSession} CDPSession */
/** @typedef {{ page: number, workers: number }} Heaps MB of JavaScript */

/** A worker that computes answers when its turn ends; one that is being ended never does. */
const PATIENCE_MS = 20_000;

/**
 * The protocol's messages to a worker travel inside messages to its parent, and those to a worker's worker inside those.
 *
 * @typedef {{ call: (method: string, params?: object) => Promise<any>, receive: (message: { id?: number, method?: string, params?: any, result?: any }) => void }} Line
 */

/**
 * @param {(message: string) => void} send
 * @param {(event: { method: string, params: any }) => void} onEvent
 * @returns {Line}
 */
function createLine(send, onEvent) {
  /** @type {Map<number, (result: any) => void>} */
  const open = new Map();
  let last = 0;
  return {
    call(method, params = {}) {
      last += 1;
      const id = last;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`A worker did not answer ${method}.`)), PATIENCE_MS);
        open.set(id, (result) => {
          clearTimeout(timer);
          resolve(result);
        });
        send(JSON.stringify({ id, method, params }));
      });
    },
    receive(message) {
      if (message.id !== undefined) open.get(message.id)?.(message.result);
      else if (message.method) onEvent({ method: message.method, params: message.params });
    },
  };
}

/**
 * @param {Line} line
 * @param {Map<string, Line>} below lines of its own workers
 * @returns {Promise<number[]>} bytes, its own and those of the workers below it
 */
async function measure(line, below) {
  await line.call('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  await line.call('HeapProfiler.enable');
  await line.call('HeapProfiler.collectGarbage');
  const { usedSize } = await line.call('Runtime.getHeapUsage');
  const deeper = await Promise.all([...below.values()].map((worker) => measure(worker, new Map())));
  return [usedSize, ...deeper.flat()];
}

/**
 * @param {CDPSession} session of the page
 * @returns {Promise<Heaps>}
 */
export async function heapsOf(session) {
  const own = createLine(() => undefined, () => undefined);
  own.call = (method, params) => session.send(/** @type {any} */ (method), /** @type {any} */ (params));
  /** @type {{ line: Line, below: Map<string, Line> }[]} */
  const workers = [];
  /** @type {Map<string, Line>} */
  const lines = new Map();
  session.on('Target.attachedToTarget', ({ sessionId }) => {
    const below = new Map();
    const line = createLine(
      (message) => void session.send('Target.sendMessageToTarget', { sessionId, message }),
      ({ method, params }) => {
        if (method === 'Target.attachedToTarget') below.set(params.sessionId, createLine((message) => void line.call('Target.sendMessageToTarget', { sessionId: params.sessionId, message }), () => undefined));
        if (method === 'Target.receivedMessageFromTarget') below.get(params.sessionId)?.receive(JSON.parse(params.message));
      },
    );
    lines.set(sessionId, line);
    workers.push({ line, below });
  });
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => lines.get(sessionId)?.receive(JSON.parse(message)));
  const [page = 0] = await measure(own, new Map());
  const bytes = (await Promise.all(workers.map(({ line, below }) => measure(line, below)))).flat();
  await session.send('Target.setAutoAttach', { autoAttach: false, waitForDebuggerOnStart: false, flatten: false });
  return { page: page / 1e6, workers: bytes.reduce((sum, size) => sum + size, 0) / 1e6 };
}
