/**
 * A task in the words of a server: OpenAI's names for all, and more for servers that are known to take more. What a server
 * might not take is left out where the answer is the same without it, and refused where it is not.
 */
import type { Task } from '../../protocol/engine-node.ts';
import { LlamboError } from '../../shared/errors.ts';
import { completionRequest, type CompletionRequest } from '../worker/completion-request.ts';

/** Which server it is, as far as the request must differ. `plain`: nothing is known but the OpenAI interface. */
export type ServerKind = 'llama-server' | 'vllm' | 'plain';

/** vLLM names one of them differently. */
export type NativeRequest = Partial<CompletionRequest> & { readonly [key: string]: unknown };

/**
 * @param model the server's name for it
 * @param maxTokens instead of the task's, if given
 */
export function nativeRequest(task: Task, kind: ServerKind, model: string, maxTokens?: number): NativeRequest {
  const { top_k, min_p, repeat_penalty, grammar, cache_prompt, return_progress, continue_final_message, add_generation_prompt, echo, ...common } = completionRequest(task);
  const request = {
    ...common,
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    model,
    stream: true,
    stream_options: { include_usage: true },
  };
  switch (kind) {
    case 'llama-server':
      return defined({ ...request, top_k, min_p, repeat_penalty, grammar, cache_prompt, return_progress, continue_final_message, add_generation_prompt, echo });
    case 'vllm':
      return defined({ ...request, top_k, min_p, repetition_penalty: repeat_penalty, continue_final_message, add_generation_prompt, echo });
    case 'plain':
      return request;
  }
}

/**
 * Before a task takes a place here: what another node may well do.
 * @throws LlamboError `refused` (exact answers; a grammar, or an answer to be continued, where the server is not known to do that)
 */
export function assertPossible({ profile, grammar, messages }: Task, kind: ServerKind): void {
  if (profile === 'exact') {
    throw new LlamboError('refused', 'A native server does not promise the same tokens on every run.', { advice: 'Ask an engine of a browser for exact answers.' });
  }
  if (grammar !== undefined && kind !== 'llama-server') {
    throw new LlamboError('refused', 'This server is not known to keep to a grammar or to a list of choices.', { advice: 'Ask with a JSON schema, or ask another node.' });
  }
  if (messages.at(-1)?.role === 'assistant' && kind === 'plain') {
    throw new LlamboError('refused', 'This server is not known to go on with an answer that was begun.', { advice: 'Ask another node, or ask anew.' });
  }
}

/** Without the fields that are undefined. */
const defined = (fields: Readonly<Record<string, unknown>>): NativeRequest => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
