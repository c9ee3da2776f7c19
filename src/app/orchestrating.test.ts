import { describe, expect, it } from 'vitest';
import type { EngineNode, NodeInfo, NodeModel } from '../protocol/engine-node.ts';
import type { PeerInfo, Sharing } from '../protocol/peer.ts';
import { nodeAddress, type DeviceId, type PeerId } from '../shared/ids.ts';
import { createNodePort } from './orchestrating.ts';

const self = { peer: 'me' as PeerId, device: 'mine' as DeviceId };
const tiny: NodeModel = { id: 'tiny', name: 'Tiny', tier: 'tiny', hash: null, contextTokens: 256 };
const kept: NodeModel = { ...tiny, id: 'kept', tier: 'large' };

const node = (peer: string, name: string, change: Partial<NodeInfo> = {}): NodeInfo => ({
  address: nodeAddress(peer, name), peer: peer as PeerId, local: peer === 'me', shared: true, state: 'idle', model: tiny, slots: 4, busy: 1, waiting: 2, threads: 1,
  tokensPerSecond: 30, prefillPerSecond: 300, restarts: 0, memoryBytes: 1, ...change,
});

const ada = (change: Partial<PeerInfo> = {}): PeerInfo =>
  ({ id: 'ada', device: 'hers', self: false, link: 'direct', rttMs: 12, nodes: [node('ada', '1'), node('ada', '2', { shared: false })], sharing: { slots: 4, busy: 1 }, ...change }) as PeerInfo;

function setUp(sharing: Partial<Sharing> = {}, peers: PeerInfo[] = []) {
  let nodes: NodeInfo[] = [node('me', '1'), node('me', '2', { model: kept })];
  const [own, remote] = [{ name: 'own' }, { name: 'remote' }] as unknown as [EngineNode, EngineNode];
  const port = createNodePort({
    self,
    pool: { nodes: () => nodes, get: () => own, onChange: () => () => undefined },
    sharing: () => ({ on: true, slots: 0, tokensPerHour: 0, keptModels: ['kept'], ...sharing }),
    peers: () => peers,
    remote: () => remote,
    onPeers: () => () => undefined,
  });
  return { port, own, remote, set: (next: NodeInfo[]) => void (nodes = next) };
}

describe('the nodes that a leader could grant', () => {
  it('are this tab\'s and those of the roster, with how the leader is linked with them', () => {
    const { port } = setUp({}, [ada(), { ...ada(), id: 'me' as PeerId, self: true }]);
    expect(port.all().map(({ address, peer, device, shared, rttMs, suspect }) => [address, peer, device, shared, rttMs, suspect])).toEqual([
      ['/n/llambo/me/1', 'me', 'mine', true, 0, false],
      ['/n/llambo/me/2', 'me', 'mine', false, 0, false],
      ['/n/llambo/ada/1', 'ada', 'hers', true, 12, false],
      ['/n/llambo/ada/2', 'ada', 'hers', false, 12, false],
    ]);
  });

  it('are this tab\'s alone as long as it shares nothing, and suspect while their tab is silent', () => {
    const { port } = setUp({ on: false }, [ada({ link: 'suspect', rttMs: null })]);
    expect(port.all().map(({ shared, suspect, rttMs }) => [shared, suspect, rttMs])).toEqual([[false, false, 0], [false, false, 0], [true, true, null], [false, true, null]]);
  });

  it('are given to others no further than their tab\'s person shares them', () => {
    const limits = (sharing: Partial<Sharing>, peers: PeerInfo[]) =>
      setUp(sharing, peers).port.all().map(({ shared, guestSlots, guestBusy }) => [shared, guestSlots, guestBusy]);
    const me = { ...ada(), id: 'me' as PeerId, self: true, sharing: { slots: 3, busy: 2 } };
    expect(limits({ slots: 3 }, [me, ada({ sharing: { slots: 2, busy: 1 } })])).toEqual([[true, 3, 2], [false, 3, 2], [true, 2, 1], [false, 2, 1]]);
    // All of them, of nobody's but its own; and nothing, though its nodes say that they are shared.
    expect(limits({}, [ada()])).toEqual([[true, undefined, undefined], [false, undefined, undefined], [true, undefined, undefined], [false, undefined, undefined]]);
    expect(limits({}, [ada({ sharing: { slots: 0, busy: 0 } })]).slice(2)).toEqual([[false, 0, 0], [false, 0, 0]]);
    const loading = ada({ sharing: { slots: 0, busy: 0 }, nodes: [node('ada', '1', { state: 'loading', model: null })] });
    expect(limits({}, [loading]).at(-1)).toEqual([true, undefined, undefined]);
  });

  it('keep their model while they are loaded anew, so that whoever waits for it waits for them', () => {
    const { port, set } = setUp();
    port.all();
    set([node('me', '1', { state: 'loading', model: null }), node('me', '2', { state: 'error', model: null }), node('me', '3', { state: 'loading', model: null })]);
    expect(port.all().map(({ model }) => model?.id)).toEqual(['tiny', undefined, undefined]);
    expect(port.all()[0]!.model?.id).toBe('tiny');
  });

  it('run in this tab or another\'s', () => {
    const { port, own, remote } = setUp();
    expect(port.get(nodeAddress('me', '1'))).toBe(own);
    expect(port.get(nodeAddress('ada', '1'))).toBe(remote);
  });
});
