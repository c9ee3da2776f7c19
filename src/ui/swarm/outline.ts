/**
 * The swarm for those who show little of it: statuses come several times a second while anybody works, and the shell, which draws
 * everything else with it, needs none of their figures. Pure, but that it remembers its last result.
 */
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { PeerInfo, SwarmInfo } from '../../protocol/peer.ts';

/** @returns gives the same object until more changed than round trips, links between others, loads and speeds: of these it says nothing new. */
export function createOutline(): (swarm: SwarmInfo | null) => SwarmInfo | null {
  let outline: SwarmInfo | null = null;
  return (swarm) => {
    if (!outline || !swarm || !isSame(outline, swarm)) outline = swarm;
    return outline;
  };
}

const isSame = (one: SwarmInfo, other: SwarmInfo): boolean =>
  one === other || (keysOf(one).every((key) => key === 'peers' || one[key] === other[key]) && areSame(one.peers, other.peers, isSamePeer));

const isSamePeer = (one: PeerInfo, other: PeerInfo): boolean =>
  one === other || (one.id === other.id && one.name === other.name && one.self === other.self && areSame(one.nodes, other.nodes, isSameNode));

const isSameNode = (one: NodeInfo, other: NodeInfo): boolean =>
  one === other || (one.address === other.address && one.shared === other.shared && standingOf(one) === standingOf(other) && one.model?.id === other.model?.id && one.model?.name === other.model?.name);

/** Whether it writes at this moment is of no interest. */
const standingOf = ({ state }: NodeInfo): NodeInfo['state'] => (state === 'busy' ? 'idle' : state);

const keysOf = (swarm: SwarmInfo) => Object.keys(swarm) as (keyof SwarmInfo)[];

const areSame = <Item>(ones: readonly Item[], others: readonly Item[], same: (one: Item, other: Item) => boolean): boolean =>
  ones.length === others.length && ones.every((one, index) => same(one, others[index]!));
