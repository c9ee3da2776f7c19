import { describe, expect, it } from 'vitest';
import { Emitter } from '../../shared/emitter.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { EndpointId } from '../../shared/ids.ts';
import { createManualClock, settle } from '../../testing/manual-clock.ts';
import { createMultiTransport } from './multi-transport.ts';
import type { Connection, Door, Endpoint, Transport } from './transport.ts';

/** An endpoint that writes down what is asked of it. */
function scripted(letter: string, steps: string[] = []) {
  const incoming = new Emitter<Connection>();
  const changes = new Emitter<'up' | 'down'>();
  let state: 'up' | 'down' = 'up';
  const id = `${letter}-own-id-1` as EndpointId;
  const endpoint: Endpoint = {
    id,
    ids: [id],
    leadsTo: (other) => other.startsWith(letter),
    dial: (to) => Promise.resolve({ remote: to } as Connection),
    hold: (door) => Promise.resolve({ id: door } as Door),
    onConnection: (listener) => incoming.on(listener),
    signalling: () => state,
    onSignalling: (listener) => changes.on(listener),
    close: () => void steps.push(`${letter} closed`),
  };
  const turn = (next: 'up' | 'down'): void => changes.emit((state = next));
  const transport: Transport = { kind: `kind-${letter}`, open: () => Promise.resolve(endpoint) };
  return { transport, endpoint, incoming, turn };
}

/** Nobody waits here. */
const idle = createManualClock();

const broken = (kind: string, error: Error): Transport => ({ kind, open: () => Promise.reject(error) });
const down = new LlamboError('unreachable', 'The server is away.', { advice: 'Try later.' });

describe('several transports as one', () => {
  it('have the ids of all, and dial and hold by letter', async () => {
    const endpoint = await createMultiTransport([scripted('b').transport, scripted('w').transport], idle).open();
    expect([endpoint.id, endpoint.ids]).toEqual(['b-own-id-1', ['b-own-id-1', 'w-own-id-1']]);
    expect(['b-x', 'w-x', 's-x'].map((id) => endpoint.leadsTo(id as EndpointId))).toEqual([true, true, false]);
    expect((await endpoint.dial('w-1' as EndpointId)).remote).toBe('w-1');
    expect((await endpoint.hold('b-2' as EndpointId)).id).toBe('b-2');
    await expect(endpoint.dial('s-1' as EndpointId)).rejects.toMatchObject({ code: 'unreachable', message: 'No way leads to s-1.' });
    await expect(endpoint.hold('s-1' as EndpointId)).rejects.toMatchObject({ code: 'unreachable' });
    expect(endpoint.problems()).toEqual([]);
  });

  it('work if one of them does, and remember why the other does not', async () => {
    const endpoint = await createMultiTransport([scripted('b').transport, broken('webrtc', down)], idle).open();
    expect(endpoint.ids).toEqual(['b-own-id-1']);
    expect(endpoint.problems()).toEqual([{ transport: 'webrtc', error: down }]);
    await expect(endpoint.dial('w-1' as EndpointId)).rejects.toThrow('No way leads to w-1. webrtc: The server is away.');
  });

  it('fail with every reason if none works', async () => {
    const opening = createMultiTransport([broken('broadcast', new Error('No locks.')), broken('webrtc', down)], idle).open();
    await expect(opening).rejects.toMatchObject({
      code: 'unreachable',
      message: 'No way to other tabs. broadcast: No locks. webrtc: The server is away.',
      advice: 'Try later.',
    });
    await expect(createMultiTransport([broken('webrtc', down)], idle).open()).rejects.toBe(down);
    await expect(createMultiTransport([], idle).open()).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('hear connections of all, until they stop listening', async () => {
    const [b, w] = [scripted('b'), scripted('w')];
    const endpoint = await createMultiTransport([b.transport, w.transport], idle).open();
    const heard: Connection[] = [];
    const off = endpoint.onConnection((connection) => heard.push(connection));
    b.incoming.emit({ remote: 'b-1' } as Connection);
    w.incoming.emit({ remote: 'w-1' } as Connection);
    off();
    w.incoming.emit({ remote: 'w-2' } as Connection);
    expect(heard.map(({ remote }) => remote)).toEqual(['b-1', 'w-1']);
  });

  it('are up while all are up, and say so when that changes', async () => {
    const [b, w] = [scripted('b'), scripted('w')];
    const endpoint = await createMultiTransport([b.transport, w.transport], idle).open();
    const states: string[] = [];
    endpoint.onSignalling((state) => states.push(state));
    w.turn('down');
    b.turn('down');
    b.turn('up');
    expect(endpoint.signalling()).toBe('down');
    w.turn('up');
    expect([states, endpoint.signalling()]).toEqual([['down', 'up'], 'up']);
  });

  it('try a transport again that did not open, and have its ids from then on', async () => {
    const clock = createManualClock();
    const w = scripted('w');
    let tries = 0;
    const late: Transport = { kind: 'webrtc', open: () => ((tries += 1) < 3 ? Promise.reject(down) : w.transport.open()) };
    const endpoint = await createMultiTransport([scripted('b').transport, late], clock).open();
    expect([endpoint.signalling(), endpoint.problem?.()]).toEqual(['down', down]);
    const heard: unknown[] = [];
    endpoint.onSignalling((state) => heard.push([state, endpoint.ids]));
    endpoint.onConnection(({ remote }) => heard.push(remote));
    await clock.advance(5_000);
    expect([tries, heard]).toEqual([2, []]);
    await clock.advance(10_000);
    await settle();
    w.incoming.emit({ remote: 'w-1' } as Connection);
    expect(heard).toEqual([['up', ['b-own-id-1', 'w-own-id-1']], 'w-1']);
    expect([endpoint.problem?.(), endpoint.problems()]).toEqual([null, []]);
  });

  it('do not try again what this browser lacks, nor after they are closed', async () => {
    const clock = createManualClock();
    let tries = 0;
    const failing = (error: LlamboError): Transport => ({ kind: 'webrtc', open: () => ((tries += 1), Promise.reject(error)) });
    await createMultiTransport([scripted('b').transport, failing(new LlamboError('unsupported', 'No WebRTC.'))], clock).open();
    await clock.advance(600_000);
    expect(tries).toBe(1);
    const endpoint = await createMultiTransport([scripted('b').transport, failing(down)], clock).open();
    endpoint.close();
    await clock.advance(600_000);
    expect(tries).toBe(2);
  });

  it('close together, also those that opened for somebody who has left', async () => {
    const steps: string[] = [];
    const transport = createMultiTransport([scripted('b', steps).transport, scripted('w', steps).transport], idle);
    (await transport.open()).close();
    const leaving = new AbortController();
    const opening = transport.open({ signal: leaving.signal });
    leaving.abort();
    await expect(opening).rejects.toMatchObject({ code: 'aborted' });
    expect(steps).toEqual(['b closed', 'w closed', 'b closed', 'w closed']);
    await expect(transport.open({ signal: leaving.signal })).rejects.toMatchObject({ code: 'aborted' });
  });
});
