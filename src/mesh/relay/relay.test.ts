/** Two peers without a link, and others between them: that they reach each other, and what happens when those go. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import type { LlamboError } from '../../shared/errors.ts';
import type { EndpointId, PeerId, TaskId } from '../../shared/ids.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { entryOf, linkDeps } from '../../testing/mesh-peers.ts';
import { countedCrypto, createRelayRig, type RelayPeer, type RelayRig, type RelayRigOptions } from '../../testing/relay-rig.ts';
import { endsOf } from '../../testing/transport-bench.ts';
import type { OpenLinkDeps } from '../link/open-link.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { createRelayCrypto } from '../platform/relay-crypto.ts';
import { createWebCrypto } from '../platform/web-crypto.ts';
import { relayEndpoint } from './relay.ts';
import { unpackBox } from './relay-box.ts';

const SECRET = 'the quick brown fox';

const prompt = (content: string): PeerMessage => ({
  t: 'task',
  id: 'task-1' as TaskId,
  node: 'n1',
  task: { messages: [{ role: 'user', content }], sampling: { temperature: 0 }, seed: 1, profile: 'exact', deadlineMs: 1000 },
});

/** Asker and worker, and neighbours that are linked with both. */
async function around(count: number, options: Partial<RelayRigOptions> = {}): Promise<{ rig: RelayRig; asker: RelayPeer; worker: RelayPeer; between: RelayPeer[] }> {
  const rig = createRelayRig({ clock: createManualClock(), ...options });
  const [asker, worker, ...between] = Array.from({ length: count + 2 }, rig.peer) as [RelayPeer, RelayPeer, ...RelayPeer[]];
  for (const peer of between) {
    await rig.link(asker, peer);
    await rig.link(peer, worker);
  }
  return { rig, asker, worker, between };
}

const dialled = (rig: RelayRig, from: RelayPeer, to: PeerId): Promise<string> =>
  rig.run(from.relay.dial(relayEndpoint(to)).then(() => 'connected', (error: LlamboError) => error.code));

function heardBy(link: PeerLink): PeerMessage[] {
  const heard: PeerMessage[] = [];
  link.onMessage((message) => heard.push(message));
  return heard;
}

const endOf = (link: PeerLink): string[] => {
  const ends: string[] = [];
  link.onEnd(({ kind }) => ends.push(kind));
  return ends;
};

const { subtle, isBusy } = countedCrypto();

async function webDeps(clock: RelayRigOptions['clock']): Promise<(seed: number) => OpenLinkDeps> {
  const crypto = createWebCrypto({ subtle, getRandomValues: (array) => globalThis.crypto.getRandomValues(array) });
  const identities = await Promise.all(Array.from({ length: 3 }, async () => crypto.newIdentity(await crypto.newKeys())));
  return (seed) => {
    const identity = identities[seed % identities.length]!;
    return { ...linkDeps(clock, { seed }), identity, crypto, introduce: () => ({ entry: entryOf(identity), claim: null }) };
  };
}

describe.each([
  ['fake keys', async () => ({})],
  ['the cryptography of the browser', async () => {
    const clock = createManualClock();
    return { clock, deps: await webDeps(clock), relayCrypto: () => createRelayCrypto(subtle), isBusy };
  }],
])('a relayed link with %s', (_, optionsOf: () => Promise<Partial<RelayRigOptions>>) => {
  it('joins two peers by the normal handshake, and who carries it reads nothing', async () => {
    const { rig, asker, worker, between: [carrier] } = await around(1, await optionsOf());
    const [near, far] = await rig.relayed(asker, worker);
    expect([near.peer, far.peer]).toEqual([worker.id, asker.id]);
    expect([near.path, far.path, near.outgoing, far.outgoing]).toEqual(['relayed', 'relayed', true, false]);

    const [atNear, atFar] = [heardBy(near), heardBy(far)];
    near.send(prompt(SECRET));
    far.send({ t: 'task-events', id: 'task-1' as TaskId, seq: 0, events: [{ type: 'tokens', text: `${SECRET} jumps`, count: 2 }] });
    await rig.until(() => atNear.length === 1 && atFar.length === 1);
    expect(atFar[0]).toEqual(prompt(SECRET));
    expect(atNear[0]).toMatchObject({ t: 'task-events', events: [{ text: `${SECRET} jumps` }] });

    expect(carrier!.heard.length).toBeGreaterThan(8);
    for (const message of carrier!.heard) {
      const seen = message.t === 'relay' ? Buffer.from(message.box, 'base64url').toString('latin1') : JSON.stringify(message);
      for (const word of ['quick', 'jumps', 'tokens', 'hello', 'proof', asker.deps.identity.key]) expect(seen).not.toContain(word);
    }
  });

  it('carries the longest message, and no harm comes to the links that carry it', async () => {
    const { rig, asker, worker, between: [carrier] } = await around(1, await optionsOf());
    const [near, far] = await rig.relayed(asker, worker);
    const heard = heardBy(far);
    const long = prompt('x'.repeat(LIMITS.remotePromptChars));
    near.send(long);
    await rig.until(() => heard.length === 1);
    expect(heard[0]).toEqual(long);
    expect([...carrier!.links.keys()]).toEqual([asker.id, worker.id]);
  });
});

describe('a dial over a neighbour', () => {
  it('asks the next one if the first has no link there', async () => {
    const { rig, asker, worker, between: [carrier] } = await around(1);
    const stranger = rig.peer();
    await rig.link(asker, stranger);
    asker.ways = () => [stranger.id, carrier!.id];
    await rig.relayed(asker, worker);
    expect(stranger.heard).toHaveLength(1);
    expect(carrier!.heard.length).toBeGreaterThan(1);
  });

  it('asks the next one if the first does not carry, and ends in time if none does', async () => {
    const { rig, asker, worker, between } = await around(2);
    asker.ways = () => between.map(({ id }) => id);
    between[0]!.handle = () => undefined;
    const before = rig.clock.now();
    expect(await dialled(rig, asker, worker.id)).toBe('connected');
    between[1]!.handle = () => undefined;
    expect(await dialled(rig, asker, worker.id)).toBe('timeout');
    expect(rig.clock.now() - before).toBeLessThan(LIMITS.dialMs);
  });

  it('is unreachable without a neighbour that helps, at an end that has left, and at ids that are none', async () => {
    const { rig, asker, worker, between: [carrier] } = await around(1);
    const elsewhere = rig.peer();
    expect(await dialled(rig, asker, elsewhere.id)).toBe('unreachable');
    expect(carrier!.heard).toHaveLength(1);
    expect(asker.heard).toEqual([{ t: 'relay-gone', to: elsewhere.id, reason: 'unlinked' }]);
    asker.ways = () => [];
    expect(await dialled(rig, asker, worker.id)).toBe('unreachable');
    // The target itself carries nothing to itself.
    asker.ways = () => [carrier!.id];
    expect(await dialled(rig, asker, carrier!.id)).toBe('unreachable');
    worker.relay.close();
    expect(await dialled(rig, asker, worker.id)).toBe('unreachable');
    for (const id of [relayEndpoint(asker.id), 'r-nobody', 'w-abcdefgh']) {
      await expect(asker.relay.dial(id as EndpointId)).rejects.toMatchObject({ code: 'unreachable' });
    }
  });

  it('ends at once if the neighbour goes meanwhile', async () => {
    const { rig, asker, worker, between: [carrier] } = await around(1);
    carrier!.handle = () => carrier!.links.get(asker.id)!.end({ kind: 'closed' });
    const before = rig.clock.now();
    expect(await dialled(rig, asker, worker.id)).toBe('unreachable');
    expect(rig.clock.now() - before).toBeLessThan(LIMITS.relayAnswerMs);
  });
});

describe('a relayed link ends', () => {
  it('at both ends when the one between dies in the middle of a stream, and the next goes over another', async () => {
    const { rig, asker, worker, between: [first, second] } = await around(2);
    asker.ways = () => [first!.id, second!.id];
    const [near, far] = await rig.relayed(asker, worker);
    const ends = [endOf(near), endOf(far)];
    const heard = heardBy(near);
    for (let seq = 0; seq < 40; seq += 1) far.send({ t: 'task-events', id: 'task-1' as TaskId, seq, events: [{ type: 'tokens', text: 'word '.repeat(1000), count: 1000 }] });
    await rig.until(() => heard.length > 3);
    for (const link of first!.links.values()) link.end({ kind: 'closed' });
    await rig.until(() => ends.every(({ length }) => length === 1));
    expect(ends).toEqual([['lost'], ['lost']]);
    // What came is whole and in order.
    expect(heard.map((message) => message.t === 'task-events' && message.seq)).toEqual(heard.map((__, seq) => seq));

    asker.ways = null;
    const [again] = await rig.relayed(asker, worker);
    expect(again.peer).toBe(worker.id);
  });

  it('with the next message when only the other end has lost that neighbour', async () => {
    const { rig, asker, worker, between: [carrier] } = await around(1);
    const [near, far] = await rig.relayed(asker, worker);
    const [atNear, atFar] = [endOf(near), endOf(far)];
    carrier!.links.get(worker.id)!.end({ kind: 'closed' });
    await rig.until(() => atFar.length === 1);
    expect([atFar, atNear]).toEqual([['lost'], []]);
    near.send({ t: 'roster?', term: 0, have: 0 });
    await rig.until(() => atNear.length === 1);
    expect(atNear).toEqual(['lost']);
    expect(asker.heard.at(-1)).toEqual({ t: 'relay-gone', to: worker.id, reason: 'unlinked' });
  });

  it('with a word, when one end says so', async () => {
    const { rig, asker, worker } = await around(1);
    const [near, far] = await rig.relayed(asker, worker);
    const ends = endOf(far);
    heardBy(far);
    near.send({ t: 'leave', successor: null, term: 0 });
    near.end({ kind: 'left' });
    await rig.until(() => ends.length === 1);
    expect(ends).toEqual(['left']);
  });

  it('within its time, if what waits can not be sent any more', async () => {
    const { rig, asker, worker, between: [carrier] } = await around(1);
    const connection = await rig.run(asker.relay.dial(relayEndpoint(worker.id)));
    const ends = endsOf(connection);
    carrier!.handle = () => undefined;
    for (let count = 0; count < 20; count += 1) connection.send(new Uint8Array(LIMITS.frameBytes));
    connection.close();
    expect(ends).toEqual(['us']);
    await rig.clock.advance(LIMITS.closeMs);
    const last = carrier!.heard.at(-1);
    expect(last?.t === 'relay' && unpackBox(last.box)?.kind).toBe('end');
    const before = carrier!.heard.length;
    await rig.clock.advance(60_000);
    expect(carrier!.heard.length).toBe(before);
  });
});

describe('many at once', () => {
  it('are no more over one neighbour than are allowed', async () => {
    const { rig, asker, worker } = await around(1);
    const outcomes = await Promise.all(Array.from({ length: LIMITS.relayPathsPerPeer + 2 }, () => dialled(rig, asker, worker.id)));
    expect(outcomes.filter((outcome) => outcome === 'connected')).toHaveLength(LIMITS.relayPathsPerPeer);
    expect(outcomes.filter((outcome) => outcome === 'unreachable')).toHaveLength(2);
  });
});
