/** What went wrong at a server, as one of our errors. Servers say it in many words; each that is read here has a test. */
import * as v from 'valibot';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import { contextOverflow } from '../worker/wllama-errors.ts';
import { explainFailure } from './explain-failure.ts';

/** When to try again if the server did not say; and the longest that is believed. */
const RETRY_MS = 2000;
const LONGEST_RETRY_MS = 5 * 60_000;

/** Characters of a server's own words that are shown. */
const SHOWN_CHARS = 300;

const detailSchema = v.object({
  message: v.fallback(v.string(), ''),
  type: v.fallback(v.string(), ''),
  code: v.fallback(v.union([v.string(), v.number()]), ''),
  n_prompt_tokens: v.fallback(v.number(), 0),
  n_ctx: v.fallback(v.number(), 0),
});
type Detail = v.InferOutput<typeof detailSchema>;

/** What the error is about. */
export interface ErrorContext {
  readonly clock: Clock;
  readonly key: string;
  readonly model: string;
  readonly contextTokens: number;
  /** A guess, for servers that don't count. */
  readonly promptTokens: number;
  /** The answer must keep to a schema or a grammar of the asker's, which may be wrong. The rest of a request is as it should be. */
  readonly isConstrained: boolean;
}

/**
 * What another node may well do is `refused`, `not-found` or `engine-crashed`, so that the job goes there: `bad-request`,
 * `timeout` and `unsupported` would end it.
 * @param body the reply's text; JSON, as a rule
 */
export function errorOfReply(status: number, body: string, retryAfter: string | null, context: ErrorContext): LlamboError {
  const detail = detailOf(body);
  const said = shown(detail.message, context.key);
  const because = said === '' ? '' : `: ${said}`;
  if (status === 401 || status === 403) return wrongKey(context.key);
  if (status === 404) return new LlamboError('not-found', `The server does not have ${context.model || 'what was asked for'}${because}`, { advice: 'Choose one of its models in the settings, and check the address.' });
  if (status === 429 || status === 503 || status === 529) return busy(retryAfter, context.clock, because);
  if (status === 408 || status === 504) return new LlamboError('engine-crashed', `The server gave up${because}`, { advice: 'Ask again, or ask another node.' });
  if (status === 501) return new LlamboError('not-found', `The server can't do that${because}`, { advice: 'Ask another node.' });
  if (status >= 500) return new LlamboError('engine-crashed', `The server failed (${status})${because}`, { advice: 'Ask again, or look at the server’s log.' });
  return overflowOf(detail, context) ?? refusal(status, because, context);
}

const refusal = (status: number, because: string, { isConstrained }: ErrorContext): LlamboError =>
  new LlamboError(isConstrained ? 'bad-request' : 'refused', `The server refuses this request (${status})${because}`, {
    advice: isConstrained ? 'Correct its schema or grammar, or ask without.' : 'Look at what the server says, or ask another node.',
    // How it is told from a refusal of everything, as of a wrong key.
    details: { status },
  });

/** @param event an event of a stream that is an error */
export function errorOfEvent(event: unknown, context: ErrorContext): LlamboError {
  const { code } = parseDetail(event);
  const status = typeof code === 'number' && code >= 400 && code < 600 ? code : 500;
  return errorOfReply(status, JSON.stringify({ error: event }), null, context);
}

const wrongKey = (key: string): LlamboError =>
  key === ''
    ? new LlamboError('refused', 'The server wants a key.', { advice: 'Give its key in the settings. A key is kept in one tab only, so a new tab has none.' })
    : new LlamboError('refused', 'The key is wrong: the server does not take it.', { advice: 'Correct the key in the settings.' });

export const unusableKey = (): LlamboError =>
  new LlamboError('refused', 'The key has a character in it that no key can have.', { advice: 'Copy it once more into the settings, without quotation marks, blanks and line ends.' });

function busy(retryAfter: string | null, clock: Clock, because: string): LlamboError {
  const retryMs = retryMsOf(retryAfter, clock);
  return new LlamboError('busy', `The server has no room now${because}`, { advice: `Try again in ${Math.ceil(retryMs / 1000)} s.`, details: { retryMs } });
}

/** @param header seconds, or a date */
export function retryMsOf(header: string | null, clock: Clock): number {
  if (header === null) return RETRY_MS;
  const date = /^\s*[a-z]{3},/i.test(header) ? Date.parse(header) - clock.wallTime() : NaN;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) * 1000 : date;
  return Number.isFinite(ms) ? Math.round(Math.min(LONGEST_RETRY_MS, Math.max(0, ms))) : RETRY_MS;
}

const CONTEXT = /context (?:length|size|window)(?: of| is)?(?: only)? \(?(\d+)/i;
/** The surest first: some sentences also have the sum of prompt and answer. */
const PROMPT = [/\((\d+) in the messages/i, /passed (\d+) input/i, /has (\d+) input/i, /resulted in (?:over )?(\d+)/i, /request \((\d+) tokens/i, /requested (\d+) tokens/i];
const OVERFLOW = /context (length|size|window)/i;

function overflowOf({ type, code, message, n_prompt_tokens: prompt, n_ctx: size }: Detail, context: ErrorContext): LlamboError | null {
  if (type === 'exceed_context_size_error') return contextOverflow(prompt || context.promptTokens, size || context.contextTokens);
  if (code !== 'context_length_exceeded' && !OVERFLOW.test(message)) return null;
  const promptTokens = PROMPT.map((pattern) => pattern.exec(message)?.[1]).find((figure) => figure !== undefined);
  return contextOverflow(Number(promptTokens ?? context.promptTokens), Number(CONTEXT.exec(message)?.[1] ?? context.contextTokens));
}

/** What fetch threw: it does not say why. */
export function unreachable(pageUrl: string, serverUrl: string, cause: unknown): LlamboError {
  return new LlamboError('unreachable', `No answer came from ${new URL(serverUrl).host}.`, {
    advice: explainFailure(pageUrl, serverUrl).map(({ text }) => text).join(' '),
    cause,
  });
}

export const noSuchInterface = (serverUrl: string): LlamboError =>
  new LlamboError('not-found', `There is no OpenAI-compatible server at ${serverUrl}.`, { advice: 'Give the address that other programs call its API base; it often ends in /v1.' });

function detailOf(body: string): Detail {
  try {
    const value: unknown = JSON.parse(body);
    const error = typeof value === 'object' && value !== null && 'error' in value ? value.error : value;
    return parseDetail(error);
  } catch {
    return parseDetail({});
  }
}

function parseDetail(error: unknown): Detail {
  const result = v.safeParse(detailSchema, typeof error === 'string' ? { message: error } : error);
  return result.success ? result.output : v.parse(detailSchema, {});
}

/** A server may repeat the key, which must not get into a notice or a log. */
const shown = (message: string, key: string): string => (key === '' ? message : message.replaceAll(key, '…')).slice(0, SHOWN_CHARS);
