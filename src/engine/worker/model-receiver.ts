/**
 * The receiving end of a transfer: writes what arrives to an unfinished file, hashes it on the way, and refuses what
 * can't be a model as soon as the first bytes show it. It doesn't know where the bytes come from.
 */
import { throwIfAborted } from '../../shared/abort.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { ModelHash } from '../../shared/ids.ts';
import { checkGgufStart, GGUF_START_BYTES, readGguf, summaryOf, type GgufSummary } from '../gguf.ts';
import { checkFileSize } from '../model-entry.ts';
import type { PartialFile } from './model-area.ts';
import { createHasher } from './model-hash.ts';

/** Bytes between two looks at the signal while a partial file is hashed anew. */
const REHASH_BYTES = 1024 * 1024;
/** Bytes between two flushes: what a crash may cost. */
const FLUSH_BYTES = 16 * 1024 * 1024;

export interface Receiver {
  /** Bytes that are here. */
  readonly done: number;
  /** Some of them are from an earlier visit or another source. */
  readonly resumed: boolean;
  /** @throws LlamboError `model-invalid`, `disk-full` */
  append(bytes: Uint8Array, what: string): void;
  /** Forgets all bytes. */
  restart(): void;
  /** The next bytes come from a new connection. */
  resume(): void;
  /** Ends the transfer. @returns the hash of what came @throws LlamboError `model-invalid` if it isn't even the start of a GGUF */
  digest(what: string): ModelHash;
  /** @throws LlamboError `model-invalid`, `aborted` */
  header(what: string, signal?: AbortSignal): Promise<GgufSummary>;
  flush(): void;
}

/** Takes up where the file stands: its bytes are hashed from disk first. @throws LlamboError `aborted` */
export async function createReceiver(file: PartialFile, { signal }: { signal?: AbortSignal } = {}): Promise<Receiver> {
  let hasher = createHasher();
  let resumed = file.size() > 0;
  let flushed = file.size();
  for (let offset = 0; offset < file.size(); offset += REHASH_BYTES) {
    throwIfAborted(signal);
    hasher.update(file.read(offset, REHASH_BYTES));
    // Lets a `cancel` message in.
    await new Promise<void>((resolve) => queueTask(resolve));
  }

  function flush(): void {
    guarded(() => file.flush(), file);
    flushed = file.size();
  }

  return {
    get done() {
      return file.size();
    },
    get resumed() {
      return resumed;
    },
    append(bytes, what) {
      const before = file.size();
      checkFileSize(before + bytes.length, what);
      guarded(() => file.append(bytes), file);
      hasher.update(bytes);
      if (before < GGUF_START_BYTES && file.size() >= GGUF_START_BYTES) checkGgufStart(file.read(0, GGUF_START_BYTES), what);
      if (file.size() - flushed >= FLUSH_BYTES) flush();
    },
    restart() {
      file.clear();
      hasher = createHasher();
      resumed = false;
      flushed = 0;
    },
    resume() {
      resumed = file.size() > 0;
    },
    digest(what) {
      checkGgufStart(file.read(0, GGUF_START_BYTES), what);
      return hasher.digest();
    },
    async header(what, signal) {
      const read = (offset: number, length: number): Uint8Array => file.read(offset, length);
      return summaryOf(await readGguf(read, file.size(), what, signal ? { signal } : {}));
    },
    flush,
  };
}

/** A task of its own, without a timer. */
function queueTask(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}

function guarded(write: () => void, file: PartialFile): void {
  try {
    write();
  } catch (error) {
    if (error instanceof Error && error.name === 'QuotaExceededError') throw diskFull(file.size(), null, error);
    throw error;
  }
}

const MB = 1_000_000;
const inMB = (bytes: number): string => `${(bytes / MB).toFixed(bytes < 10 * MB ? 1 : 0)} MB`;

/**
 * @param done bytes that are stored and kept
 * @param room what is needed and what there is, where that is known
 */
export function diskFull(done: number, room: { needed: number; free: number } | null, cause?: unknown): LlamboError {
  const figures = room ? `${inMB(room.needed)} are needed and ${inMB(room.free)} are free` : `after ${inMB(done)} no more fits`;
  return new LlamboError('disk-full', `The browser's storage has no room for this model: ${figures}.`, {
    advice: 'Delete a model, or free disk space, and try again; what has arrived is kept.',
    details: { doneBytes: done, ...(room ? { neededBytes: room.needed, freeBytes: room.free } : {}) },
    cause,
  });
}
