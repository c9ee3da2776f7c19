import { describe, expect, it } from 'vitest';
import { swarmOf } from '../../testing/swarm-fixtures.ts';
import { base } from '../../testing/ui-fixtures.ts';
import { nodeAddress } from '../../shared/ids.ts';
import { askedNode, mayBeReadElsewhere, createPlaces, otherPeer, placeName } from './places.ts';

const swarm = swarmOf(3);
const nodes = swarm.peers[0]!.nodes;
const theirs = swarm.peers[1]!.nodes[0]!.address;
const strange = nodeAddress('zzzzzzzzzzzzzzzzzzzz', 'n0');

describe('places', () => {
  it('know this tab, the peers that are here, and nobody else', () => {
    const places = createPlaces()({ nodes, swarm });
    expect([nodes[0]!.address, theirs, strange].map((address) => placeName(address, places))).toEqual(['this tab', 'Workshop PC', strange]);
    expect([nodes[0]!.address, theirs, strange].map((address) => otherPeer(address, places))).toEqual([null, 'Workshop PC', null]);
  });

  it('stay the same object until a name changes', () => {
    const placesOf = createPlaces();
    const first = placesOf({ nodes, swarm });
    expect(placesOf({ nodes: [{ ...nodes[0]!, state: 'busy' }], swarm: { ...swarm, term: 9, peers: swarm.peers.map((peer) => ({ ...peer, rttMs: 1 })) } })).toBe(first);
    expect(placesOf({ nodes, swarm: { ...swarm, peers: swarm.peers.map((peer) => ({ ...peer, name: `${peer.name}!` })) } })).not.toBe(first);
  });
});

describe('mayBeReadElsewhere', () => {
  const asks = (change: Partial<Parameters<typeof mayBeReadElsewhere>[0]>): boolean => mayBeReadElsewhere({ askedNode: null, settings: base.settings, swarm, ...change });
  const alone = { ...swarm, peers: swarm.peers.filter(({ self }) => self) };

  it('is so in a swarm whose other tabs share an engine, unless the person chose who answers', () => {
    expect(asks({})).toBe(true);
    expect(asks({ swarm: null })).toBe(false);
    expect(asks({ swarm: alone })).toBe(false);
    expect(asks({ askedNode: theirs })).toBe(false);
    expect(asks({ settings: { ...base.settings, stayHere: true } })).toBe(false);
    expect(asks({ swarm: { ...swarm, peers: swarm.peers.map((peer) => ({ ...peer, nodes: peer.nodes.map((node) => ({ ...node, shared: false })) })) } })).toBe(false);
  });
});

describe('askedNode', () => {
  const asked = (address: typeof theirs | null, change = swarm): ReturnType<typeof askedNode> => askedNode({ askedNode: address, nodes, swarm: change });

  it('names peer and model', () => {
    expect(asked(null)).toBeNull();
    expect(asked(theirs)).toEqual({ label: 'Workshop PC: SmolLM2 135M Instruct', gone: false });
    expect(asked(nodes[0]!.address)).toEqual({ label: 'this tab: SmolLM2 135M Instruct', gone: false });
    expect(askedNode({ ...base, askedNode: base.nodes[0]!.address })).toEqual({ label: 'this tab: SmolLM2 135M Instruct', gone: false });
  });

  it('says when it can’t answer', () => {
    const failed = { ...swarm, peers: swarm.peers.map((peer) => ({ ...peer, nodes: peer.nodes.map((node) => ({ ...node, state: 'error' as const })) })) };
    expect(asked(theirs, failed)?.gone).toBe(true);
    expect(asked(strange)).toEqual({ label: 'The peer you chose is gone', gone: true });
    expect(asked(nodeAddress(swarm.peers[1]!.id, 'n9'))).toEqual({ label: 'Workshop PC: that engine is gone', gone: true });
  });
});
