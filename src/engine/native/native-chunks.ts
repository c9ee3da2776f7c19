/** What a server says while it writes: one event of `/v1/chat/completions` with `stream`, read with all that servers add or leave out. */
import * as v from 'valibot';
import type { TokenLogprob } from '../../protocol/chat.ts';

const figure = v.fallback(v.pipe(v.number(), v.finite(), v.minValue(0)), 0);

const logprobSchema = v.object({
  token: v.string(),
  // Minus infinity is null in JSON.
  logprob: v.fallback(v.number(), -Number.MAX_VALUE),
  top_logprobs: v.fallback(v.array(v.object({ token: v.string(), logprob: v.fallback(v.number(), -Number.MAX_VALUE) })), []),
});

const choiceSchema = v.object({
  delta: v.nullish(v.object({ content: v.nullish(v.string()) })),
  finish_reason: v.nullish(v.string()),
  logprobs: v.nullish(v.object({ content: v.nullish(v.array(logprobSchema)) })),
});

const chunkSchema = v.object({
  choices: v.nullish(v.array(choiceSchema)),
  usage: v.nullish(v.object({ prompt_tokens: figure, completion_tokens: figure, prompt_tokens_details: v.nullish(v.object({ cached_tokens: figure })) })),
  /** llama-server's measurements: tokens and milliseconds. */
  timings: v.nullish(v.object({ prompt_n: figure, prompt_ms: figure, cache_n: figure, predicted_n: figure, predicted_ms: figure })),
  /** llama-server, while it reads the prompt. */
  prompt_progress: v.nullish(v.object({ total: figure, processed: figure })),
  error: v.optional(v.unknown()),
});

export interface ChunkUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly answerTokens: number;
}

export interface ChunkTimings extends ChunkUsage {
  readonly prefillMs: number;
  readonly decodeMs: number;
}

/** One event. Absent is what it does not tell. */
export interface Chunk {
  readonly text: string;
  readonly logprobs: readonly TokenLogprob[];
  readonly finish: 'stop' | 'length' | null;
  readonly usage: ChunkUsage | null;
  readonly timings: ChunkTimings | null;
  readonly progress: { readonly done: number; readonly total: number } | null;
  /** The server's own words about a failure, not looked at yet. */
  readonly error: unknown;
}

/** @returns null if it is no such event */
export function readChunk(data: string, alternatives: number): Chunk | null {
  const result = v.safeParse(chunkSchema, json(data));
  if (!result.success) return null;
  const { choices, usage, timings, prompt_progress: progress, error } = result.output;
  const choice = choices?.[0];
  const finish = choice?.finish_reason ?? null;
  return {
    text: choice?.delta?.content ?? '',
    logprobs: (choice?.logprobs?.content ?? []).map((token) => readLogprob(token, alternatives)),
    finish: finish === null ? null : finish === 'length' ? 'length' : 'stop',
    usage: usage ? { promptTokens: usage.prompt_tokens, cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0, answerTokens: usage.completion_tokens } : null,
    timings: timings
      ? {
          promptTokens: timings.prompt_n + timings.cache_n,
          cachedTokens: timings.cache_n,
          answerTokens: timings.predicted_n,
          prefillMs: timings.prompt_ms,
          decodeMs: timings.predicted_ms,
        }
      : null,
    progress: progress ? { done: progress.processed, total: progress.total } : null,
    error: error ?? null,
  };
}

const readLogprob = ({ token, logprob, top_logprobs: top }: v.InferOutput<typeof logprobSchema>, alternatives: number): TokenLogprob => ({
  token,
  logprob,
  alternatives: top.slice(0, alternatives).map((one) => ({ token: one.token, logprob: one.logprob })),
});

function json(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
