/** The part of the transport suite that is about doors: well-known ids that one endpoint at a time may hold. */
import { expect, it } from 'vitest';
import type { Door, Endpoint } from '../mesh/transport/transport.ts';
import type { LlamboError } from '../shared/errors.ts';
import type { EndpointId } from '../shared/ids.ts';
import { endsOf, freshId, numbered, numbersFrom, type Bench } from './transport-bench.ts';

/** Takes a door as soon as it is free: the news that it was released travels too. */
async function takeFreed({ until }: Bench, endpoint: Endpoint, id: EndpointId): Promise<Door> {
  let door: Door | null = null;
  let failure: LlamboError | null = null;
  let trying = false;
  await until(() => {
    if (door || failure) return true;
    if (trying) return false;
    trying = true;
    endpoint
      .hold(id)
      .then((taken) => (door = taken))
      .catch((error: LlamboError) => error.code !== 'busy' && (failure = error))
      .finally(() => (trying = false));
    return false;
  });
  if (!door) throw failure!;
  return door;
}

export function describeDoors(get: () => Bench): void {
  it('holds a door, at which a newcomer finds it', async () => {
    const { a, b, run, connect, until } = get();
    const id = freshId(b);
    const door = await run(b.hold(id));
    expect(door.id).toBe(id);
    const { near, far } = await connect(a, b, id);
    expect([near.outgoing, far.outgoing, far.remote]).toEqual([true, false, a.id]);
    const numbers = numbersFrom(far);
    near.send(numbered(3));
    await until(() => numbers.length === 1);
    expect(near.binding).toEqual(far.binding);
  });

  it('gives a door to one at a time, and on release to the next', async () => {
    const bench = get();
    const { a, b, run, codeOf, connect } = bench;
    const id = freshId(b);
    const lost: string[] = [];
    const door = await run(b.hold(id));
    door.onLost(() => lost.push('b'));
    expect(await codeOf(a.hold(id))).toBe('busy');
    const { near, far } = await connect(a, b, id);
    door.release();
    door.release();
    await takeFreed(bench, a, id);
    await connect(b, a, id);
    // What came in through the door stays.
    const [ends, numbers] = [endsOf(far), numbersFrom(far)];
    near.send(numbered(4));
    await bench.until(() => numbers.length === 1);
    expect([ends, lost]).toEqual([[], []]);
  });

  it('frees its doors with the endpoint', async () => {
    const bench = get();
    const { a, b, run, codeOf } = bench;
    const id = freshId(b);
    await run(b.hold(id));
    b.close();
    await takeFreed(bench, a, id);
    expect(await codeOf(b.hold(freshId(b)))).toBe('unreachable');
  });

  it('stops waiting for a door on request', async () => {
    const { a, codeOf } = get();
    expect(await codeOf(a.hold(freshId(a), { signal: AbortSignal.abort() }))).toBe('aborted');
  });
}
