/**
 * How two tabs make sure of each other before a word is said: both know the room's secret, each holds the key that its id
 * is made of, and nobody sits between them. docs/protocol.md draws it; in short:
 *
 *   both       hello    what I speak, my keys, a nonce
 *   dialler    proof    MAC with the room's key, signature with the page's key, over both hellos and the connection
 *   acceptor   proof    the same, only after the dialler's was found good: a stranger at a door learns nothing
 *   both       wait     (at most once) a person must open
 *   both       welcome  my entry, and who leads
 *
 * Whoever squats on a door does get a dialler's MAC, and may guess secrets against it: 2^66 of them, each a PBKDF2.
 * It knows neither membership nor doors: its owner says who may come in.
 */
import { PROTOCOL_VERSION, type Claim, type MessageOf, type MessageTag, type Refusal } from '../../protocol/messages.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { DeviceId, PeerId, RoomId } from '../../shared/ids.ts';
import { labelled, utf8 } from '../bytes.ts';
import { certificateBytes, type Identity, type MeshCrypto, type RoomKeys } from '../identity.ts';
import { refusedError } from './refusals.ts';
import type { Wire } from './wire.ts';

/** What else is known of somebody who knows the secret and has proven who it is. */
export interface Newcomer {
  readonly build: string;
  /** We dialled it. */
  readonly outgoing: boolean;
  /** Fires when the newcomer is gone, or waited too long: nobody need be asked any more. */
  readonly signal: AbortSignal;
  /** What it says of itself, once its welcome has come. Rejects if the handshake ends before. */
  readonly entry: Promise<PeerEntry>;
}

export interface HandshakeDeps {
  readonly identity: Identity;
  readonly crypto: MeshCrypto;
  readonly room: { readonly id: RoomId; readonly keys: RoomKeys };
  /** Which build this page runs. */
  readonly build: string;
  /** What we say in our welcome; asked when it is sent. */
  introduce(): { readonly entry: PeerEntry; readonly claim: Claim | null };
  /** Null lets the newcomer in. A promise makes it wait for a person, `LIMITS.admissionMs` at the most. */
  admit(peer: PeerId, device: DeviceId, newcomer: Newcomer): Refusal | null | Promise<Refusal | null>;
  /** Protocol versions that we speak; for tests. */
  readonly versions?: readonly number[];
}

export interface HandshakeSides {
  readonly outgoing: boolean;
  /** Of the connection. */
  readonly binding: Uint8Array;
  /** Rejects as soon as the handshake is over for another reason. */
  orEnd<T>(promise: Promise<T>): Promise<T>;
  /** A person was asked, by us or by them: there is more time now. */
  waiting(by: 'us' | 'them'): void;
  readonly signal: AbortSignal;
}

export interface Greeting {
  readonly peer: PeerId;
  readonly device: DeviceId;
  readonly build: string;
  readonly version: number;
  readonly welcome: { readonly entry: PeerEntry; readonly claim: Claim | null };
}

type Hello = MessageOf<'hello'>;
type Role = 'dialler' | 'acceptor';

/** The highest version that both speak, or null. */
export function commonVersion(ours: readonly number[], theirs: readonly number[]): number | null {
  const common = ours.filter((version) => theirs.includes(version));
  return common.length === 0 ? null : Math.max(...common);
}

/** Canonical JSON (RFC 8785: keys sorted, no spaces), so that both sides have the same bytes. */
function helloBytes({ build, certificate, deviceKey, key, nonce, t, versions }: Hello): Uint8Array {
  return utf8(JSON.stringify({ build, certificate, deviceKey, key, nonce, t, versions }));
}

const transcript = (room: RoomId, dialler: Hello, acceptor: Hello, binding: Uint8Array): Uint8Array =>
  labelled('llambo/1 handshake', utf8(room), helloBytes(dialler), helloBytes(acceptor), binding);

const macBytes = (role: Role, said: Uint8Array): Uint8Array => labelled(`llambo/1 ${role} secret`, said);
const signedBytes = (role: Role, said: Uint8Array): Uint8Array => labelled(`llambo/1 ${role} identity`, said);

/**
 * Runs it to its end.
 * @throws LlamboError `refused` (by us; the other side has been told), or what `orEnd` rejects with
 */
export async function shakeHands(wire: Wire, sides: HandshakeSides, deps: HandshakeDeps): Promise<Greeting> {
  const { identity, crypto, room, versions = [PROTOCOL_VERSION] } = deps;
  const { orEnd, outgoing } = sides;
  const ownRole: Role = outgoing ? 'dialler' : 'acceptor';
  const theirRole: Role = outgoing ? 'acceptor' : 'dialler';
  let waited = false;

  function refuse(reason: Refusal, what: string): Error {
    wire.end({ kind: 'violation', reason, what });
    return refusedError(reason, 'us', what);
  }

  async function expect<Tag extends MessageTag>(tag: Tag): Promise<MessageOf<Tag>> {
    const message = await orEnd(wire.next());
    if (message.t === 'wait' && tag === 'welcome' && !waited) {
      waited = true;
      sides.waiting('them');
      return expect(tag);
    }
    if (message.t !== tag) throw refuse('protocol', `${message.t} in place of ${tag}`);
    return message;
  }

  async function prove(said: Uint8Array): Promise<void> {
    const proof = Promise.all([room.keys.mac(macBytes(ownRole, said)), identity.sign(signedBytes(ownRole, said))]);
    const [mac, signature] = await orEnd(proof);
    wire.send({ t: 'proof', mac, signature });
  }

  /** The MAC first: a stranger costs one hash and no signature. */
  async function verify(theirs: Hello, said: Uint8Array): Promise<{ peer: PeerId; device: DeviceId }> {
    const { mac, signature } = await expect('proof');
    if (!(await orEnd(room.keys.isMac(mac, macBytes(theirRole, said))))) throw refuse('secret', 'another secret');
    const [certified, signed, peer, device] = await orEnd(
      Promise.all([
        crypto.verify(theirs.deviceKey, theirs.certificate, certificateBytes(theirs.key)),
        crypto.verify(theirs.key, signature, signedBytes(theirRole, said)),
        crypto.idOf(theirs.key),
        crypto.idOf(theirs.deviceKey),
      ]),
    );
    if (!certified) throw refuse('identity', 'the certificate is not of that device');
    if (!signed) throw refuse('identity', 'the signature is not of that key');
    return { peer: peer as PeerId, device: device as DeviceId };
  }

  async function admit(peer: PeerId, device: DeviceId, known: Pick<Newcomer, 'build' | 'entry'>): Promise<void> {
    const decision = deps.admit(peer, device, { ...known, outgoing, signal: sides.signal });
    if (decision instanceof Promise) {
      wire.send({ t: 'wait' });
      sides.waiting('us');
    }
    const refusal = await orEnd(Promise.resolve(decision));
    if (refusal === null) return;
    wire.end({ kind: 'refused', reason: refusal });
    throw refusedError(refusal, 'us');
  }

  /** It may come while we still ask a person about the one who says it. */
  async function hearWelcome(peer: PeerId, device: DeviceId): Promise<MessageOf<'welcome'>> {
    const welcome = await expect('welcome');
    if (welcome.entry.peer !== peer || welcome.entry.device !== device) throw refuse('identity', 'an entry of somebody else');
    return welcome;
  }

  const { key, deviceKey, certificate } = identity;
  const ours: Hello = { t: 'hello', versions: [...versions], build: deps.build, key, deviceKey, certificate, nonce: crypto.nonce() };
  wire.send(ours);
  const theirs = await expect('hello');
  const version = commonVersion(versions, theirs.versions);
  if (version === null) throw refuse('version', `it speaks ${theirs.versions.join(', ') || 'none'}`);
  // Our own door, dialled by ourselves; or our own words, sent back.
  if (theirs.key === key) throw refuse('duplicate', 'our own key');

  const said = outgoing ? transcript(room.id, ours, theirs, sides.binding) : transcript(room.id, theirs, ours, sides.binding);
  if (outgoing) await prove(said);
  const { peer, device } = await verify(theirs, said);
  if (!outgoing) await prove(said);

  const welcomed = hearWelcome(peer, device);
  const introduced = welcomed.then((welcome) => welcome.entry);
  // Whoever wants to know hears of it below.
  introduced.catch(() => undefined);
  await admit(peer, device, { build: theirs.build, entry: introduced });
  wire.send({ t: 'welcome', ...deps.introduce() });
  const { entry, claim } = await welcomed;
  return { peer, device, build: theirs.build, version, welcome: { entry, claim } };
}
