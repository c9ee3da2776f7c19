/**
 * A server with OpenAI's interface that follows a script instead of a model: a real HTTP server on this machine, for tests
 * in Node.js. As `llama-server` it behaves as llama.cpp's does: it goes on with an answer that was begun, refuses bad
 * grammars before it starts, and counts what does not fit. Its stream is cut in odd places, has comments and either line end.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdmission } from '../engine/worker/admission.ts';
import type { Step } from '../engine/worker/llama-runtime.ts';
import type { Message } from '../protocol/chat.ts';
import type { Task } from '../protocol/engine-node.ts';
import { asLlamboError } from '../shared/errors.ts';
import { systemEnv } from '../shared/system-env.ts';
import { createScriptedRuntime, defaultScript, type Script } from './scripted-runtime.ts';
import { createSeededRandom } from './seeded-random.ts';

export interface ScriptedHttpOptions {
  readonly kind?: 'llama-server' | 'vllm' | 'plain';
  readonly slots?: number;
  readonly context?: number;
  /** Wanted as a bearer token; absent: none is. */
  readonly key?: string;
  /** Says the prefix of a begun answer again before it goes on, as some do. */
  readonly echoes?: boolean;
  readonly script?: Script;
}

/** What goes wrong with one request to `/v1/chat/completions`. */
export type Fault =
  | { readonly type: 'reply'; readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  /** Nothing is ever said. */
  | { readonly type: 'silence' }
  /** The connection breaks, or the stream ends, after these events. */
  | { readonly type: 'break' | 'end'; readonly after: readonly string[] };

export interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ScriptedHttpServer {
  /** Without `/v1`. */
  readonly url: string;
  /** In the order in which they came. */
  readonly seen: readonly SeenRequest[];
  /** Answers that are being written now. */
  running(): number;
  /** For the next requests, one each. */
  fail(...faults: readonly Fault[]): void;
  /** Breaks every connection, and frees the port. */
  close(): Promise<void>;
}

const MODEL = 'scripted';

/** @param port where; absent: any that is free */
export async function startScriptedHttpServer(options: ScriptedHttpOptions = {}, port = 0): Promise<ScriptedHttpServer> {
  const { slots = 2, context = 256, kind = 'llama-server', key, script = defaultScript } = options;
  const runtime = createScriptedRuntime(systemEnv.clock, script);
  await runtime.load({ model: { id: MODEL, name: MODEL, tier: 'tiny', hash: null }, files: [new Blob(['GGUF'])], context, slots, ubatch: 8, threads: 1, memoryBytes: 1, wasmUrl: '' });
  const admission = createAdmission(slots, 1000);
  const seen: SeenRequest[] = [];
  const faults: Fault[] = [];
  const random = createSeededRandom(7);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const body = await bodyOf(request);
    seen.push({ path, authorization: request.headers.authorization, body });
    if (key !== undefined && request.headers.authorization !== `Bearer ${key}`) return reply(response, 401, { error: { code: 401, message: `Invalid API Key ${key}`, type: 'authentication_error' } });
    if (path === '/v1/models') return reply(response, 200, { object: 'list', data: [listed(kind, context)] });
    if (path === '/props' && kind === 'llama-server') return reply(response, 200, { default_generation_settings: { n_ctx: context }, total_slots: slots });
    if (path !== '/v1/chat/completions') return reply(response, 404, { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } });
    const fault = faults.shift();
    if (fault) return misbehave(response, fault);
    await answer(response, body);
  }

  async function answer(response: ServerResponse, body: SeenRequest['body']): Promise<void> {
    const task = taskOf(body);
    const wrong = refusalOf(task);
    if (wrong !== null) return reply(response, 400, { error: { code: 400, message: wrong, type: 'invalid_request_error' } });
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const release = await admission.enter(gone.signal);
    try {
      await stream(response, task, body, gone.signal);
    } catch (error) {
      const { code, details } = asLlamboError(error);
      if (code === 'context-overflow') reply(response, 400, { error: overflow(kind, Number(details?.['promptTokens']), context) });
    } finally {
      release();
    }
  }

  async function stream(response: ServerResponse, task: Task, body: SeenRequest['body'], signal: AbortSignal): Promise<void> {
    const say = (event: unknown): void => {
      if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
      for (const piece of pieces(encode(event, random.next() < 0.5), random.next)) response.write(piece);
    };
    const last = task.messages.at(-1)!;
    let begun = false;
    const onStep = (step: Step): void => {
      if (step.type === 'prefill' && body['return_progress'] === true) say({ choices: [{ index: 0, delta: {} }], prompt_progress: { total: step.total, cache: 0, processed: step.done, time_ms: 1 } });
      if (step.type !== 'token') return;
      if (!begun) say({ choices: [{ index: 0, delta: { role: 'assistant', content: null } }] });
      if (!begun && options.echoes && last.role === 'assistant') say({ choices: [{ index: 0, delta: { content: last.content } }] });
      begun = true;
      const top = (step.logprobs ?? []).map(({ token, logprob }) => ({ token, logprob, top_logprobs: [{ token, logprob }] }));
      say({ choices: [{ index: 0, delta: { content: step.text }, ...(top.length > 0 ? { logprobs: { content: top } } : {}) }] });
    };
    const done = await runtime.complete(task, onStep, signal);
    say({ choices: [{ index: 0, delta: {}, finish_reason: done.finishReason }] });
    const usage = { prompt_tokens: done.promptTokens, completion_tokens: done.answerTokens, prompt_tokens_details: { cached_tokens: 0 } };
    const timings = { prompt_n: done.promptTokens, prompt_ms: done.prefillMs, cache_n: 0, predicted_n: done.answerTokens, predicted_ms: done.decodeMs };
    say({ choices: [], usage, ...(kind === 'llama-server' ? { timings } : {}) });
    response.end('data: [DONE]\n\n');
  }

  const http = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    seen,
    running: () => admission.busy,
    fail: (...next) => void faults.push(...next),
    async close() {
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      await closed;
    },
  };
}

const OWNER = { 'llama-server': 'llamacpp', vllm: 'vllm', plain: 'library' } as const;

const listed = (kind: keyof typeof OWNER, context: number): unknown => ({
  id: MODEL,
  object: 'model',
  owned_by: OWNER[kind],
  ...(kind === 'llama-server' ? { meta: { n_ctx: context } } : {}),
  ...(kind === 'vllm' ? { max_model_len: context } : {}),
});

function overflow(kind: keyof typeof OWNER, prompt: number, context: number): unknown {
  if (kind === 'llama-server') {
    const message = `request (${prompt} tokens) exceeds the available context size (${context} tokens), try increasing it`;
    return { code: 400, message, type: 'exceed_context_size_error', n_prompt_tokens: prompt, n_ctx: context };
  }
  const message = `This model's maximum context length is ${context} tokens. However, your request has ${prompt} input tokens. Please reduce the length of the input messages.`;
  return { object: 'error', message, type: 'BadRequestError', param: null, code: 400 };
}

/** What llama-server says to a schema or grammar that it can't use, before anything runs. */
function refusalOf({ schema, grammar }: Task): string | null {
  if (schema && !['object', 'string', 'integer'].includes(String(schema['type']))) return 'JSON schema conversion failed: Unrecognized schema';
  return grammar && !grammar.includes('"') ? 'Failed to parse grammar' : null;
}

/** Of OpenAI's fields, those that the script heeds. */
interface Body {
  readonly messages: Message[];
  readonly seed: number;
  readonly temperature?: number;
  readonly max_tokens?: number;
  readonly stop?: string[];
  readonly grammar?: string;
  readonly response_format?: { readonly json_schema: { readonly schema: Readonly<Record<string, unknown>> } };
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
}

function taskOf(request: SeenRequest['body']): Task {
  const { messages, seed, temperature, max_tokens: maxTokens, stop, grammar, response_format: format, logprobs, top_logprobs: top = 0 } = request as unknown as Body;
  return {
    id: 'task-http' as Task['id'],
    messages,
    sampling: { ...(temperature === undefined ? {} : { temperature }), ...(maxTokens === undefined ? {} : { maxTokens }), ...(stop === undefined ? {} : { stop }) },
    seed,
    profile: 'chat',
    deadlineMs: 60_000,
    ...(grammar === undefined ? {} : { grammar }),
    ...(format === undefined ? {} : { schema: format.json_schema.schema }),
    ...(logprobs ? { logprobs: top } : {}),
  };
}

function encode(event: unknown, windows: boolean): Uint8Array {
  const end = windows ? '\r\n' : '\n';
  return new TextEncoder().encode(`: still here${end}data: ${JSON.stringify(event)}${end}${end}`);
}

/** Cut anywhere, also within a character. */
function pieces(bytes: Uint8Array, next: () => number): Uint8Array[] {
  const cut = Math.floor(next() * bytes.length);
  return [bytes.slice(0, cut), bytes.slice(cut)].filter(({ length }) => length > 0);
}

function misbehave(response: ServerResponse, fault: Fault): void {
  if (fault.type === 'silence') return;
  if (fault.type === 'reply') {
    response.writeHead(fault.status, { 'Content-Type': 'application/json', ...fault.headers });
    return void response.end(fault.body);
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const text = fault.after.map((data) => `data: ${data}\n\n`).join('');
  if (fault.type === 'end') return void response.end(text);
  response.write(text || ': hello\n\n', () => response.destroy());
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += String(piece);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
