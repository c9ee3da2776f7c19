/**
 * Credentials of a TURN server that the page's own server mints: asked for before the first dial, renewed before they end. Knows
 * nothing of WebRTC, and asks nobody but the page's own origin.
 *
 * ```
 *   [none] --ask--> [asking] --answer--> [fresh] --half of its time--> [asking] --answer--> [fresh]
 *                       '--failed: again after AGAIN_MS, twice that, …; what there is counts until its time is over
 * ```
 */
import * as v from 'valibot';
import { LIMITS } from '../../protocol/limits.ts';
import { mintedIceSchema, type IceServer, type MintedIce } from '../../protocol/signalling.ts';
import { abortable, withDeadline } from '../../shared/abort.ts';
import type { Env } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';

export interface TurnCredentials {
  /** Those that hold now; empty before the first answer, and once they have ended. */
  servers(): readonly IceServer[];
  /**
   * Settles when there are some that hold, or when it is clear that none can be had soon: a dial goes on without.
   * @throws LlamboError `aborted`
   */
  ready(signal?: AbortSignal): Promise<void>;
  /** Asks no more. Idempotent. */
  close(): void;
}

export interface TurnCredentialsDeps {
  readonly env: Env;
  /** Of the page's own server: what it answers, as text. Rejects if it answers anything but 200. */
  fetchText(signal: AbortSignal): Promise<string>;
}

/** A server that answers at all answers sooner; so long a dial may wait for it. */
const WAIT_MS = 2_000;
const AGAIN_MS = 5_000;
const AGAIN_LAST_MS = 60_000;
/** Of their time: then there is as much left for a server that is away. */
const RENEW_SHARE = 0.5;

interface Held {
  readonly servers: readonly IceServer[];
  readonly ms: number;
  readonly askedAt: number;
  readonly askedWall: number;
}

export function createTurnCredentials({ env: { clock, random }, fetchText }: TurnCredentialsDeps): TurnCredentials {
  const closing = new AbortController();
  let held: Held | null = null;
  let asking: Promise<void> | null = null;
  let waitMs = AGAIN_MS;
  let cancelTimer: () => void = () => undefined;

  /** The steady clock may stand still while a machine sleeps; the other may be set back. */
  const ageOf = ({ askedAt, askedWall }: Held): number => Math.max(clock.now() - askedAt, clock.wallTime() - askedWall);
  const holds = (): boolean => held !== null && ageOf(held) < held.ms;

  async function ask(): Promise<void> {
    const [askedAt, askedWall] = [clock.now(), clock.wallTime()];
    const fetching = new AbortController();
    const stop = (): void => fetching.abort();
    closing.signal.addEventListener('abort', stop, { once: true });
    try {
      const text = await withDeadline(clock, LIMITS.signalOpenMs, 'Credentials of the TURN server', abortable(fetchText(fetching.signal), closing.signal));
      const { iceServers, seconds } = parse(text);
      held = { servers: iceServers, ms: seconds * 1000, askedAt, askedWall };
      waitMs = AGAIN_MS;
      later(held.ms * RENEW_SHARE);
    } catch {
      later(waitMs);
      waitMs = Math.min(2 * waitMs, AGAIN_LAST_MS);
    } finally {
      closing.signal.removeEventListener('abort', stop);
      stop();
      asking = null;
    }
  }

  function renew(): Promise<void> {
    cancelTimer();
    return (asking ??= ask());
  }

  /** Jitter: pages that were opened together do not ask together for ever. */
  function later(ms: number): void {
    if (!closing.signal.aborted) cancelTimer = clock.after(ms * (0.8 + 0.2 * random.next()), () => void renew());
  }

  return {
    servers: () => (held && holds() ? held.servers : []),
    async ready(signal) {
      if (holds() || closing.signal.aborted) return;
      const late = withDeadline(clock, WAIT_MS, 'Credentials of the TURN server', renew());
      await abortable(late.catch(() => undefined), signal);
    },
    close() {
      closing.abort();
      cancelTimer();
    },
  };
}

/** @throws LlamboError `bad-request` */
function parse(text: string): MintedIce {
  if (text.length > LIMITS.signalBytes) throw new LlamboError('bad-request', 'More than credentials are.');
  const result = v.safeParse(mintedIceSchema, JSON.parse(text));
  if (result.success) return result.output;
  throw new LlamboError('bad-request', 'No credentials.');
}

/**
 * @param url of the page's own server
 * @throws LlamboError `unreachable`, if it answers anything but 200
 */
export async function fetchMinted(url: URL, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal, cache: 'no-store', credentials: 'same-origin', redirect: 'error' });
  if (!response.ok) throw new LlamboError('unreachable', `The server answered ${response.status}.`);
  return response.text();
}
