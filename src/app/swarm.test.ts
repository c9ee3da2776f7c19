import { describe, expect, it } from 'vitest';
import type { Mesh, MeshNews } from '../mesh/mesh-types.ts';
import type { PeerInfo, SwarmInfo } from '../protocol/peer.ts';
import type { Notice, Snapshot } from '../protocol/snapshot.ts';
import { Emitter } from '../shared/emitter.ts';
import { LlamboError } from '../shared/errors.ts';
import { nodeAddress, type PeerId, type RoomId } from '../shared/ids.ts';
import { createManualClock, settle } from '../testing/manual-clock.ts';
import { createEventLog } from './event-log.ts';
import { createState } from './state.ts';
import { createSwarm, type AppSwarm } from './swarm.ts';

const self = 'a'.repeat(20) as PeerId;
const other = 'b'.repeat(20) as PeerId;
const remote = nodeAddress(other, '1');
const LINK = 'https://example.org/#/swarm/room?k=secret';

const peer = (id: PeerId): PeerInfo =>
  ({
    id, device: id, name: id[0]!, self: id === self, leader: false, deputy: false, link: id === self ? 'self' : 'direct', path: null, rttMs: null,
    visible: true, sharing: { slots: 4, busy: 0 }, links: [], joinedAt: 0,
    nodes: [{ address: nodeAddress(id, '1'), peer: id, local: id === self, shared: true }],
  }) as unknown as PeerInfo;

const info = (state: SwarmInfo['state'], peers: readonly PeerId[]): SwarmInfo => ({
  state, step: state === 'in' ? 'in' : 'dialling', problem: null, room: 'room' as RoomId, link: LINK, code: 'six words', self, leader: null, term: 0,
  provisional: false, peers: peers.map(peer), signalling: 'up', waiting: false, gate: null,
});

function setUp(): {
  swarm: AppSwarm;
  state: ReturnType<typeof createState>;
  addresses: (string | null)[];
  /** What the orchestrator was joined to, one after another. */
  ways: (Mesh | null)[];
  meshes: { left: boolean; is(next: SwarmInfo): void; news(news: MeshNews): void; started(error?: LlamboError): void }[];
  notices: string[];
} {
  const state = createState({ nodes: [], swarm: null, askedNode: null } as unknown as Snapshot);
  const meshes: ReturnType<typeof setUp>['meshes'] = [];
  const addresses: (string | null)[] = [];
  const ways: (Mesh | null)[] = [];
  const notices: string[] = [];
  const swarm = createSwarm({
    state,
    log: createEventLog(createManualClock()),
    notices: { add: ({ text }: Omit<Notice, 'id'>) => notices.push(text), report: (error, what) => notices.push(`${what}: ${(error as Error).message}`), dismiss: () => undefined, act: () => undefined },
    facts: () => ({}) as never,
    onMesh: (mesh) => ways.push(mesh),
    showAddress: (link) => addresses.push(link),
    async createMesh(invitation) {
      if (invitation === 'nonsense') throw new LlamboError('bad-request', 'That is no link.');
      const changes = new Emitter<void>();
      const news = new Emitter<MeshNews>();
      let now = info('joining', []);
      let settleStart: (error?: LlamboError) => void = () => undefined;
      const control = {
        left: false,
        is(next: SwarmInfo) {
          now = next;
          changes.emit();
        },
        news: (event: MeshNews) => news.emit(event),
        started: (error?: LlamboError) => settleStart(error),
      };
      meshes.push(control);
      return {
        info: () => now,
        onChange: (listener) => changes.on(listener),
        onNews: (listener) => news.on(listener),
        start: () => new Promise((resolve, reject) => (settleStart = (error) => (error ? reject(error) : resolve()))),
        leave: () => void (control.left = true),
        setFacts: () => undefined,
        node: () => null,
        read: () => Promise.resolve({ kind: 'dir', entries: [] }),
        control: { send: () => undefined, onMessage: () => () => undefined, seal: () => Promise.resolve(null) },
        policy: { current: () => null, onChange: () => () => undefined, publish: () => Promise.resolve() },
        gate: { setGate: () => Promise.resolve(), decide: () => Promise.resolve(), mark: () => Promise.resolve() },
      } satisfies Mesh;
    },
  });
  return { swarm, state, addresses, ways, meshes, notices };
}

describe('a tab in a swarm', () => {
  it('shows how joining goes, and its address can be shared meanwhile', async () => {
    const { swarm, state, addresses, meshes } = setUp();
    const joining = swarm.join();
    await settle();
    expect(state.get().swarm?.state).toBe('joining');
    expect(addresses).toEqual([LINK]);
    meshes[0]!.is(info('in', [self, other]));
    meshes[0]!.started();
    expect(await joining).toEqual({ link: LINK });
    expect(state.get().swarm?.peers).toHaveLength(2);
    expect(swarm.remoteNodes().map(({ address }) => address)).toEqual([remote]);
    const [mine, theirs] = state.get().swarm!.peers;
    meshes[0]!.is({ ...info('in', []), peers: [mine!, { ...theirs!, nodes: [{ ...theirs!.nodes[0]!, shared: false }] }] });
    expect(swarm.remoteNodes()).toEqual([]);
  });

  it('leaves one swarm before it joins another, and hears no more of the first', async () => {
    const { swarm, state, meshes } = setUp();
    void swarm.join();
    await settle();
    const second = swarm.join();
    await settle();
    expect(meshes[0]!.left).toBe(true);
    meshes[1]!.is(info('in', [self]));
    meshes[0]!.is(info('in', [self, other]));
    expect(state.get().swarm?.peers).toHaveLength(1);
    meshes[1]!.started();
    await second;
  });

  it('forgets the chosen node when its tab is gone', async () => {
    const { swarm, state, meshes } = setUp();
    void swarm.join();
    await settle();
    meshes[0]!.is(info('in', [self, other]));
    swarm.askOn(remote);
    meshes[0]!.is(info('in', [self, other]));
    expect(state.get().askedNode).toBe(remote);
    meshes[0]!.is(info('in', [self]));
    expect(state.get().askedNode).toBeNull();
  });

  it('keeps on the page why it could not come in, and says at once what is wrong with an invitation', async () => {
    const { swarm, state, meshes, notices } = setUp();
    swarm.joinSwarm();
    await settle();
    meshes[0]!.is({ ...info('failed', []), problem: { code: 'refused', message: 'The swarm is full.' } });
    meshes[0]!.started(new LlamboError('refused', 'The swarm is full.'));
    await settle();
    expect(state.get().swarm?.problem?.message).toBe('The swarm is full.');
    expect(notices).toEqual([]);
    swarm.joinSwarm();
    await settle();
    meshes[1]!.is(info('in', [self, other]));
    swarm.joinSwarm('nonsense');
    await settle();
    expect(meshes[1]!.left).toBe(false);
    expect(state.get().swarm?.peers).toHaveLength(2);
    expect(notices).toEqual(['This swarm can\'t be joined: That is no link.']);
  });

  it('tells who comes, goes and leads', async () => {
    const { swarm, meshes } = setUp();
    const heard: unknown[] = [];
    swarm.on('joined', (event) => heard.push(['joined', event.name]));
    swarm.on('left', (event) => heard.push(['left', event.reason]));
    swarm.on('leader', (event) => heard.push(['leader', event.term]));
    void swarm.join();
    await settle();
    meshes[0]!.news({ type: 'joined', peer: other, name: 'Ada' });
    meshes[0]!.news({ type: 'leader', leader: other, term: 3, provisional: false });
    meshes[0]!.news({ type: 'left', peer: other, name: 'Ada', reason: 'dead' });
    expect(heard).toEqual([['joined', 'Ada'], ['leader', 3], ['left', 'dead']]);
  });

  it('gives the orchestrator a way to others while it is in a swarm, and none when it has left', async () => {
    const { swarm, ways } = setUp();
    void swarm.join();
    await settle();
    expect(ways).toEqual([expect.objectContaining({ control: expect.anything() as unknown })]);
    await swarm.leave();
    expect(ways.at(-1)).toBeNull();
  });

  it('says goodbye when the tab goes, and comes back to the same swarm', async () => {
    const { swarm, state, meshes } = setUp();
    void swarm.join();
    await settle();
    meshes[0]!.is(info('in', [self]));
    meshes[0]!.started();
    swarm.sayGoodbye();
    expect(meshes[0]!.left).toBe(true);
    expect(state.get().swarm?.link).toBe(LINK);
    swarm.comeBack();
    await settle();
    expect(meshes).toHaveLength(2);
    swarm.comeBack();
    await settle();
    expect(meshes).toHaveLength(2);
  });
});
