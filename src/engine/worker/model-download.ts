/**
 * A download from start to stored file: which address to ask, how often, from where, and whether what came is what was
 * promised. It goes on where an earlier visit stopped. Whoever calls holds the lock on the key, so that one tab does
 * this at a time; a model's other files and its name are not known here.
 */
import * as v from 'valibot';
import { LIMITS } from '../../protocol/limits.ts';
import { abortable, throwIfAborted } from '../../shared/abort.ts';
import { isAbort, LlamboError, type ErrorCode } from '../../shared/errors.ts';
import type { DownloadSpec, FileReport, Progress } from '../model-files-api.ts';
import type { FileArea } from './model-area.ts';
import { createMeter, type Meter } from './model-meter.ts';
import { createReceiver, type Receiver } from './model-receiver.ts';
import { request, RequestFailure, type RequestDeps, type SourceNote } from './model-request.ts';

export interface DownloadDeps extends RequestDeps {
  readonly area: FileArea;
  /** First wait before a retry; doubles with each. */
  readonly retryMs: number;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** An address that brings this much before it breaks is worth asking again, however often. */
const WORTHWHILE_BYTES = 4 * 1024 * 1024;

const noteSchema = v.object({
  url: v.string(),
  etag: v.nullable(v.string()),
  total: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

/**
 * @returns the report of the stored file
 * @throws LlamboError `aborted`, `busy`, `disk-full`, `download-failed`, `hash-mismatch`, `model-invalid`; after
 * `aborted`, `disk-full` and `download-failed` what arrived is kept and the next call goes on from there
 */
export async function downloadFile(deps: DownloadDeps, spec: DownloadSpec, { signal, onProgress }: DownloadOptions = {}): Promise<FileReport> {
  const options = signal ? { signal } : {};
  const file = await deps.area.openPartial(spec.key, options);
  let finished: FileReport;
  try {
    const receiver = await createReceiver(file, options);
    finished = await fromAny(deps, spec, receiver, createMeter(deps.clock, onProgress ?? (() => undefined)), signal);
  } catch (error) {
    file.close();
    if (error instanceof LlamboError && (error.code === 'hash-mismatch' || error.code === 'model-invalid')) await deps.area.removePartial(spec.key);
    throw error;
  }
  file.close();
  await deps.area.finish(spec.key, finished.sha256);
  return finished;
}

/** Asks one address after the other. A full disk or a stop request ends it: no address can help. */
async function fromAny(deps: DownloadDeps, spec: DownloadSpec, receiver: Receiver, meter: Meter, signal?: AbortSignal): Promise<FileReport> {
  const failures: { url: string; error: LlamboError }[] = [];
  for (const url of spec.urls) {
    try {
      return await fromOne(deps, spec, url, receiver, meter, signal);
    } catch (error) {
      if (isAbort(error) || !(error instanceof LlamboError) || error.code === 'disk-full') throw error;
      failures.push({ url, error });
      // Bytes that turned out wrong are of no use to the next address.
      if (error.code !== 'download-failed' && error.code !== 'timeout') receiver.restart();
    }
  }
  throw summary(failures);
}

async function fromOne(deps: DownloadDeps, spec: DownloadSpec, url: string, receiver: Receiver, meter: Meter, signal?: AbortSignal): Promise<FileReport> {
  await transfer(deps, spec, url, receiver, meter, signal);
  try {
    return await verify(spec, url, receiver, signal);
  } catch (error) {
    // The start may be of an older file, or of another address: ask this one for all of it before it is blamed.
    if (!receiver.resumed || !(error instanceof LlamboError) || isAbort(error)) throw error;
    receiver.restart();
    await transfer(deps, spec, url, receiver, meter, signal);
    return await verify(spec, url, receiver, signal);
  }
}

/** Requests until the file is complete, with growing pauses while nothing comes. */
async function transfer(deps: DownloadDeps, spec: DownloadSpec, url: string, receiver: Receiver, meter: Meter, signal?: AbortSignal): Promise<void> {
  let note = await readNote(deps.area, spec.key);
  const saveNote = async (next: SourceNote): Promise<void> => {
    note = next;
    await deps.area.writeNote(spec.key, next);
  };
  let plain = false;
  for (let tries = 1; spec.bytes === null || receiver.done !== spec.bytes; tries++) {
    throwIfAborted(signal);
    const before = receiver.done;
    meter.report(before, spec.bytes, true);
    try {
      await request(deps, receiver, { url, spec, note, plain, meter, saveNote, ...(signal ? { signal } : {}) });
      break;
    } catch (error) {
      if (!(error instanceof RequestFailure)) throw error;
      if (error.remedy === 'none') throw error.error;
      if (receiver.done - before >= WORTHWHILE_BYTES) tries = 1;
      if (tries >= LIMITS.downloadTries) throw error.error;
      // Asking for all of it empties the file only once the server answers: being offline costs nothing.
      plain = error.remedy === 'retry-plain' && !plain;
      await abortable(new Promise<void>((resolve) => deps.clock.after(deps.retryMs * 2 ** (tries - 1), resolve)), signal);
    }
  }
  meter.report(receiver.done, receiver.done, true);
}

async function verify(spec: DownloadSpec, url: string, receiver: Receiver, signal?: AbortSignal): Promise<FileReport> {
  const bytes = receiver.done;
  const sha256 = receiver.digest(url);
  if (spec.sha256 !== null && sha256 !== spec.sha256) {
    throw new LlamboError('hash-mismatch', `${url} gave a file with the SHA-256 ${sha256}; ${spec.sha256} was promised.`, {
      advice: 'The file was removed. Try again later; if it stays so, the source has replaced the file, and you should ask who offers this model.',
      details: { url, expected: spec.sha256, actual: sha256 },
    });
  }
  return { sha256, bytes, header: await receiver.header(url, signal) };
}

async function readNote(area: FileArea, key: string): Promise<SourceNote | null> {
  const result = v.safeParse(noteSchema, await area.readNote(key));
  return result.success ? result.output : null;
}

/** Which failure a person should hear of first, if each address failed in its own way. */
const TELLING: readonly ErrorCode[] = ['hash-mismatch', 'model-invalid', 'download-failed'];

function summary(failures: readonly { url: string; error: LlamboError }[]): LlamboError {
  const [first] = failures;
  if (!first) return new LlamboError('not-found', 'This model has no address to get it from.', { advice: 'Add its file again.' });
  const code = TELLING.find((known) => failures.some(({ error }) => error.code === known)) ?? 'download-failed';
  const told = failures.find(({ error }) => error.code === code) ?? first;
  const message = failures.map(({ url, error }) => (error.message.includes(url) ? error.message : `${url}: ${error.message}`)).join(' ');
  return new LlamboError(code, message, {
    ...(told.error.advice === undefined ? {} : { advice: told.error.advice }),
    ...(told.error.details === undefined ? {} : { details: told.error.details }),
    cause: told.error,
  });
}
