/** The storage worker's inside: the API of `model-files-api.ts` over an area and a network that it is given. */
import type { Outcome } from '../../protocol/engine-api.ts';
import type { Clock } from '../../shared/env.ts';
import { abortError, LlamboError, toWire } from '../../shared/errors.ts';
import type { CallId, ModelFilesApi, Progress, WorkerSettings } from '../model-files-api.ts';
import { isKey, type FileArea } from './model-area.ts';
import { downloadFile } from './model-download.ts';
import { importFile } from './model-import.ts';
import { fetchPointer } from './model-pointer.ts';
import { diskFull } from './model-receiver.ts';
import type { Fetch } from './model-request.ts';

export interface ModelHostDeps {
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Free bytes of the origin's storage; null where the browser doesn't say. */
  freeBytes(): Promise<number | null>;
  createArea(folder: string): Promise<FileArea>;
}

export function createModelHost(deps: ModelHostDeps): ModelFilesApi {
  const calls = new Map<CallId, AbortController>();
  let opened: Promise<{ area: FileArea; settings: WorkerSettings }> | null = null;

  async function environment(): Promise<Parameters<typeof downloadFile>[0]> {
    if (!opened) throw new LlamboError('internal', 'The store was used before it was opened.');
    const { area, settings } = await opened;
    return {
      area, fetch: deps.fetch, clock: deps.clock, ...settings,
      async ensureRoom(bytes, done) {
        const free = area.durable ? await deps.freeBytes() : null;
        if (free !== null && bytes > free) throw diskFull(done, { needed: bytes, free });
      },
    };
  }

  function cancellable<T>(call: CallId, work: (signal: AbortSignal) => Promise<T>): Promise<Outcome<T>> {
    const controller = new AbortController();
    calls.set(call, controller);
    return settled(() => work(controller.signal)).finally(() => calls.delete(call));
  }

  return {
    open: (settings) =>
      settled(async () => {
        opened ??= deps.createArea(settings.folder).then((area) => ({ area, settings }));
        return { durable: (await opened).area.durable };
      }),
    list: () => settled(async () => (await environment()).area.list()),
    download: (call, spec, onProgress) =>
      cancellable(call, async (signal) => {
        if (!isKey(spec.key)) throw new LlamboError('internal', `${spec.key} is no key.`);
        return downloadFile(await environment(), spec, { signal, onProgress: forward(onProgress) });
      }),
    importFile: (call, file, name, onProgress) =>
      cancellable(call, async (signal) => importFile(await environment(), `import-${call}`, file, name, { signal, onProgress: forward(onProgress) })),
    pointer: (call, url) => cancellable(call, (signal) => fetchPointer(deps, url, signal)),
    read: (sha256) => settled(async () => (await environment()).area.read(sha256)),
    remove: (files, partials) =>
      settled(async () => {
        const { area } = await environment();
        await Promise.all([...files.map((sha256) => area.remove(sha256)), ...partials.map((key) => area.removePartial(key))]);
        return null;
      }),
    cancel(call) {
      calls.get(call)?.abort(abortError());
      return Promise.resolve();
    },
  };
}

/** Through comlink a callback gives a promise; one that fails means that nobody listens any more. */
const forward = (listener: (progress: Progress) => unknown) => (progress: Progress): void => {
  void Promise.resolve(listener(progress)).catch(() => undefined);
};

async function settled<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toWire(translated(error)) };
  }
}

/** The platform's words for what a person can do something about. */
function translated(error: unknown): unknown {
  if (error instanceof Error && error.name === 'QuotaExceededError') return diskFull(0, null, error);
  return isVanished(error) ? vanished(error) : error;
}

const isVanished = (error: unknown): boolean => error instanceof Error && ['NotFoundError', 'InvalidStateError'].includes(error.name);

/** "Clear site data" takes files away from under open handles. */
const vanished = (cause: unknown): LlamboError =>
  new LlamboError('not-found', "The browser's storage was cleared in the meantime.", { advice: 'Get the model again.', cause });
