/** All nodes of this tab, whatever they are made of: its engines, and the servers that the person connected. */
import type { EngineNode, NodeInfo } from '../protocol/engine-node.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Address } from '../shared/ids.ts';

export interface OwnNodes {
  nodes(): readonly NodeInfo[];
  get(address: Address): EngineNode | null;
  onChange(listener: () => void): Unsubscribe;
}

export function joinNodes(...sources: readonly OwnNodes[]): OwnNodes {
  return {
    nodes: () => sources.flatMap((source) => source.nodes()),
    get(address) {
      for (const source of sources) {
        const node = source.get(address);
        if (node) return node;
      }
      return null;
    },
    onChange(listener) {
      const offs = sources.map((source) => source.onChange(listener));
      return () => offs.forEach((off) => off());
    },
  };
}

/** A node that others may be given; null for one that the person keeps, as if there were none. */
export function sharedNode(own: OwnNodes, address: Address): EngineNode | null {
  const node = own.get(address);
  return node?.info().shared ? node : null;
}
