/**
 * The page's side of the storage worker: starts it at the first call, races each call with its death, and turns
 * outcomes back into errors. After a death the next call starts another; finished files are on disk, and unfinished
 * ones are taken up where they stand.
 */
import { proxy, releaseProxy, wrap, type ProxyMethods } from 'comlink';
import type { Outcome } from '../protocol/engine-api.ts';
import { LIMITS } from '../protocol/limits.ts';
import { background, createEnding, throwIfAborted, withDeadline, type Ending } from '../shared/abort.ts';
import type { Env } from '../shared/env.ts';
import { fromWire, LlamboError } from '../shared/errors.ts';
import type { ModelHash } from '../shared/ids.ts';
import type { AreaContents, CallId, DownloadSpec, FileReport, ModelFilesApi, Pointer, Progress, WorkerSettings } from './model-files-api.ts';
import type { WorkerLike } from './worker-link.ts';

export interface TransferOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Files by hash. Every call may fail with `engine-crashed` (the worker died), `stopped` or `internal`. */
export interface ModelFiles {
  /** False: nothing outlives this tab. */
  durable(): Promise<boolean>;
  list(): Promise<AreaContents>;
  /** @throws LlamboError as `downloadFile` in `worker/model-download.ts` */
  download(spec: DownloadSpec, options?: TransferOptions): Promise<FileReport>;
  /** @throws LlamboError `aborted`, `disk-full`, `model-invalid` */
  importFile(file: File, options?: TransferOptions): Promise<FileReport>;
  pointer(url: string, options?: { signal?: AbortSignal }): Promise<Pointer | null>;
  /** Null: no such file. */
  read(sha256: ModelHash): Promise<Blob | null>;
  remove(files: readonly ModelHash[], partials: readonly string[]): Promise<void>;
  /** Ends running calls with `stopped`. Idempotent. */
  close(): void;
}

export interface ModelFilesDeps {
  readonly env: Env;
  createWorker(): WorkerLike;
  readonly settings: WorkerSettings;
}

/** Unanswered pings in a row that mean death. One may be this page's own sleep. */
const MISSED_PINGS = 2;

interface Link {
  readonly worker: WorkerLike;
  readonly api: ModelFilesApi & ProxyMethods;
  readonly ending: Ending;
  readonly opened: Promise<boolean>;
  /** Its worker is gone. */
  over: boolean;
}

export function createModelFiles({ env, createWorker, settings }: ModelFilesDeps): ModelFiles {
  let link: Link | null = null;

  function end(ending: Link, reason: LlamboError): void {
    if (ending.over) return;
    ending.over = true;
    if (link === ending) link = null;
    ending.ending.end(reason);
    ending.api[releaseProxy]();
    ending.worker.terminate();
  }

  function start(): Link {
    const worker = createWorker();
    // The interface is all promises already; comlink's `Remote` type would only split its unions.
    const api = wrap(worker as Worker) as unknown as ModelFilesApi & ProxyMethods;
    const ending = createEnding();
    // A worker that can't start at all (blocked, 404) may never say so.
    const opening = withDeadline(env.clock, LIMITS.workerStartMs, 'Starting the storage worker', api.open(settings));
    const opened = ending.orEnd(opening).then(valueOf).then(({ durable }) => durable);
    const started: Link = { worker, api, ending, opened, over: false };
    const died = (why: string): void => end(started, crashed(why));
    worker.addEventListener('error', (event) => died((event).message || 'it could not start'));
    worker.addEventListener('messageerror', () => died('a message could not be read'));
    opened.catch(() => died('it could not be opened'));
    return started;
  }

  async function call<T>(work: (api: ModelFilesApi) => Promise<Outcome<T>>): Promise<T> {
    const current = (link ??= start());
    await current.opened;
    const unwatch = watch(current);
    try {
      return valueOf(await current.ending.orEnd(work(current.api)));
    } finally {
      unwatch();
    }
  }

  /** A worker that the browser kills for memory says nothing: it is asked now and then while somebody waits for it. */
  function watch(watched: Link): () => void {
    let over = false;
    let cancelTimer = (): void => undefined;
    const ask = (missed: number): void => {
      cancelTimer = env.clock.after(LIMITS.pingMs, () => void answer(missed));
    };
    const answer = async (missed: number): Promise<void> => {
      // Opening is done once; after that the call is a mere sign of life.
      const alive = await withDeadline(env.clock, LIMITS.pingReplyMs, 'A ping', watched.api.open(settings)).then(() => true, () => false);
      if (over) return;
      if (!alive && missed + 1 >= MISSED_PINGS) end(watched, crashed('it does not answer'));
      else ask(alive ? 0 : missed + 1);
    };
    ask(0);
    return () => {
      over = true;
      cancelTimer();
    };
  }

  /** A call that can be stopped half-way. It ends when the worker says so: by then the file is closed. */
  async function cancellable<T>(signal: AbortSignal | undefined, work: (api: ModelFilesApi, id: CallId) => Promise<Outcome<T>>): Promise<T> {
    throwIfAborted(signal);
    const id = env.random.id();
    const cancel = (): void => {
      if (link) background(link.api.cancel(id), () => undefined);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await call((api) => {
        throwIfAborted(signal);
        return work(api, id);
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Progress and outcome come over two ports, which have no order between them: what comes after the outcome is late, and is told to nobody. */
  async function told<T>({ signal, onProgress }: TransferOptions, work: (api: ModelFilesApi, id: CallId, onProgress: (progress: Progress) => void) => Promise<Outcome<T>>): Promise<T> {
    let over = false;
    const listener = proxy((progress: Progress) => {
      if (!over) onProgress?.(progress);
    });
    try {
      return await cancellable(signal, (api, id) => work(api, id, listener));
    } finally {
      over = true;
    }
  }

  return {
    async durable() {
      link ??= start();
      return link.opened;
    },
    list: () => call((api) => api.list()),
    download: (spec, options = {}) => told(options, (api, id, onProgress) => api.download(id, spec, onProgress)),
    importFile: (file, options = {}) => told(options, (api, id, onProgress) => api.importFile(id, file, file.name, onProgress)),
    pointer: (url, { signal } = {}) => cancellable(signal, (api, id) => api.pointer(id, url)),
    read: (sha256) => call((api) => api.read(sha256)),
    async remove(files, partials) {
      await call((api) => api.remove(files, partials));
    },
    close() {
      if (link) end(link, new LlamboError('stopped', 'The model store was closed.'));
    },
  };
}

const crashed = (why: string): LlamboError =>
  new LlamboError('engine-crashed', `The storage worker stopped: ${why}.`, { advice: 'Try again; what has arrived is kept.' });

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw fromWire(outcome.error);
  return outcome.value;
}
