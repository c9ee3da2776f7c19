import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { Refusal } from '../../protocol/messages.ts';
import { createFakeCrypto, createFakeRoom } from '../../testing/fake-crypto.ts';
import { createLoopback } from '../../testing/loopback.ts';
import { createManualClock, settle } from '../../testing/manual-clock.ts';
import { entryOf, linkDeps, linkedPair } from '../../testing/mesh-peers.ts';
import { LlamboError } from '../../shared/errors.ts';
import { openLink, type OpenLinkDeps } from './open-link.ts';
import type { Identity } from '../identity.ts';
import { refusalOf } from './refusals.ts';

const newTab = (device: string, seed: number): Identity => createFakeCrypto(seed).newIdentity(device);

type Outcome = PromiseSettledResult<Awaited<ReturnType<typeof openLink>>>;

/** Both sides of a handshake, to their ends. */
async function meet(dialler: Partial<OpenLinkDeps>, acceptor: Partial<OpenLinkDeps>): Promise<{ outcomes: [Outcome, Outcome]; closed: boolean }> {
  const clock = createManualClock();
  const ends = createLoopback();
  const outcomes = await Promise.allSettled([openLink(ends[0], linkDeps(clock, { seed: 2, ...dialler })), openLink(ends[1], linkDeps(clock, { seed: 3, ...acceptor }))]);
  return { outcomes, closed: ends.every((end) => end.closed() !== null) };
}

const errorOf = (outcome: Outcome): LlamboError => (outcome.status === 'rejected' ? (outcome.reason as LlamboError) : new LlamboError('internal', 'linked'));

async function expectRefused(dialler: Partial<OpenLinkDeps>, acceptor: Partial<OpenLinkDeps>, reason: Refusal): Promise<void> {
  const { outcomes, closed } = await meet(dialler, acceptor);
  expect(outcomes.map((outcome) => refusalOf(errorOf(outcome)))).toEqual([reason, reason]);
  for (const outcome of outcomes) expect(errorOf(outcome).advice).toMatch(/\.$/);
  expect(closed).toBe(true);
}

describe('a handshake', () => {
  it('links two peers that know the secret, and tells each who the other is', async () => {
    const clock = createManualClock();
    const dialler = linkDeps(clock, { seed: 2, build: 'one' });
    const claim = { term: 3, rank: 9, leader: dialler.identity.peer };
    const acceptor = linkDeps(clock, { seed: 3, build: 'two' });
    const { links: [a, b] } = await linkedPair(clock, dialler, { ...acceptor, introduce: () => ({ entry: entryOf(acceptor.identity, { name: 'Bea' }), claim }) });
    expect(a).toMatchObject({ peer: acceptor.identity.peer, device: acceptor.identity.device, build: 'two', outgoing: true, path: 'simulated', welcome: { entry: { name: 'Bea' }, claim } });
    expect(b).toMatchObject({ peer: dialler.identity.peer, build: 'one', outgoing: false, welcome: { claim: null } });
  });

  it('links two tabs of one device', async () => {
    const clock = createManualClock();
    const { links: [a, b] } = await linkedPair(clock, { identity: newTab('laptop', 2) }, { identity: newTab('laptop', 3) });
    expect(a.device).toBe(b.device);
    expect(a.peer).not.toBe(b.peer);
  });

  it('refuses another secret, whoever has it', async () => {
    const { outcomes } = await meet({ room: createFakeRoom('guess') }, {});
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'refused', message: 'The secret in this link is not the one of the swarm.', details: { reason: 'secret', by: 'them' } });
    expect(errorOf(outcomes[1]).details).toMatchObject({ reason: 'secret', by: 'us' });
  });

  it('refuses another room with the same key', () => expectRefused({ room: { ...createFakeRoom(), id: createFakeRoom('other').id } }, {}, 'secret'));
  it('refuses a peer that shares no version', () => expectRefused({ versions: [7, 9] }, { versions: [1] }, 'version'));
  it('refuses itself', () => expectRefused({ identity: newTab('one', 4) }, { identity: newTab('one', 4) }, 'duplicate'));

  it('refuses an entry of somebody else', async () => {
    const clock = createManualClock();
    const stranger = linkDeps(clock, { seed: 9 }).identity;
    const { outcomes } = await meet({ introduce: () => ({ entry: entryOf(stranger), claim: null }) }, {});
    expect(refusalOf(errorOf(outcomes[1]))).toBe('identity');
  });

  it('refuses a certificate of another device', async () => {
    const own = newTab('mine', 5);
    const { outcomes } = await meet({ identity: { ...own, deviceKey: newTab('yours', 5).deviceKey } }, {});
    expect(refusalOf(errorOf(outcomes[0]))).toBe('identity');
  });

  it('refuses a signature that is not of the key', async () => {
    const own = newTab('mine', 5);
    const { outcomes } = await meet({ identity: { ...own, sign: newTab('mine', 6).sign } }, {});
    expect(refusalOf(errorOf(outcomes[0]))).toBe('identity');
  });

  it.each(['full', 'barred', 'not-admitted', 'duplicate'] as const)('carries the refusal "%s"', (reason) => expectRefused({}, { admit: () => reason }, reason));

  it('takes the highest that both have', async () => {
    const { outcomes } = await meet({ versions: [1, 2, 3] }, { versions: [2, 3, 4] });
    expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true);
  });
});

/** Somebody who never says a word. */
async function silent(change: Partial<OpenLinkDeps> = {}): Promise<{ clock: ReturnType<typeof createManualClock>; outcome: Promise<LlamboError>; other: ReturnType<typeof createLoopback>[1] }> {
  const clock = createManualClock();
  const [end, other] = createLoopback();
  const outcome = openLink(end, linkDeps(clock, change)).then(() => new LlamboError('internal', 'linked'), (error: unknown) => error as LlamboError);
  await settle();
  return { clock, outcome, other };
}

describe('a handshake ends', () => {
  it('when the other side says nothing', async () => {
    const { clock, outcome, other } = await silent();
    await clock.advance(LIMITS.handshakeMs);
    expect(await outcome).toMatchObject({ code: 'timeout' });
    expect(other.closed()).toBe('them');
  });

  it('when it is called off', async () => {
    const stop = new AbortController();
    const { outcome, other } = await silent({ signal: stop.signal });
    stop.abort();
    expect(await outcome).toMatchObject({ code: 'aborted' });
    await settle();
    expect(other.closed()).toBe('them');
  });

  it('at once when it was called off before', async () => {
    const { outcome } = await silent({ signal: AbortSignal.abort() });
    expect(await outcome).toMatchObject({ code: 'aborted' });
  });

  it.each(['close', 'lose'] as const)('when the other side is gone: %s', async (how) => {
    const { outcome, other } = await silent();
    other[how]();
    expect(await outcome).toMatchObject({ code: 'peer-lost' });
  });

  it('when the connection was closed before', async () => {
    const clock = createManualClock();
    const [end, other] = createLoopback();
    other.close();
    await settle();
    await expect(openLink(end, linkDeps(clock))).rejects.toMatchObject({ code: 'peer-lost' });
  });

  it('when our own key does not sign, and leaves no connection open', async () => {
    const identity: Identity = { ...newTab('mine', 5), sign: () => Promise.reject(new Error('the key is gone')) };
    const { outcomes, closed } = await meet({ identity }, {});
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'internal' });
    expect(errorOf(outcomes[1])).toMatchObject({ code: 'peer-lost' });
    expect(closed).toBe(true);
  });

  it('leaves nothing behind: neither its deadline nor its signal ends the link', async () => {
    const clock = createManualClock();
    const stop = new AbortController();
    const { links } = await linkedPair(clock, { signal: stop.signal });
    await clock.advance(2 * LIMITS.admissionMs);
    stop.abort();
    await settle();
    const ends: string[] = [];
    links.forEach((link) => link.onEnd(({ kind }) => ends.push(kind)));
    expect(ends).toEqual([]);
  });
});

describe('a door that is kept by hand', () => {
  const never = new Promise<null>(() => undefined);

  it('lets the newcomer wait for a person, longer than a handshake may take', async () => {
    const clock = createManualClock();
    let open: (refusal: Refusal | null) => void = () => undefined;
    const pair = linkedPair(clock, {}, { admit: () => new Promise((resolve) => (open = resolve)) });
    await clock.advance(LIMITS.handshakeMs * 3);
    open(null);
    const { links } = await pair;
    expect(links[0].outgoing).toBe(true);
  });

  it('tells the newcomer that a person was asked, and the person what the newcomer calls itself', async () => {
    let asked = 0;
    const name: string[] = [];
    const identity = newTab('visitor', 7);
    await linkedPair(
      createManualClock(),
      { identity, onWait: () => (asked += 1), introduce: () => ({ entry: entryOf(identity, { name: 'Vera' }), claim: null }) },
      { admit: (_peer, _device, { entry }) => entry.then((said) => (name.push(said.name), null)), onWait: () => (asked += 10) },
    );
    expect([asked, name]).toEqual([1, ['Vera']]);
  });

  it('refuses whom the person refuses', () => expectRefused({}, { admit: () => Promise.resolve('not-admitted' as const) }, 'not-admitted'));

  it('gives up when nobody comes to the door, and tells whoever asks the person', async () => {
    const clock = createManualClock();
    const signals: AbortSignal[] = [];
    const pair = linkedPair(clock, {}, { admit: (_peer, _device, { signal }) => (signals.push(signal), never) });
    const failure = pair.then(() => null, (error: unknown) => error);
    await clock.advance(LIMITS.admissionMs);
    expect(await failure).toMatchObject({ code: 'timeout' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('stops asking when the newcomer goes away', async () => {
    const clock = createManualClock();
    const [end, other] = createLoopback();
    const signals: AbortSignal[] = [];
    const stop = new AbortController();
    const acceptor = openLink(other, linkDeps(clock, { seed: 3, admit: (_peer, _device, { signal }) => (signals.push(signal), never) })).catch((error: unknown) => error);
    const dialler = openLink(end, linkDeps(clock, { seed: 2, signal: stop.signal })).catch((error: unknown) => error);
    await settle();
    stop.abort();
    expect(await dialler).toMatchObject({ code: 'aborted' });
    expect(await acceptor).toMatchObject({ code: 'peer-lost' });
    expect(signals[0]!.aborted).toBe(true);
  });
});
