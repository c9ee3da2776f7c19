/**
 * What goes into the orchestrator's two minds and what comes out. Both are pure: events and the time in, effects out.
 *
 * - The **leader** (`leader/leader.ts`): one in a swarm; queue, choice of nodes, hedges' budget, health. Its state is soft:
 *   a new leader learns it from the askers.
 * - The **asker** (`asker/job.ts`): one for each job, in the tab that asked; owns the job and its text, follows its tasks,
 *   moves and hedges.
 *
 * ```
 *   asker                         leader                        node (any tab's)
 *     | --- request -------------->  |                               |
 *     | <-- place (where it waits) - |                               |
 *     | <-- grant (a node) --------- |                               |
 *     | --- task ------------------------------------------------->  |
 *     | <-- tokens ------------------------------------------------- |
 *     | --- report (speaking, ended) |                               |
 *     | --- withdraw (job is over) ->|                               |
 * ```
 *
 * A job for one chosen node need not wait for its grant: if that node has room, `head-starts.ts` lets it go ahead, and the first
 * request only tells what runs.
 *
 * `orchestrator.ts` is the one file that awaits: it gives both minds time and messages, and runs tasks on nodes.
 */
import type { Answer, AnswerEvent } from '../protocol/chat.ts';
import type { NodeModel, NodeState, TaskEvent } from '../protocol/engine-node.ts';
import type { JobShape, RequestReason, RunningTask, TaskReport } from '../protocol/job.ts';
import type { SwarmPolicy } from '../protocol/policy.ts';
import type { LlamboError } from '../shared/errors.ts';
import type { Address, DeviceId, JobId, ModelHash, PeerId, TaskId } from '../shared/ids.ts';

/** What the leader knows of a node: its own peer's word, and how the leader is linked with that. */
export interface NodeFacts {
  readonly address: Address;
  readonly peer: PeerId;
  readonly device: DeviceId;
  /** False: it works for its own tab only. */
  readonly shared: boolean;
  readonly state: NodeState;
  /** With its tier. */
  readonly model: NodeModel | null;
  readonly slots: number;
  /** Slots in use and tasks in line, whoever asked; late by some hundred milliseconds. */
  readonly busy: number;
  readonly waiting: number;
  /** Slots that its peer gives to others at once, over all its nodes; absent: as many as its nodes have. What it asks itself is not counted. */
  readonly guestSlots?: number;
  /** Of these, those that work for others, as the peer says; late like `busy`. Absent: none. */
  readonly guestBusy?: number;
  /** Claimed speeds, tokens a second; 0: not known. */
  readonly tokensPerSecond: number;
  readonly prefillPerSecond: number;
  /** From the leader to that peer; null: not known. */
  readonly rttMs: number | null;
  /** Its peer has been silent for a while: nothing new for it. */
  readonly suspect: boolean;
}

/** "I need a node": from an asker to the leader. */
export interface NodeRequest {
  readonly job: JobId;
  /** Counts the requests of a job from 1. What answers an older one counts no more. */
  readonly turn: number;
  readonly asker: PeerId;
  readonly device: DeviceId;
  readonly shape: JobShape;
  readonly why: RequestReason;
  /** Not these: they failed this job, or run it now. */
  readonly avoid: readonly Address[];
  /** What already runs for this job, so that a leader who is new knows it. */
  readonly running: readonly RunningTask[];
  /** False: it has what it needs and only tells what runs (after a change of leader). */
  readonly wants: boolean;
  /** What is left of its time. */
  readonly deadlineMs: number;
}

export interface Grant {
  readonly task: TaskId;
  readonly node: Address;
  /** The node's model. */
  readonly model: string;
  readonly modelHash: ModelHash | null;
  /** Without a first token for this long the asker may ask for a hedge. */
  readonly hedgeMs: number;
}

// --- The leader

export type LeaderEvent =
  | { readonly type: 'request'; readonly request: NodeRequest }
  /** The job is over, or its asker does not want another node any more. All that it had is free. Idempotent. */
  | { readonly type: 'withdraw'; readonly asker: PeerId; readonly job: JobId }
  /** @param asker by whom it came: only the asker's own tasks count */
  | { readonly type: 'report'; readonly asker: PeerId; readonly report: TaskReport }
  /** A node came or changed. */
  | { readonly type: 'node'; readonly facts: NodeFacts }
  | { readonly type: 'node gone'; readonly address: Address }
  /** A peer is out: its jobs are over, its nodes come as `node gone`. */
  | { readonly type: 'peer gone'; readonly peer: PeerId }
  | { readonly type: 'policy'; readonly policy: SwarmPolicy }
  /** Some four times a second. */
  | { readonly type: 'tick' };

export type LeaderEffect =
  | { readonly type: 'grant'; readonly to: PeerId; readonly job: JobId; readonly turn: number; readonly grant: Grant }
  /** It waits. Sent at once for each request that is not granted at once, and when it changed, twice a second at the most. */
  | { readonly type: 'place'; readonly to: PeerId; readonly job: JobId; readonly turn: number; readonly place: number; readonly estimateMs: number }
  /** `busy` (with `details.retryMs`), `not-found`, `not-ready`, `context-overflow`, `timeout`. */
  | { readonly type: 'refuse'; readonly to: PeerId; readonly job: JobId; readonly turn: number; readonly error: LlamboError }
  | { readonly type: 'note'; readonly note: LeaderNote };

/** For metrics, log and autoscaler. */
export type LeaderNote =
  | { readonly type: 'granted'; readonly job: JobId; readonly task: TaskId; readonly node: Address; readonly why: RequestReason; readonly waitedMs: number; readonly asker: PeerId }
  | { readonly type: 'ended'; readonly report: TaskReport }
  | { readonly type: 'refused'; readonly job: JobId; readonly code: string }
  /** A node gets nothing new for a while, or is tried again, or is well again. */
  | { readonly type: 'breaker'; readonly node: Address; readonly state: 'open' | 'half-open' | 'closed' };

export interface Leader {
  handle(event: LeaderEvent, now: number): readonly LeaderEffect[];
  view(): LeaderView;
}

export interface LeaderView {
  readonly waiting: number;
  readonly waitingByDevice: ReadonlyMap<DeviceId, number>;
  /** Of all nodes that the leader knows. */
  readonly slots: number;
  readonly assigned: number;
  /** Jobs that wait, by what they ask for: a tier, or a model's id, or `any`. For the autoscaler. */
  readonly demand: ReadonlyMap<string, number>;
}

// --- The asker

/** What a job is made of when it starts. */
export interface JobStart {
  readonly id: JobId;
  readonly shape: JobShape;
  readonly seed: number;
  readonly deadlineMs: number;
  /** The person chose one node: if that fails, no other will do. */
  readonly pinned?: boolean;
  /** It can't be continued in the middle, whatever its profile: another node writes it again from the start. */
  readonly repeats?: boolean;
  /** The chosen node, if it is believed to have room: it runs there at once, ungranted, and the leader is told. */
  readonly ahead?: Pick<Grant, 'node' | 'model' | 'modelHash'>;
}

export type JobEvent =
  /** Somebody leads: now, or since a change; null: nobody. The first comes right after the start. */
  | { readonly type: 'leader'; readonly leader: PeerId | null; readonly term: number }
  | { readonly type: 'place'; readonly turn: number; readonly place: number; readonly estimateMs: number }
  | { readonly type: 'grant'; readonly turn: number; readonly grant: Grant }
  | { readonly type: 'refused'; readonly turn: number; readonly error: LlamboError }
  /** Of a task that this job runs; of any other it is ignored. */
  | { readonly type: 'task'; readonly task: TaskId; readonly event: TaskEvent }
  /** The run has ended without `done`. */
  | { readonly type: 'task failed'; readonly task: TaskId; readonly error: LlamboError }
  /** The peer that runs it has been silent for some seconds: its link is suspect. */
  | { readonly type: 'suspect'; readonly peer: PeerId }
  | { readonly type: 'cancel' }
  | { readonly type: 'tick' };

export type JobEffect =
  /** To the leader. */
  | { readonly type: 'request'; readonly request: Omit<NodeRequest, 'asker' | 'device'> }
  | { readonly type: 'withdraw' }
  | { readonly type: 'report'; readonly report: TaskReport }
  /** Run it there; without a seal if nobody has granted it. `text` is what the reader has already, in so many tokens: continued, or repeated and held back by the machine. */
  | { readonly type: 'run'; readonly grant: Grant; readonly text: string; readonly tokens: number }
  /** End that run. Its last words are ignored. */
  | { readonly type: 'stop'; readonly task: TaskId }
  /** To the reader; `done` comes as `settle`. */
  | { readonly type: 'emit'; readonly event: Exclude<AnswerEvent, { type: 'done' }> }
  /** The last effect. Exactly one for each job. */
  | { readonly type: 'settle'; readonly outcome: JobOutcome };

export type JobOutcome =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly error: LlamboError };

export interface JobMachine {
  handle(event: JobEvent, now: number): readonly JobEffect[];
  /** When it wants a `tick`, in the time of `handle`; null: not before something happens. */
  wakeAt(): number | null;
  /** For the page and the namespace. */
  view(): { readonly running: readonly RunningTask[]; readonly waiting: boolean; readonly text: string };
}
