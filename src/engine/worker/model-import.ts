/** Takes in a file that the person has: read once if it is new, hashed only if it may be stored already. */
import { abortable, throwIfAborted } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import type { ModelHash } from '../../shared/ids.ts';
import { readGgufBlob, summaryOf, type GgufSummary } from '../gguf.ts';
import { checkFileSize } from '../model-entry.ts';
import type { FileReport } from '../model-files-api.ts';
import type { FileArea } from './model-area.ts';
import type { DownloadOptions } from './model-download.ts';
import { createHasher } from './model-hash.ts';
import { createMeter } from './model-meter.ts';
import { createReceiver } from './model-receiver.ts';

export interface ImportDeps {
  readonly area: FileArea;
  readonly clock: Clock;
  ensureRoom(bytes: number, done: number): Promise<void>;
}

/**
 * @param key of the unfinished file; nobody else's
 * @param name of the file, for messages
 * @throws LlamboError `aborted`, `disk-full`, `model-invalid`; nothing is kept of a failed import
 */
export async function importFile(deps: ImportDeps, key: string, file: Blob, name: string, { signal, onProgress }: DownloadOptions = {}): Promise<FileReport> {
  const { area, clock } = deps;
  checkFileSize(file.size, name);
  const header = summaryOf(await readGgufBlob(file, name, signal ? { signal } : {}));
  const meter = createMeter(clock, onProgress ?? (() => undefined));
  const report = (done: number): void => meter.report(done, file.size, done === file.size);

  const twin = await storedTwin(area, file, signal);
  if (twin) return described(twin, file, header);
  await deps.ensureRoom(file.size, 0);
  const partial = await area.openPartial(key, signal ? { signal } : {});
  try {
    const receiver = await createReceiver(partial);
    receiver.restart();
    await eachChunk(file, signal, (bytes) => {
      receiver.append(bytes, name);
      report(receiver.done);
    });
    receiver.flush();
    const sha256 = receiver.digest(name);
    partial.close();
    await area.finish(key, sha256);
    return described(sha256, file, header);
  } catch (error) {
    partial.close();
    await area.removePartial(key);
    throw error;
  }
}

const described = (sha256: ModelHash, file: Blob, header: GgufSummary): FileReport => ({ sha256, bytes: file.size, header });

/** The hash of the same file in the store. Looked for only if one has the same size. */
async function storedTwin(area: FileArea, file: Blob, signal?: AbortSignal): Promise<ModelHash | null> {
  const { files } = await area.list();
  const candidates = files.filter(({ bytes }) => bytes === file.size);
  if (candidates.length === 0) return null;
  const hasher = createHasher();
  await eachChunk(file, signal, (bytes) => hasher.update(bytes));
  const sha256 = hasher.digest();
  return candidates.some((candidate) => candidate.sha256 === sha256) ? sha256 : null;
}

async function eachChunk(file: Blob, signal: AbortSignal | undefined, take: (bytes: Uint8Array) => void): Promise<void> {
  const reader = file.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await abortable(reader.read(), signal);
      if (done) return;
      throwIfAborted(signal);
      take(value);
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
