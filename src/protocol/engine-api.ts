/**
 * What page and engine worker say to each other over comlink. Everything here survives a structured clone: errors go
 * as `WireError` values, cancelling is a call (an AbortSignal can't be cloned), results are settled values, not throws.
 */
import type { WireError } from '../shared/errors.ts';
import type { ModelHash, TaskId } from '../shared/ids.ts';
import type { Tier } from './chat.ts';
import type { Task, TaskEvent } from './engine-node.ts';

/** What the worker needs to load a model. Files are handles: no bytes are copied through the page. */
export interface LoadSpec {
  readonly model: { readonly id: string; readonly name: string; readonly tier: Tier; readonly hash: ModelHash | null };
  /** In order, for split models. */
  readonly files: readonly Blob[];
  /** Tokens per slot. */
  readonly context: number;
  readonly slots: number;
  readonly ubatch: number;
  readonly threads: number;
  /** The catalogue's estimate, for the node's information. */
  readonly memoryBytes: number;
  readonly chatTemplate?: string;
  /** Decoded once after loading, so that the first question doesn't wait for it. */
  readonly warmPrompt?: string;
  /** Absolute URL of the wasm. */
  readonly wasmUrl: string;
  /** For browsers without JSPI or memory64: absolute URLs of the compat build. */
  readonly compat?: { readonly worker: string; readonly wasm: string };
}

export interface LoadReport {
  readonly contextTokens: number;
  readonly slots: number;
  /** What wllama really took: 1 where threads are not to be had. */
  readonly threads: number;
  readonly hasChatTemplate: boolean;
  readonly loadMs: number;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** What the worker reports of itself, with every change. */
export interface HostStatus {
  readonly busy: number;
  readonly waiting: number;
}

export interface EngineWorkerApi {
  load(spec: LoadSpec, onStatus: (status: HostStatus) => void): Promise<Outcome<LoadReport>>;
  /** Events in order; the outcome comes after the last one. */
  run(task: Task, onEvents: (events: TaskEvent[]) => void): Promise<Outcome<null>>;
  /** Idempotent; a task that is not known is ignored. */
  cancel(id: TaskId): Promise<void>;
  /** Answers at once, also while the wasm computes: how the page knows that the worker lives. */
  ping(): Promise<void>;
}
