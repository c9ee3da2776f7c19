/// <reference types="vite/client" />
/** wllama as its manual says, without anything of ours between it and the caller, but loaded and asked with our parameters. */
import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import { LoggerWithoutDebug, Wllama, type ChatCompletionChunk } from '@wllama/wllama';
import { completionRequest } from '../src/engine/worker/completion-request.ts';
import type { CatalogEntry } from '../src/protocol/models.ts';
import { parseAsk, taskFor } from '../src/protocol/request.ts';
import { Stopwatch, type Question, type Timed } from './question.ts';

export interface RawEngine {
  ask(question: Question): Promise<Timed>;
  close(): Promise<void>;
}

export async function openRaw(model: string, threads: number): Promise<RawEngine> {
  const entry = await catalogEntry(model);
  const wllama = new Wllama({ default: new URL(wasmUrl, location.href).href }, { suppressNativeLog: true, logger: LoggerWithoutDebug });
  wllama.setCompat(null);
  const file = await (await fetch(`/${entry.files[0]!.urls[0]!}`)).blob();
  await wllama.loadModel([file], loadParams(entry, threads));
  return { ask: (question) => ask(wllama, entry, question), close: () => wllama.exit() };
}

async function catalogEntry(model: string): Promise<CatalogEntry> {
  const { models } = (await (await fetch('/models/catalog.json')).json()) as { models: CatalogEntry[] };
  const entry = models.find(({ id }) => id === model);
  if (!entry) throw new Error(`The catalogue has no ${model}.`);
  return entry;
}

/** Those of `src/engine/worker/wllama-adapter.ts`. */
const loadParams = (entry: CatalogEntry, threads: number): Parameters<Wllama['loadModel']>[1] => ({
  n_ctx: entry.context * entry.slots,
  n_parallel: entry.slots,
  kv_unified: false,
  flash_attn: false,
  n_gpu_layers: 0,
  n_batch: entry.ubatch,
  n_ubatch: entry.ubatch,
  n_threads: threads,
  warmup: false,
  ...(entry.chatTemplate === undefined ? {} : { chat_template: entry.chatTemplate }),
});

async function ask(wllama: Wllama, entry: CatalogEntry, { text, maxTokens }: Question): Promise<Timed> {
  const asked = parseAsk(text, { profile: 'exact', temperature: 0, seed: 0, maxTokens });
  const task = taskFor({ ...asked, sampling: { ...entry.sampling, ...asked.sampling } }, { next: () => 0, id: () => 'raw' });
  const watch = new Stopwatch();
  let tokens = 0;
  const onData = (chunk: ChatCompletionChunk): void => {
    const delta = chunk.choices[0]?.delta.content;
    if (delta) watch.text(delta);
    tokens = chunk.timings?.predicted_n ?? tokens;
  };
  await wllama.createChatCompletion({ ...completionRequest(task), stream: true, onData } as never);
  return watch.stop(tokens);
}
