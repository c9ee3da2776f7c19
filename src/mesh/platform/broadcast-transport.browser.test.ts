/** The suite over the browser's real channels and locks, and what only this transport must do. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EndpointId } from '../../shared/ids.ts';
import { systemEnv } from '../../shared/system-env.ts';
import { endsOf, numbered, numbersFrom } from '../../testing/transport-bench.ts';
import { transportSuite } from '../../testing/transport-suite.ts';
import type { Endpoint } from '../transport/transport.ts';
import { createBroadcastTransport } from './broadcast-transport.ts';

const create = () => createBroadcastTransport({ env: systemEnv });

transportSuite('broadcast-transport', async () => ({ a: create(), b: create() }));

describe('tabs of one browser', () => {
  const endpoints: Endpoint[] = [];
  const workers: Worker[] = [];
  const open = async (): Promise<Endpoint> => {
    const endpoint = await create().open();
    endpoints.push(endpoint);
    return endpoint;
  };
  const otherTab = async (): Promise<{ worker: Worker; id: EndpointId }> => {
    const worker = new Worker(new URL('./broadcast-scripted.worker.ts', import.meta.url), { type: 'module' });
    workers.push(worker);
    const id = await new Promise<EndpointId>((resolve) => (worker.onmessage = ({ data }: MessageEvent<EndpointId>) => resolve(data)));
    return { worker, id };
  };
  afterEach(() => {
    for (const endpoint of endpoints.splice(0)) endpoint.close();
    for (const worker of workers.splice(0)) worker.terminate();
    vi.unstubAllGlobals();
  });

  it('know at once that one of them died in silence', async () => {
    const [here, { worker, id }] = await Promise.all([open(), otherTab()]);
    const connection = await here.dial(id);
    const [numbers, ends] = [numbersFrom(connection), endsOf(connection)];
    connection.send(numbered(1));
    await vi.waitUntil(() => numbers.length === 1);
    worker.terminate();
    await vi.waitUntil(() => ends.length === 1);
    expect(ends).toEqual(['lost']);
    await expect(here.dial(id)).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('close a connection on which another version talks nonsense, and ignore calls that they don\'t understand', async () => {
    const [a, b] = [await open(), await open()];
    const calls = new BroadcastChannel(`llambo:at:${b.id}`);
    let incoming = 0;
    b.onConnection(() => (incoming += 1));
    const call = { v: 1, type: 'dial', from: a.id, connection: 'a'.repeat(16) };
    for (const nonsense of [null, 7, {}, { ...call, v: 2 }, { ...call, from: '<b>' }, { ...call, connection: '../x' }, { ...call, more: 1 }]) calls.postMessage(nonsense);
    const via = new BroadcastChannel(`llambo:via:${call.connection}`);
    const heard: unknown[] = [];
    via.onmessage = ({ data }) => heard.push(data);
    const arrived = new Promise<ReturnType<typeof endsOf>>((resolve) => b.onConnection((connection) => resolve(endsOf(connection))));
    calls.postMessage(call);
    const ends = await arrived;
    via.postMessage({ v: 1, type: 'data', channel: 0, bytes: new Uint8Array(65 * 1024) });
    await vi.waitUntil(() => ends.length === 1);
    expect([ends, incoming]).toEqual([['us'], 1]);
    await vi.waitUntil(() => heard.length === 2);
    expect(heard).toMatchObject([{ type: 'accept', by: b.id }, { type: 'close' }]);
    calls.close();
    via.close();
  });

  it('need locks: without them nobody could tell who lives', async () => {
    vi.stubGlobal('navigator', {});
    await expect(create().open()).rejects.toMatchObject({ code: 'unsupported' });
    vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(new Error('all site data is blocked')) } });
    await expect(create().open()).rejects.toMatchObject({ code: 'unsupported' });
  });
});
