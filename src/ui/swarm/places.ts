/**
 * Where answers run and ran, in words: which addresses are this tab's, and what the other peers are called. Pure, but
 * for `createPlaces`, which remembers its last result: statuses come several times a second and names hardly ever change.
 */
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { partsOf, type Address } from '../../shared/ids.ts';
import { safeText } from './safe-text.ts';

export interface Places {
  /** Peer ids under which this tab's nodes are known. */
  readonly own: ReadonlySet<string>;
  /** Names of the other peers by their id. */
  readonly names: ReadonlyMap<string, string>;
}

export const NO_PLACES: Places = { own: new Set(), names: new Map() };

/** @returns reads a snapshot; gives the same object until a name or a peer changed. */
export function createPlaces(): (snapshot: Pick<Snapshot, 'nodes' | 'swarm'>) => Places {
  let places = NO_PLACES;
  let key = '';
  return ({ nodes, swarm }) => {
    const own = new Set<string>(nodes.map(({ peer }) => peer));
    if (swarm) own.add(swarm.self);
    const names = new Map((swarm?.peers ?? []).filter(({ self }) => !self).map(({ id, name }) => [id as string, safeText(name)]));
    const now = JSON.stringify([...own, ...names]);
    if (now === key) return places;
    key = now;
    places = { own, names };
    return places;
  };
}

/** @returns the name of the other peer that has this node; null if it is this tab's, or of nobody who is here. */
export function otherPeer(address: Address, { own, names }: Places): string | null {
  const { peer } = partsOf(address);
  return own.has(peer) ? null : (names.get(peer) ?? null);
}

/** @returns "this tab", a peer's name, or the address if its peer is not here. */
export function placeName(address: Address, places: Places): string {
  return places.own.has(partsOf(address).peer) ? 'this tab' : (otherPeer(address, places) ?? address);
}

export interface AskedNode {
  readonly label: string;
  /** It can't answer now: it left, or it has no model. */
  readonly gone: boolean;
}

/** @returns what to call the node that the person chose; null if none is chosen. */
export function askedNode({ askedNode: address, nodes, swarm }: Pick<Snapshot, 'askedNode' | 'nodes' | 'swarm'>): AskedNode | null {
  if (address === null) return null;
  const peer = swarm?.peers.find(({ id }) => id === partsOf(address).peer);
  const node = [...nodes, ...(peer?.nodes ?? [])].find((one) => one.address === address);
  if (!node) return { label: peer ? `${safeText(peer.name)}: that engine is gone` : 'The peer you chose is gone', gone: true };
  const where = node.local || peer?.self ? 'this tab' : safeText(peer?.name ?? '', 24);
  return { label: `${where}: ${modelName(node)}`, gone: node.model === null || node.state === 'error' || node.state === 'stopped' };
}

/** Whether other tabs may answer what is asked now, and so read it. */
export const mayBeReadElsewhere = ({ askedNode: address, settings, swarm }: Pick<Snapshot, 'askedNode' | 'settings' | 'swarm'>): boolean =>
  address === null && !settings.stayHere && swarm?.state === 'in' && swarm.peers.some(({ self, nodes }) => !self && nodes.some(({ shared }) => shared));

export const modelName = ({ model }: NodeInfo): string => (model === null ? 'no model' : safeText(model.name, 60));
