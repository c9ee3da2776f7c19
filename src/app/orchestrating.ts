/** The orchestrator's ports, joined to this tab's engines and to the swarm that it is in; and its words for the log. */
import type { EnginePool } from '../engine/engine-pool.ts';
import type { JobNote } from '../orchestrator/open-job.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import type { NodePort, Sender } from '../orchestrator/ports.ts';
import type { LeaderNote, NodeFacts } from '../orchestrator/types.ts';
import type { EngineNode, NodeInfo, NodeModel } from '../protocol/engine-node.ts';
import { TIERS, type JobShape } from '../protocol/job.ts';
import type { PeerInfo, Sharing } from '../protocol/peer.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import { partsOf, type Address, type PeerId } from '../shared/ids.ts';
import type { EventLog } from './event-log.ts';

export interface NodePortDeps {
  readonly self: Sender;
  readonly pool: Pick<EnginePool, 'nodes' | 'get' | 'onChange'>;
  /** What the person gives to others now. */
  sharing(): Sharing;
  /** Who is in the swarm, this tab included; nobody while it is alone. */
  peers(): readonly PeerInfo[];
  /** A node of another tab. */
  remote(address: Address): EngineNode | null;
  /** Peers, their nodes or what is shared changed. */
  onPeers(listener: () => void): Unsubscribe;
}

export function createNodePort({ self, pool, sharing, peers, remote, onPeers }: NodePortDeps): NodePort {
  /** A node that is loaded anew says no model meanwhile; whoever waits for that model waits for this node. */
  const models = new Map<Address, NodeModel>();

  function own(): NodeFacts[] {
    const nodes = pool.nodes();
    const { on, slots, keptModels } = sharing();
    const limit = slots === 0 ? {} : { guestSlots: slots, guestBusy: peers().find((peer) => peer.self)?.sharing.busy ?? 0 };
    const isShared = (model: NodeModel | null, info: NodeInfo): boolean => info.shared && on && !(model && keptModels.includes(model.id));
    const facts = nodes.map((info) => {
      const model = info.model ?? (info.state === 'loading' ? (models.get(info.address) ?? null) : null);
      return { ...factsOf(info), ...self, model, shared: isShared(model, info), rttMs: 0, suspect: false, ...limit };
    });
    models.clear();
    for (const { address, model } of facts) if (model) models.set(address, model);
    return facts;
  }

  const ofPeer = (peer: PeerInfo): NodeFacts[] => {
    const { id, device, nodes, rttMs, link } = peer;
    const limit = limitOf(peer);
    // Whoever offers nothing works for nobody, whatever its nodes say. One that loads has not counted its slots yet.
    const isShared = ({ shared, model }: NodeInfo): boolean => shared && (limit.guestSlots !== 0 || model === null);
    return nodes.map((info) => ({ ...factsOf(info), peer: id, device, shared: isShared(info), rttMs, suspect: link === 'suspect', ...limit }));
  };

  return {
    get: (address) => (partsOf(address).peer === self.peer ? pool.get(address) : remote(address)),
    all: () => [...own(), ...peers().filter((peer) => !peer.self).flatMap(ofPeer)],
    onChange(listener) {
      const offs = [pool.onChange(listener), onPeers(listener)];
      return () => offs.forEach((off) => off());
    },
  };
}

/** What another tab gives of what it has, where that is less than all. */
function limitOf({ nodes, sharing: { slots, busy } }: PeerInfo): Pick<NodeFacts, 'guestSlots' | 'guestBusy'> {
  const shared = nodes.reduce((sum, node) => sum + (node.shared && node.model ? node.slots : 0), 0);
  return slots < shared ? { guestSlots: slots, guestBusy: busy } : {};
}

const factsOf = ({ address, state, model, slots, busy, waiting, tokensPerSecond, prefillPerSecond }: NodeInfo) =>
  ({ address, state, model, slots, busy, waiting, tokensPerSecond, prefillPerSecond }) satisfies Partial<NodeFacts>;

/** The longest context of the nodes that this could run on, in tokens; 0 if there are none. @param asker who asks: its own nodes need not be shared */
export function longestContext(nodes: readonly NodeFacts[], { model: wanted, tier, nodes: named }: JobShape, asker: PeerId): number {
  const fits = ({ address, peer, shared, state, model }: NodeFacts): boolean =>
    (shared || peer === asker) && (state === 'idle' || state === 'busy') && (named?.includes(address) ?? true)
    && (wanted === undefined || model?.id === wanted) && (tier === undefined || (!!model && TIERS.indexOf(model.tier) >= TIERS.indexOf(tier)));
  return Math.max(0, ...nodes.filter(fits).map(({ model }) => model?.contextTokens ?? 0));
}

/** What the orchestrator does is in the log from now on. */
export function logOrchestrator({ onJob, onNote }: Pick<Orchestrator, 'onJob' | 'onNote'>, log: EventLog): void {
  onJob((note) => logJob(note, log));
  onNote((note) => logLeader(note, log));
}

function logJob(note: JobNote, log: EventLog): void {
  switch (note.type) {
    case 'task started': {
      const { job, why, grant: { task, node, model } } = note;
      if (why === 'hedge') log.add({ type: 'hedged', job, task, node });
      return log.add({ type: 'task granted', task, job, node, model });
    }
    case 'task ended': {
      const { task, node, error, answerTokens, decodeMs } = note.report;
      if (error !== null) return log.add({ type: 'task failed', task, node, code: error });
      return log.add({ type: 'task done', task, node, tokens: answerTokens, tokensPerSecond: decodeMs > 0 ? (answerTokens * 1000) / decodeMs : 0 });
    }
    case 'job moved': {
      const { job, from, to, reason } = note;
      return log.add({ type: 'moved', job, from, to, reason });
    }
    case 'job refused':
      return log.add({ type: 'job refused', job: note.job, code: note.error.code, message: note.error.message });
    case 'job settled':
      return;
  }
}

/** Of what others' jobs get, their own tabs write: here is only what a person who leads may wonder about. */
function logLeader(note: LeaderNote, log: EventLog): void {
  if (note.type === 'breaker') log.add({ type: 'node rested', node: note.node, state: note.state });
}
