/** How the core's view becomes what the page shows. A peer of which nothing changed keeps its object, so that views compare by `===`. */
import type { NodeInfo } from '../protocol/engine-node.ts';
import type { PeerEntry, PeerInfo, SwarmInfo } from '../protocol/peer.ts';
import { nodeAddress, type PeerId } from '../shared/ids.ts';
import type { CoreView } from './core/core-types.ts';

/** What does not come from the core. */
export type Surroundings = Pick<SwarmInfo, 'state' | 'step' | 'problem' | 'room' | 'link' | 'code' | 'signalling' | 'waiting' | 'gate'>;

/** @param pathOf how the link to a peer runs; null without one */
export type DescribeSwarm = (view: CoreView | null, around: Surroundings, pathOf: (peer: PeerId) => string | null) => SwarmInfo;

export function createSwarmDescription(self: PeerId): DescribeSwarm {
  let known = new Map<PeerId, { readonly entry: PeerEntry; readonly info: PeerInfo }>();

  function describe(entry: PeerEntry, facts: Facts): PeerInfo {
    const before = known.get(entry.peer);
    const same = before?.entry === entry && (Object.keys(facts) as (keyof Facts)[]).every((key) => before.info[key] === facts[key]);
    return same ? before.info : peerInfo(entry, facts);
  }

  return (view, around, pathOf) => {
    if (!view) return Object.freeze({ ...around, self, leader: null, term: 0, provisional: false, peers: [] });
    const { leader, term, provisional } = view;
    const others = view.entries.filter(({ peer }) => peer !== self);
    const described = [view.self, ...others].map((entry) => ({ entry, info: describe(entry, factsOf(entry.peer, view, pathOf)) }));
    known = new Map(described.map((pair) => [pair.entry.peer, pair]));
    return Object.freeze({ ...around, self, leader, term, provisional, peers: described.map(({ info }) => info) });
  };
}

/** What is known of a peer besides its own entry. */
type Facts = Pick<PeerInfo, 'self' | 'leader' | 'deputy' | 'link' | 'path' | 'rttMs'>;

function factsOf(peer: PeerId, view: CoreView, pathOf: (peer: PeerId) => string | null): Facts {
  const self = peer === view.self.peer;
  const link = view.links.get(peer);
  return {
    self,
    leader: peer === view.leader,
    deputy: peer === view.deputy,
    link: self ? 'self' : !link ? 'none' : link.suspect ? 'suspect' : 'direct',
    path: link ? pathOf(peer) : null,
    rttMs: link?.rttMs ?? null,
  };
}

function peerInfo({ peer, device, name, visible, nodes, sharing, links, joinedAt }: PeerEntry, facts: Facts): PeerInfo {
  return Object.freeze({
    ...facts,
    id: peer,
    device, name, visible, sharing, links, joinedAt,
    nodes: nodes.map(({ node, ...ad }): NodeInfo => Object.freeze({ ...ad, address: nodeAddress(peer, node), peer, local: facts.self })),
  });
}
