/** What the orchestrator needs of the world: others to talk with, and nodes to run on. The app joins it to mesh and engines. */
import type { SealedGrant } from '../protocol/grant.ts';
import type { ControlMessage } from '../protocol/messages.ts';
import type { EngineNode } from '../protocol/engine-node.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Address, DeviceId, PeerId, TaskId } from '../shared/ids.ts';
import type { NodeFacts } from './types.ts';

/** Who leads, as this tab believes: itself while it is alone; null while nobody does. */
export interface Standing {
  readonly leader: PeerId | null;
  readonly term: number;
}

export interface Sender {
  readonly peer: PeerId;
  readonly device: DeviceId;
}

export interface ControlPort {
  readonly self: Sender;
  standing(): Standing;
  onStanding(listener: (standing: Standing) => void): Unsubscribe;
  /** To another tab, never to this one. Lost if no way leads there now (one is then looked for): whoever waits asks again. */
  send(to: PeerId, message: ControlMessage): void;
  /** Those of a leader have passed the fence: it is the accepted one of the term. */
  onMessage(listener: (from: Sender, message: ControlMessage) => void): Unsubscribe;
  /** A peer is out, or a link has been silent. */
  onPeer(listener: (news: { readonly type: 'gone' | 'suspect'; readonly peer: PeerId }) => void): Unsubscribe;
  /** As leader: a grant that the node's tab believes. Null while this tab is alone: nobody has to be convinced. */
  seal(grant: { readonly task: TaskId; readonly node: Address; readonly asker: PeerId }): Promise<SealedGrant | null>;
}

export interface NodePort {
  /** A node to run on, this tab's or another's; null if it is gone. */
  get(address: Address): EngineNode | null;
  /** All that a leader here could grant: this tab's nodes, and those that the roster has. */
  all(): readonly NodeFacts[];
  onChange(listener: () => void): Unsubscribe;
}
