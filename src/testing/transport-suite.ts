/**
 * What every `Transport` must do, whatever carries its bytes. Run by WebRTC and by tabs of one browser in Chromium, and
 * by the simulated network on a virtual clock.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../protocol/limits.ts';
import { createBench, endsOf, freshId, numbered, numberOf, numbersFrom, upTo } from './transport-bench.ts';
import type { Bench, TransportPair } from './transport-bench.ts';
import { describeDoors } from './transport-suite-doors.ts';

export type { TransportPair } from './transport-bench.ts';

/**
 * @param create two transports that lead to each other; called before each test
 * @param options `doors` is false for what leads only to peers whose ids are known, and so has none
 */
export function transportSuite(name: string, create: () => Promise<TransportPair>, { doors = true }: { readonly doors?: boolean } = {}): void {
  describe(`${name} is a Transport that`, () => {
    let bench: Bench;
    beforeEach(async () => void (bench = await createBench(create)));
    afterEach(() => bench?.close());

    describeOpening(() => bench);
    describeMessages(() => bench);
    describeLoad(() => bench);
    describeEarly(() => bench);
    describeClosing(() => bench);
    if (doors) describeDoors(() => bench);
  });
}

function describeOpening(get: () => Bench): void {
  it('opens with a fresh id of its own kind', async () => {
    const { a, b, pair, open } = get();
    expect(a.id).toMatch(/^[a-z]-[a-z0-9-]{8,64}$/);
    expect(a.ids[0]).toBe(a.id);
    expect(a.leadsTo(b.id)).toBe(true);
    expect(a.leadsTo(freshId({ ...a, id: 'x-nobody' as typeof a.id }))).toBe(false);
    expect(a.signalling()).toBe('up');
    expect((await open(pair.a)).id).not.toBe(a.id);
  });

  it('does not open for somebody who has left', async () => {
    const { pair, codeOf } = get();
    expect(await codeOf(pair.a.open({ signal: AbortSignal.abort() }))).toBe('aborted');
  });

  it('dials, and is dialled', async () => {
    const { a, b, connect } = get();
    const { near, far } = await connect();
    expect([near.outgoing, far.outgoing]).toEqual([true, false]);
    expect([near.remote, far.remote]).toEqual([b.id, a.id]);
  });

  it('gives both ends of a connection one binding, and no other connection that', async () => {
    const { a, b, connect } = get();
    const [first, second, third] = [await connect(), await connect(), await connect(b, a)];
    for (const { near, far } of [first, second, third]) expect(near.binding).toEqual(far.binding);
    const texts = [first, second, third].map(({ near }) => near.binding.toString());
    expect(new Set(texts).size).toBe(3);
    expect(first.near.binding.length).toBeGreaterThan(0);
  });

  it('says so if nobody has that id', async () => {
    const { a, codeOf } = get();
    expect(await codeOf(a.dial(freshId(a)))).toMatch(/^(unreachable|timeout)$/);
  });

  it('stops dialling on request', async () => {
    const { a, codeOf } = get();
    expect(await codeOf(a.dial(freshId(a), { signal: AbortSignal.abort() }))).toBe('aborted');
    const later = new AbortController();
    const dial = a.dial(freshId(a), { signal: later.signal });
    later.abort();
    expect(await codeOf(dial)).toBe('aborted');
  });

  it('gives two working connections if both dial at once', async () => {
    const { a, b, until, run } = get();
    const heard: number[] = [];
    for (const endpoint of [a, b]) endpoint.onConnection((incoming) => incoming.onMessage((bytes) => incoming.send(bytes)));
    const [ours, theirs] = await run(Promise.all([a.dial(b.id), b.dial(a.id)]));
    for (const [index, connection] of [ours, theirs].entries()) {
      connection.onMessage((bytes) => heard.push(numberOf(bytes)));
      connection.send(numbered(index));
    }
    await until(() => heard.length === 2);
    expect(heard.sort()).toEqual([0, 1]);
  });
}

function describeMessages(get: () => Bench): void {
  it('keeps messages whole and in order, both ways at once', async () => {
    const { connect, until } = get();
    const { near, far } = await connect();
    const [atFar, atNear] = [numbersFrom(far), numbersFrom(near)];
    for (const number of upTo(200)) {
      near.send(numbered(number, 4 + number));
      far.send(numbered(number, 4 + number * 10));
    }
    await until(() => atFar.length === 200 && atNear.length === 200);
    expect(atFar).toEqual(upTo(200));
    expect(atNear).toEqual(upTo(200));
  });

  it('takes what the sender does to its buffer afterwards for no message', async () => {
    const { connect, until } = get();
    const { near, far } = await connect();
    const numbers = numbersFrom(far);
    const whole = numbered(7, 64);
    near.send(whole.subarray(0, 8));
    whole.fill(0);
    await until(() => numbers.length === 1);
    expect(numbers).toEqual([7]);
  });

  it('carries a message of frameBytes, byte for byte, and refuses a longer one without harm', async () => {
    const { connect, until } = get();
    const { near, far } = await connect();
    const received: Uint8Array[] = [];
    far.onMessage((bytes) => received.push(bytes));
    const longest = Uint8Array.from({ length: LIMITS.frameBytes }, (_, index) => (index * 7919) % 256);
    expect(() => near.send(new Uint8Array(LIMITS.frameBytes + 1))).toThrow(expect.objectContaining({ code: 'bad-request' }) as Error);
    near.send(longest);
    near.send(new Uint8Array(0));
    await until(() => received.length === 2);
    expect(received[0]!.every((byte, index) => byte === longest[index])).toBe(true);
    expect(received.map(({ length }) => length)).toEqual([LIMITS.frameBytes, 0]);
  });

  it('has a bulk channel of the same kind', async () => {
    const { connect, until } = get();
    const { near, far } = await connect();
    const [atFar, atNear, control] = [numbersFrom(far.bulk), numbersFrom(near.bulk), numbersFrom(far)];
    expect(() => near.bulk.send(new Uint8Array(LIMITS.frameBytes + 1))).toThrow(expect.objectContaining({ code: 'bad-request' }) as Error);
    for (const number of upTo(20)) {
      near.bulk.send(numbered(number, LIMITS.frameBytes));
      far.bulk.send(numbered(number));
    }
    await until(() => atFar.length === 20 && atNear.length === 20);
    expect([atFar, atNear, control]).toEqual([upTo(20), upTo(20), []]);
  });
}

function describeLoad(get: () => Bench): void {
  const FRAMES = 64;

  it('says how much waits, and when it has drained', async () => {
    const { connect, until } = get();
    const { near, far } = await connect();
    const numbers = numbersFrom(far);
    const atDrain: number[] = [];
    near.onDrain(() => atDrain.push(near.bufferedBytes()));
    expect(near.bufferedBytes()).toBe(0);
    for (const number of upTo(FRAMES)) near.send(numbered(number, LIMITS.frameBytes));
    expect(near.bufferedBytes()).toBeGreaterThan(LIMITS.bufferHighBytes);
    await until(() => numbers.length === FRAMES && atDrain.length > 0);
    expect(numbers).toEqual(upTo(FRAMES));
    expect(Math.max(...atDrain)).toBeLessThanOrEqual(LIMITS.bufferLowBytes);
    await until(() => near.bufferedBytes() === 0);
  });

  it('lets control overtake 1 MiB of bulk', async () => {
    const { connect, until } = get();
    const { near, far } = await connect();
    const order: string[] = [];
    far.bulk.onMessage(() => order.push('bulk'));
    far.onMessage(() => order.push('control'));
    for (const number of upTo(16)) near.bulk.send(numbered(number, LIMITS.frameBytes));
    near.send(numbered(1));
    await until(() => order.length === 17);
    expect(order.at(-1)).toBe('bulk');
  });
}

function describeEarly(get: () => Bench): void {
  it('keeps what comes before anybody listens', async () => {
    const { connect, until } = get();
    const { near, far } = await connect();
    for (const number of upTo(LIMITS.earlyFrames)) near.send(numbered(number));
    // A whole dial and an answer on it take longer than the messages above.
    const other = await connect();
    const echoed = numbersFrom(other.near);
    other.far.onMessage((bytes) => other.far.send(bytes));
    other.near.send(numbered(1));
    await until(() => echoed.length === 1);
    const numbers = numbersFrom(far);
    await until(() => numbers.length === LIMITS.earlyFrames);
    expect(numbers).toEqual(upTo(LIMITS.earlyFrames));
  });

  it('closes a connection that floods before anybody listens', async () => {
    const { connect, until } = get();
    const { near, far } = await connect();
    const [here, there] = [endsOf(near), endsOf(far)];
    for (const number of upTo(LIMITS.earlyFrames + 1)) near.send(numbered(number));
    await until(() => here.length === 1 && there.length === 1);
    expect(here).toEqual(['them']);
  });
}

function describeClosing(get: () => Bench): void {
  it('tells both ends who closed, those who ask late at once, and delivers what was sent before', async () => {
    const { connect, until } = get();
    const { near, far } = await connect();
    const [here, there, numbers] = [endsOf(near), endsOf(far), numbersFrom(far)];
    near.send(numbered(1, LIMITS.frameBytes));
    near.send(numbered(2));
    near.close();
    near.close();
    near.send(numbered(3));
    await until(() => here.length === 1 && there.length === 1);
    expect([here, there, numbers]).toEqual([['us'], ['them'], [1, 2]]);
    expect([endsOf(near), endsOf(far)]).toEqual([['us'], ['them']]);
  });

  it('closes one connection and no other', async () => {
    const { connect, until } = get();
    const [first, second] = [await connect(), await connect()];
    const [ends, numbers] = [endsOf(first.far), numbersFrom(second.far)];
    first.near.close();
    await until(() => ends.length === 1);
    second.near.send(numbered(5));
    await until(() => numbers.length === 1);
    expect(numbers).toEqual([5]);
  });

  it('ends everything with the endpoint', async () => {
    const { a, b, connect, until, codeOf } = get();
    const [out, back] = [await connect(), await connect(b, a)];
    const ends = [out.near, out.far, back.near, back.far].map(endsOf);
    const waiting = codeOf(a.dial(freshId(a)));
    a.close();
    a.close();
    await until(() => ends.every(({ length }) => length === 1));
    expect(ends).toEqual([['us'], ['them'], ['them'], ['us']]);
    expect(await waiting).toMatch(/^(aborted|unreachable)$/);
    expect(await codeOf(a.dial(b.id))).toBe('unreachable');
    expect(a.signalling()).toBe('down');
  });
}
