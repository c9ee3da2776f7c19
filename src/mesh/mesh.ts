/** One tab in one swarm: joins, stays, leaves. Puts transports, handshake, links, the core and tasks together. */
import type { EngineNode } from '../protocol/engine-node.ts';
import type { SwarmInfo } from '../protocol/peer.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Address } from '../shared/ids.ts';
import type { CoreNews, SelfFacts } from './swarm-core.ts';

export interface Mesh {
  info(): SwarmInfo;
  onChange(listener: () => void): Unsubscribe;
  onNews(listener: (news: CoreNews) => void): Unsubscribe;
  /** Settles when this tab is in. @throws as `Swarm.join` in `protocol/llambo.ts` */
  start(options?: { signal?: AbortSignal }): Promise<void>;
  /** Tells the others and closes everything. Pending calls to others end with `peer-lost`. */
  leave(): void;
  /** This tab's own facts changed. */
  setFacts(facts: Partial<SelfFacts>): void;
  /** A node of another peer; null if nobody has it. The same object for the same address while the peer is in. */
  node(address: Address): EngineNode | null;
}
