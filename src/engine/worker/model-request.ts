/**
 * One HTTP request of a download: asks for what is missing, and passes on what comes. It judges a single answer; how
 * often to ask, and whom, is decided in `model-download.ts`.
 */
import { abortable, linkedController, throwIfAborted } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { DownloadSpec } from '../model-files-api.ts';
import type { Meter } from './model-meter.ts';
import type { Receiver } from './model-receiver.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A failure, and what may help: asking again, asking again for all of it, or nothing. */
export class RequestFailure extends Error {
  readonly error: LlamboError;
  readonly remedy: 'retry' | 'retry-plain' | 'none';
  constructor(error: LlamboError, remedy: RequestFailure['remedy']) {
    super(error.message);
    this.error = error;
    this.remedy = remedy;
  }
}

/** Which bytes the unfinished file holds; kept beside it. */
export interface SourceNote {
  readonly url: string;
  readonly etag: string | null;
  readonly total: number | null;
}

export interface RequestDeps {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly silenceMs: number;
  /** @throws LlamboError `disk-full` if `bytes` more don't fit */
  ensureRoom(bytes: number, done: number): Promise<void>;
}

export interface RequestOptions {
  readonly url: string;
  readonly spec: DownloadSpec;
  /** Null: the bytes at hand are of unknown origin. */
  readonly note: SourceNote | null;
  /** Ask for all of it, because asking for the rest didn't work. */
  readonly plain: boolean;
  readonly meter: Meter;
  readonly saveNote: (note: SourceNote) => Promise<void>;
  readonly signal?: AbortSignal;
}

const CONNECTION = 'Check the connection and try again; what has arrived is kept.';
const SOURCE = 'Check the address, or choose another model.';
const failed = (message: string, remedy: RequestFailure['remedy'], advice = remedy === 'none' ? SOURCE : CONNECTION): RequestFailure =>
  new RequestFailure(new LlamboError('download-failed', message, { advice }), remedy);

/**
 * Receives until the server has no more. The receiver holds the whole file afterwards, as far as lengths tell.
 * @throws RequestFailure; LlamboError `aborted`, `disk-full`, `model-invalid`
 */
export async function request(deps: RequestDeps, receiver: Receiver, options: RequestOptions): Promise<void> {
  const { url, signal } = options;
  throwIfAborted(signal);
  const connection = linkedController(signal);
  const watch = watchSilence(deps, connection);
  const from = options.plain ? 0 : receiver.done;
  try {
    // fetch says no more than that it failed: the network, a name, a certificate, or a Range that a CDN doesn't allow.
    const unreachable = failed('the server could not be reached.', from > 0 ? 'retry-plain' : 'retry');
    const response = await network(deps.fetch(url, { ...init(options, from), signal: connection.signal }), connection.signal, unreachable);
    watch.reset();
    const total = await judge(deps, receiver, response, from, options);
    if (total !== 'complete') await receive(receiver, response, total, options, connection.signal, watch.reset);
  } catch (error) {
    throwIfAborted(signal);
    throw error instanceof LlamboError && error.code === 'timeout' ? new RequestFailure(error, 'retry') : error;
  } finally {
    watch.stop();
    connection.abort();
  }
}

/** What the network gives, or the failure in place of the platform's bare `TypeError`. Aborts stay what they are. */
async function network<T>(promise: Promise<T>, signal: AbortSignal, failure: RequestFailure): Promise<T> {
  try {
    return await abortable(promise, signal);
  } catch (error) {
    throwIfAborted(signal);
    failure.cause = error;
    throw failure;
  }
}

function watchSilence({ clock, silenceMs }: RequestDeps, connection: AbortController): { reset: () => void; stop: () => void } {
  let cancel = (): void => undefined;
  const reset = (): void => {
    cancel();
    cancel = clock.after(silenceMs, () =>
      connection.abort(new LlamboError('timeout', `the server said nothing for ${Math.round(silenceMs / 1000)} s.`, { advice: CONNECTION })),
    );
  };
  reset();
  return { reset, stop: () => cancel() };
}

function init({ url, note }: RequestOptions, from: number): RequestInit {
  const headers: Record<string, string> = {};
  if (from > 0) {
    headers['Range'] = `bytes=${from}-`;
    // Range alone is allowed across origins; If-Range asks the server's leave first, which many CDNs don't give.
    const sameOrigin = new URL(url).origin === globalThis.location?.origin;
    if (sameOrigin && note?.etag && !note.etag.startsWith('W/')) headers['If-Range'] = note.etag;
  }
  // Not in the HTTP cache as well: the file is kept once. No referrer: some model hosts refuse strangers' pages.
  return { headers, cache: 'no-store', referrerPolicy: 'no-referrer' };
}

/** Whether the answer fits what is here. @returns bytes of the whole file, null if unknown, or 'complete' if nothing is missing */
async function judge(deps: RequestDeps, receiver: Receiver, response: Response, from: number, options: RequestOptions): Promise<number | null | 'complete'> {
  const { spec, url } = options;
  const range = parseContentRange(response.headers.get('content-range'));
  if (response.status === 416 && from > 0) {
    if (range?.total === from) return 'complete';
    throw failed('the file at the server has changed.', 'retry-plain');
  }
  if (!response.ok) {
    const passing = response.status >= 500 || response.status === 429 || response.status === 408;
    throw failed(`the server answered ${response.status}.`, passing ? 'retry' : 'none');
  }
  const etag = response.headers.get('etag');
  const partial = response.status === 206;
  const total = partial ? (range?.total ?? null) : contentLength(response);
  if (partial && (range?.start !== from || isOther(options.note, url, etag, total))) throw failed('the file at the server has changed.', 'retry-plain');
  // A web page in place of the file has another length too; its first bytes say what it is.
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
  if (spec.bytes !== null && total !== null && total !== spec.bytes && !isPage) {
    throw new RequestFailure(
      new LlamboError('hash-mismatch', `${url} has ${total} bytes, and ${spec.bytes} were promised.`, { advice: 'The file was replaced at its source; choose another model, or ask who offers this one.' }),
      'none',
    );
  }
  if (partial) receiver.resume();
  else receiver.restart();
  const size = total ?? spec.bytes;
  if (size !== null) await deps.ensureRoom(size - receiver.done, receiver.done);
  if (!partial) await options.saveNote({ url, etag, total });
  return size;
}

/** The rest of a file that is not the one we have the start of. Only known for sure where the server shows its tags. */
const isOther = (note: SourceNote | null, url: string, etag: string | null, total: number | null): boolean =>
  note !== null && ((note.url === url && note.etag !== null && etag !== null && note.etag !== etag) || (note.total !== null && total !== null && note.total !== total));

async function receive(receiver: Receiver, response: Response, total: number | null, options: RequestOptions, signal: AbortSignal, onBytes: () => void): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) throw failed('the server sent nothing.', 'retry');
  try {
    for (;;) {
      const { done, value } = await network(reader.read(), signal, failed('the connection broke.', 'retry'));
      if (done) break;
      onBytes();
      if (total !== null && receiver.done + value.length > total) throw failed(`the server sent more than the ${total} bytes of the file.`, 'retry-plain');
      receiver.append(value, options.url);
      options.meter.report(receiver.done, total);
    }
  } finally {
    void reader.cancel().catch(() => undefined);
    receiver.flush();
  }
  if (total !== null && receiver.done < total) throw failed(`the connection ended at ${receiver.done} of ${total} bytes.`, 'retry');
}

function parseContentRange(value: string | null): { start: number | null; total: number | null } | null {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(value ?? '');
  if (!match) return null;
  return { start: match[1] === undefined ? null : Number(match[1]), total: match[2] === '*' ? null : Number(match[2]) };
}

/** Of a packed answer the length says nothing about the file. */
function contentLength(response: Response): number | null {
  const value = response.headers.get('content-length');
  const encoding = response.headers.get('content-encoding');
  return value !== null && /^\d+$/.test(value) && (encoding === null || encoding === 'identity') ? Number(value) : null;
}
