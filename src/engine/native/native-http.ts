/** Requests to one server: with its key, to no other place than its own, and every wait with an end. */
import { LIMITS } from '../../protocol/limits.ts';
import { background, withDeadline } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import { unreachable, unusableKey } from './native-errors.ts';

export interface ServerAddress {
  /** As `serverRoot` gives it. */
  readonly root: string;
  /** Empty: none. */
  readonly key: string;
}

export interface NativeHttpDeps {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly server: ServerAddress;
  /** Of this page, to say what may stand between it and the server. */
  readonly pageUrl: string;
}

export interface NativeHttp {
  /** @throws LlamboError `unreachable`, `refused` (no server can have such a key); the signal's reason if it fires */
  get(path: string, signal: AbortSignal): Promise<Response>;
  post(path: string, body: unknown, signal: AbortSignal): Promise<Response>;
}

/** What may stand in a header. A browser would say of anything else that the server can't be reached. */
const USABLE_KEY = /^[\x21-\x7e]*$/;

export function createNativeHttp({ fetch, server: { root, key }, pageUrl }: NativeHttpDeps): NativeHttp {
  async function send(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    if (!USABLE_KEY.test(key)) throw unusableKey();
    const headers = { ...(init.headers as Record<string, string>), ...(key === '' ? {} : { Authorization: `Bearer ${key}` }) };
    // A redirect could lead a prompt to somebody whom the person never named.
    const once = (): Promise<Response> => fetch(`${root}${path}`, { ...init, headers, signal, credentials: 'omit', redirect: 'error', cache: 'no-store', referrerPolicy: 'no-referrer' });
    try {
      // Servers close a connection that they kept after so many requests (llama-server: 100): what was just sent over it is sent again.
      return await once().catch((error: unknown) => {
        if (signal.aborted) throw error;
        return once();
      });
    } catch (error) {
      throw signal.aborted ? signal.reason : unreachable(pageUrl, root, error);
    }
  }
  return {
    get: (path, signal) => send(path, { headers: { Accept: 'application/json' } }, signal),
    post: (path, body, signal) => send(path, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' }, body: JSON.stringify(body) }, signal),
  };
}

/**
 * Text of a reply as it comes, piece by piece. Leaving the loop ends the request.
 * @throws LlamboError `engine-crashed` if the connection breaks; the signal's reason if it fires
 */
export async function* textOf(response: Response, signal: AbortSignal): AsyncGenerator<string, void, void> {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield decoder.decode(value, { stream: true });
    }
    ended = true;
    yield decoder.decode();
  } catch (error) {
    ended = true;
    if (signal.aborted) throw signal.reason;
    throw error instanceof LlamboError ? error : new LlamboError('engine-crashed', 'The connection to the server broke.', { advice: 'Ask again, or ask another node.', cause: error });
  } finally {
    if (!ended) background(reader.cancel(), () => undefined);
  }
}

/** A whole reply, or as much of it as is allowed, within the time of a probe. */
export async function wholeText(clock: Clock, response: Response, signal: AbortSignal): Promise<string> {
  const read = async (): Promise<string> => {
    let text = '';
    for await (const piece of textOf(response, signal)) {
      text += piece;
      if (text.length >= LIMITS.nativeReplyBytes) break;
    }
    return text;
  };
  return withDeadline(clock, LIMITS.nativeProbeMs, 'The server’s reply', read());
}
