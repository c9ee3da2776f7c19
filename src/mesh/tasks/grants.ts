/**
 * Making and verifying grants: a leader's signed word that one task of one asker may run on one node. The asker carries it
 * to the worker, who so needs no line to the leader. Whether that leader leads is not known here: see `grant-guard.ts`.
 */
import type { SealedGrant } from '../../protocol/grant.ts';
import { partsOf, type Address, type PeerId, type RoomId, type TaskId } from '../../shared/ids.ts';
import { labelled, utf8 } from '../bytes.ts';
import type { Identity, MeshCrypto } from '../identity.ts';

export interface GrantsDeps {
  readonly identity: Pick<Identity, 'peer' | 'key' | 'sign'>;
  readonly crypto: Pick<MeshCrypto, 'verify' | 'idOf'>;
  readonly room: RoomId;
}

/** What is asked for on a link. */
export interface GrantedTask {
  readonly id: TaskId;
  /** The node's own name. */
  readonly node: string;
  /** Whose link it came over. */
  readonly asker: PeerId;
}

export interface Grants {
  /** As the leader of that term. */
  seal(what: { readonly task: TaskId; readonly node: Address; readonly asker: PeerId; readonly term: number }): Promise<SealedGrant>;
  /** Whether the peer that it names made it, for this task, this asker, this tab's node, and this room. */
  verify(grant: SealedGrant, task: GrantedTask): Promise<boolean>;
}

/** Canonical JSON (RFC 8785: keys sorted, no spaces) after the room, so that a grant counts in one swarm only. */
const grantBytes = (room: RoomId, { asker, key, leader, node, task, term, worker }: Omit<SealedGrant, 'signature'>): Uint8Array =>
  labelled('llambo/1 grant', utf8(room), utf8(JSON.stringify({ asker, key, leader, node, task, term, worker })));

export function createGrants({ identity, crypto, room }: GrantsDeps): Grants {
  return {
    async seal({ task, node: address, asker, term }) {
      const { peer: worker, node } = partsOf(address);
      const unsigned = { leader: identity.peer, term, key: identity.key, task, asker, worker, node };
      return { ...unsigned, signature: await identity.sign(grantBytes(room, unsigned)) };
    },
    async verify(grant, { id, node, asker }) {
      if (grant.task !== id || grant.node !== node || grant.asker !== asker || grant.worker !== identity.peer) return false;
      // A hash first: it costs a hundredth of a signature.
      if ((await crypto.idOf(grant.key)) !== grant.leader) return false;
      return crypto.verify(grant.key, grant.signature, grantBytes(room, grant));
    },
  };
}
