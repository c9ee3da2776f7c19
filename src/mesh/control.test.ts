import { describe, expect, it, vi } from 'vitest';
import type { SealedGrant } from '../protocol/grant.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ControlMessage, MessageOf } from '../protocol/messages.ts';
import { Emitter } from '../shared/emitter.ts';
import { nodeAddress, type JobId, type PeerId, type TaskId } from '../shared/ids.ts';
import { makeTask, runToEnd } from '../testing/engine-node-suite.ts';
import { createFakeCrypto, createFakeRoom } from '../testing/fake-crypto.ts';
import { createFakeLinkPair, fakeDeviceId, fakePeerId, type FakeLink } from '../testing/fake-link.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMeshStage, type MeshStage, type MeshTab } from '../testing/mesh-stage.ts';
import { createControl } from './control.ts';
import type { Links } from './links.ts';
import type { PeerLink } from './link/peer-link.ts';
import { adOf } from './tasks/node-ad.ts';

// Minutes of several tabs, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 });

const job = (id: number): JobId => `job-${id}` as JobId;
const over = (id: number): ControlMessage => ({ t: 'job-over', id: job(id) });
const place = (term: number, change: Partial<MessageOf<'job-place'>> = {}): MessageOf<'job-place'> => ({ t: 'job-place', term, id: job(1), turn: 1, place: 1, estimateMs: 0, ...change });
const wish = (term: number): ControlMessage => ({ t: 'scale', term, tier: 'medium', model: 'smol', nodes: 2, reason: 'jobs wait' });
const refused = (term: number, message: string): ControlMessage => ({ t: 'job-refused', term, id: job(1), turn: 1, error: { code: 'busy', message } });

describe('messages of control, without a link', () => {
  function setUp() {
    const clock = createManualClock();
    const there = new Map<PeerId, FakeLink>();
    const [linked, left] = [new Emitter<PeerLink>(), new Emitter<PeerId>()];
    const wanted: PeerId[] = [];
    const crypto = createFakeCrypto();
    const { port, look } = createControl({
      clock, linked, left, crypto,
      identity: crypto.newIdentity(),
      room: createFakeRoom().id,
      links: { get: (peer) => there.get(peer) } as Links,
      want: (peer) => void wanted.push(peer),
      core: () => null,
    });
    function connect(peer: PeerId): FakeLink {
      const { near } = createFakeLinkPair(undefined, { peer, device: fakeDeviceId('far') });
      there.set(peer, near);
      linked.emit(near);
      return near;
    }
    return { clock, port, look, wanted, left, connect };
  }
  const [ann, bob] = [fakePeerId('ann'), fakePeerId('bob')];

  it('ask for one, wait for it, and go out in their order', () => {
    const { port, wanted, connect } = setUp();
    port.send(ann, over(1));
    port.send(bob, over(2));
    port.send(ann, over(3));
    expect(wanted).toEqual([ann, bob, ann]);
    const link = connect(ann);
    expect(link.sent).toEqual([over(1), over(3)]);
    port.send(ann, over(4));
    expect(link.sent).toHaveLength(3);
    expect(connect(bob).sent).toEqual([over(2)]);
  });

  it('are dropped after some seconds, and when the peer is out', async () => {
    const { port, look, left, clock, connect } = setUp();
    port.send(ann, over(1));
    await clock.advance(4900);
    port.send(ann, over(2));
    await clock.advance(200);
    look();
    port.send(bob, over(3));
    left.emit(bob);
    expect(connect(ann).sent).toEqual([over(2)]);
    expect(connect(bob).sent).toEqual([]);
  });

  it('are so many and no more, the latest of them', () => {
    const { port, connect } = setUp();
    for (let id = 0; id < LIMITS.controlHeld + 10; id += 1) port.send(ann, over(id));
    const { sent } = connect(ann);
    expect(sent).toHaveLength(LIMITS.controlHeld);
    expect(sent.at(-1)).toEqual(over(LIMITS.controlHeld + 9));
  });

  it('are not sent out of bounds, because that would cost the link; errors are cut', () => {
    const { port, connect } = setUp();
    const link = connect(ann);
    expect(() => port.send(ann, place(1, { estimateMs: Infinity }))).toThrow(/out of bounds/);
    expect(() => port.send(ann, { t: 'job-over', id: 'no job' as JobId })).toThrow(/out of bounds/);
    port.send(ann, refused(1, 'x'.repeat(9000)));
    expect(link.sent).toMatchObject([{ t: 'job-refused', error: { message: 'x'.repeat(LIMITS.errorChars) } }]);
  });

  it('seal nothing for a tab that does not lead', async () => {
    const { port } = setUp();
    expect(await port.seal({ task: 'task-1' as TaskId, node: nodeAddress(ann, 'a'), asker: bob })).toBeNull();
  });
});

describe('control among tabs', () => {
  interface Swarm extends MeshStage {
    readonly tabs: readonly [MeshTab, MeshTab, MeshTab];
    readonly term: number;
    /** What came to the control port of each. */
    readonly heard: readonly { readonly from: PeerId; readonly message: ControlMessage }[][];
  }

  /** The first leads. */
  async function swarm(): Promise<Swarm> {
    const stage = createMeshStage();
    const tabs = [await stage.join('first', true), await stage.join('second'), await stage.join('third')] as const;
    const isAll = (): boolean => tabs.every(({ mesh }) => mesh.info().leader === tabs[0].id && mesh.info().peers.length === 3 && mesh.info().peers.every(({ link }) => link !== 'none'));
    await stage.until(isAll);
    const heard = tabs.map(({ mesh }) => {
      const list: { from: PeerId; message: ControlMessage }[] = [];
      mesh.control.onMessage(({ peer }, message) => void list.push({ from: peer, message }));
      return list;
    });
    return { ...stage, tabs, heard, term: tabs[0].mesh.info().term };
  }

  async function pass({ until, clock }: MeshStage, ms: number): Promise<void> {
    const end = clock.now() + ms;
    await until(() => clock.now() >= end, 2 * ms);
  }

  async function meanwhile<T>({ until }: MeshStage, promise: Promise<T>): Promise<T> {
    let isOver = false;
    promise.then(() => (isOver = true), () => (isOver = true));
    await until(() => isOver);
    return promise;
  }

  it('goes both ways, with who said it', async () => {
    const { tabs: [first, second], heard, until, term } = await swarm();
    second.mesh.control.send(first.id, over(1));
    await until(() => heard[0]!.length > 0);
    expect(heard[0]).toEqual([{ from: second.id, message: over(1) }]);
    first.mesh.control.send(second.id, place(term));
    await until(() => heard[1]!.length > 0);
    expect(heard[1]).toEqual([{ from: first.id, message: place(term) }]);
  });

  it('is not heard of a tab that does not lead, nor of the leader in another term', async () => {
    const stage = await swarm();
    const { tabs: [first, second, third], heard, term } = stage;
    second.mesh.control.send(third.id, place(term));
    second.mesh.control.send(third.id, place(term + 1));
    first.mesh.control.send(third.id, place(term - 1));
    first.mesh.control.send(third.id, place(term + 1));
    second.mesh.control.send(third.id, wish(term));
    first.mesh.control.send(third.id, wish(term - 1));
    first.mesh.control.send(third.id, place(term, { place: 9 }));
    first.mesh.control.send(third.id, wish(term));
    await pass(stage, 500);
    expect(heard[2]).toEqual([{ from: first.id, message: place(term, { place: 9 }) }, { from: first.id, message: wish(term) }]);
  });

  it('tells that a link has become suspect', async () => {
    const { tabs: [first, second], until } = await swarm();
    const suspects: PeerId[] = [];
    first.mesh.onNews((news) => {
      if (news.type === 'suspect') suspects.push(news.peer);
    });
    second.host.freeze();
    await until(() => suspects.length > 0, 7000);
    expect(suspects).toEqual([second.id]);
  });

  it('is not heard of a leader that woke up after another was elected; what it granted before still runs for a while', async () => {
    const stage = await swarm();
    const { tabs: [first, second, third], heard, until, term } = stage;
    const address = nodeAddress(second.id, second.node);
    const sealed = async (task: string): Promise<SealedGrant> => (await first.mesh.control.seal({ task: task as TaskId, node: address, asker: third.id }))!;
    const [soon, late] = [await sealed('task-soon'), await sealed('task-late')];
    first.host.freeze();
    await until(() => [second, third].every(({ mesh }) => mesh.info().term > term && mesh.info().leader !== null), 11_000);
    first.host.resume();
    // It does not know yet.
    first.mesh.control.send(third.id, { t: 'job-grant', term, id: job(1), turn: 1, grant: { task: soon.task, node: address, model: 'scripted', modelHash: null, hedgeMs: 1 }, seal: soon });
    await pass(stage, 500);
    expect(heard[2]).toEqual([]);
    const remote = third.mesh.node(address)!;
    const run = (grant: SealedGrant): Promise<string> => runToEnd({ ...remote, run: (task, options) => remote.run(task, { ...options, grant }) }, makeTask('count to 3')).then(({ text }) => text);
    expect(await meanwhile(stage, run(soon))).toBe('1 2 3');
    await pass(stage, 31_000);
    await expect(meanwhile(stage, run(late))).rejects.toMatchObject({ code: 'refused' });
  });

  it('carries grants: a node of another tab runs what the leader sent there, also for the leader itself, and no other', async () => {
    const stage = await swarm();
    const { tabs: [first, second, third] } = stage;
    const address = nodeAddress(second.id, second.node);
    const ask = async (asker: MeshTab, grant: SealedGrant): Promise<string> => {
      const remote = asker.mesh.node(address)!;
      const { text } = await meanwhile(stage, runToEnd({ ...remote, run: (task, options) => remote.run(task, { ...options, grant }) }, makeTask('count to 3')));
      return text;
    };
    const seal = (by: MeshTab, asker: MeshTab, task: string) => by.mesh.control.seal({ task: task as TaskId, node: address, asker: asker.id });
    expect(await ask(third, (await seal(first, third, 'task-one'))!)).toBe('1 2 3');
    expect(await ask(first, (await seal(first, first, 'task-two'))!)).toBe('1 2 3');
    expect(await seal(third, third, 'task-three')).toBeNull();
    await expect(ask(first, (await seal(first, third, 'task-four'))!)).rejects.toMatchObject({ code: 'refused' });
  });

  it('offers no node that works for its own tab only, but tells of it', async () => {
    const stage = await swarm();
    const { tabs: [first, second], until } = stage;
    const address = nodeAddress(second.id, second.node);
    expect(first.mesh.node(address)).not.toBeNull();
    second.mesh.setFacts({ nodes: [adOf(second.mesh.info().peers[0]!.nodes[0]!, 0, false)] });
    await until(() => first.mesh.node(address) === null, 3000);
    expect(first.mesh.info().peers.find(({ id }) => id === second.id)!.nodes).toMatchObject([{ address, shared: false }]);
  });
});
