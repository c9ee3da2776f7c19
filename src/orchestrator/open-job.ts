/**
 * One job of this tab while it is open: its machine, the timer that the machine wishes for, its runs and its end. It carries
 * out what the machine wants with what it is given, and awaits nothing itself.
 */
import type { Answer, AnswerEvent } from '../protocol/chat.ts';
import type { Task } from '../protocol/engine-node.ts';
import type { SealedGrant } from '../protocol/grant.ts';
import type { RequestReason, TaskReport } from '../protocol/job.ts';
import { deferred } from '../shared/abort.ts';
import type { Clock } from '../shared/env.ts';
import { LlamboError, asLlamboError, type ErrorCode } from '../shared/errors.ts';
import type { Address, JobId, TaskId } from '../shared/ids.ts';
import type { AskerWord } from './control-words.ts';
import type { Grant, JobEffect, JobEvent, JobMachine, JobOutcome, JobStart } from './types.ts';

/** What an asker's tab gives with its job: its words, and where the answer goes. */
export interface JobRun {
  /** The words, for the model that the grant names. @param text what the reader has already @param tokens of the text */
  taskFor(grant: Grant, text: string, tokens: number): Task;
  /** In order, before the promise of `ask` settles. Must not throw. */
  emit(event: Exclude<AnswerEvent, { type: 'done' }>): void;
  readonly signal?: AbortSignal;
}

/** What became of a job of this tab, for log and metrics. */
export type JobNote =
  | { readonly type: 'task started'; readonly job: JobId; readonly grant: Grant; readonly why: RequestReason }
  | { readonly type: 'task ended'; readonly report: TaskReport }
  | { readonly type: 'job moved'; readonly job: JobId; readonly from: Address; readonly to: Address; readonly reason: ErrorCode }
  | { readonly type: 'job refused'; readonly job: JobId; readonly error: LlamboError }
  | { readonly type: 'job settled'; readonly job: JobId; readonly outcome: JobOutcome };

export interface OpenJobDeps {
  readonly clock: Clock;
  readonly start: JobStart;
  readonly machine: JobMachine;
  readonly run: JobRun;
  say(word: AskerWord): void;
  /** Runs a task there, and feeds what it says, or why it could not. @param makeTask may throw */
  runTask(grant: Grant, makeTask: () => Task, seal: SealedGrant | null, signal: AbortSignal): void;
  /** It wants to be called when its own timer fires. */
  onTime(): void;
  onNote(note: JobNote): void;
  /** It is over. */
  onEnd(): void;
}

export interface OpenJob {
  readonly id: JobId;
  readonly done: Promise<Answer>;
  /** @param seal of a grant: for the node's own tab */
  feed(event: JobEvent, seal?: SealedGrant | null): void;
  /** Time has passed. */
  wake(): void;
  /** Nobody wants it any more, whatever its machine says. */
  close(): void;
  view(): ReturnType<JobMachine['view']>;
}

export function createOpenJob({ clock, start: { id }, machine, run, say, runTask, onTime, onNote, onEnd }: OpenJobDeps): OpenJob {
  const end = deferred<Answer>();
  const runs = new Map<TaskId, AbortController>();
  /** Of the grant that is looked at now. */
  let seal: SealedGrant | null = null;
  let why: RequestReason = 'new';
  let timer: { readonly at: number; cancel(): void } | null = null;
  let over = false;

  function feed(event: JobEvent, sealed: SealedGrant | null = null): void {
    if (over) return;
    seal = sealed;
    if (event.type === 'refused') onNote({ type: 'job refused', job: id, error: event.error });
    try {
      for (const effect of machine.handle(event, clock.now())) carryOut(effect);
      if (!over) setTimer();
    } catch (error) {
      // A bug of ours, and no reason why somebody waits for ever.
      say({ type: 'withdraw', job: id });
      settle({ ok: false, error: asLlamboError(error) });
    }
  }

  function carryOut(effect: JobEffect): void {
    switch (effect.type) {
      case 'request':
        ({ why } = effect.request);
        return say(effect);
      case 'withdraw':
        return say({ type: 'withdraw', job: id });
      case 'report':
        if (effect.report.state === 'ended') onNote({ type: 'task ended', report: effect.report });
        return say(effect);
      case 'run':
        return begin(effect);
      case 'stop':
        runs.get(effect.task)?.abort();
        return void runs.delete(effect.task);
      case 'emit':
        if (effect.event.type === 'moved') onNote({ ...effect.event, type: 'job moved', job: id });
        return run.emit(effect.event);
      case 'settle':
        return settle(effect.outcome);
    }
  }

  function begin({ grant, text, tokens }: Extract<JobEffect, { type: 'run' }>): void {
    const controller = new AbortController();
    runs.set(grant.task, controller);
    onNote({ type: 'task started', job: id, grant, why });
    runTask(grant, () => run.taskFor(grant, text, tokens), seal, controller.signal);
  }

  /** A timer that is early is left as it is: words come many times a second, and each puts the wish off a little. */
  function setTimer(): void {
    const at = machine.wakeAt();
    if (timer && at !== null && timer.at <= at) return;
    timer?.cancel();
    timer = at === null ? null : { at, cancel: clock.after(Math.max(0, at - clock.now()), fire) };
  }

  function fire(): void {
    timer = null;
    onTime();
  }

  function settle(outcome: JobOutcome): void {
    if (over) return;
    over = true;
    timer?.cancel();
    for (const controller of runs.values()) controller.abort();
    onEnd();
    onNote({ type: 'job settled', job: id, outcome });
    if (outcome.ok) end.resolve(outcome.answer);
    else end.reject(outcome.error);
  }

  return {
    id,
    done: end.promise,
    feed,
    wake() {
      const at = machine.wakeAt();
      if (over || at === null) return;
      if (at <= clock.now()) feed({ type: 'tick' });
      else setTimer();
    },
    close() {
      feed({ type: 'cancel' });
      settle({ ok: false, error: new LlamboError('stopped', 'The page no longer answers.', { advice: 'Reload the page.' }) });
    },
    view: () => machine.view(),
  };
}
