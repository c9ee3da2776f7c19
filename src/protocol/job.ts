/**
 * Jobs as the orchestrator sees them: their shape, never their words. The asker owns its job; what it tells the leader is
 * here, and what it gets back.
 */
import type { ErrorCode } from '../shared/errors.ts';
import type { Address, JobId, ModelHash, TaskId } from '../shared/ids.ts';
import type { Profile, Tier } from './chat.ts';

/** `interactive`: somebody waits and reads. `batch`: served with what the others leave, though never starved. */
export type Priority = 'interactive' | 'batch';

/** All that choosing a node needs to know of a job. */
export interface JobShape {
  /** Catalogue id. Absent: by tier, or the best that has room. */
  readonly model?: string;
  /** Exactly these weights: an exact answer that moves must go on with the same file. */
  readonly modelHash?: ModelHash;
  /** At least this tier: larger ones serve when it is full. */
  readonly tier?: Tier;
  /** On one of these nodes and no other. */
  readonly nodes?: readonly Address[];
  /** Estimated by the asker: characters ÷ 3.5. */
  readonly promptTokens: number;
  /** The most tokens that the answer may have. */
  readonly maxTokens: number;
  readonly profile: Profile;
  readonly priority: Priority;
  /** Opaque, the same for all turns of a conversation: the node that has its prefix cached is worth more. */
  readonly affinity?: string;
}

/** Why an asker wants a node. `again`: it has asked before, and nobody answered or another leads now. */
export type RequestReason = 'new' | 'moved' | 'hedge' | 'again';

/** A task of a job that a node works on now. */
export interface RunningTask {
  readonly task: TaskId;
  readonly node: Address;
}

/** How one task went, from the asker to the leader. */
export interface TaskReport {
  readonly job: JobId;
  readonly task: TaskId;
  readonly node: Address;
  /** `speaking`: its first token has come. `ended`: its slot is free. */
  readonly state: 'speaking' | 'ended';
  /** Of `ended`: null if it was done, `aborted` if it was not wanted any more, else why it failed. */
  readonly error: ErrorCode | null;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly answerTokens: number;
  /** From the run's start to its first token, milliseconds; 0 if none came. */
  readonly firstTokenMs: number;
  /** Reading the prompt, and writing, as the node measured them; 0 where it had no chance to say. */
  readonly prefillMs: number;
  readonly decodeMs: number;
}

/** The order of the tiers: a job for a lower one may be served by a higher one. */
export const TIERS: readonly Tier[] = ['tiny', 'medium', 'large'];
