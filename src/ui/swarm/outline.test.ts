import { describe, expect, it } from 'vitest';
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { PeerInfo, SwarmInfo } from '../../protocol/peer.ts';
import { swarmOf } from '../../testing/swarm-fixtures.ts';
import { createOutline } from './outline.ts';

const swarm = swarmOf(3);
const withPeers = (change: (peer: PeerInfo) => Partial<PeerInfo>): SwarmInfo => ({ ...swarm, peers: swarm.peers.map((peer) => ({ ...peer, ...change(peer) })) });
const withNodes = (change: Partial<NodeInfo>): SwarmInfo =>
  withPeers(({ nodes }) => ({ nodes: nodes.map((node) => ({ ...node, model: node.model && { ...node.model }, ...change })) }));

describe('the outline of a swarm', () => {
  it('stays the same object while people only work in it', () => {
    const outlined = createOutline();
    const first = outlined(swarm);
    expect(first).toBe(swarm);
    const busy = withNodes({ state: 'busy', busy: 1, waiting: 3, tokensPerSecond: 7 });
    for (const next of [busy, withPeers(() => ({ rttMs: 99, links: [] })), { ...swarm, peers: [...swarm.peers] }]) expect(outlined(next)).toBe(first);
  });

  it.each<[string, SwarmInfo | null]>([
    ['it was left', null],
    ['nobody leads', { ...swarm, leader: null }],
    ['newcomers can not find it', { ...swarm, signalling: 'down' }],
    ['somebody left', { ...swarm, peers: swarm.peers.slice(1) }],
    ['a peer has another name', withPeers(() => ({ name: 'Zoe' }))],
    ['an engine failed', withNodes({ state: 'error' })],
    ['an engine has no model', withNodes({ model: null })],
    ['an engine is not shared any more', withNodes({ shared: false })],
    ['engines are gone', withPeers(() => ({ nodes: [] }))],
  ])('is another when %s', (_, next) => {
    const outlined = createOutline();
    outlined(swarm);
    expect(outlined(next)).toBe(next);
  });
});
