/**
 * One task in its slot, to its end. If somebody else's exception fails it, it goes on where it was
 * (`protocol/continuing.ts`), and the guilty one is found. If the runtime drops it, it is sent again.
 */
import type { Task, TaskEvent, TaskResult } from '../../protocol/engine-node.ts';
import { continued, createHoldBack } from '../../protocol/continuing.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { deferred, linkedController } from '../../shared/abort.ts';
import type { Env } from '../../shared/env.ts';
import { LlamboError, isAbort } from '../../shared/errors.ts';
import type { Admission } from './admission.ts';
import type { DropWatch } from './drop-watch.ts';
import type { Completion, LlamaRuntime, Step } from './llama-runtime.ts';
import { SharedFailure, refused } from './wllama-errors.ts';

export interface TaskRun {
  readonly env: Env;
  readonly runtime: LlamaRuntime;
  readonly quarantine: Admission;
  readonly drops: DropWatch;
  readonly task: Task;
  readonly queueMs: number;
  readonly signal: AbortSignal;
  emit(event: TaskEvent): void;
}

/** Shared failures that one task lives through before it gives up: each needs somebody else's bad request. */
const MOST_FAILURES = 8;

/** Then slots are filled that nobody can free, and only a new instance helps. */
const MOST_DROPS = 3;

/** The runtime has it no more, and did not say so. */
class Dropped extends Error {
  override readonly name = 'Dropped';
}

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
  let drops = 0;
  for (let failures = 0; failures < MOST_FAILURES; failures += 1) {
    progress.spoke = false;
    try {
      const completion = await (suspected ? aloneUntilItSpeaks(run, progress) : attempt(run, progress));
      return result(run, progress, completion);
    } catch (error) {
      if (error instanceof Dropped && (drops += 1) < MOST_DROPS) continue;
      if (error instanceof Dropped) throw new LlamboError('engine-crashed', 'llama.cpp dropped a request again and again.', { cause: error });
      if (!(error instanceof SharedFailure)) throw error;
      if (suspected && !progress.spoke) throw refused(error);
      suspected = !progress.spoke;
    }
  }
  throw new LlamboError('internal', 'Other requests failed this engine again and again.', { advice: 'Ask again.' });
}

/** So that, of two requests that started together, only the bad one fails again. */
async function aloneUntilItSpeaks(run: TaskRun, progress: Progress): Promise<Completion> {
  const release = await run.quarantine.enter(run.signal);
  return attempt(run, progress, release).finally(release);
}

async function attempt(run: TaskRun, progress: Progress, onSpoke?: () => void): Promise<Completion> {
  const hung = new LlamboError('engine-crashed', `llama.cpp said nothing for ${LIMITS.silenceMs / 1000} s.`);
  const fresh = createHoldBack(run.task, progress.text);
  let stopWatch = (): void => undefined;
  const silence = deferred<never>();
  const watch = (): void => {
    stopWatch();
    stopWatch = run.env.clock.after(LIMITS.silenceMs, () => silence.reject(hung));
  };
  const ending = linkedController(run.signal);
  let dropped: Dropped | null = null;
  const watched = run.drops.open(() => {
    dropped = new Dropped('no slot');
    ending.abort();
  });
  const onStep = (step: Step): void => {
    if (step.type === 'nothing') return watched.nothing();
    watch();
    watched.stepped();
    progress.spoke = true;
    onSpoke?.();
    emit(run, progress, step, fresh);
  };
  watch();
  let answered = false;
  try {
    const completion = await Promise.race([run.runtime.complete(continued(run.task, progress.text, progress.tokens), onStep, ending.signal), silence.promise]);
    answered = true;
    return completion;
  } catch (error) {
    throw isAbort(error) && !run.signal.aborted ? (dropped ?? error) : error;
  } finally {
    stopWatch();
    watched.end(answered);
    ending.abort();
  }
}

function emit(run: TaskRun, progress: Progress, step: Exclude<Step, { type: 'nothing' }>, fresh: (text: string) => string): void {
  if (step.type === 'prefill') return run.emit(step);
  const text = fresh(step.text);
  // Shown before the failure: neither its text nor its log-probability is news.
  if (text === '' && step.text !== '') return;
  progress.text += text;
  progress.tokens += 1;
  run.emit({ type: 'tokens', text, count: 1, ...(step.logprobs ? { logprobs: step.logprobs } : {}) });
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
