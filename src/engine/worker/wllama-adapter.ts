/**
 * llama.cpp in wasm, through wllama: the only file that imports it. Everything that wllama does badly is answered
 * here or in its neighbours (`completion-request`, `wllama-errors`, `wllama-proxy`); docs/architecture.md lists each
 * trap.
 *
 * It keeps no queue: more than `slots` open completions would be dropped silently by wllama, so the host never
 * opens more. Loading sets up the exact profile for everybody (no flash attention, no unified cache, no GPU): of
 * that profile only the prompt cache is chosen per request.
 */
import { LoggerWithoutDebug, Wllama, type ChatCompletionChunk } from '@wllama/wllama';
import type { TokenLogprob } from '../../protocol/chat.ts';
import type { LoadReport, LoadSpec } from '../../protocol/engine-api.ts';
import type { Task } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { createEnding, withDeadline } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import { completionRequest, type CompletionRequest } from './completion-request.ts';
import type { Completion, LlamaRuntime, Step } from './llama-runtime.ts';
import { readWllamaError } from './wllama-errors.ts';
import { correctProxy, type ResultCount, type WllamaProxy } from './wllama-proxy.ts';

type Timings = NonNullable<ChatCompletionChunk['timings']>;

/** wllama's own warnings are for its developers; errors reach us as rejections. */
const logger = { ...LoggerWithoutDebug, log: () => undefined, warn: () => undefined, error: () => undefined };

export function createWllamaRuntime(clock: Clock): LlamaRuntime {
  // Ends every open call at `close()`: wllama's `exit()` leaves them pending for ever.
  const ending = createEnding();
  let wllama: Wllama | null = null;
  let resultCount: ResultCount = () => 0;
  let contextTokens = 0;

  async function load(spec: LoadSpec): Promise<LoadReport> {
    const startedAt = clock.now();
    wllama = new Wllama({ default: spec.wasmUrl }, { suppressNativeLog: true, logger });
    wllama.setCompat(spec.compat ?? null);
    const loading = wllama.loadModel([...spec.files], loadParams(spec)).catch((error: unknown) => {
      throw readLoadError(error, spec);
    });
    const loadingInTime = withDeadline(clock, LIMITS.loadMs, `Loading ${spec.model.name}`, loading);
    // Beside it, for wllama would wait for ever for a wasm that can't be fetched.
    await ending.orEnd(Promise.all([loadingInTime, assertReachable(spec.wasmUrl)]));
    contextTokens = spec.context;
    resultCount = correctProxy((wllama as unknown as { proxy: WllamaProxy }).proxy);
    return { ...loadReport(wllama, spec), loadMs: clock.now() - startedAt };
  }

  async function stream(request: CompletionRequest, onStep: (step: Step) => void, signal: AbortSignal): Promise<Completion> {
    if (!wllama) throw new LlamboError('not-ready', 'No model is loaded.');
    let timings: Timings | null = null;
    let finishReason: Completion['finishReason'] = 'stop';
    const onData = (chunk: ChatCompletionChunk): void => {
      timings = chunk.timings ?? timings;
      if (chunk.choices[0]?.finish_reason === 'length') finishReason = 'length';
      for (const step of readChunk(chunk)) onStep(step);
    };
    let known = -1;
    const abortSignal = new PolledSignal(signal, () => {
      if (resultCount() === known) onStep({ type: 'nothing' });
      known = resultCount();
    });
    // The callback form: leaving wllama's `for await` form early would neither stop it nor free the slot.
    const running = wllama.createChatCompletion({ ...request, abortSignal, stream: true, onData } as never);
    await ending.orEnd(running);
    return summary(timings, finishReason);
  }

  return {
    load,
    async complete(task: Task, onStep, signal) {
      try {
        return await stream(completionRequest(task), onStep, signal);
      } catch (error) {
        throw readWllamaError(error, contextTokens);
      }
    },
    async warm(systemPrompt, signal) {
      const messages = [{ role: 'system', content: systemPrompt.toWellFormed() } as const, { role: 'user', content: '.' } as const];
      const request = { messages, cache_prompt: true, seed: 0, max_tokens: 1, return_progress: true } as const;
      await stream(request, () => undefined, signal).catch((error: unknown) => {
        throw readWllamaError(error, contextTokens);
      });
    },
    close() {
      ending.end(new LlamboError('stopped', 'The engine was stopped.'));
      void wllama?.exit();
      wllama = null;
    },
  };
}

/** wllama looks at the signal before each time that it asks the wasm for news. */
class PolledSignal {
  // Private, for wllama makes JSON of the whole request.
  readonly #signal: AbortSignal;
  readonly #onPoll: () => void;

  constructor(signal: AbortSignal, onPoll: () => void) {
    this.#signal = signal;
    this.#onPoll = onPoll;
  }

  get aborted(): boolean {
    this.#onPoll();
    return this.#signal.aborted;
  }
}

/** @throws LlamboError `download-failed` if the wasm is not there */
async function assertReachable(url: string): Promise<void> {
  const advice = 'Reload the page; if it stays, the site is not installed completely.';
  let status: string;
  try {
    const response = await fetch(url, { method: 'HEAD' });
    // Some hosts answer a missing file with their front page.
    const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
    if (response.ok && !isPage) return;
    status = isPage ? 'the server sent a web page' : `HTTP ${response.status}`;
  } catch (error) {
    status = String(error);
  }
  throw new LlamboError('download-failed', `The engine (${url}) can't be fetched: ${status}.`, { advice });
}

function loadParams(spec: LoadSpec): Parameters<Wllama['loadModel']>[1] {
  return {
    n_ctx: spec.context * spec.slots,
    n_parallel: spec.slots,
    kv_unified: false,
    flash_attn: false,
    n_gpu_layers: 0,
    n_batch: spec.ubatch,
    n_ubatch: spec.ubatch,
    n_threads: spec.threads,
    // Its empty run costs as much as a batch of a real prompt, and we warm with a prompt that is of use.
    warmup: false,
    ...(spec.chatTemplate === undefined ? {} : { chat_template: spec.chatTemplate }),
    // No `seed`: at load it would override every request's own.
  };
}

function readLoadError(error: unknown, spec: LoadSpec): Error {
  const read = readWllamaError(error, 0);
  if (read instanceof LlamboError && ['timeout', 'stopped', 'engine-crashed', 'unsupported'].includes(read.code)) return read;
  return invalidModel(spec, read.message);
}

const invalidModel = (spec: LoadSpec, why: string): LlamboError =>
  new LlamboError('model-invalid', `${spec.model.name} can't be loaded: ${why}`, {
    advice: 'The file may be damaged, of a kind that this engine does not know, or too large for this device. Delete it and download it again, or choose another model.',
  });

/** wllama resolves for garbage, truncated files and a context that was refused; only these fields tell. */
function loadReport(wllama: Wllama, spec: LoadSpec): Omit<LoadReport, 'loadMs'> {
  const info = wllama.getLoadedContextInfo() as ReturnType<Wllama['getLoadedContextInfo']> & { success?: boolean };
  if (info.success !== true || !(info.n_vocab > 0)) throw invalidModel(spec, 'llama.cpp does not accept the file.');
  return {
    contextTokens: spec.context,
    slots: spec.slots,
    threads: wllama.getNumThreads(),
    hasChatTemplate: spec.chatTemplate !== undefined || Boolean(wllama.getChatTemplate()),
  };
}

function readChunk(chunk: ChatCompletionChunk): Step[] {
  const steps: Step[] = [];
  const progress = chunk.prompt_progress;
  if (progress) steps.push({ type: 'prefill', done: progress.processed, total: progress.total });
  const choice = chunk.choices[0];
  const text = choice?.delta.content;
  const logprobs = choice?.logprobs?.content?.map(readLogprob);
  if (text || logprobs?.length) steps.push({ type: 'token', text: text ?? '', ...(logprobs?.length ? { logprobs } : {}) });
  return steps;
}

type WllamaLogprob = NonNullable<NonNullable<ChatCompletionChunk['choices'][0]['logprobs']>['content']>[number];

const readLogprob = ({ token, logprob, top_logprobs }: WllamaLogprob): TokenLogprob => ({
  token,
  logprob,
  alternatives: top_logprobs.map((top) => ({ token: top.token, logprob: top.logprob })),
});

function summary(timings: Timings | null, finishReason: Completion['finishReason']): Completion {
  return {
    finishReason,
    promptTokens: (timings?.prompt_n ?? 0) + (timings?.cache_n ?? 0),
    cachedTokens: timings?.cache_n ?? 0,
    answerTokens: timings?.predicted_n ?? 0,
    prefillMs: timings?.prompt_ms ?? 0,
    decodeMs: timings?.predicted_ms ?? 0,
  };
}
