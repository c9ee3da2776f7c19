/** The one event log: typed, bounded (`LIMITS.logEvents`), without prompts. Views, recordings and bug reports read it. */
import type { ErrorCode } from '../shared/errors.ts';
import type { Address, DeviceId, JobId, PeerId, TaskId } from '../shared/ids.ts';
import type { Confidence, FusionPolicyName, PromptClass } from './fusion.ts';

export type LogEvent = { /** Milliseconds since 1970. */ readonly time: number; readonly sequence: number } & LogEntry;

export type LogEntry =
  | { readonly type: 'node started'; readonly node: Address; readonly model: string; readonly threads: number; readonly loadMs: number }
  | { readonly type: 'node stopped'; readonly node: Address; readonly reason: string }
  | { readonly type: 'node failed'; readonly node: Address; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'task granted'; readonly task: TaskId; readonly job: JobId; readonly node: Address; readonly model: string }
  | { readonly type: 'task done'; readonly task: TaskId; readonly node: Address; readonly tokens: number; readonly tokensPerSecond: number }
  | { readonly type: 'task failed'; readonly task: TaskId; readonly node: Address; readonly code: ErrorCode }
  /** An answer of this tab lost its node, and goes on at another, or at the same after a restart. */
  | { readonly type: 'moved'; readonly job: JobId; readonly from: Address; readonly to: Address; readonly reason: ErrorCode }
  /** A task of this tab was silent for too long: this is a second one for the same answer, on another node. */
  | { readonly type: 'hedged'; readonly job: JobId; readonly task: TaskId; readonly node: Address }
  /** Several engines were asked, and one answer was made of theirs: `agree` of the `done` candidates say the same as it, and there are `answers` different ones. */
  | {
      readonly type: 'voted'; readonly job: JobId; readonly policy: FusionPolicyName; readonly promptClass: PromptClass; readonly candidates: number; readonly done: number;
      readonly agree: number; readonly answers: number; readonly confidence: Confidence; readonly tokens: number; readonly saved: number;
    }
  /** The orchestrator had no node for a job of this tab. With `busy` the job is kept, and asks again. */
  | { readonly type: 'job refused'; readonly job: JobId; readonly code: ErrorCode; readonly message: string }
  /** This tab leads, and gives a node that failed nothing new for a while; tries it with one task; finds it well again. */
  | { readonly type: 'node rested'; readonly node: Address; readonly state: 'open' | 'half-open' | 'closed' }
  /** This tab runs more or fewer nodes of a model, or can't (then `to` equals `from`). */
  | { readonly type: 'scaled'; readonly model: string; readonly from: number; readonly to: number; readonly reason: string }
  /** This tab leads, and asks a peer, or itself, to run so many nodes of a model. What came of it is in the roster. */
  | { readonly type: 'asked for nodes'; readonly peer: PeerId; readonly model: string; readonly nodes: number; readonly reason: string }
  /** A task of somebody else ended here; `code` is null if it was done. */
  | { readonly type: 'task for others'; readonly peer: PeerId; readonly node: Address; readonly tokens: number; readonly code: ErrorCode | null }
  | { readonly type: 'model stored'; readonly model: string; readonly bytes: number }
  | { readonly type: 'model refused'; readonly model: string; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'model deleted'; readonly model: string }
  | { readonly type: 'joined'; readonly peer: PeerId; readonly name: string }
  | { readonly type: 'left'; readonly peer: PeerId; readonly name: string; readonly reason: 'left' | 'dead' | 'removed' }
  | { readonly type: 'elected'; readonly leader: PeerId; readonly term: number; readonly provisional: boolean }
  /** The founder or a steward decided how the whole swarm is run, here or elsewhere. */
  | { readonly type: 'policy changed'; readonly by: DeviceId; readonly version: number }
  | { readonly type: 'linked'; readonly peer: PeerId; readonly path: string }
  | { readonly type: 'unlinked'; readonly peer: PeerId; readonly reason: string }
  /** Somebody was not let in, or said what no peer says. */
  | { readonly type: 'refused'; readonly peer: PeerId | null; readonly reason: string };
