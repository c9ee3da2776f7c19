/** Making and verifying decisions about how a swarm is run: what is signed, and by which key. */
import type { PolicyDocument } from '../../protocol/policy-schema.ts';
import type { RoomId } from '../../shared/ids.ts';
import { labelled, utf8 } from '../bytes.ts';
import type { Identity, MeshCrypto } from '../identity.ts';

/** Canonical JSON (RFC 8785: keys sorted, no spaces) after the room, so that a document counts in one swarm only. */
const policyBytes = (room: RoomId, { by, policy, version }: Omit<PolicyDocument, 'signature'>): Uint8Array =>
  labelled('llambo/1 policy', utf8(room), utf8(JSON.stringify({ by, policy, version })));

export async function signPolicy(identity: Identity, room: RoomId, content: Pick<PolicyDocument, 'policy' | 'version'>): Promise<PolicyDocument> {
  const unsigned = { by: identity.deviceKey, ...content };
  return { ...unsigned, signature: await identity.signAsDevice(policyBytes(room, unsigned)) };
}

/** Did the device that it names sign it for this room? */
export const isSignedPolicy = (crypto: MeshCrypto, room: RoomId, document: PolicyDocument): Promise<boolean> =>
  crypto.verify(document.by, document.signature, policyBytes(room, document));
