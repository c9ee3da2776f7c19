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

export const nodeAddress = (peer: string, node: string): Address => `/n/llambo/${peer}/${node}`;
