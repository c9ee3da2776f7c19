/** Making and verifying the gate's documents: what is signed, by which key, and whose device that key is. */
import type { Pass, Rules, Verdict } from '../../protocol/rules-schema.ts';
import type { DeviceId, RoomId } from '../../shared/ids.ts';
import { labelled, utf8 } from '../bytes.ts';
import type { KnownPass, KnownRules } from './gate.ts';
import type { Identity, MeshCrypto } from '../identity.ts';

type Unsigned<T extends { signature: string }> = Omit<T, 'signature'>;

/** Canonical JSON (RFC 8785: keys sorted, no spaces) after the room, so that a document counts in one swarm only. */
const rulesBytes = (room: RoomId, { founder, gate, stewards, version }: Unsigned<Rules>): Uint8Array =>
  labelled('llambo/1 rules', utf8(room), utf8(JSON.stringify({ founder, gate, stewards, version })));
const passBytes = (room: RoomId, { at, by, device, verdict }: Unsigned<Pass>): Uint8Array =>
  labelled('llambo/1 pass', utf8(room), utf8(JSON.stringify({ at, by, device, verdict })));

export async function signRules(identity: Identity, room: RoomId, content: Omit<Unsigned<Rules>, 'founder'>): Promise<KnownRules> {
  const unsigned = { ...content, founder: identity.deviceKey };
  return { document: { ...unsigned, signature: await identity.signAsDevice(rulesBytes(room, unsigned)) }, founder: identity.device };
}

/** @param at milliseconds since 1970 */
export async function signPass(identity: Identity, room: RoomId, device: DeviceId, verdict: Verdict, at: number): Promise<KnownPass> {
  const unsigned = { device, verdict, by: identity.deviceKey, at };
  return { document: { ...unsigned, signature: await identity.signAsDevice(passBytes(room, unsigned)) }, judge: identity.device };
}

/** Null for rules that the founder they name did not sign for this room. */
export async function verifyRules(crypto: MeshCrypto, room: RoomId, document: Rules): Promise<KnownRules | null> {
  const [isSigned, founder] = await Promise.all([crypto.verify(document.founder, document.signature, rulesBytes(room, document)), crypto.idOf(document.founder)]);
  return isSigned ? { document, founder: founder as DeviceId } : null;
}

export const isSignedPass = (crypto: MeshCrypto, room: RoomId, document: Pass): Promise<boolean> =>
  crypto.verify(document.by, document.signature, passBytes(room, document));
