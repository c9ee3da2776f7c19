/** The suite over real WebRTC and a real signalling server, and what only this transport must do. */
import type { Peer } from 'peerjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import { systemEnv } from '../../shared/system-env.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { startSignallingServer, serverAt, type RunningServer } from '../../testing/signalling-server.ts';
import { endsOf, freshId, numbered, numbersFrom } from '../../testing/transport-bench.ts';
import { transportSuite } from '../../testing/transport-suite.ts';
import type { Connection, Endpoint } from '../transport/transport.ts';
import { createPeerjsTransport } from './peerjs-transport.ts';

let running: RunningServer;
beforeAll(async () => void (running = await startSignallingServer()));
afterAll(() => running.stop());

const create = () => createPeerjsTransport({ env: systemEnv, servers: [running.server], iceServers: [] });

transportSuite('peerjs-transport', async () => ({ a: create(), b: create() }));

const opened: Endpoint[] = [];
async function open(transport = create()): Promise<Endpoint> {
  const endpoint = await transport.open();
  opened.push(endpoint);
  return endpoint;
}
afterEach(() => {
  for (const endpoint of opened.splice(0)) endpoint.close();
  vi.unstubAllGlobals();
});

/** Both ends of a connection. */
async function connect(a: Endpoint, b: Endpoint): Promise<[Connection, Connection]> {
  const arrived = new Promise<Connection>((resolve) => b.onConnection(resolve));
  return [await a.dial(b.id), await arrived];
}

describe('WebRTC', () => {
  it('brings over what is sent just before a tab says goodbye', async () => {
    const [near, far] = await connect(await open(), await open());
    const [numbers, answers, ends] = [numbersFrom(far), numbersFrom(near), endsOf(far)];
    near.send(numbered(1));
    far.send(numbered(2));
    await vi.waitUntil(() => numbers.length === 1 && answers.length === 1);
    near.send(numbered(9, 2000));
    opened[0]!.close();
    await vi.waitUntil(() => ends.length === 1);
    expect([numbers, ends]).toEqual([[1, 9], ['them']]);
  });

  it('is not there in a browser without it', async () => {
    vi.stubGlobal('RTCPeerConnection', undefined);
    await expect(create().open()).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('signalling', () => {
  const DEAD = 9;

  it('takes the first server that answers', async () => {
    const transport = createPeerjsTransport({ env: systemEnv, servers: [serverAt(DEAD), running.server], iceServers: [] });
    await connect(await open(transport), await open());
  });

  it('names every server if none answers, and why', async () => {
    const wrongKey = { ...running.server, key: 'other' };
    const transport = createPeerjsTransport({ env: systemEnv, servers: [serverAt(DEAD), wrongKey], iceServers: [] });
    const message =
      'No signalling server answers. ws://127.0.0.1:9/signal/: it could not be reached; ' +
      `ws://127.0.0.1:${running.server.port}/signal/: Invalid key provided.`;
    await expect(transport.open()).rejects.toMatchObject({ code: 'unreachable', message });
    const none = createPeerjsTransport({ env: systemEnv, servers: [], iceServers: [] });
    await expect(none.open()).rejects.toMatchObject({ code: 'unreachable', message: 'No signalling server answers. None is configured.' });
  });

  it('may go and come back: who is together stays together, and newcomers find us again', async () => {
    const [a, b] = [await open(), await open()];
    const [near, far] = await connect(a, b);
    const [numbers, ends] = [numbersFrom(far), [...endsOf(near), ...endsOf(far)]];
    const states: string[] = [];
    a.onSignalling((state) => states.push(state));
    const lost: string[] = [];
    const door = await b.hold(freshId(b));
    door.onLost(() => lost.push(door.id));

    await running.stop();
    await vi.waitUntil(() => [a, b].every((endpoint) => endpoint.signalling() === 'down') && lost.length === 1);
    await expect(a.dial(b.id)).rejects.toMatchObject({ code: 'unreachable' });
    await expect(a.hold(freshId(a))).rejects.toMatchObject({ code: 'unreachable' });
    near.send(numbered(1));
    await vi.waitUntil(() => numbers.length === 1);

    await running.restart();
    await vi.waitUntil(() => [a, b].every((endpoint) => endpoint.signalling() === 'up'), { timeout: 10_000 });
    const newcomer = await open();
    await connect(newcomer, a);
    await connect(b, newcomer);
    near.send(numbered(2));
    await vi.waitUntil(() => numbers.length === 2);
    expect([states, ends]).toEqual([['down', 'up'], []]);
  });
});

describe('a network that is cut without a word', () => {
  let sockets: WebSocket[];
  beforeEach(() => {
    sockets = [];
    vi.stubGlobal('WebSocket', class extends WebSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    });
  });
  afterEach(() => {
    for (const socket of sockets) WebSocket.prototype.close.call(socket);
  });
  /** Neither side says or hears anything more, nor that it is over. */
  function cut(): void {
    for (const socket of sockets) socket.onmessage = socket.send = socket.close = () => undefined;
  }

  it('loses the server and dials through it; connections stay, and a new socket takes the ids that the server still has', async () => {
    const b = await open();
    sockets = [];
    const clock = createManualClock();
    const a = await open(createPeerjsTransport({ env: { ...systemEnv, clock }, servers: [running.server], iceServers: [] }));
    const [near, far] = await connect(a, b);
    const [numbers, ends] = [numbersFrom(far), [...endsOf(near), ...endsOf(far)]];
    const at = freshId(a);
    const lost: string[] = [];
    (await a.hold(at)).onLost(() => lost.push(at));
    const states: string[] = [];
    a.onSignalling((state) => states.push(state));
    expect(sockets).toHaveLength(2);

    cut();
    await clock.advance(2500);
    const dialling = expect(a.dial(freshId(b))).rejects.toMatchObject({ code: 'unreachable', message: 'The signalling server was lost while dialling.' });
    await clock.advance(3000);
    await dialling;
    expect([a.signalling(), states, lost]).toEqual(['down', ['down'], []]);
    await clock.advance(6000);
    await vi.waitUntil(async () => (await clock.advance(100), a.signalling() === 'up'));
    expect(lost).toEqual([at]);
    const holding = { over: false };
    const again = a.hold(at).finally(() => (holding.over = true));
    await vi.waitUntil(async () => (await clock.advance(100), holding.over));
    expect((await again).id).toBe(at);
    await connect(b, a);
    await connect(a, b);
    near.send(numbered(1));
    await vi.waitUntil(() => numbers.length === 1);
    expect([states, ends]).toEqual([['down', 'up'], []]);
  });
});

describe('a stranger', () => {
  /** PeerJS as anybody else would use it. */
  async function stranger(): Promise<{ peer: Peer; say: (message: object) => void }> {
    const { Peer } = await import('peerjs');
    const { server: { host, port, path, key } } = running;
    const peer = new Peer(freshId(opened[0]!), { host, port, path, key, token: 'stranger-1', config: { iceServers: [] }, debug: 0 });
    peers.push(peer);
    await new Promise<void>((resolve) => peer.on('open', () => resolve()));
    return { peer, say: (message) => peer.socket.send(message) };
  }
  const peers: Peer[] = [];
  afterEach(() => {
    for (const peer of peers.splice(0)) peer.destroy();
  });

  it('who chooses another serialization, or no data at all, is not heard; nor is who sends nonsense', async () => {
    const us = await open();
    const arrived: Connection[] = [];
    us.onConnection((connection) => arrived.push(connection));
    const { peer, say } = await stranger();
    for (const serialization of ['binary', 'json', 'binary-utf8', 'default']) peer.connect(us.id, { serialization, reliable: true });
    peer.connect(us.id, { serialization: 'raw', reliable: false });
    const offer = { connectionId: 'x1', type: 'data', serialization: 'raw', reliable: true, sdp: { type: 'offer', sdp: 'nonsense' } };
    for (const payload of [
      null, 7, {}, { ...offer, serialization: 'nonsense' }, { ...offer, serialization: '__proto__' }, { ...offer, type: 'media' },
      { ...offer, sdp: { type: 'rollback' } }, { ...offer, sdp: null }, { ...offer, connectionId: {} }, { ...offer, originator: true }, offer, offer,
    ]) say({ type: 'OFFER', dst: us.id, payload });
    for (const type of ['ANSWER', 'CANDIDATE', 'LEAVE', 'EXPIRE', 'OPEN', 'ID-TAKEN', 'nonsense']) say({ type, dst: us.id, payload: { connectionId: 'x1', type: 'data' } });
    // The last one is as it should be: by then all before it has been read.
    peer.connect(us.id, { serialization: 'raw', reliable: true });
    await vi.waitUntil(() => arrived.length > 0);
    expect([arrived.length, arrived[0]!.remote, us.signalling()]).toEqual([1, peer.id, 'up']);
    // And everybody else is served as before.
    await connect(await open(), us);
  });

  it('is cut off for a message that is text, and for one that is too long', async () => {
    const us = await open();
    const { peer } = await stranger();
    for (const message of ['text', new Uint8Array(LIMITS.frameBytes + 1)]) {
      const arrived = new Promise<Connection>((resolve) => us.onConnection(resolve));
      const theirs = peer.connect(us.id, { serialization: 'raw', reliable: true });
      const closed = new Promise<void>((resolve) => theirs.on('close', () => resolve()));
      const ours = await arrived;
      const ends = endsOf(ours);
      // Ours reports an open connection after both its channels are open; theirs may not be there yet.
      if (!theirs.open) await new Promise<void>((resolve) => theirs.on('open', () => resolve()));
      await theirs.send(message);
      await closed;
      expect(ends).toEqual(['us']);
    }
  });

  it('who opens more channels takes nobody\'s place', async () => {
    const us = await open();
    const { peer } = await stranger();
    const arrived = new Promise<Connection>((resolve) => us.onConnection(resolve));
    const theirs = peer.connect(us.id, { serialization: 'raw', reliable: true });
    const numbers = numbersFrom(await arrived);
    if (!theirs.open) await new Promise<void>((resolve) => theirs.on('open', () => resolve()));
    const more = theirs.peerConnection.createDataChannel('more');
    await new Promise<void>((resolve) => (more.onclose = () => resolve()));
    await theirs.send(numbered(6));
    await vi.waitUntil(() => numbers.length === 1);
    expect(numbers).toEqual([6]);
  });
});
