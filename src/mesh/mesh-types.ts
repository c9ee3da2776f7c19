/** What a mesh is to the app, and what it is made of. */
import type { EngineNode } from '../protocol/engine-node.ts';
import type { SwarmInfo } from '../protocol/peer.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Env } from '../shared/env.ts';
import type { Address, DeviceId, PeerId } from '../shared/ids.ts';
import type { Control } from './control.ts';
import type { CoreNews, SelfFacts } from './core/core-types.ts';
import type { Gatekeeper, GateStorage } from './gate/gatekeeper.ts';
import type { Identity, MeshCrypto } from './identity.ts';
import type { Room } from './invitation.ts';
import type { PolicyPort, PolicyStorage } from './policy/policy-keeper.ts';
import type { Reading, ReadingDeps } from './read/reading.ts';
import type { RelayCrypto } from './relay/relay-crypto.ts';
import type { TaskServer } from './tasks/task-server.ts';
import type { Transport } from './transport/transport.ts';

export interface Mesh {
  info(): SwarmInfo;
  onChange(listener: () => void): Unsubscribe;
  onNews(listener: (news: MeshNews) => void): Unsubscribe;
  /** Settles when this tab is in. Once. @throws as `Swarm.join` in `protocol/llambo.ts` */
  start(options?: { signal?: AbortSignal }): Promise<void>;
  /** Tells the others and closes everything. Pending calls to others end with `peer-lost`. Idempotent. */
  leave(): void;
  /** This tab's own facts changed. */
  setFacts(facts: Partial<LocalFacts>): void;
  /** A node of another peer; null if nobody has it. The same object for the same address while the peer is in. */
  node(address: Address): EngineNode | null;
  /** What askers and the leader say to each other. */
  readonly control: Control;
  /** What another peer tells of itself. @throws LlamboError as `Reading.read` */
  readonly read: Reading['read'];
  /** How the swarm is run, if somebody decided it for all. */
  readonly policy: PolicyPort;
  /** What this tab's person decides about who may come in. */
  readonly gate: Pick<Gatekeeper, 'setGate' | 'decide' | 'mark'>;
}

export type LocalFacts = Omit<SelfFacts, 'endpoints'>;

/** What the log may like to know. */
export type MeshNews =
  | CoreNews
  | { readonly type: 'linked'; readonly peer: PeerId; readonly path: string }
  | { readonly type: 'unlinked'; readonly peer: PeerId; readonly reason: string }
  | { readonly type: 'refused'; readonly peer: PeerId | null; readonly reason: string };

export interface MeshDeps {
  readonly env: Env;
  readonly identity: Identity;
  readonly crypto: MeshCrypto;
  /** For links that run over another tab. */
  readonly relayCrypto: RelayCrypto;
  readonly room: Room;
  /** The room was made just now: nobody can be in it. */
  readonly founds: boolean;
  /** In a new room: newcomers are let in by hand. */
  readonly gated: boolean;
  /** Whom the invitation names as the founder; null if nobody. */
  readonly founder: DeviceId | null;
  readonly gateStorage: GateStorage;
  readonly policyStorage: PolicyStorage;
  /** The invitation, and the same as six words. */
  readonly link: string;
  readonly code: string;
  readonly transport: Transport;
  /** Which build this is, for others to see. */
  readonly build: string;
  /** Calls back steadily, also while the tab is hidden. */
  readonly tick: (everyMs: number, callback: () => void) => Unsubscribe;
  readonly tasks: TaskServer;
  /** What this tab tells of itself to those who read it. @throws LlamboError for what is not there */
  readonly serve: ReadingDeps['serve'];
  readonly facts: LocalFacts;
}
