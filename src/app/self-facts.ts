/** What this tab tells a swarm of itself. Pure. */
import type { LocalFacts } from '../mesh/mesh-types.ts';
import { adOf } from '../mesh/tasks/node-ad.ts';
import { offeredSlots } from '../mesh/tasks/sharing.ts';
import type { NodeInfo } from '../protocol/engine-node.ts';
import type { Settings } from '../protocol/snapshot.ts';
import { partsOf, type PeerId } from '../shared/ids.ts';

export interface SelfView {
  readonly peer: PeerId;
  readonly nodes: readonly NodeInfo[];
  /** Tasks of others that wait for a node outside of its own line. */
  lineOf(node: string): number;
  readonly settings: Settings;
  readonly cores: number;
  readonly visible: boolean;
  /** A phone or tablet: hidden tabs there are suspended within seconds, so they must not lead. */
  readonly mobile: boolean;
  /** Slots that work for others now. */
  readonly busy: number;
}

export function selfFacts({ peer, nodes, lineOf, settings: { name, sharing }, cores, visible, mobile, busy }: SelfView): LocalFacts {
  // All of them: the leader must know of those that work for this tab alone, because its own jobs run there too.
  const told = nodes.filter(({ state }) => state !== 'stopped');
  const isShared = ({ model, shared }: NodeInfo): boolean => shared && sharing.on && !(model && sharing.keptModels.includes(model.id));
  return {
    name: name.trim() === '' ? madeUpName(peer) : name,
    visible,
    eligible: visible || !mobile,
    cores,
    nodes: told.map((node) => adOf(node, lineOf(partsOf(node.address).node), isShared(node))),
    sharing: { slots: offeredSlots(sharing, told.filter(({ shared }) => shared)), busy },
  };
}

/** For somebody who has not said a name. */
const madeUpName = (peer: PeerId): string => `Llama ${peer.slice(0, 4)}`;
