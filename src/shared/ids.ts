/**
 * Branded identifiers, so that a task id can't be passed where a job id is meant.
 * Ids are made by whoever starts the thing, from an injected {@link Random}.
 */
import type { Random } from './env.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** What a person asked: one chat request and its options. */
export type JobId = Branded<'JobId'>;
/** One run of a job on one node. */
export type TaskId = Branded<'TaskId'>;
/** A chat that is kept across reloads. */
export type ConversationId = Branded<'ConversationId'>;
/** One message of a conversation. */
export type TurnId = Branded<'TurnId'>;
/** SHA-256 of a model file, 64 lower-case hex digits. */
export type ModelHash = Branded<'ModelHash'>;
/** One tab: 20 characters of a–z and 2–7, the start of the SHA-256 of the page's public key, so that nobody can pass for another. */
export type PeerId = Branded<'PeerId'>;
/** One browser profile, whatever number of tabs it has; made of the device's public key in the same way. */
export type DeviceId = Branded<'DeviceId'>;
/** A swarm. Made of its secret: whoever sees it can't find the secret. */
export type RoomId = Branded<'RoomId'>;
/** Where a transport reaches somebody. A hint: never an identity and never a lock. */
export type EndpointId = Branded<'EndpointId'>;
/** The name of an engine node in the namespace: `/n/llambo/<peer>/<node>`. */
export type Address = `/n/llambo/${string}/${string}`;

export const newJobId = (random: Random): JobId => `job-${random.id()}` as JobId;
export const newTaskId = (random: Random): TaskId => `task-${random.id()}` as TaskId;
export const newConversationId = (random: Random): ConversationId => `chat-${random.id()}` as ConversationId;
export const newTurnId = (random: Random): TurnId => `turn-${random.id()}` as TurnId;

/** @returns the hash in its canonical form, or null if the text is not 64 hex digits. */
export function parseModelHash(text: string): ModelHash | null {
  return /^[0-9a-f]{64}$/i.test(text) ? (text.toLowerCase() as ModelHash) : null;
}

/** @returns the peer of an address, and the node's own name. */
export function partsOf(address: Address): { peer: PeerId; node: string } {
  const [, , , peer = '', node = ''] = address.split('/');
  return { peer: peer as PeerId, node };
}

export const nodeAddress = (peer: string, node: string): Address => `/n/llambo/${peer}/${node}`;
