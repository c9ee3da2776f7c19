/**
 * Work on a model that several callers may want at once: the second one joins the first one's run. A run that nobody
 * waits for any more is stopped. It knows nothing of what the work is.
 */
import { abortable } from '../shared/abort.ts';
import { Emitter } from '../shared/emitter.ts';
import { abortError } from '../shared/errors.ts';
import type { Progress } from './model-files-api.ts';
import type { TransferOptions } from './model-files.ts';

export interface JobContext {
  readonly signal: AbortSignal;
  /** To everybody who waits. */
  report(progress: Progress): void;
}

interface Job {
  readonly promise: Promise<unknown>;
  readonly controller: AbortController;
  readonly progress: Emitter<Progress>;
  users: number;
}

export class ModelJobs<T> {
  readonly #jobs = new Map<string, Job & { readonly promise: Promise<T> }>();

  has(id: string): boolean {
    return this.#jobs.has(id);
  }

  /** Reports what another tab says of the same work. */
  report(id: string, progress: Progress): void {
    this.#jobs.get(id)?.progress.emit(progress);
  }

  /**
   * Joins the run under this id, or starts one.
   * @throws LlamboError `aborted` at once when the caller's signal fires; the run's own errors
   */
  async run(id: string, { signal, onProgress }: TransferOptions, work: (context: JobContext) => Promise<T>): Promise<T> {
    const job = this.#jobs.get(id) ?? this.#start(id, work);
    const unsubscribe = onProgress ? job.progress.on(onProgress) : undefined;
    job.users += 1;
    try {
      return await abortable(job.promise, signal);
    } finally {
      unsubscribe?.();
      job.users -= 1;
      if (job.users === 0) job.controller.abort(abortError());
    }
  }

  /** Stops a run for everybody; ends when it has ended. */
  async stop(id: string): Promise<void> {
    const job = this.#jobs.get(id);
    job?.controller.abort(abortError());
    await job?.promise.catch(() => undefined);
  }

  stopAll(): Promise<unknown> {
    return Promise.all([...this.#jobs.keys()].map((id) => this.stop(id)));
  }

  #start(id: string, work: (context: JobContext) => Promise<T>): Job & { readonly promise: Promise<T> } {
    const controller = new AbortController();
    const progress = new Emitter<Progress>();
    const promise = work({ signal: controller.signal, report: (value) => progress.emit(value) }).finally(() => {
      if (this.#jobs.get(id) === job) this.#jobs.delete(id);
    });
    // All its callers may have left by the time it fails.
    promise.catch(() => undefined);
    const job = { promise, controller, progress, users: 0 };
    this.#jobs.set(id, job);
    return job;
  }
}
