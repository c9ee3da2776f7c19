/**
 * The one interface that holds the project together. A local worker, a node of another peer, a native server behind
 * an HTTP address and a scripted fake all satisfy it and pass the same acceptance suite
 * (`testing/engine-node-suite.ts`); who schedules work can't tell them apart.
 */
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Address, ModelHash, PeerId, TaskId } from '../shared/ids.ts';
import type { JsonSchema, Message, Profile, Sampling, Tier, TokenLogprob, Usage } from './chat.ts';
import type { SealedGrant } from './grant.ts';

export type NodeState = 'loading' | 'idle' | 'busy' | 'error' | 'stopped';

/** What is known of a node from outside. Frozen; a change makes a new one. */
export interface NodeInfo {
  readonly address: Address;
  /** Whose node it is. */
  readonly peer: PeerId;
  /** It runs in this tab. */
  readonly local: boolean;
  /** Others may be given tasks on it, as its peer says; of one in this tab true: what it tells others is decided where it is told. */
  readonly shared: boolean;
  readonly state: NodeState;
  /** Why, in state `error`. */
  readonly problem?: string;
  readonly model: NodeModel | null;
  /** Parallel sequences; 0 without a model. */
  readonly slots: number;
  /** Slots that are generating now. */
  readonly busy: number;
  /** Tasks that wait for a slot. */
  readonly waiting: number;
  readonly threads: number;
  /** Decode speed of the last answers, tokens per second a stream; 0 before the first. */
  readonly tokensPerSecond: number;
  /** Speed of reading prompts, tokens per second, cached ones left out; 0 before the first. */
  readonly prefillPerSecond: number;
  /** Times the worker was restarted after a crash. */
  readonly restarts: number;
  /** Estimated memory of the node, bytes. */
  readonly memoryBytes: number;
}

export interface NodeModel {
  readonly id: string;
  readonly name: string;
  readonly tier: Tier;
  readonly hash: ModelHash | null;
  /** Tokens that one conversation may have on this node. */
  readonly contextTokens: number;
}

/** One run of a request on one node. Already validated: `parseTask` is the door. */
export interface Task {
  readonly id: TaskId;
  /** If the last message is the assistant's, the answer continues it and repeats none of it. */
  readonly messages: readonly Message[];
  readonly sampling: Sampling;
  /** Always given, so that the run can be repeated. 0 to 2^32 − 2. */
  readonly seed: number;
  readonly profile: Profile;
  readonly schema?: JsonSchema;
  readonly grammar?: string;
  /** Alternatives per token to report; absent: no log-probabilities. */
  readonly logprobs?: number;
  /** The most time the run may take on the node, waiting included. */
  readonly deadlineMs: number;
}

export type TaskEvent =
  | { readonly type: 'queued'; readonly place: number }
  | { readonly type: 'started' }
  /** Prompt tokens read so far, cached ones included. */
  | { readonly type: 'prefill'; readonly done: number; readonly total: number }
  /** Text of one or several tokens: those that arrived within one frame. */
  | { readonly type: 'tokens'; readonly text: string; readonly count: number; readonly logprobs?: readonly TokenLogprob[] }
  /** The last event of a run that didn't fail. A run that fails throws a `LlamboError` instead. */
  | { readonly type: 'done'; readonly result: TaskResult };

export interface TaskResult {
  /** Equals the concatenation of all `tokens` events. */
  readonly text: string;
  readonly finishReason: 'stop' | 'length';
  readonly usage: Usage;
  readonly timings: { readonly queueMs: number; readonly prefillMs: number; readonly decodeMs: number; readonly tokensPerSecond: number };
  readonly seed: number;
}

export interface EngineNode {
  readonly address: Address;
  info(): NodeInfo;
  onChange(listener: (info: NodeInfo) => void): Unsubscribe;
  /**
   * Runs one task. Starts at the first `next()`. Aborting the signal or leaving the loop frees the slot after the
   * batch that runs; a model's `ubatch` is chosen so that this takes less than 500 ms.
   * @param options.grant the leader's, for a node of another tab; a local node runs without
   * @throws LlamboError `aborted`, `bad-request`, `busy`, `context-overflow`, `engine-crashed`, `not-ready`, `peer-lost`, `refused`, `stopped`, `timeout`
   */
  run(task: Task, options?: { signal?: AbortSignal; grant?: SealedGrant }): AsyncIterable<TaskEvent>;
  /** Ends every running task with `stopped` and frees the memory. Idempotent. */
  stop(): Promise<void>;
}
