/** Reading the namespace: what this tab knows at once, the rest from the peer whose part it is; and answering others. */
import type { Mesh } from '../mesh/mesh-types.ts';
import type { TaskServer } from '../mesh/tasks/task-server.ts';
import { formatPath, noSuchPath, parsePath, type NamespaceReading } from '../protocol/namespace.ts';
import type { PeerInfo } from '../protocol/peer.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { throwIfAborted } from '../shared/abort.ts';
import type { Address, DeviceId, PeerId } from '../shared/ids.ts';
import type { EventLog } from './event-log.ts';
import { createNamespace, type NamespaceSource } from './namespace.ts';
import { LOG_EVENTS, type NamespacePeer, type TaskShape } from './namespace-text.ts';
import type { State } from './state.ts';
import type { Workbook } from './workbook.ts';

export interface NamespaceReaderDeps {
  readonly self: PeerId;
  readonly device: DeviceId | null;
  readonly state: Pick<State, 'get'>;
  readonly log: Pick<EventLog, 'last'>;
  readonly workbook: Pick<Workbook, 'tasksOn'>;
  readonly tasks: Pick<TaskServer, 'given'>;
  /** Of a peer's own part. @throws LlamboError as `Mesh.read` */
  readonly remote: Mesh['read'];
}

export interface NamespaceReader {
  /** @throws LlamboError as `Llambo.read` */
  read(path: string, options?: { signal?: AbortSignal }): Promise<string | string[]>;
  /** What others may read here: this tab's own part. @throws LlamboError `not-found` */
  serve(path: string): NamespaceReading;
}

export function createNamespaceReader({ self, device, state, log, workbook, tasks, remote }: NamespaceReaderDeps): NamespaceReader {
  const source: NamespaceSource = {
    self,
    peers() {
      const { swarm } = state.get();
      const known = swarm?.peers ?? [];
      const me = known.find((peer) => peer.self);
      return [ownPeer(state.get(), me), ...known.filter((peer) => !peer.self)];
    },
    tasks: (node) => [...workbook.tasksOn(node), ...guestsOn(node)],
    log: (node) => log.last(LOG_EVENTS, (event) => ('node' in event && event.node === node) || (event.type === 'moved' && (event.from === node || event.to === node))),
  };
  const namespace = createNamespace(source);
  // Why a node is down may name a server of this person's network, in that server's own words.
  const told = createNamespace({ ...source, peers: () => source.peers().map((peer) => ({ ...peer, nodes: peer.nodes.map(({ problem: _, ...node }) => node) })) });

  /** Of itself a tab knows its nodes better than what it last told, and it is there without a swarm. */
  function ownPeer({ nodes, settings }: Snapshot, me: PeerInfo | undefined): NamespacePeer {
    return me ? { ...me, nodes } : { id: self, device, name: settings.name, leader: false, visible: true, links: [], sharing: { slots: 0, busy: 0 }, nodes };
  }

  function guestsOn(node: Address): TaskShape[] {
    const model = state.get().nodes.find(({ address }) => address === node)?.model?.id ?? null;
    return tasks.given().filter((task) => task.node === node).map(({ id, state: now, tokens, peer }) => ({ id, state: now, tokens, priority: null, model, for: peer }));
  }

  return {
    async read(path, options = {}) {
      throwIfAborted(options.signal);
      const found = namespace.read(path);
      const reading = found.kind === 'elsewhere' ? await remote(found.peer, formatPath(parsePath(path, self)), options) : found;
      return reading.kind === 'dir' ? [...reading.entries] : reading.text;
    },
    serve(path) {
      const place = parsePath(path, self);
      const found = place.at !== 'root' && place.peer === self ? told.read(path) : null;
      if (found === null || found.kind === 'elsewhere') throw noSuchPath(path);
      return found;
    },
  };
}
