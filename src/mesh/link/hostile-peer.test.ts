/**
 * Generated frames from a peer that keeps no rules, at each point of a link's life: nothing is thrown, the link closes
 * with a reason that the other side is told, nothing is heard of what comes after, and a link beside it does not notice.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import { badFrame, frameOf, half, unknownFrame, VALID, type HostileFrame } from '../../testing/hostile-frames.ts';
import { createLoopback, type LoopbackConnection } from '../../testing/loopback.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { linkDeps, linkedPair } from '../../testing/mesh-peers.ts';
import { createStranger, type Stranger } from '../../testing/stranger.ts';
import { encode } from './codec.ts';
import { openLink } from './open-link.ts';
import type { LinkEnd, PeerLink } from './peer-link.ts';
import { refusalOf } from './refusals.ts';

const RUNS = 80;
const FLOOD = 1 + LIMITS.linkMessagesPerSecond * LIMITS.linkBurstSeconds;
const STAGES = ['before the hello', 'after the hello', 'after the proof', 'linked'] as const;
type Stage = (typeof STAGES)[number];

/** Loopback and fake keys live on microtasks: all of them run before this. */
const drain = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const clock = createManualClock();
const thrown: unknown[] = [];
const note = (error: unknown): void => void thrown.push(error);
let bystanders: readonly [PeerLink, PeerLink];
const heardBeside: PeerMessage[] = [];
let framesSent = 0;

beforeAll(async () => {
  process.on('uncaughtException', note).on('unhandledRejection', note);
  bystanders = (await linkedPair(clock)).links;
  bystanders[1].onMessage((message) => heardBeside.push(message));
});

afterAll(() => {
  process.off('uncaughtException', note).off('unhandledRejection', note);
});

interface Attack {
  readonly stranger: Stranger;
  readonly end: LoopbackConnection;
  readonly heard: PeerMessage[];
  /** Why our side closed; null while it is open. */
  reason(): string | null;
}

async function attackAt(stage: Stage, role: 'dialler' | 'acceptor'): Promise<Attack> {
  const [dialler, acceptor] = createLoopback();
  const [ours, end] = role === 'dialler' ? [dialler, acceptor] : [acceptor, dialler];
  const heard: PeerMessage[] = [];
  let reason: string | null = null;
  const onEnd = (ended: LinkEnd): void => void (reason = 'reason' in ended ? ended.reason : ended.kind);
  openLink(ours, linkDeps(clock, { seed: 2 })).then(
    (link) => {
      link.onEnd(onEnd);
      link.onMessage((message) => heard.push(message));
    },
    (error: unknown) => (reason = refusalOf(error) ?? 'no reason'),
  );
  const stranger = createStranger(end, linkDeps(clock, { seed: 3 }), drain);
  await drain();
  if (stage === 'after the hello') await stranger.play('hello');
  if (stage === 'after the proof') await stranger.play('proof');
  if (stage === 'linked') await stranger.play('welcome');
  return { stranger, end, heard, reason: () => reason };
}

async function throwAt({ end }: Attack, frames: readonly HostileFrame[]): Promise<void> {
  for (const { bytes } of frames) end.send(bytes);
  framesSent += frames.length;
  await drain();
}

function expectClosed({ stranger, end, reason }: Attack, why: string): void {
  expect(reason()).toBe(why);
  expect(end.closed()).toBe('them');
  expect(stranger.heard.at(-1)).toEqual({ t: 'refuse', reason: why });
}

/** The link beside the attacked one still works. */
async function expectUnharmed(): Promise<void> {
  const have = heardBeside.length;
  bystanders[0].send({ t: 'roster?', term: 1, have });
  await drain();
  expect(heardBeside.at(-1)).toEqual({ t: 'roster?', term: 1, have });
  expect(thrown).toEqual([]);
}

const role = fc.constantFrom('dialler' as const, 'acceptor' as const);
const harmless = fc.array(unknownFrame, { maxLength: 6 });
const anything = fc.array(fc.oneof(badFrame, unknownFrame), { maxLength: 6 });

describe.each(STAGES)('a hostile peer, %s', (stage) => {
  it('is cut off at the first frame that is not as it should be', async () => {
    await fc.assert(
      fc.asyncProperty(role, harmless, badFrame, anything, async (side, before, bad, after) => {
        const attack = await attackAt(stage, side);
        await throwAt(attack, before);
        expect(attack.reason()).toBe(null);
        await throwAt(attack, [bad, ...after]);
        expectClosed(attack, 'protocol');
        expect(attack.heard).toEqual([]);
        await expectUnharmed();
      }),
      { numRuns: RUNS },
    );
  });

  it('is cut off at anything within a message that it does not finish', async () => {
    await fc.assert(
      fc.asyncProperty(role, fc.integer({ min: 1, max: 15 }), fc.oneof(badFrame, unknownFrame), async (side, parts, last) => {
        const attack = await attackAt(stage, side);
        await throwAt(attack, Array.from({ length: parts }, () => half));
        expect(attack.reason()).toBe(null);
        await throwAt(attack, [last]);
        expectClosed(attack, 'protocol');
      }),
      { numRuns: RUNS / 4 },
    );
    await expectUnharmed();
  });

  it('is cut off at a message without an end', async () => {
    const attack = await attackAt(stage, 'acceptor');
    await throwAt(attack, Array.from({ length: 1 + LIMITS.messageBytes / LIMITS.frameBytes }, () => half));
    expectClosed(attack, 'protocol');
    await expectUnharmed();
  });

  it('is cut off at a flood, also one of frames that mean nothing', async () => {
    const attack = await attackAt(stage, 'acceptor');
    const frame: HostileFrame = { what: 'nothing', bytes: frameOf('{"t":"x"}') };
    await throwAt(attack, Array.from({ length: FLOOD }, () => frame));
    expectClosed(attack, 'flood');
    await expectUnharmed();
  });

  it('is cut off when it says again what it said', async () => {
    const attack = await attackAt(stage, 'acceptor');
    const repeated = encode(attack.stranger.hello())[0]!;
    await throwAt(attack, [{ what: 'hello', bytes: repeated }, { what: 'hello', bytes: repeated }]);
    expectClosed(attack, 'protocol');
    await expectUnharmed();
  });

  it(stage === 'linked' ? 'is heard where it keeps the rules' : 'is cut off at a message that is too early', async () => {
    for (const message of VALID) {
      const attack = await attackAt(stage, 'acceptor');
      await throwAt(attack, encode(message).map((bytes) => ({ what: message.t, bytes })));
      if (stage === 'linked') expect(attack.heard).toEqual([message]);
      else expectClosed(attack, 'protocol');
    }
    await expectUnharmed();
  });
});

describe('all that', () => {
  it('was thousands of frames, without the floods', () => expect(framesSent - STAGES.length * FLOOD).toBeGreaterThan(2000));
});
