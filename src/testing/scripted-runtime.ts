/**
 * A `LlamaRuntime` that follows a script instead of a model: same rules, same errors, same quirks as the real one,
 * no weights. It is deterministic in (messages, seed, sampling) and behaves as wllama does by itself: it drops what
 * finds no slot, fails everybody when one request is bad, and keeps the slot of what it was about to start then.
 */
import type { LoadSpec } from '../protocol/engine-api.ts';
import type { Task } from '../protocol/engine-node.ts';
import type { Clock } from '../shared/env.ts';
import { LlamboError, abortError } from '../shared/errors.ts';
import type { Completion, LlamaRuntime, Step } from '../engine/worker/llama-runtime.ts';
import { SharedFailure, contextOverflow } from '../engine/worker/wllama-errors.ts';
import { createSeededRandom } from './seeded-random.ts';

export interface Script {
  /** Milliseconds a token. */
  readonly tokenMs: number;
  /** The whole answer to a conversation. Words are tokens. */
  answer(task: Task): string;
}

const WORDS = 'the llama walks over green hills and many small engines answer at once while one tab closes'.split(' ');

/** Says a few words that depend on the question and the seed; "count to N" counts, "say: …" says what follows. */
export const defaultScript: Script = {
  tokenMs: 5,
  answer({ messages, seed, sampling }) {
    const question = messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const count = /count to (\d+)/i.exec(question);
    const say = /^say: ([\s\S]+)$/.exec(question);
    if (say) return say[1]!;
    if (count) return Array.from({ length: Number(count[1]) }, (_, index) => index + 1).join(' ');
    const random = createSeededRandom(sampling.temperature === 0 ? question.length : seed + question.length);
    return Array.from({ length: 12 }, () => WORDS[Math.floor(random.next() * WORDS.length)]).join(' ');
  },
};

export function createScriptedRuntime(clock: Clock, script: Script = defaultScript): LlamaRuntime {
  const running = new Set<(error: Error) => void>();
  /** Slots at work for somebody, and slots that write what nobody will read. */
  let taken = 0;
  let haunted = 0;
  let spec: LoadSpec | null = null;

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        cancel();
        running.delete(fail);
        signal.removeEventListener('abort', stop);
        settle();
      };
      const fail = (error: Error): void => end(() => reject(error));
      const stop = (): void => fail(abortError());
      const cancel = clock.after(ms, () => end(resolve));
      running.add(fail);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });

  function failEverybody(): never {
    const error = new SharedFailure('scripted exception');
    for (const fail of [...running]) fail(error);
    throw error;
  }

  async function complete(task: Task, onStep: (step: Step) => void, signal: AbortSignal): Promise<Completion> {
    if (!spec) throw new LlamboError('not-ready', 'No model is loaded.');
    const promptTokens = task.messages.reduce((sum, { content }) => sum + tokens(content).length, 0);
    if (promptTokens > spec.context) throw contextOverflow(promptTokens, spec.context);
    if (taken + haunted >= spec.slots) return drop(onStep, signal);
    taken += 1;
    return write(task, spec, promptTokens, onStep, signal).finally(() => (taken -= 1));
  }

  /** wllama never says that it dropped a request: it asks for the answer until it is stopped. */
  async function drop(onStep: (step: Step) => void, signal: AbortSignal): Promise<never> {
    for (;;) {
      await pause(script.tokenMs, signal);
      // A slot at work has something to say each time.
      for (let polls = 0; polls < 100 && taken === 0; polls += 1) onStep({ type: 'nothing' });
    }
  }

  async function start(task: Task, signal: AbortSignal): Promise<void> {
    await pause(script.tokenMs, signal).catch((error: unknown) => {
      if (error instanceof SharedFailure) haunt(tokens(script.answer(task)).length);
      throw error;
    });
    if (task.schema && !isKnownSchema(task.schema)) failEverybody();
    if (task.grammar && !task.grammar.includes('"')) throw new LlamboError('bad-request', 'The grammar can\'t be used.');
  }

  function haunt(tokenCount: number): void {
    haunted += 1;
    clock.after(tokenCount * script.tokenMs, () => (haunted -= 1));
  }

  async function write(task: Task, spec: LoadSpec, promptTokens: number, onStep: (step: Step) => void, signal: AbortSignal): Promise<Completion> {
    await start(task, signal);
    onStep({ type: 'prefill', done: promptTokens, total: promptTokens });
    const most = Math.min(task.sampling.maxTokens ?? Infinity, spec.context - promptTokens);
    const all = remaining(task, script);
    const written = stopped(all.slice(0, most), task.sampling.stop ?? []);
    for (const text of written) {
      await pause(script.tokenMs, signal);
      onStep({ type: 'token', text, ...(task.logprobs === undefined ? {} : { logprobs: [{ token: text, logprob: -0.5, alternatives: [] }] }) });
    }
    const finishReason = all.length > most && written.length === most ? 'length' : 'stop';
    const decodeMs = written.length * script.tokenMs;
    return { finishReason, promptTokens, cachedTokens: 0, answerTokens: written.length, prefillMs: script.tokenMs, decodeMs };
  }

  return {
    async load(loadSpec) {
      const head = await loadSpec.files[0]!.slice(0, 4).text();
      if (head !== 'GGUF') throw new LlamboError('model-invalid', `${loadSpec.model.name} can't be loaded: no GGUF.`);
      spec = loadSpec;
      return { contextTokens: spec.context, slots: spec.slots, threads: spec.threads, hasChatTemplate: true, loadMs: 0 };
    },
    complete,
    warm: (_, signal) => pause(script.tokenMs, signal),
    close() {
      for (const fail of [...running]) fail(new LlamboError('stopped', 'The engine was stopped.'));
    },
  };
}

/** Words with the space before them. */
const tokens = (text: string): string[] => text.match(/\s*\S+/g) ?? [];

/** What is still to be written after the assistant's prefix, if there is one. */
function remaining(task: Task, script: Script): string[] {
  const whole = constrained(task) ?? script.answer(task);
  const last = task.messages.at(-1)!;
  if (last.role !== 'assistant') return tokens(whole);
  return tokens(whole.startsWith(last.content) ? whole.slice(last.content.length) : ` and ${whole}`);
}

/** The first text that the grammar or the schema allows; null if anything goes. */
function constrained({ grammar, schema }: Task): string | null {
  if (grammar) return /"([^"]*)"/.exec(grammar)?.[1] ?? '';
  if (!schema) return null;
  const properties = (schema['properties'] ?? {}) as Record<string, { type?: string }>;
  return JSON.stringify(Object.fromEntries(Object.entries(properties).map(([key, { type }]) => [key, type === 'string' ? 'yes' : 7])));
}

const isKnownSchema = (schema: Readonly<Record<string, unknown>>): boolean => ['object', 'string', 'integer'].includes(String(schema['type']));

function stopped(words: string[], stops: readonly string[]): string[] {
  const text = words.join('');
  const ends = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
  return ends.length === 0 ? words : tokens(text.slice(0, Math.min(...ends)));
}
