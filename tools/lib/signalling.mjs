/**
 * Signalling: a PeerServer on the same port as the page, so that tabs find each other without anybody else's help. Owns
 * who may connect, how many, and how much they may say; what they say to each other is relayed by the package `peer`.
 * Knows neither rooms nor who is in them. Tokens stand in addresses, so addresses are not logged.
 */

import { TURN_PATH } from './turn.mjs';

/** Where the sockets are: PeerJS puts `peerjs` below the configured path. */
export const SIGNAL_PATH = '/signal';

/** The same numbers as in `src/protocol/limits.ts`, which a tool can't import; a test compares them. */
export const SIGNAL_LIMITS = {
  signalBytes: 64 * 1024,
  signalMessagesPerSecond: 50,
  signalBytesPerSecond: 128 * 1024,
  signalBurstSeconds: 4,
  signalConnectionsPerAddress: 256,
};

/** A hidden tab may speak once a minute. */
const ALIVE_MS = 90_000;
/** How long a call for somebody who is not there waits for them, and how often that is looked at: a newcomer who finds a
 *  door shut should know it soon. */
const ABSENT_MS = 1000;
const LOOK_MS = 500;
/** RFC 6455: a rule was broken. */
const POLICY_VIOLATION = 1008;

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:stream').Duplex} Socket
 * @typedef {object} Signalling
 * @property {() => void} warm loads what it needs; otherwise the first who connects waits for that
 * @property {() => number} connections
 * @property {() => void} close ends every connection. The package's timers live on: whoever closes ends the process too
 */

/**
 * @param {import('node:http').Server} server
 * @param {{ limits?: typeof SIGNAL_LIMITS, anyOrigin?: boolean, now?: () => number }} [options]
 * @returns {Signalling}
 */
export function attachSignalling(server, { limits = SIGNAL_LIMITS, anyOrigin = false, now = () => performance.now() } = {}) {
  /** @type {Map<string, number>} */
  const perAddress = new Map();
  /** @type {Promise<import('ws').WebSocketServer> | null} */
  let hub = null;
  const load = () => (hub ??= createHub(server, limits.signalBytes));

  /** @param {Request} request @returns {[status: number, reason: string] | null} */
  function refusal(request) {
    if (!anyOrigin && !isOwnOrigin(request)) return [403, 'Forbidden'];
    if (!hasSaneParameters(request)) return [400, 'Bad Request'];
    if ((perAddress.get(addressOf(request)) ?? 0) >= limits.signalConnectionsPerAddress) return [429, 'Too Many Requests'];
    return null;
  }

  /** @param {Request} request @param {Socket} socket */
  function count(request, socket) {
    const address = addressOf(request);
    perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
    socket.once('close', () => {
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
  }

  /** @param {Request} request @param {Socket} socket @param {Buffer} head */
  function onUpgrade(request, socket, head) {
    if (pathOf(request) !== `${SIGNAL_PATH}/peerjs`) {
      // Others on this server (hot reload) may want it. If there is nobody else, it would wait for ever.
      if (server.listenerCount('upgrade') === 1) refuse(socket, 404, 'Not Found');
      return;
    }
    socket.on('error', () => socket.destroy());
    const refused = refusal(request);
    if (refused) return refuse(socket, ...refused);
    count(request, socket);
    load().then(
      (sockets) => !socket.destroyed && sockets.handleUpgrade(request, socket, head, (client) => admit(sockets, client, request)),
      () => refuse(socket, 503, 'Service Unavailable'),
    );
  }

  /** @param {import('ws').WebSocketServer} sockets @param {import('ws').WebSocket} client @param {Request} request */
  function admit(sockets, client, request) {
    const messages = createAllowance(limits.signalMessagesPerSecond, limits.signalBurstSeconds, now);
    const bytes = createAllowance(limits.signalBytesPerSecond, limits.signalBurstSeconds, now);
    client.on('message', (/** @type {Buffer} */ data) => {
      if (!messages(1) || !bytes(data.length)) client.close(POLICY_VIOLATION, 'too much');
    });
    sockets.emit('connection', client, request);
  }

  server.on('upgrade', onUpgrade);
  return {
    warm: () => void load().catch(() => undefined),
    connections: () => [...perAddress.values()].reduce((sum, each) => sum + each, 0),
    close() {
      server.off('upgrade', onUpgrade);
      void hub?.then(({ clients }) => clients.forEach((client) => client.terminate()));
    },
  };
}

/**
 * @param {import('node:http').Server} server
 * @param {number} maxPayload bytes of a message; a longer one closes its socket
 * @returns {Promise<import('ws').WebSocketServer>} whose connections the package serves
 */
async function createHub(server, maxPayload) {
  // Slow to load, so not before the page is there.
  const [{ ExpressPeerServer }, { WebSocketServer }] = await Promise.all([import('peer'), import('ws')]);
  const sockets = new WebSocketServer({ noServer: true, maxPayload });
  const app = ExpressPeerServer(server, {
    path: '/',
    alive_timeout: ALIVE_MS,
    expire_timeout: ABSENT_MS,
    cleanup_out_msgs: LOOK_MS,
    allow_discovery: false,
    proxied: false,
    createWebSocketServer: () => sockets,
  });
  // Malformed messages of clients come out here; without a listener each would end the process.
  app.on('error', () => undefined);
  // It begins to work when it is mounted. Its HTTP interface (ids and lists of peers) is not reachable: nobody needs it.
  ExpressPeerServer(server).use(app);
  return sockets;
}

/**
 * @param {number} perSecond
 * @param {number} seconds that may be saved up
 * @param {() => number} now
 * @returns {(amount: number) => boolean} whether that much may be said now
 */
function createAllowance(perSecond, seconds, now) {
  const most = perSecond * seconds;
  let left = most;
  let at = now();
  return (amount) => {
    left = Math.min(most, left + ((now() - at) / 1000) * perSecond) - amount;
    at = now();
    return left >= 0;
  };
}

/**
 * Browsers say which page opens a socket; other programs need not, and could say anything.
 *
 * @param {Request} request
 */
function isOwnOrigin({ headers: { origin, host } }) {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

/** @param {Request} request */
function hasSaneParameters({ url = '' }) {
  const query = new URL(url, 'http://localhost').searchParams;
  return /^[a-z]-[a-z0-9-]{8,64}$/.test(query.get('id') ?? '') && /^[A-Za-z0-9_-]{8,64}$/.test(query.get('token') ?? '');
}

/** @param {Request} request */
const addressOf = (request) => request.socket.remoteAddress ?? '';

/** @param {Request} request */
const pathOf = ({ url = '' }) => (URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost').pathname : '');

/** @param {Socket} socket @param {number} status @param {string} reason */
function refuse(socket, status, reason) {
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.once('finish', () => socket.destroy());
}

/**
 * Signalling for Vite's own servers, and the `llambo.json` that says where it is.
 *
 * @param {import('./turn.mjs').TurnSite} turn
 * @returns {import('vite').Plugin}
 */
export function viteSignalling(turn) {
  const config = JSON.stringify({ signalling: [signallingEntry], ...turn.part });
  /** @param {{ httpServer: unknown, middlewares: import('vite').Connect.Server }} server */
  const configure = ({ httpServer, middlewares }) => {
    if (!httpServer) return;
    attachSignalling(/** @type {import('node:http').Server} */ (httpServer));
    if (turn.desk) middlewares.use(`/${TURN_PATH}`, turn.desk);
    middlewares.use('/llambo.json', (_request, response) => void response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(config));
  };
  return { name: 'llambo-signalling', configureServer: configure, configurePreviewServer: configure };
}

/** Relative, so that it is right behind a proxy that puts the page below a path of its own. */
export const signallingEntry = { path: SIGNAL_PATH.slice(1) };
