/** The nodes of all other peers, by address: the same object for the same node while its peer is in the swarm. */
import type { EngineNode } from '../protocol/engine-node.ts';
import type { PeerEntry } from '../protocol/peer.ts';
import type { Env } from '../shared/env.ts';
import { partsOf, type Address, type PeerId } from '../shared/ids.ts';
import type { PeerLink } from './link/peer-link.ts';
import { createRemoteNode, type RemoteNode } from './tasks/remote-node.ts';

export interface RemoteNodesDeps {
  readonly env: Env;
  /** The direct link to a peer, dialled if there is none. */
  link(peer: PeerId, signal: AbortSignal): Promise<PeerLink>;
}

export interface RemoteNodes {
  /** Made when it is asked for first; null if nobody has it, or it works for its own tab only. */
  get(address: Address): EngineNode | null;
  /** The roster changed. Nodes that are no longer in it, or no longer shared, stop. */
  update(entries: readonly PeerEntry[]): void;
  /** Peers that a task of ours runs at. */
  inUse(): readonly PeerId[];
  /** Nobody is in any more: runs end with `peer-lost`. */
  close(): void;
}

export function createRemoteNodes({ env, link }: RemoteNodesDeps): RemoteNodes {
  const nodes = new Map<Address, RemoteNode>();
  let roster: ReadonlyMap<PeerId, PeerEntry> = new Map();

  const adOf = (address: Address): PeerEntry['nodes'][number] | null => {
    const { peer, node } = partsOf(address);
    return roster.get(peer)?.nodes.find((ad) => ad.node === node && ad.shared) ?? null;
  };

  return {
    get(address) {
      const known = nodes.get(address);
      const ad = adOf(address);
      if (known || !ad) return ad ? (known ?? null) : null;
      const { peer } = partsOf(address);
      const made = createRemoteNode({ env, peer, ad, link: ({ signal }) => link(peer, signal) });
      nodes.set(address, made);
      return made;
    },
    update(entries) {
      roster = new Map(entries.map((entry) => [entry.peer, entry]));
      for (const [address, node] of nodes) {
        const ad = adOf(address);
        node.update(ad);
        if (!ad) nodes.delete(address);
      }
    },
    inUse: () => [...nodes].filter(([, node]) => node.running()).map(([address]) => partsOf(address).peer),
    close() {
      for (const node of nodes.values()) node.update(null);
      nodes.clear();
    },
  };
}
