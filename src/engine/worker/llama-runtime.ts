/**
 * What the engine host needs of llama.cpp, without its quirks. `wllama-adapter` is the real one; tests of the host
 * use a scripted one. A runtime that throws `engine-crashed` is finished: `close()` it and make a new one.
 */
import type { LoadReport, LoadSpec } from '../../protocol/engine-api.ts';
import type { Task } from '../../protocol/engine-node.ts';
import type { TokenLogprob } from '../../protocol/chat.ts';

/** One step of a completion, as it comes out of the model. */
export type Step =
  /** The model was asked, and had nothing for any request since this one asked last: `drop-watch` counts those. */
  | { readonly type: 'nothing' }
  | { readonly type: 'prefill'; readonly done: number; readonly total: number }
  | { readonly type: 'token'; readonly text: string; readonly logprobs?: readonly TokenLogprob[] };

export interface Completion {
  readonly finishReason: 'stop' | 'length';
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly answerTokens: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
}

export interface LlamaRuntime {
  /** Once. @throws LlamboError `model-invalid`, `unsupported`, `timeout`, `engine-crashed` */
  load(spec: LoadSpec): Promise<LoadReport>;
  /**
   * Runs one request to its end. The caller never has more than `slots` of these open.
   * Settles only when the slot is free again. @throws LlamboError, see {@link Task}; `SharedFailure`, see there
   */
  complete(task: Task, onStep: (step: Step) => void, signal: AbortSignal): Promise<Completion>;
  /** Reads a prompt into the cache and writes nothing. */
  warm(systemPrompt: string, signal: AbortSignal): Promise<void>;
  /** Frees everything at once. Open completions reject with `stopped`. Idempotent. */
  close(): void;
}
