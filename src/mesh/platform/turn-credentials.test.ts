import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, settle, type ManualClock } from '../../testing/manual-clock.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { createTurnCredentials, type TurnCredentials } from './turn-credentials.ts';

const HOUR = 3_600_000;
let clock: ManualClock;
let credentials: TurnCredentials;
/** When it was asked; what to answer, in order, the last again and again. */
let asked: number[];
let answers: (() => Promise<string>)[];
let sleptMs: number;

const serverOf = (count: number) => ({ urls: ['turn:a'], username: `${count}:x`, credential: 'c' });
const minted = (): Promise<string> => Promise.resolve(JSON.stringify({ iceServers: [serverOf(asked.length)], seconds: 3600 }));
const away = (): Promise<string> => Promise.reject(new Error('away'));
const silent = (): Promise<string> => new Promise(() => undefined);

beforeEach(() => {
  clock = createManualClock();
  asked = [];
  answers = [minted];
  sleptMs = 0;
  credentials = createTurnCredentials({
    env: { clock: { ...clock, wallTime: () => clock.now() + sleptMs }, random: createSeededRandom(1) },
    fetchText() {
      asked.push(clock.now());
      return (answers.length > 1 ? answers.shift()! : answers[0]!)();
    },
  });
});

const users = (): (string | undefined)[] => credentials.servers().map(({ username }) => username);

async function settled(promise: Promise<void>): Promise<boolean> {
  let isSettled = false;
  promise.then(() => (isSettled = true), () => (isSettled = true));
  await settle();
  return isSettled;
}

describe('credentials of a TURN server', () => {
  it('are asked for once, by whoever dials first, and not before', async () => {
    await clock.advance(60_000);
    expect([asked, users()]).toEqual([[], []]);
    await Promise.all([credentials.ready(), credentials.ready()]);
    await credentials.ready();
    expect([asked, users()]).toEqual([[60_000], ['1:x']]);
  });

  it('are renewed well before they end, for as long as the page is there', async () => {
    await credentials.ready();
    await clock.advance(12 * HOUR);
    expect(asked.length).toBeGreaterThanOrEqual(24);
    expect(asked.length).toBeLessThanOrEqual(31);
    const gaps = asked.slice(1).map((at, index) => at - asked[index]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(HOUR / 2);
    expect(users()).toEqual([`${asked.length}:x`]);
    credentials.close();
    await clock.advance(2 * HOUR);
    expect(asked.length).toBeLessThanOrEqual(31);
  });

  it('hold until their end while the server is away, and it is asked again and again', async () => {
    answers = [minted, away];
    await credentials.ready();
    await clock.advance(HOUR - 1);
    expect(users()).toEqual(['1:x']);
    await clock.advance(1);
    expect(users()).toEqual([]);
    answers = [minted];
    await clock.advance(60_000);
    expect(users()).toHaveLength(1);
  });

  it('do not hold on a machine that slept, and a dial then waits for new ones', async () => {
    await credentials.ready();
    sleptMs = 8 * HOUR;
    expect(users()).toEqual([]);
    await credentials.ready();
    expect(users()).toEqual(['2:x']);
  });

  it.each([
    ['is away', away],
    ['answers something else', () => Promise.resolve('<!doctype html>')],
    ['answers another shape', () => Promise.resolve('{"iceServers":[{"urls":["http://a"]}],"seconds":3600}')],
    ['answers too much', () => Promise.resolve(`{"iceServers":[],"seconds":3600}${' '.repeat(70_000)}`)],
    ['answers credentials without an end', () => Promise.resolve('{"iceServers":[],"seconds":1e9}')],
  ])('keep no dial waiting when the server %s', async (_what, answer) => {
    answers = [answer];
    expect(await settled(credentials.ready())).toBe(true);
    expect(users()).toEqual([]);
  });

  it('keep a dial waiting for two seconds when the server is silent, and come later', async () => {
    answers = [silent, minted];
    const ready = credentials.ready();
    expect(await settled(ready)).toBe(false);
    await clock.advance(2000);
    await ready;
    await clock.advance(15_000);
    expect(users()).toEqual(['2:x']);
  });

  it('keep nobody waiting who has stopped dialling', async () => {
    answers = [silent];
    const stop = new AbortController();
    const ready = credentials.ready(stop.signal);
    stop.abort();
    await expect(ready).rejects.toMatchObject({ code: 'aborted' });
  });
});
