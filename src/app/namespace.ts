/** The namespace of what this tab knows: paths in, small texts out. Pure: it reads its source and keeps nothing. */
import type { LogEvent } from '../protocol/log-event.ts';
import { NAMESPACE_ROOT, NODE_FILES, PEER_FILES, noSuchPath, parsePath, type NamespaceReading } from '../protocol/namespace.ts';
import { nodeAddress, partsOf, type Address, type PeerId } from '../shared/ids.ts';
import { logText, nodeText, peerText, tasksText, type NamespacePeer, type TaskShape } from './namespace-text.ts';

export interface NamespaceSource {
  readonly self: PeerId;
  /** This tab first, with all its nodes. */
  peers(): readonly NamespacePeer[];
  /** That run or wait on a node of this tab. */
  tasks(node: Address): readonly TaskShape[];
  /** Of a node of this tab, the oldest first. */
  log(node: Address): readonly LogEvent[];
}

export interface Namespace {
  /**
   * @returns `elsewhere`: only that peer itself can tell
   * @throws LlamboError `not-found`, with what to read instead
   */
  read(path: string): NamespaceReading | { readonly kind: 'elsewhere'; readonly peer: PeerId };
}

const file = (text: string): NamespaceReading => ({ kind: 'file', text });
const dir = (entries: readonly string[]): NamespaceReading => ({ kind: 'dir', entries });

export function createNamespace({ self, peers, tasks, log }: NamespaceSource): Namespace {
  function peerOf(id: PeerId, path: string): NamespacePeer {
    const peer = peers().find((one) => one.id === id);
    if (!peer) throw noSuchPath(path);
    return peer;
  }

  const nodesOf = (peer: NamespacePeer): string[] => peer.nodes.map(({ address }) => partsOf(address).node);

  return {
    read(path) {
      const place = parsePath(path, self);
      if (place.at === 'root') return dir(peers().map(({ id }) => `${id}/`));
      const peer = peerOf(place.peer, path);
      if (place.at === 'peer') return dir([...PEER_FILES, ...nodesOf(peer).map((node) => `${node}/`)]);
      if (place.at === 'peer file') return file(peerText(place.file, peer, (id) => peers().find((one) => one.id === id)?.name ?? null));
      const address = nodeAddress(place.peer, place.node);
      const node = peer.nodes.find((one) => one.address === address);
      if (!node) throw noSuchPath(path, `Read ${NAMESPACE_ROOT}/${place.peer} to see which nodes it has.`);
      if (place.at === 'node') return dir(NODE_FILES);
      if (place.file !== 'tasks' && place.file !== 'log') return file(nodeText(place.file, node));
      if (place.peer !== self) return { kind: 'elsewhere', peer: place.peer };
      return file(place.file === 'tasks' ? tasksText(tasks(address)) : logText(log(address), address));
    },
  };
}
