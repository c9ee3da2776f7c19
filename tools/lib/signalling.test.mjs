import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { LIMITS } from '../../src/protocol/limits.ts';
import { attachSignalling, SIGNAL_LIMITS } from './signalling.mjs';
import { close } from './serve.mjs';

/** @type {import('node:http').Server} */
let server;
/** @type {import('./signalling.mjs').Signalling} */
let signalling;
let now = 0;
let base = '';
/** @type {WebSocket[]} */
let clients = [];

/** @param {Parameters<typeof attachSignalling>[1]} options */
async function serve(options = {}) {
  server = createServer((_request, response) => void response.writeHead(404).end());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  base = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  now = 0;
  signalling = attachSignalling(server, { now: () => now, ...options });
}
beforeEach(() => serve());
afterEach(async () => {
  signalling.close();
  for (const client of clients) client.terminate();
  clients = [];
  await close(server);
});

/**
 * @param {string} id
 * @param {{ token?: string, path?: string, headers?: Record<string, string>, protocol?: string }} [options]
 */
function connect(id, { token = 'token-1234', path = '/signal/peerjs', headers = {}, protocol } = {}) {
  const url = `ws://${base}${path}?key=peerjs&id=${id}&token=${token}&version=1.5.5`;
  const client = new WebSocket(url, protocol ? [protocol] : [], { headers });
  clients.push(client);
  /** @type {{ type: string, src?: string, payload?: unknown }[]} */
  const messages = [];
  client.on('message', (/** @type {Buffer} */ data) => {
    /** @type {typeof messages[number]} */
    const message = JSON.parse(data.toString());
    messages.push(message);
  });
  /** @param {string} type */
  const message = async (type) => {
    for (;;) {
      const found = messages.find((each) => each.type === type);
      if (found) return found;
      await once(client, 'message');
    }
  };
  const refused = new Promise((resolve) => client.on('unexpected-response', (_request, response) => resolve(response.statusCode)));
  client.on('error', () => undefined);
  return { client, message, refused, messages, send: (/** @type {object} */ value) => client.send(JSON.stringify(value)) };
}

const A = 'w-aaaaaaaaaa';
const B = 'w-bbbbbbbbbb';

describe('signalling', () => {
  it('has the bounds of the protocol', () => {
    const { signalBytes, signalMessagesPerSecond, signalBytesPerSecond, signalBurstSeconds, signalConnectionsPerAddress } = LIMITS;
    expect(SIGNAL_LIMITS).toEqual({ signalBytes, signalMessagesPerSecond, signalBytesPerSecond, signalBurstSeconds, signalConnectionsPerAddress });
  });

  it('brings offers from one to the other, and says who sent them', async () => {
    const [a, b] = [connect(A), connect(B)];
    await Promise.all([a.message('OPEN'), b.message('OPEN')]);
    a.send({ type: 'OFFER', src: 'w-somebody-else', dst: B, payload: { sdp: 'x' } });
    expect(await b.message('OFFER')).toEqual({ type: 'OFFER', src: A, dst: B, payload: { sdp: 'x' } });
  });

  it('tells soon if somebody is not there', async () => {
    const a = connect(A);
    await a.message('OPEN');
    a.send({ type: 'OFFER', dst: B, payload: {} });
    expect(await a.message('EXPIRE')).toMatchObject({ src: B });
  });

  it('gives an id to one token, and again once it is free', async () => {
    const first = connect(A);
    await first.message('OPEN');
    await connect(A, { token: 'another-token' }).message('ID-TAKEN');
    first.client.close();
    await once(first.client, 'close');
    await connect(A, { token: 'another-token' }).message('OPEN');
  });

  it('lists nobody and gives no ids over HTTP', async () => {
    for (const path of ['/signal', '/signal/peerjs/peers', '/signal/peerjs/id']) expect((await fetch(`http://${base}${path}`)).status).toBe(404);
  });

  it('lets pages of its own host in, and no others', async () => {
    await connect(A, { headers: { Origin: `http://${base}` } }).message('OPEN');
    expect(await connect(B, { headers: { Origin: 'https://evil.example' } }).refused).toBe(403);
    expect(await connect(B, { headers: { Origin: 'null' } }).refused).toBe(403);
  });

  it('refuses ids and tokens that nobody of ours has', async () => {
    for (const id of ['', 'A', '__proto__', `w-${'a'.repeat(100)}`, 'w-a%20b%20c%20d%20e']) expect(await connect(id).refused).toBe(400);
    expect(await connect(A, { token: 'short' }).refused).toBe(400);
  });

  it('leaves other upgrades to others, and ends those that nobody wants', async () => {
    expect(await connect(A, { path: '/elsewhere' }).refused).toBe(404);
    const hot = new WebSocketServer({ noServer: true });
    const take = (/** @type {import('node:http').IncomingMessage} */ request, /** @type {import('node:stream').Duplex} */ socket, /** @type {Buffer} */ head) => {
      if (request.url?.startsWith('/hot')) hot.handleUpgrade(request, socket, head, (client) => client.send('{"type":"HOT"}'));
    };
    server.on('upgrade', take);
    await connect(A, { path: '/hot', protocol: 'vite-hmr' }).message('HOT');
    await connect(A).message('OPEN');
    server.off('upgrade', take);
  });
});

describe('signalling, abused,', () => {
  /** @param {ReturnType<typeof connect>} client */
  const closeCode = async ({ client }) => Number((await once(client, 'close'))[0]);

  it('survives what is no message', async () => {
    const [a, b] = [connect(A), connect(B)];
    await Promise.all([a.message('OPEN'), b.message('OPEN')]);
    for (const text of ['{', 'null', '[]', '7', '{"type":"OFFER","dst":{"a":1}}', '{"type":"__proto__"}', '{"type":"LEAVE","dst":"nobody"}']) a.client.send(text);
    a.client.send(Buffer.from([0xff, 0xfe, 0x00]));
    a.send({ type: 'CANDIDATE', dst: B, payload: {} });
    expect(await b.message('CANDIDATE')).toMatchObject({ src: A });
  });

  it('closes a socket for a message that is too long', async () => {
    const a = connect(A);
    await a.message('OPEN');
    a.client.send('x'.repeat(SIGNAL_LIMITS.signalBytes + 1));
    expect(await closeCode(a)).toBe(1009);
  });

  it('closes a socket that says too much, and lets time make it good', async () => {
    const { signalMessagesPerSecond, signalBurstSeconds } = SIGNAL_LIMITS;
    const burst = signalMessagesPerSecond * signalBurstSeconds;
    const a = connect(A);
    await a.message('OPEN');
    const say = async (/** @type {number} */ count) => {
      for (let index = 0; index < count; index += 1) a.send({ type: 'HEARTBEAT' });
      a.client.ping();
      await once(a.client, 'pong');
    };
    await say(burst);
    now += 1000;
    await say(signalMessagesPerSecond);
    expect(a.client.readyState).toBe(WebSocket.OPEN);
    a.send({ type: 'HEARTBEAT' });
    expect(await closeCode(a)).toBe(1008);
  });

  it('closes a socket that sends too many bytes', async () => {
    const a = connect(A);
    await a.message('OPEN');
    for (let index = 0; index < 9; index += 1) a.send({ type: 'HEARTBEAT', filling: 'x'.repeat(60 * 1024) });
    expect(await closeCode(a)).toBe(1008);
  });

  it('serves so many connections of one address, and one more when one has gone', async () => {
    signalling.close();
    await close(server);
    await serve({ limits: { ...SIGNAL_LIMITS, signalConnectionsPerAddress: 2 } });
    const [first, second] = [connect(A), connect(B)];
    await Promise.all([first.message('OPEN'), second.message('OPEN')]);
    expect(await connect('w-cccccccccc').refused).toBe(429);
    first.client.close();
    await once(first.client, 'close');
    await vi.waitFor(() => expect(signalling.connections()).toBe(1));
    await connect('w-cccccccccc').message('OPEN');
  });

  it('ends every socket when it is closed', async () => {
    const a = connect(A);
    await a.message('OPEN');
    const code = closeCode(a);
    signalling.close();
    await code;
    await close(server);
    await serve();
  });
});
