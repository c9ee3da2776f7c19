/**
 * The whole app as the page shows it: one frozen, plain value. The UI renders it and nothing else; scripts get the
 * same through `llambo.snapshot()`.
 */
import type { Address, ConversationId, TurnId } from '../shared/ids.ts';
import type { WireError } from '../shared/errors.ts';
import type { Answer, Sampling } from './chat.ts';
import type { ConfigInfo } from './config-info.ts';
import type { NodeInfo } from './engine-node.ts';
import type { FusionOptions, Vote } from './fusion.ts';
import type { ModelInfo } from './models.ts';
import type { NativeView } from './native.ts';
import type { Sharing, SwarmInfo } from './peer.ts';

/** Something this browser or this page lacks: what it is, what it costs, what to do. */
export interface Problem {
  readonly code: 'not-isolated' | 'no-opfs' | 'no-simd' | 'no-memory64' | 'no-locks' | 'insecure';
  readonly message: string;
  readonly advice: string;
  /** True if no engine can run at all. */
  readonly fatal: boolean;
}

export interface Capabilities {
  readonly isolated: boolean;
  readonly simd: boolean;
  readonly memory64: boolean;
  readonly opfs: boolean;
  readonly locks: boolean;
  readonly cores: number;
  readonly problems: readonly Problem[];
}

export interface StorageInfo {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  /** The browser promised not to clear it on its own. */
  readonly persisted: boolean;
}

/** One attempt at answering a turn. Regenerating adds one; the older ones stay. */
export interface Reply {
  readonly text: string;
  readonly state: ReplyState;
  /** Nodes that were lost while it was written, and where it went on; oldest first. Absent if none was. */
  readonly moved?: readonly { readonly from: Address; readonly to: Address }[];
  /** The votes so far, while several engines write; absent before the first is done, and after the last. */
  readonly voting?: { readonly votes: readonly Vote[]; readonly pending: number };
  /** Of candidates that were run again here, each candidate's last; absent if none was. Not kept across reloads. */
  readonly checks?: readonly CandidateCheck[];
}

/** Whether a candidate of a fused answer can be had again on this device. */
export type CandidateCheck = { readonly candidate: number } & (
  | { readonly state: 'running' }
  | { readonly state: 'identical' }
  | { readonly state: 'different'; readonly text: string }
  | { readonly state: 'failed'; readonly problem: string }
);

export type ReplyState =
  /** `place` 1 is next, 0 is not known; `estimateMs` is how long that may take, absent or 0 while nobody can tell. */
  | { readonly kind: 'waiting'; readonly place: number; readonly estimateMs?: number }
  | { readonly kind: 'prefill'; readonly done: number; readonly total: number; readonly model: string }
  | { readonly kind: 'writing'; readonly model: string }
  /** Finished; `finishReason` tells whether by itself, at the length limit, or stopped by the person. */
  | { readonly kind: 'done'; readonly answer: Omit<Answer, 'text' | 'logprobs'> }
  /** The tab went away in mid-answer; what was written is kept. */
  | { readonly kind: 'interrupted'; readonly model: string }
  /** Came from a file; how it was made is not known here. */
  | { readonly kind: 'imported'; readonly model: string }
  | { readonly kind: 'failed'; readonly error: WireError };

export interface UserTurn {
  readonly id: TurnId;
  readonly role: 'user';
  readonly text: string;
}
export interface AssistantTurn {
  readonly id: TurnId;
  readonly role: 'assistant';
  /** At least one; oldest first. */
  readonly replies: readonly Reply[];
  /** Index of the reply that is shown and that counts as history. */
  readonly shown: number;
}
export type Turn = UserTurn | AssistantTurn;

export interface Conversation {
  readonly id: ConversationId;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Empty: the model's own. */
  readonly systemPrompt: string;
  readonly sampling: Sampling;
  readonly turns: readonly Turn[];
  /** Turns before this one are shown but no longer sent: they were dropped to fit the model's context. */
  readonly contextStart?: TurnId;
}

export type ConversationSummary = Pick<Conversation, 'id' | 'title' | 'updatedAt'>;

/** A prompt with fields in double braces: `Translate {{text}} to {{language}}.` */
export interface PromptTemplate {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

/** A message for the person, until dismissed. */
export interface Notice {
  readonly id: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly advice?: string;
  /** An act that the notice offers: undo, drop the oldest turns and ask again. */
  readonly action?: { readonly label: string; readonly command: 'undo-delete' | 'undo-edit' | 'drop-oldest-and-retry' };
}

export interface Settings {
  /** Engine nodes in this tab; 0 = as the device suggests. */
  readonly nodes: number;
  /** Threads of a node; 0 = its share of the device's budget. */
  readonly threads: number;
  /** What others in a swarm call this device; empty: a made-up name. */
  readonly name: string;
  /** How many engines the chat asks, and how their answers become one; null: one engine. */
  readonly fusion: FusionOptions | null;
  /** The chat asks the engines of this tab only, and the person's own servers; else whichever of the swarm is free, whose tab then reads the prompt. */
  readonly stayHere: boolean;
  readonly sharing: Sharing;
}

export interface Snapshot {
  readonly version: string;
  /** Set when this page runs with scripted engines instead of models; shown as a banner. */
  readonly demo: boolean;
  /** An engine can answer. */
  readonly ready: boolean;
  /** What start-up is doing while `ready` is false: "Loading Llambo Tiny 1". Null if nothing. */
  readonly startup: string | null;
  readonly capabilities: Capabilities;
  /** Of this tab. Those of others are in `swarm.peers`. */
  readonly nodes: readonly NodeInfo[];
  /** Null while this tab is alone. */
  readonly swarm: SwarmInfo | null;
  readonly models: readonly ModelInfo[];
  /** The model the person wants; answers may come from the built-in one until it is loaded. */
  readonly selectedModel: string;
  /** The node that the person chose to ask on; null: whichever suits. */
  readonly askedNode: Address | null;
  /** The model that would answer now; null if none. */
  readonly answeringModel: string | null;
  readonly storage: StorageInfo | null;
  readonly conversations: readonly ConversationSummary[];
  readonly conversation: Conversation;
  readonly templates: readonly PromptTemplate[];
  readonly settings: Settings;
  /** Servers that the person connected; each is also one of `nodes`. */
  readonly native: NativeView;
  readonly config: ConfigInfo;
  readonly notices: readonly Notice[];
}
