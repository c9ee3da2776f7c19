/** A leader that grants whatever a test wants, and a worker's guard that obeys it: real grants, keys without cryptography. */
import { createGrantGuard, type GrantGuard, type Order } from '../mesh/tasks/grant-guard.ts';
import { createGrants, type Grants } from '../mesh/tasks/grants.ts';
import type { EngineNode } from '../protocol/engine-node.ts';
import type { SealedGrant } from '../protocol/grant.ts';
import type { Clock } from '../shared/env.ts';
import { partsOf, type Address, type PeerId, type TaskId } from '../shared/ids.ts';
import { createFakeCrypto, createFakeRoom } from './fake-crypto.ts';

export interface TestGrants {
  readonly guard: GrantGuard;
  /** The leader's. */
  readonly leader: Grants;
  readonly order: Order;
  /** Whom the worker obeys from now on. */
  obey(order: Order | null): void;
  /** The leader's word for a task of that asker; with an id of its own unless told. */
  grant(asker: PeerId, node: Address, task?: TaskId): Promise<SealedGrant>;
  /** The same node, with a grant for each run. */
  granted<Node extends EngineNode>(node: Node, asker: PeerId): Node;
}

/** @param worker whose nodes are granted, by any address */
export function createTestGrants(clock: Clock, worker: PeerId): TestGrants {
  const crypto = createFakeCrypto(77);
  const room = createFakeRoom().id;
  const leading = crypto.newIdentity();
  const order: Order = { leader: leading.peer, term: 1 };
  const leader = createGrants({ identity: leading, crypto, room });
  let obeyed: Order | null = order;
  let made = 0;
  const guard = createGrantGuard({
    clock,
    grants: createGrants({ identity: { ...crypto.newIdentity(), peer: worker }, crypto, room }),
    accepted: () => obeyed,
    obeys: (other) => other.leader === obeyed?.leader && other.term === obeyed.term,
  });

  async function grant(asker: PeerId, node: Address, task = `task-granted${(made += 1)}` as TaskId): Promise<SealedGrant> {
    return leader.seal({ task, node: `/n/llambo/${worker}/${partsOf(node).node}`, asker, term: order.term });
  }

  return {
    guard, leader, order, grant,
    obey: (next) => void (obeyed = next),
    granted: (node, asker) => ({
      ...node,
      async *run(task, options) {
        yield* node.run(task, { ...options, grant: await grant(asker, node.address) });
      },
    }),
  };
}
