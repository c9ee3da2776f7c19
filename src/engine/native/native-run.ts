/** One task at a server, from the request to the end of its stream. */
import type { TokenLogprob } from '../../protocol/chat.ts';
import type { Task, TaskEvent, TaskResult } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { linkedController } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError, asLlamboError } from '../../shared/errors.ts';
import { createEchoGuard, type EchoGuard } from './echo-guard.ts';
import { readChunk, type Chunk, type ChunkTimings, type ChunkUsage } from './native-chunks.ts';
import { errorOfEvent, errorOfReply, noSuchInterface, type ErrorContext } from './native-errors.ts';
import { textOf, wholeText, type NativeHttp } from './native-http.ts';
import type { ServerFacts } from './native-probe.ts';
import { nativeRequest } from './native-request.ts';
import { createSseParser } from './sse-parser.ts';

export interface NativeRun {
  readonly clock: Clock;
  readonly http: NativeHttp;
  readonly facts: ServerFacts;
  readonly root: string;
  readonly key: string;
  readonly task: Task;
  readonly queueMs: number;
  readonly signal: AbortSignal;
  emit(event: TaskEvent): void;
}

/** Characters of a token, for servers that don't count. */
const TOKEN_CHARS = 3.5;

interface Progress {
  readonly guard: EchoGuard;
  readonly startedAt: number;
  text: string;
  /** Pieces that brought text: tokens, as a rule. */
  pieces: number;
  firstAt: number | null;
  lastAt: number;
  finish: 'stop' | 'length' | null;
  usage: ChunkUsage | null;
  timings: ChunkTimings | null;
  /** The server said that this was all, or all that is allowed has come. */
  over: boolean;
}

/** @throws LlamboError as `EngineNode.run` */
export async function runAtServer(run: NativeRun): Promise<TaskResult> {
  let hasText = false;
  const emit = (event: TaskEvent): void => {
    hasText ||= event.type === 'tokens';
    run.emit(event);
  };
  try {
    return await attempt({ ...run, emit });
  } catch (error) {
    const room = roomAfter(error);
    // A second attempt would say again what the reader has.
    if (room === null || hasText) throw error;
    return attempt(run, room);
  }
}

/** Some servers refuse a prompt that fits if the longest answer would not. @returns how long the answer may be; null if that was not why */
function roomAfter(error: unknown): number | null {
  if (!(error instanceof LlamboError) || error.code !== 'context-overflow') return null;
  const room = Number(error.details?.['contextTokens']) - Number(error.details?.['promptTokens']);
  return room > 0 ? room : null;
}

async function attempt(run: NativeRun, maxTokens?: number): Promise<TaskResult> {
  const { clock, http, facts, task, root } = run;
  const request = nativeRequest(task, facts.kind, facts.model, maxTokens);
  const ending = linkedController(run.signal);
  const silence = watchSilence(clock, () => ending.abort(silent(root)));
  const progress = begin(task, clock.now());
  try {
    const response = await http.post('/v1/chat/completions', request, ending.signal);
    if (!response.ok) {
      const reply = await wholeText(clock, response, ending.signal);
      throw errorOfReply(response.status, reply, response.headers.get('Retry-After'), contextOf(run));
    }
    if (!/text\/event-stream/i.test(response.headers.get('Content-Type') ?? '')) throw noSuchInterface(root);
    const parser = createSseParser(LIMITS.nativeEventChars, (data) => onData(run, progress, data));
    for await (const piece of textOf(response, ending.signal)) {
      silence.heard();
      parser.feed(piece);
      if (progress.over) break;
    }
    return finish(run, progress);
  } catch (error) {
    throw ending.signal.aborted ? asLlamboError(ending.signal.reason, 'aborted') : error;
  } finally {
    silence.stop();
    ending.abort();
  }
}

function begin({ messages }: Task, now: number): Progress {
  const last = messages.at(-1);
  const guard = createEchoGuard(last?.role === 'assistant' ? last.content : '');
  return { guard, startedAt: now, text: '', pieces: 0, firstAt: null, lastAt: now, finish: null, usage: null, timings: null, over: false };
}

function onData(run: NativeRun, progress: Progress, data: string): void {
  if (progress.over) return;
  if (data.trim() === '[DONE]') {
    progress.over = true;
    return;
  }
  const chunk = readChunk(data, run.task.logprobs ?? 0);
  if (!chunk) throw new LlamboError('engine-crashed', 'The server sent something that is no answer.', { advice: 'Check its address in the settings.' });
  if (chunk.error !== null) throw errorOfEvent(chunk.error, contextOf(run));
  progress.usage = chunk.usage ?? progress.usage;
  progress.timings = chunk.timings ?? progress.timings;
  progress.finish = chunk.finish ?? progress.finish;
  if (chunk.progress && progress.pieces === 0) run.emit({ type: 'prefill', ...chunk.progress });
  say(run, progress, chunk);
}

function say(run: NativeRun, progress: Progress, { text, logprobs }: Pick<Chunk, 'text' | 'logprobs'>): void {
  if (text === '' && logprobs.length === 0) return;
  const fresh = progress.guard.piece(text);
  // A repetition of what the reader has: neither its text nor its log-probability is news.
  if (fresh === '' && text !== '') return;
  tell(run, progress, fresh, logprobs);
}

function tell(run: NativeRun, progress: Progress, text: string, logprobs: readonly TokenLogprob[]): void {
  const room = LIMITS.answerChars - progress.text.length;
  const piece = text.slice(0, room);
  progress.text += piece;
  progress.pieces += 1;
  progress.lastAt = run.clock.now();
  progress.firstAt ??= progress.lastAt;
  run.emit({ type: 'tokens', text: piece, count: 1, ...(run.task.logprobs !== undefined && logprobs.length > 0 ? { logprobs } : {}) });
  if (text.length < room) return;
  progress.finish = 'length';
  progress.over = true;
}

function finish(run: NativeRun, progress: Progress): TaskResult {
  if (!progress.over && progress.finish === null) {
    throw new LlamboError('engine-crashed', 'The server ended the answer in the middle.', { advice: 'Ask again, or look at the server’s log.' });
  }
  const held = progress.guard.end();
  if (held !== '') tell(run, progress, held, []);
  const { usage, timings, startedAt, lastAt } = progress;
  const firstAt = progress.firstAt ?? lastAt;
  const counted = usage ?? timings;
  const answerTokens = counted?.answerTokens || progress.pieces;
  const decodeMs = timings?.decodeMs ?? lastAt - firstAt;
  return {
    text: progress.text,
    finishReason: progress.finish ?? 'stop',
    usage: {
      promptTokens: counted?.promptTokens || guessedTokens(run.task),
      cachedTokens: counted?.cachedTokens ?? 0,
      answerTokens,
    },
    timings: { queueMs: run.queueMs, prefillMs: timings?.prefillMs ?? firstAt - startedAt, decodeMs, tokensPerSecond: decodeMs > 0 ? (answerTokens * 1000) / decodeMs : 0 },
    seed: run.task.seed,
  };
}

const guessedTokens = ({ messages }: Task): number => Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / TOKEN_CHARS);

const contextOf = ({ clock, key, facts, task }: NativeRun): ErrorContext => ({ clock, key, model: facts.model, contextTokens: facts.contextTokens, promptTokens: guessedTokens(task), isConstrained: task.schema !== undefined || task.grammar !== undefined });

const silent = (root: string): LlamboError =>
  new LlamboError('engine-crashed', `${new URL(root).host} said nothing for ${LIMITS.silenceMs / 1000} s.`, { advice: 'Look whether the server is well, or ask another node.' });

function watchSilence(clock: Clock, onSilent: () => void): { heard(): void; stop(): void } {
  let cancel = clock.after(LIMITS.silenceMs, onSilent);
  return {
    heard() {
      cancel();
      cancel = clock.after(LIMITS.silenceMs, onSilent);
    },
    stop: () => cancel(),
  };
}
