/**
 * The worker's side of an engine node: one runtime, a bounded line in front of its slots, tokens batched per frame,
 * cancel by id. It knows tasks and a `LlamaRuntime`, nothing of wllama or comlink, so tests run it in one thread.
 */
import type { EngineWorkerApi, HostStatus, LoadSpec, Outcome } from '../../protocol/engine-api.ts';
import type { Task, TaskEvent } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { background } from '../../shared/abort.ts';
import type { Env } from '../../shared/env.ts';
import { LlamboError, isAbort, toWire } from '../../shared/errors.ts';
import type { TaskId } from '../../shared/ids.ts';
import { createAdmission, type Admission } from './admission.ts';
import { createDropWatch, type DropWatch } from './drop-watch.ts';
import { createEventBatcher, type EventBatcher } from './event-batcher.ts';
import type { LlamaRuntime } from './llama-runtime.ts';
import { runTask } from './task-run.ts';

/** A loaded model. */
interface Loaded {
  readonly runtime: LlamaRuntime;
  readonly admission: Admission;
  /** Stops decoding the warm prefix: a question that comes meanwhile is more urgent. */
  readonly warming: AbortController;
  /** One at a time: suspects of a shared failure run alone until they speak. */
  readonly quarantine: Admission;
  readonly drops: DropWatch;
}

export function createEngineHost(env: Env, createRuntime: () => LlamaRuntime): EngineWorkerApi {
  const running = new Map<TaskId, AbortController>();
  let loaded: Loaded | null = null;

  async function load(spec: LoadSpec, onStatus: (status: HostStatus) => void): Promise<Outcome<Awaited<ReturnType<LlamaRuntime['load']>>>> {
    if (loaded) return failure(new LlamboError('bad-request', 'This worker has a model already; start another one.'));
    const runtime = createRuntime();
    try {
      const report = await runtime.load(spec);
      const tell = (): void => onStatus({ busy: admission.busy, waiting: admission.waiting });
      const admission = createAdmission(report.slots, LIMITS.nodeQueue, tell);
      const quarantine = createAdmission(1, LIMITS.nodeQueue);
      loaded = { runtime, admission, warming: new AbortController(), quarantine, drops: createDropWatch() };
      if (spec.warmPrompt) warm(loaded, spec.warmPrompt);
      return { ok: true, value: report };
    } catch (error) {
      runtime.close();
      return failure(error);
    }
  }

  /** Takes a slot like any task, so that the rule "never more than slots" holds for it too. */
  function warm({ runtime, admission, warming }: Loaded, systemPrompt: string): void {
    const work = async (): Promise<void> => {
      const release = await admission.enter(warming.signal);
      await runtime.warm(systemPrompt, warming.signal).finally(release);
    };
    // A prefix that could not be warmed costs the first question its time and nothing else.
    background(work(), () => undefined);
  }

  async function run(task: Task, onEvents: (events: TaskEvent[]) => unknown): Promise<Outcome<null>> {
    const batcher = createEventBatcher(env.clock, LIMITS.batchMs, async (events) => void (await onEvents(events)));
    const cancelled = new AbortController();
    running.set(task.id, cancelled);
    try {
      await admitted(task, cancelled, batcher);
      return { ok: true, value: null };
    } catch (error) {
      return failure(error);
    } finally {
      running.delete(task.id);
      await batcher.flush();
    }
  }

  async function admitted(task: Task, cancelled: AbortController, batcher: EventBatcher): Promise<void> {
    if (!loaded) throw new LlamboError('not-ready', 'This engine has no model yet.', { advice: 'Wait until it is loaded.' });
    const { runtime, admission, warming, quarantine, drops } = loaded;
    warming.abort();
    const { signal } = cancelled;
    const overdue = new LlamboError('timeout', `The answer took longer than ${Math.round(task.deadlineMs / 1000)} s.`);
    const cancelDeadline = env.clock.after(task.deadlineMs, () => cancelled.abort(overdue));
    const queuedAt = env.clock.now();
    let release = (): void => undefined;
    try {
      release = await admission.enter(signal, (place) => batcher.add({ type: 'queued', place }));
      batcher.add({ type: 'started' });
      const queueMs = env.clock.now() - queuedAt;
      const result = await runTask({ env, runtime, quarantine, drops, task, queueMs, signal, emit: batcher.add });
      batcher.add({ type: 'done', result });
    } catch (error) {
      // The runtime only knows that it was stopped; why is known here.
      throw isAbort(error) && signal.reason === overdue ? overdue : error;
    } finally {
      cancelDeadline();
      release();
    }
  }

  return {
    load,
    run,
    cancel: async (id) => running.get(id)?.abort(),
    ping: async () => undefined,
  };
}

const failure = (error: unknown): { ok: false; error: ReturnType<typeof toWire> } => ({ ok: false, error: toWire(error) });
