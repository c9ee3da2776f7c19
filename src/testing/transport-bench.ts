/** What the tests of transports work with: two open endpoints, waiting in real or virtual time, messages by name. */
import type { ByteChannel, ClosedBy, Connection, Endpoint, Transport } from '../mesh/transport/transport.ts';
import type { LlamboError } from '../shared/errors.ts';
import type { EndpointId } from '../shared/ids.ts';

/** Two transports that lead to each other. */
export interface TransportPair {
  readonly a: Transport;
  readonly b: Transport;
  /**
   * Waits until it is so, and rejects if it never comes to be. Whoever has a virtual clock moves it here; without it,
   * real time passes.
   */
  until?(condition: () => boolean): Promise<void>;
  /** Called after each test; the endpoints are closed by then. */
  close?(): void | Promise<void>;
}

/** Both endpoints are open; everything that was opened is closed by `close`. */
export interface Bench {
  readonly pair: TransportPair;
  readonly a: Endpoint;
  readonly b: Endpoint;
  until(condition: () => boolean): Promise<void>;
  /** The promise's own outcome, while time passes. */
  run<T>(promise: Promise<T>): Promise<T>;
  /** The code of the error that it ends with. */
  codeOf(promise: Promise<unknown>): Promise<string>;
  open(transport: Transport): Promise<Endpoint>;
  /** `from` dials, and both ends are there. */
  connect(from?: Endpoint, to?: Endpoint, id?: EndpointId): Promise<Ends>;
  close(): Promise<void>;
}

/** Both ends of one connection. */
export interface Ends {
  readonly near: Connection;
  readonly far: Connection;
}

const PATIENCE_MS = 15_000;
const LOOK_MS = 2;

/** In real time: looks again and again, and gives up after a while that no working transport needs. */
function untilInRealTime(condition: () => boolean): Promise<void> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (condition()) resolve();
      else if (performance.now() - started > PATIENCE_MS) reject(new Error(`Not within ${PATIENCE_MS} ms: ${String(condition)}`));
      else setTimeout(look, LOOK_MS);
    };
    look();
  });
}

let counter = 0;

/** An id that nobody has, of the same kind as the endpoint's own. */
export function freshId(like: Endpoint): EndpointId {
  counter += 1;
  return `${like.id[0]}-test-${Math.random().toString(36).slice(2, 12)}-${counter}` as EndpointId;
}

export async function createBench(create: () => Promise<TransportPair>): Promise<Bench> {
  const pair = await create();
  const until = pair.until ?? untilInRealTime;
  const opened: Endpoint[] = [];

  async function run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const note = (): void => void (settled = true);
    promise.then(note, note);
    await until(() => settled);
    return promise;
  }

  async function open(transport: Transport): Promise<Endpoint> {
    const endpoint = await run(transport.open());
    opened.push(endpoint);
    return endpoint;
  }

  async function close(): Promise<void> {
    for (const endpoint of opened) endpoint.close();
    await pair.close?.();
  }

  try {
    const a = await open(pair.a);
    const b = await open(pair.b);
    const codeOf = (promise: Promise<unknown>): Promise<string> =>
      run(promise.then(() => 'no error', (error: LlamboError) => error.code));

    async function connect(from = a, to = b, id = to.id): Promise<Ends> {
      const arrivals: Connection[] = [];
      const off = to.onConnection((connection) => arrivals.push(connection));
      const near = await run(from.dial(id));
      await until(() => arrivals.length > 0);
      off();
      return { near, far: arrivals[0]! };
    }
    return { pair, a, b, until, run, codeOf, open, connect, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A message that says which it is: four bytes of number, then filling up to its length. */
export function numbered(number: number, length = 4): Uint8Array {
  const bytes = new Uint8Array(length).fill(number);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

export const numberOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

/** Numbers of all messages that come from now on, in order. */
export function numbersFrom(channel: ByteChannel): number[] {
  const numbers: number[] = [];
  channel.onMessage((bytes) => numbers.push(numberOf(bytes)));
  return numbers;
}

/** How the connection ended; one entry when it has. */
export function endsOf(connection: Connection): ClosedBy[] {
  const ends: ClosedBy[] = [];
  connection.onClose((by) => ends.push(by));
  return ends;
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
