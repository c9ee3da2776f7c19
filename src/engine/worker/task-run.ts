/**
 * One task in its slot, to its end. If a neighbour's bad request makes the runtime fail everybody, an innocent task
 * goes on where it was and its reader sees no word lost or doubled:
 * - profile `chat`: the text so far becomes the assistant's prefix;
 * - profile `exact`: the same run from the start with the part already shown held back, so that the result is
 *   identical to an undisturbed run.
 */
import type { Task, TaskEvent, TaskResult } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { deferred } from '../../shared/abort.ts';
import type { Env } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { Admission } from './admission.ts';
import type { Completion, LlamaRuntime, Step } from './llama-runtime.ts';
import { SharedFailure } from './wllama-errors.ts';

export interface TaskRun {
  readonly env: Env;
  readonly runtime: LlamaRuntime;
  readonly quarantine: Admission;
  readonly task: Task;
  readonly queueMs: number;
  readonly signal: AbortSignal;
  emit(event: TaskEvent): void;
}

/** Shared failures that one task lives through before it gives up: each needs somebody else's bad request. */
const MOST_FAILURES = 8;

interface Progress {
  /** Everything emitted so far. */
  text: string;
  tokens: number;
  /** The runtime said something about this task since its last start: it can't be what raised the exception. */
  spoke: boolean;
}

export async function runTask(run: TaskRun): Promise<TaskResult> {
  const progress: Progress = { text: '', tokens: 0, spoke: false };
  let suspected = false;
  for (let failures = 0; failures < MOST_FAILURES; failures += 1) {
    progress.spoke = false;
    try {
      const completion = await (suspected ? aloneUntilItSpeaks(run, progress) : attempt(run, progress));
      return result(run, progress, completion);
    } catch (error) {
      if (!(error instanceof SharedFailure)) throw error;
      if (suspected && !progress.spoke) throw refused(error);
      suspected = !progress.spoke;
    }
  }
  throw new LlamboError('internal', 'Other requests failed this engine again and again.', { advice: 'Ask again.' });
}

const refused = (cause: Error): LlamboError =>
  new LlamboError('bad-request', 'llama.cpp refuses this request.', {
    advice: 'If it has a schema or a grammar, correct it or ask without; else simplify the text.',
    cause,
  });

/** So that, of two requests that started together, only the bad one fails again. */
async function aloneUntilItSpeaks(run: TaskRun, progress: Progress): Promise<Completion> {
  const release = await run.quarantine.enter(run.signal);
  return attempt(run, progress, release).finally(release);
}

async function attempt(run: TaskRun, progress: Progress, onSpoke?: () => void): Promise<Completion> {
  const hung = new LlamboError('engine-crashed', `llama.cpp said nothing for ${LIMITS.silenceMs / 1000} s.`);
  const replay = run.task.profile === 'exact' ? createReplay(progress.text) : null;
  const task = replay ? run.task : continued(run.task, progress.text);
  let stopWatch = (): void => undefined;
  const silence = deferred<never>();
  const watch = (): void => {
    stopWatch();
    stopWatch = run.env.clock.after(LIMITS.silenceMs, () => silence.reject(hung));
  };
  const onStep = (step: Step): void => {
    watch();
    progress.spoke = true;
    onSpoke?.();
    const shown = replay ? replay(step) : step;
    if (shown) emit(run, progress, shown);
  };
  watch();
  try {
    return await Promise.race([run.runtime.complete(task, onStep, run.signal), silence.promise]);
  } finally {
    stopWatch();
  }
}

function emit(run: TaskRun, progress: Progress, step: Step): void {
  if (step.type === 'prefill') return run.emit(step);
  progress.text += step.text;
  progress.tokens += 1;
  run.emit({ type: 'tokens', text: step.text, count: 1, ...(step.logprobs ? { logprobs: step.logprobs } : {}) });
}

/** Holds back the first `shown` characters of a repeated run. @returns the rest of a step, or null */
function createReplay(shown: string): (step: Step) => Step | null {
  let left = shown.length;
  return (step) => {
    if (step.type !== 'token' || left === 0) return step;
    const text = step.text.slice(left);
    left -= step.text.length - text.length;
    return text === '' ? null : { type: 'token', text };
  };
}

/** The same task with the text so far as the beginning of the assistant's message. */
function continued(task: Task, text: string): Task {
  if (text === '') return task;
  const last = task.messages.at(-1);
  const messages =
    last?.role === 'assistant'
      ? [...task.messages.slice(0, -1), { ...last, content: last.content + text }]
      : [...task.messages, { role: 'assistant' as const, content: text }];
  return { ...task, messages };
}

function result({ task, queueMs }: TaskRun, progress: Progress, completion: Completion): TaskResult {
  const { prefillMs, decodeMs } = completion;
  return {
    text: progress.text,
    finishReason: completion.finishReason,
    usage: { promptTokens: completion.promptTokens, cachedTokens: completion.cachedTokens, answerTokens: progress.tokens },
    timings: { queueMs, prefillMs, decodeMs, tokensPerSecond: decodeMs > 0 ? (completion.answerTokens * 1000) / decodeMs : 0 },
    seed: task.seed,
  };
}
