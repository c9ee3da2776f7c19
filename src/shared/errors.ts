/**
 * One error class with a closed set of codes. Code decides by `code`, a person reads `message` (what happened) and
 * `advice` (what to do). Worker and wire carry {@link WireError}, because classes don't survive a structured clone.
 */

export const ERROR_CODES = [
  'aborted', // somebody asked for it to stop
  'bad-request', // the request is malformed or out of bounds
  'busy', // nobody has room now; try again later
  'context-overflow', // prompt and answer don't fit into the model's context
  'disk-full', // the browser's storage has no room
  'download-failed', // the network or the server failed
  'engine-crashed', // the worker or the wasm died
  'hash-mismatch', // the bytes are not the ones that were promised
  'internal', // a bug of ours
  'model-invalid', // the file is no model that this engine can run
  'not-found', // no such model, node, conversation
  'not-ready', // no model is loaded
  'peer-lost', // the tab that worked for us is gone
  'refused', // another peer will not have us, or not this
  'stopped', // the node was stopped
  'timeout', // no answer in time
  'unreachable', // nobody is there, or no way leads there
  'unsupported', // this browser lacks something
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What a {@link LlamboError} looks like in a message between worker and page. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly advice?: string;
  /** Figures that the page may use, e.g. `{ promptTokens: 900, contextTokens: 256 }`. */
  readonly details?: Readonly<Record<string, number | string>>;
}

export interface LlamboErrorOptions {
  advice?: string;
  details?: Readonly<Record<string, number | string>>;
  cause?: unknown;
}

export class LlamboError extends Error {
  readonly code: ErrorCode;
  /** One sentence that says what to do, for the person who sees it. */
  readonly advice: string | undefined;
  readonly details: Readonly<Record<string, number | string>> | undefined;

  constructor(code: ErrorCode, message: string, options: LlamboErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    // `AbortError` is what fetch and every other platform API call it; callers test for that name.
    this.name = code === 'aborted' ? 'AbortError' : 'LlamboError';
    this.code = code;
    this.advice = options.advice;
    this.details = options.details;
  }
}

export const abortError = (message = 'Stopped on request.'): LlamboError => new LlamboError('aborted', message);

/** True for our own abort errors and the platform's. */
export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

const isErrorCode = (value: unknown): value is ErrorCode => (ERROR_CODES as readonly unknown[]).includes(value);

/** Any thrown value as one of ours: known ones as they are, aborts as `aborted`, the rest as `internal`. */
export function asLlamboError(error: unknown, fallback: ErrorCode = 'internal'): LlamboError {
  if (error instanceof LlamboError) return error;
  if (isAbort(error)) return abortError();
  const message = error instanceof Error ? error.message : String(error);
  return new LlamboError(fallback, message, { cause: error });
}

export function toWire(error: unknown): WireError {
  const { code, message, advice, details } = asLlamboError(error);
  return { code, message, ...(advice === undefined ? {} : { advice }), ...(details === undefined ? {} : { details }) };
}

/** @param wire what came over a boundary; an unknown code becomes `internal` rather than trusted. */
export function fromWire(wire: WireError): LlamboError {
  const { message, advice, details } = wire;
  return new LlamboError(isErrorCode(wire.code) ? wire.code : 'internal', message, {
    ...(advice === undefined ? {} : { advice }),
    ...(details === undefined ? {} : { details }),
  });
}
