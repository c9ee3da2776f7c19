/** The handshake against somebody who keeps no rules. What honest peers do is in `open-link.test.ts`. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import type { TaskId } from '../../shared/ids.ts';
import { createFakeCrypto, createFakeRoom } from '../../testing/fake-crypto.ts';
import { createLoopback, type LoopbackConnection } from '../../testing/loopback.ts';
import { createManualClock, settle, type ManualClock } from '../../testing/manual-clock.ts';
import { entryOf, linkDeps } from '../../testing/mesh-peers.ts';
import { createStranger, type Stranger } from '../../testing/stranger.ts';
import { commonVersion } from './handshake.ts';
import { openLink, type OpenLinkDeps } from './open-link.ts';

interface Meeting {
  readonly stranger: Stranger;
  readonly strangerEnd: LoopbackConnection;
  readonly clock: ManualClock;
  /** How our side ended: null while it runs, 'linked', or the refusal's reason or error's code. */
  outcome(): string | null;
}

/** We at one end, a stranger at the other. @param role ours */
async function meet(role: 'dialler' | 'acceptor', change: { ours?: Partial<OpenLinkDeps>; theirs?: Partial<OpenLinkDeps>; binding?: Uint8Array } = {}): Promise<Meeting> {
  const clock = createManualClock();
  const [dialler, acceptor] = createLoopback(change.binding);
  const [own, strangerEnd] = role === 'dialler' ? [dialler, acceptor] : [acceptor, dialler];
  let outcome: string | null = null;
  void openLink(own, linkDeps(clock, { seed: 2, ...change.ours })).then(
    () => (outcome = 'linked'),
    (error: { code: string; details?: { reason?: string } }) => (outcome = error.details?.reason ?? error.code),
  );
  const stranger = createStranger(strangerEnd, linkDeps(clock, { seed: 3, ...change.theirs }));
  await settle();
  return { stranger, strangerEnd, clock, outcome: () => outcome };
}

const task: PeerMessage = { t: 'task', id: 'task-1' as TaskId, node: 'n1', task: { messages: [{ role: 'user', content: 'x' }], sampling: {}, seed: 1, profile: 'chat', deadlineMs: 1 } };
const tags = ({ heard }: Stranger): string[] => heard.map((message) => (message.t === 'refuse' ? `refuse ${message.reason}` : message.t));

describe('a second implementation of the protocol', () => {
  it.each(['dialler', 'acceptor'] as const)('is understood where we are the %s', async (role) => {
    const { stranger, outcome } = await meet(role);
    await stranger.play('welcome');
    expect(outcome()).toBe('linked');
    expect(tags(stranger)).toEqual(['hello', 'proof', 'welcome']);
  });
});

describe('a stranger at a door', () => {
  it('gets nothing that is made of the secret before it has proven that it knows it', async () => {
    const { stranger, outcome } = await meet('acceptor', { theirs: { room: createFakeRoom('guess') } });
    await stranger.play('hello');
    expect(tags(stranger)).toEqual(['hello']);
    stranger.say(await stranger.proof());
    await settle();
    expect(tags(stranger)).toEqual(['hello', 'refuse secret']);
    expect(outcome()).toBe('secret');
  });

  it('does not get in with our own words, sent back', async () => {
    const { stranger, outcome } = await meet('dialler');
    stranger.say(stranger.heardOne('hello'));
    await settle();
    expect(outcome()).toBe('duplicate');
  });

  it('does not get in with our own proof, sent back under a key of its own', async () => {
    const { stranger, outcome } = await meet('dialler', { theirs: { room: createFakeRoom('guess') } });
    stranger.say(stranger.hello());
    await settle();
    stranger.say(stranger.heardOne('proof'));
    await settle();
    expect(outcome()).toBe('secret');
  });

  it('does not get in with what it recorded on another connection', async () => {
    const first = await meet('acceptor');
    await first.stranger.play('welcome');
    expect(first.outcome()).toBe('linked');
    const recorded = { hello: first.stranger.hello({ nonce: 'recorded' }), proof: await first.stranger.proof() };

    // Even where the connection is the same in every respect, the nonce is not.
    const second = await meet('acceptor', { binding: first.strangerEnd.binding, ours: { crypto: createFakeCrypto(99) } });
    second.stranger.say(recorded.hello, recorded.proof);
    await settle();
    expect(second.outcome()).toBe('secret');
  });

  it('does not get in between: another binding is another handshake', async () => {
    const clock = createManualClock();
    const [a, left] = createLoopback();
    const [right, b] = createLoopback();
    // Passes everything on, both ways, as whoever carries the signalling could if it put itself in between.
    left.onMessage((frame) => right.send(frame));
    right.onMessage((frame) => left.send(frame));
    const outcomes = await Promise.allSettled([openLink(a, linkDeps(clock, { seed: 2 })), openLink(b, linkDeps(clock, { seed: 3 }))]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as { details: unknown }).details)).toMatchObject([{ reason: 'secret' }, { reason: 'secret' }]);
  });

  it("does not pass for somebody else by that one's certificate", async () => {
    const victim = linkDeps(createManualClock(), { seed: 9 }).identity;
    const { stranger, outcome } = await meet('acceptor', { theirs: { identity: { ...createFakeCrypto(3).newIdentity(), deviceKey: victim.deviceKey, certificate: victim.certificate } } });
    await stranger.play('proof');
    expect(outcome()).toBe('identity');
  });

  it.each(['peer', 'device'] as const)("does not pass for somebody else by that one's %s in its entry", async (field) => {
    const victim = linkDeps(createManualClock(), { seed: 9 }).identity;
    const own = createFakeCrypto(3).newIdentity();
    const { stranger, outcome } = await meet('acceptor', { theirs: { identity: own, introduce: () => ({ entry: entryOf({ ...own, [field]: victim[field] }), claim: null }) } });
    await stranger.play('welcome');
    expect(outcome()).toBe('identity');
  });
});

describe('a wrong order', () => {
  const orders: [string, (stranger: Stranger) => Promise<void>][] = [
    ['a proof first', async (stranger) => stranger.say({ t: 'proof', mac: 'x', signature: 'y' })],
    ['a welcome first', async (stranger) => stranger.say({ t: 'welcome', entry: entryOf(linkDeps(createManualClock()).identity), claim: null })],
    ['a task first', async (stranger) => stranger.say(task)],
    ['a second hello', async (stranger) => stranger.say(stranger.hello(), stranger.hello())],
    ['a task before the proof', async (stranger) => (await stranger.play('hello'), stranger.say(task))],
    ['a task before the welcome', async (stranger) => (await stranger.play('proof'), stranger.say(task))],
    ['a second proof', async (stranger) => (await stranger.play('proof'), stranger.say(await stranger.proof()))],
    ['a wait before the proof', async (stranger) => (await stranger.play('hello'), stranger.say({ t: 'wait' }))],
    ['a wait, and another', async (stranger) => (await stranger.play('proof'), stranger.say({ t: 'wait' }, { t: 'wait' }))],
  ];
  it.each(orders)('ends the handshake: %s', async (_, act) => {
    const { stranger, strangerEnd, outcome } = await meet('acceptor');
    await act(stranger);
    await settle();
    expect(outcome()).toBe('protocol');
    expect(tags(stranger).at(-1)).toBe('refuse protocol');
    expect(strangerEnd.closed()).toBe('them');
  });

  it('does not hold what comes while we wait for a person, beyond a little', async () => {
    const { stranger, outcome } = await meet('acceptor', { ours: { admit: () => new Promise(() => undefined) } });
    await stranger.play('welcome');
    for (let count = 0; count <= LIMITS.earlyFrames; count += 1) stranger.say(task);
    await settle();
    expect(outcome()).toBe('flood');
  });
});

describe('time', () => {
  it.each(['hello', 'proof'] as const)('is up for a stranger who stops after its %s', async (until) => {
    const { stranger, strangerEnd, clock, outcome } = await meet('acceptor');
    await stranger.play(until);
    await clock.advance(LIMITS.handshakeMs);
    expect(outcome()).toBe('timeout');
    expect(strangerEnd.closed()).toBe('them');
  });

  it('is up also for a stranger that made us wait', async () => {
    const { stranger, clock, outcome } = await meet('dialler');
    await stranger.play('proof');
    stranger.say({ t: 'wait' });
    await clock.advance(LIMITS.handshakeMs * 2);
    expect(outcome()).toBe(null);
    await clock.advance(LIMITS.admissionMs);
    expect(outcome()).toBe('timeout');
  });
});

describe('versions', () => {
  it.each<[number[], number[], number | null]>([[[1], [1], 1], [[1, 2, 3], [2, 3, 4], 3], [[1], [2], null], [[1], [], null], [[3, 1], [1, 3], 3]])('of %j and %j: %j', (ours, theirs, common) => {
    expect(commonVersion(ours, theirs)).toBe(common);
  });
});
