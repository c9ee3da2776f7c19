/**
 * From a fresh connection to a peer link: runs the handshake under its deadline, then hands the wire to whoever owns the
 * link. Every path ends: by the link, or by an error and a closed connection.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import { createEnding } from '../../shared/abort.ts';
import { Emitter } from '../../shared/emitter.ts';
import type { Clock } from '../../shared/env.ts';
import { abortError, asLlamboError, LlamboError } from '../../shared/errors.ts';
import { shakeHands, type Greeting, type HandshakeDeps } from './handshake.ts';
import type { PeerLink } from './peer-link.ts';
import { linkError } from './refusals.ts';
import type { Connection } from '../transport/transport.ts';
import { createWire, type Wire } from './wire.ts';

export interface OpenLinkDeps extends HandshakeDeps {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** A person over there was asked to let us in. */
  onWait?(): void;
}

/** How a connection runs, by the letter of its other end. */
const PATHS = new Map([
  ['w', 'webrtc'],
  ['b', 'broadcast'],
  ['s', 'simulated'],
  ['r', 'relayed'],
]);

/**
 * @param connection is closed if this fails
 * @throws LlamboError `refused` (`details.reason` is a `Refusal`, `details.by` says who: `us` or `them`), `timeout`
 *   (`LIMITS.handshakeMs`; `LIMITS.admissionMs` where a person is asked), `peer-lost`, `aborted`
 */
export async function openLink(connection: Connection, deps: OpenLinkDeps): Promise<PeerLink> {
  const { clock, signal } = deps;
  const ending = createEnding();
  const over = new AbortController();
  const wire = createWire(connection, clock);

  function give(error: LlamboError): void {
    ending.end(error);
    wire.end({ kind: 'closed' });
  }
  const expire = (): void => give(new LlamboError('timeout', 'The other side did not finish the greeting in time.', { advice: 'Try again in a moment.' }));
  const stop = (): void => give(signal?.reason instanceof LlamboError ? signal.reason : abortError());

  let cancelDeadline = clock.after(LIMITS.handshakeMs, expire);
  const unsubscribe = wire.onEnd((end) => {
    ending.end(linkError(end));
    over.abort();
  });
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();

  try {
    const greeting = await shakeHands(
      wire,
      {
        outgoing: connection.outgoing,
        binding: connection.binding,
        orEnd: ending.orEnd,
        waiting(by) {
          if (by === 'them') deps.onWait?.();
          cancelDeadline();
          cancelDeadline = clock.after(LIMITS.admissionMs, expire);
        },
        signal: over.signal,
      },
      deps,
    );
    return createPeerLink(wire, connection, greeting);
  } catch (error) {
    // A failure of our own (a key that will not sign) must not leave the connection open.
    wire.end({ kind: 'closed' });
    throw asLlamboError(error);
  } finally {
    cancelDeadline();
    unsubscribe();
    signal?.removeEventListener('abort', stop);
  }
}

const isGreeting = (message: PeerMessage): boolean => ['hello', 'proof', 'welcome', 'wait'].includes(message.t);

function createPeerLink(wire: Wire, connection: Connection, { peer, device, build, welcome }: Greeting): PeerLink {
  const messages = new Emitter<PeerMessage>();
  let listening = false;

  function onMessage(message: PeerMessage): void {
    if (isGreeting(message)) wire.end({ kind: 'violation', reason: 'protocol', what: `${message.t} after the handshake` });
    else messages.emit(message);
  }

  return {
    peer,
    device,
    build,
    welcome,
    outgoing: connection.outgoing,
    path: PATHS.get(connection.remote.slice(0, 1)) ?? 'unknown',
    bulk: connection.bulk,
    send: wire.send,
    bufferedBytes: wire.bufferedBytes,
    onMessage(listener) {
      const unsubscribe = messages.on(listener);
      if (!listening) {
        listening = true;
        wire.receive(onMessage);
      }
      return unsubscribe;
    },
    onEnd: wire.onEnd,
    end: wire.end,
  };
}
