/**
 * A task in the words of llama.cpp's server. The request is built field by field and nothing of the caller's object
 * is passed on: one field of a wrong type makes wllama fail every running request of the instance.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { Task } from '../../protocol/engine-node.ts';

/** A chat message whose text is valid UTF-16: a lone surrogate would fail every running request. */
export interface WireMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** The closed set of fields that we send. Names are those of llama-server's `/v1/chat/completions`. */
export interface CompletionRequest {
  readonly messages: WireMessage[];
  readonly cache_prompt: boolean;
  readonly seed: number;
  readonly max_tokens: number;
  readonly return_progress: true;
  readonly temperature?: number;
  readonly top_k?: number;
  readonly top_p?: number;
  readonly min_p?: number;
  readonly repeat_penalty?: number;
  readonly stop?: string[];
  readonly grammar?: string;
  readonly response_format?: { type: 'json_schema'; json_schema: { name: string; schema: unknown; strict: true } };
  readonly logprobs?: true;
  readonly top_logprobs?: number;
  readonly continue_final_message?: true;
  readonly add_generation_prompt?: false;
  readonly echo?: false;
}

export function completionRequest(task: Task): CompletionRequest {
  const { sampling } = task;
  return {
    messages: task.messages.map(({ role, content }) => ({ role, content: content.toWellFormed() })),
    cache_prompt: task.profile === 'chat',
    seed: task.seed,
    max_tokens: sampling.maxTokens ?? LIMITS.defaultMaxTokens,
    return_progress: true,
    ...defined({
      temperature: sampling.temperature,
      top_k: sampling.topK,
      top_p: sampling.topP,
      min_p: sampling.minP,
      repeat_penalty: sampling.repeatPenalty,
      stop: sampling.stop?.map((text) => text.toWellFormed()),
      grammar: task.grammar?.toWellFormed(),
    }),
    ...(task.schema && { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: task.schema, strict: true } } }),
    // 0 alternatives is not accepted together with logprobs by every version; 1 is the chosen token itself.
    ...(task.logprobs !== undefined && { logprobs: true, top_logprobs: Math.max(1, task.logprobs) }),
    // The one shape that neither repeats the prefix nor fails: all three fields together.
    ...(task.messages.at(-1)?.role === 'assistant' && { continue_final_message: true, add_generation_prompt: false, echo: false }),
  };
}

/** Without the fields that are undefined: in JSON they would vanish, in our types they are errors. */
function defined<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
