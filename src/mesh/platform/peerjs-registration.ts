/**
 * Our id at a signalling server: takes it at the first of the list that answers, and takes it again when the connection is
 * lost, also when it dies without a word. Knows nothing of connections between tabs, which live on without a server.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { SignallingServer } from '../../protocol/signalling.ts';
import { abortable, background, deferred, throwIfAborted } from '../../shared/abort.ts';
import type { Clock, Env } from '../../shared/env.ts';
import { asLlamboError, LlamboError } from '../../shared/errors.ts';
import type { EndpointId } from '../../shared/ids.ts';
import type { DataConnection, Peer, PeerFactory, RtcSettings } from './peerjs-lib.ts';

/** A server that answers at all answers an echo sooner. */
const PROBE_MS = 500;
/** How often a server that has us is asked for an echo, of 150 bytes: browsers don't report a socket that a cut network left
 *  half-open, and its next words would wait for TCP, which tries again ever more seldom. */
const WATCH_MS = 8_000;
/** A server that gave no echo for so long is gone. A good one takes 0.3 s; two lost packets in a row cost TCP one second. */
const ECHO_MS = 3_000;
/** Whoever is about to dial trusts an echo that is not older than this. */
const FRESH_MS = 2_000;
/** So long after a loss it is likely that the network comes back, and that somebody waits for it; later tries are rarer. */
const EAGER_MS = 2 * 60_000;
/** The longest wait until then: two parts of a swarm are to merge within 15 s, and a try and a dial take their part of that. */
const EAGER_RETRY_MS = 5_000;

export interface RegistrationDeps {
  readonly env: Env;
  readonly factory: PeerFactory;
  readonly rtc: RtcSettings;
  admits(): boolean;
  dialled(connection: DataConnection): void;
  absent(id: EndpointId): void;
}

/** An id that one server has given us. */
export interface Registered {
  readonly server: SignallingServer;
  readonly peer: Peer;
  /** Looks now whether the server still hears us, unless that is known. It is lost if not. */
  check(): void;
}

/**
 * Takes an id at one server.
 * @param onLost the server has it no longer; called once, after this has settled
 * @throws LlamboError `busy` (somebody else has it), `unreachable` (the message says why), `aborted`
 */
export async function register(
  deps: RegistrationDeps,
  { id, token, server }: { id: EndpointId; token: string; server: SignallingServer },
  onLost: () => void,
  signal?: AbortSignal,
): Promise<Registered> {
  const { env: { clock }, factory, rtc, admits, dialled, absent } = deps;
  throwIfAborted(signal);
  const opening = deferred<void>();
  let state: 'opening' | 'open' | 'over' = 'opening';
  let watch: Watch | null = null;
  const refused = (message: string): void => opening.reject(new LlamboError('unreachable', message));
  const { peer, probe } = factory.create(id, token, server, rtc, {
    admits,
    dialled,
    absent,
    opened() {
      opening.resolve();
      watch?.heard();
    },
    ended(kind, message) {
      if (kind === 'unavailable-id') opening.reject(new LlamboError('busy', `${id} is taken.`));
      refused(kind === 'network' ? 'it could not be reached' : message);
      end();
    },
  });
  function end(): void {
    const wasOpen = state === 'open';
    state = 'over';
    watch?.stop();
    if (!wasOpen) return;
    // Only the socket goes: connections live on.
    peer.disconnect();
    onLost();
  }
  let cancelProbe = clock.after(PROBE_MS, function again() {
    probe();
    cancelProbe = clock.after(PROBE_MS, again);
  });
  const cancelDeadline = clock.after(LIMITS.signalOpenMs, () => refused(`it did not answer within ${LIMITS.signalOpenMs / 1000} s`));
  try {
    await abortable(opening.promise, signal);
    // It may have ended again before we heard that it was open.
    if (peer.disconnected) throw new LlamboError('unreachable', 'it closed the connection at once');
    state = 'open';
    watch = createWatch(clock, probe, end);
    return { server, peer, check: watch.check };
  } catch (error) {
    peer.destroy();
    throw error;
  } finally {
    cancelProbe();
    cancelDeadline();
  }
}

interface Watch {
  /** The server answered. */
  heard(): void;
  check(): void;
  stop(): void;
}

/** @param onSilent it did not answer; called once */
function createWatch(clock: Clock, probe: () => void, onSilent: () => void): Watch {
  let heardAt = clock.now();
  let asked = false;
  let over = false;
  let cancel = clock.after(WATCH_MS, ask);

  function ask(): void {
    asked = true;
    cancel();
    cancel = clock.after(ECHO_MS, onSilent);
    probe();
  }

  return {
    heard() {
      if (over) return;
      heardAt = clock.now();
      asked = false;
      cancel();
      cancel = clock.after(WATCH_MS, ask);
    },
    check() {
      if (!over && !asked && clock.now() - heardAt > FRESH_MS) ask();
    },
    stop() {
      over = true;
      cancel();
    },
  };
}

export interface Registration {
  /** Null while no server has us. */
  current(): Registered | null;
  stop(): void;
}

/**
 * Takes an id at the first server that gives it, and stays.
 * @param onChange the id was lost, or is back
 * @throws LlamboError `unreachable` (the message names each server and why), `aborted`
 */
export async function stayRegistered(
  deps: RegistrationDeps,
  servers: readonly SignallingServer[],
  id: EndpointId,
  onChange: () => void,
  signal?: AbortSignal,
): Promise<Registration> {
  const { clock, random } = deps.env;
  const token = random.id();
  const stopped = new AbortController();
  let current: Registered | null = await first(signal);
  let cancelRetry: (() => void) | null = null;
  let lostAt = clock.now();

  async function first(within: AbortSignal | undefined): Promise<Registered> {
    const reasons: string[] = [];
    for (const server of servers) {
      try {
        return await register(deps, { id, token, server }, lost, within);
      } catch (error) {
        throwIfAborted(within);
        reasons.push(`${addressOf(server)}: ${asLlamboError(error).message}`);
      }
    }
    const reason = reasons.length === 0 ? 'None is configured.' : `${reasons.join('; ')}.`;
    throw new LlamboError('unreachable', `No signalling server answers. ${reason}`, {
      advice: 'Check the connection to the internet. Tabs that are already together stay together.',
    });
  }

  function lost(): void {
    current = null;
    lostAt = clock.now();
    onChange();
    retry(LIMITS.signalRetryFirstMs);
  }

  function retry(ms: number): void {
    if (stopped.signal.aborted) return;
    // Jitter: a server that starts again must not meet everybody in the same moment.
    cancelRetry = clock.after(ms * (0.5 + random.next() / 2), () => background(attempt(ms), () => undefined));
  }

  async function attempt(ms: number): Promise<void> {
    try {
      current = await first(stopped.signal);
    } catch {
      return retry(Math.min(ms * 2, clock.now() - lostAt < EAGER_MS ? EAGER_RETRY_MS : LIMITS.signalRetryLastMs));
    }
    if (stopped.signal.aborted) current.peer.disconnect();
    else onChange();
  }

  return {
    current: () => current,
    stop() {
      stopped.abort();
      cancelRetry?.();
      // Connections belong to this object too, and have been closed by whoever wants that.
      current?.peer.disconnect();
      current = null;
    },
  };
}

const addressOf = ({ host, port, path, secure }: SignallingServer): string => `${secure ? 'wss' : 'ws'}://${host}:${port}${path}`;
