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
      const attempt: Try = { at: clock.now(), host, token, events, probes: 0, over: false };
      tries.push(attempt);
      const end = (): void => {
        if (attempt.over) return;
        attempt.over = true;
        events.ended('network', 'lost');
      };
      const peer = { get disconnected() { return attempt.over; }, disconnect: end, destroy: end };
      return { peer: peer as unknown as Peer, probe: () => void (attempt.probes += 1) };
    },
  };
  const rtc = { iceServers: [], iceTransportPolicy: 'all' } as const;
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
    const waits: number[] = [];
    const nextTry = async (): Promise<void> => {
      const [before, count] = [clock.now(), tries.length];
      while (tries.length === count) await clock.advance(250);
      waits.push(clock.now() - before);
    };
    for (let round = 0; round < 8; round += 1) {
      await nextTry();
      fail();
      await settle();
      fail();
      await settle();
    }
    // Half to whole of 0.5, 1, 2, … 30 s, seen every 250 ms.
    for (const [round, wait] of waits.entries()) {
      const most = Math.min(LIMITS.signalRetryFirstMs * 2 ** round, LIMITS.signalRetryLastMs);
      expect(wait).toBeGreaterThanOrEqual(most / 2);
      expect(wait).toBeLessThanOrEqual(most + 250);
    }
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
});
