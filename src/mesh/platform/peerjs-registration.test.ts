/** Signing up, with a scripted server and a clock that is moved by hand. */
import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { SignallingServer } from '../../protocol/signalling.ts';
import type { EndpointId } from '../../shared/ids.ts';
import { createManualClock, settle, type ManualClock } from '../../testing/manual-clock.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import type { Peer, PeerEvents, PeerFactory } from './peerjs-lib.ts';
import { register, stayRegistered, type Registration, type RegistrationDeps } from './peerjs-registration.ts';

const ID = 'w-abcdefghij' as EndpointId;
const server = (host: string): SignallingServer => ({ host, port: 443, path: '/', secure: true, key: 'peerjs' });
const [ONE, TWO] = [server('one.test'), server('two.test')];

/** One try at one server, as PeerJS would make it. */
interface Try {
  readonly at: number;
  readonly host: string;
  readonly token: string;
  readonly events: PeerEvents;
  probes: number;
  /** How long the server's echo takes; never if it is null. */
  echoMs: number | null;
  over: boolean;
}

let clock: ManualClock;
let tries: Try[];
let deps: RegistrationDeps;

beforeEach(() => {
  clock = createManualClock();
  tries = [];
  const factory: PeerFactory = {
    create(_id, token, { host }, _rtc, events) {
      const attempt: Try = { at: clock.now(), host, token, events, probes: 0, echoMs: null, over: false };
      tries.push(attempt);
      const end = (): void => {
        if (attempt.over) return;
        attempt.over = true;
        events.ended('network', 'lost');
      };
      const peer = { get disconnected() { return attempt.over; }, disconnect: end, destroy: end };
      const probe = (): void => {
        attempt.probes += 1;
        if (attempt.echoMs !== null) clock.after(attempt.echoMs, () => events.opened());
      };
      return { peer: peer as unknown as Peer, probe };
    },
  };
  const rtc = { iceServers: () => [], iceTransportPolicy: 'all' } as const;
  deps = { env: { clock, random: createSeededRandom(1) }, factory, rtc, admits: () => true, dialled: () => undefined, absent: () => undefined };
});

const last = (): Try => tries.at(-1)!;
const fail = (kind = 'network', message = ''): void => {
  last().over = true;
  last().events.ended(kind, message);
};

describe('an id at one server', () => {
  const take = (onLost = (): void => undefined, signal?: AbortSignal) => register(deps, { id: ID, token: 't', server: ONE }, onLost, signal);

  it('is ours once the server says so, or echoes', async () => {
    const taking = take();
    await clock.advance(1600);
    expect(tries[0]!.probes).toBe(3);
    last().events.opened();
    expect((await taking).server).toBe(ONE);
    await clock.advance(5000);
    expect(tries[0]!.probes).toBe(3);
  });

  it('is not ours if somebody has it, if the server refuses, or says nothing', async () => {
    const outcomes: unknown[] = [];
    const silence = (): Promise<void> => clock.advance(LIMITS.signalOpenMs);
    for (const end of [async () => fail('unavailable-id'), async () => fail('server-error', 'Full.'), async () => fail(), silence]) {
      const taking = take();
      taking.catch((error: Error) => outcomes.push([(error as { code?: string }).code, error.message]));
      await end();
      await settle();
      expect(last().over).toBe(true);
    }
    expect(outcomes).toEqual([
      ['busy', `${ID} is taken.`],
      ['unreachable', 'Full.'],
      ['unreachable', 'it could not be reached'],
      ['unreachable', 'it did not answer within 5 s'],
    ]);
  });

  it('is given up on request', async () => {
    const leaving = new AbortController();
    const taking = take(undefined, leaving.signal);
    leaving.abort();
    await expect(taking).rejects.toMatchObject({ code: 'aborted' });
    expect(last().over).toBe(true);
  });

  it('may be lost once, and not before we had it', async () => {
    let lost = 0;
    const taking = take(() => (lost += 1));
    last().events.opened();
    fail();
    await expect(taking).rejects.toMatchObject({ code: 'unreachable' });
    const again = take(() => (lost += 1));
    last().events.opened();
    await again;
    fail();
    last().events.ended('server-error', 'again');
    expect(lost).toBe(1);
  });
});

describe('a server that has us', () => {
  let lost: number[];

  async function open(echoMs: number | null) {
    lost = [];
    const taking = register(deps, { id: ID, token: 't', server: ONE }, () => lost.push(clock.now()));
    last().echoMs = echoMs;
    last().events.opened();
    return taking;
  }

  it('is asked for an echo now and then, and trusted while one comes', async () => {
    await open(2900);
    await clock.advance(10 * 60_000);
    expect([lost, last().over]).toEqual([[], false]);
    // The server allows 50 messages a second.
    expect(last().probes).toBeGreaterThan(50);
    expect(last().probes).toBeLessThan(10 * 60 / 5);
  });

  it('is lost, once, when it falls silent without a word, and stays so when it speaks up late', async () => {
    await open(100);
    await clock.advance(20_000);
    expect(lost).toEqual([]);
    last().echoMs = null;
    await clock.advance(12_000);
    expect([lost.length, last().over]).toEqual([1, true]);
    const { probes } = last();
    last().events.opened();
    await clock.advance(60_000);
    expect([lost.length, last().probes]).toEqual([1, probes]);
  });

  it('is lost if its echo comes too late', async () => {
    await open(3100);
    await clock.advance(8000 + 2900);
    expect(lost).toEqual([]);
    await clock.advance(60_000);
    expect(lost).toEqual([11_000]);
  });

  it('is asked at once by whoever wants to dial, unless it has just answered', async () => {
    const { check } = await open(100);
    check();
    expect(last().probes).toBe(0);
    await clock.advance(2500);
    check();
    check();
    expect(last().probes).toBe(1);
    await clock.advance(2500);
    last().echoMs = null;
    check();
    await clock.advance(2900);
    check();
    expect([last().probes, lost]).toEqual([2, []]);
    await clock.advance(200);
    expect(lost).toEqual([8000]);
    check();
    expect(last().probes).toBe(2);
  });

  it('is asked no more by whoever has left', async () => {
    const { peer } = await open(100);
    await clock.advance(8050);
    peer.disconnect();
    await clock.advance(60_000);
    expect([last().probes, lost]).toEqual([1, [8050]]);
  });
});

describe('an id that stays ours', () => {
  const states: string[] = [];
  let registration: Registration;

  async function stay(): Promise<void> {
    states.length = 0;
    const staying = stayRegistered(deps, [ONE, TWO], ID, () => states.push(registration.current()?.server.host ?? 'down'));
    last().events.opened();
    registration = await staying;
  }

  it('comes from the first server that gives it', async () => {
    const staying = stayRegistered(deps, [ONE, TWO], ID, () => undefined);
    fail();
    await settle();
    last().events.opened();
    expect((await staying).current()?.server).toBe(TWO);
  });

  it('is taken again, with the same token, after waits that double, from whoever answers', async () => {
    await stay();
    fail();
    expect(states).toEqual(['down']);
    const [start, waits]: [number, number[]] = [clock.now(), []];
    const nextTry = async (): Promise<number> => {
      const [before, count] = [clock.now(), tries.length];
      while (tries.length === count) await clock.advance(250);
      return clock.now() - before;
    };
    while (clock.now() - start < 5 * 60_000) {
      waits.push(await nextTry());
      fail();
      await settle();
      fail();
      await settle();
    }
    // Half to whole of 0.5, 1, 2, 4, 5 s, seen every 250 ms; after two minutes of 10, 20, 30 s.
    const eager = waits.findIndex((wait) => wait > 5250);
    expect(waits.slice(0, eager).reduce((sum, wait) => sum + wait)).toBeGreaterThan(115_000);
    for (const [round, wait] of waits.entries()) {
      const most = round < eager ? Math.min(LIMITS.signalRetryFirstMs * 2 ** round, 5000) : LIMITS.signalRetryLastMs;
      expect(wait).toBeGreaterThanOrEqual(Math.min(most, 5000) / 2);
      expect(wait).toBeLessThanOrEqual(most + 250);
    }
    expect(waits.at(-1)).toBeGreaterThanOrEqual(LIMITS.signalRetryLastMs / 2);
    await nextTry();
    fail();
    await settle();
    last().events.opened();
    await settle();
    expect(states).toEqual(['down', TWO.host]);
    expect(new Set(tries.map(({ token }) => token)).size).toBe(1);
  });

  it('is not taken again by somebody who has stopped', async () => {
    await stay();
    fail();
    registration.stop();
    await clock.advance(60_000);
    expect(tries).toHaveLength(1);
    await stay();
    registration.stop();
    await clock.advance(60_000);
    expect([tries.length, last().over, states]).toEqual([2, true, ['down']]);
  });

  it('is given back if it comes after somebody has stopped', async () => {
    await stay();
    fail();
    await clock.advance(1000);
    expect(tries).toHaveLength(2);
    registration.stop();
    last().events.opened();
    await settle();
    expect([last().over, registration.current(), states]).toEqual([true, null, ['down']]);
  });

  it('is down while a server is silent, and up again by a new socket with the same token, which only echoes', async () => {
    await stay();
    const before = last();
    await clock.advance(11_000);
    expect([states, before.over, registration.current()]).toEqual([['down'], true, null]);
    await clock.advance(LIMITS.signalRetryFirstMs);
    expect(last()).not.toBe(before);
    last().echoMs = 20;
    await clock.advance(600);
    expect([states, last().token, last().host]).toEqual([['down', ONE.host], before.token, ONE.host]);
    await clock.advance(60_000);
    registration.stop();
    const { probes } = last();
    await clock.advance(60_000);
    expect([tries.length, last().probes]).toEqual([2, probes]);
  });
});
