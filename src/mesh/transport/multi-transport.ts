/**
 * Several transports as one: tabs of the same browser reach each other directly, everybody else over WebRTC. It knows
 * which transport an id belongs to by asking, and nothing of how any of them works. One that did not open is tried again by
 * and by: the page may have been opened while its signalling server was away.
 */
import { linkedController, throwIfAborted } from '../../shared/abort.ts';
import { Emitter } from '../../shared/emitter.ts';
import type { Clock } from '../../shared/env.ts';
import { asLlamboError, LlamboError } from '../../shared/errors.ts';
import type { EndpointId } from '../../shared/ids.ts';
import type { Connection, Endpoint, Transport } from './transport.ts';

export interface MultiEndpoint extends Endpoint {
  /** Why a transport is not among those that work together; empty if all are. */
  problems(): readonly TransportProblem[];
}

export interface TransportProblem {
  /** `kind` of the transport. */
  readonly transport: string;
  readonly error: LlamboError;
}

export interface MultiTransport extends Transport {
  /**
   * Settles when each transport is open or has failed; one is enough.
   * @throws LlamboError that of the only transport; with several `unreachable`, whose message has each one's reason
   */
  open(options?: { signal?: AbortSignal }): Promise<MultiEndpoint>;
}

/** A transport that did not open is tried again after this long, and then after twice as long, up to the last. */
const AGAIN_MS = 5_000;
const AGAIN_LAST_MS = 60_000;

/** @param transports the best first: its id is the endpoint's `id` */
export function createMultiTransport(transports: readonly Transport[], clock: Pick<Clock, 'after'>): MultiTransport {
  return {
    kind: transports.map(({ kind }) => kind).join('+'),
    async open({ signal } = {}) {
      throwIfAborted(signal);
      const outcomes = await Promise.allSettled(transports.map((transport) => transport.open(signal ? { signal } : {})));
      const endpoints = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      const missing = outcomes.flatMap((outcome, index) =>
        outcome.status === 'rejected' ? [{ transport: transports[index]!, error: asLlamboError(outcome.reason) }] : [],
      );
      if (signal?.aborted) for (const endpoint of endpoints) endpoint.close();
      throwIfAborted(signal);
      if (endpoints.length === 0) throw failure(missing.map(problemOf));
      return combine(endpoints, missing, clock);
    },
  };
}

interface Missing {
  readonly transport: Transport;
  error: LlamboError;
}

const problemOf = ({ transport, error }: Missing): TransportProblem => ({ transport: transport.kind, error });

function failure(problems: readonly TransportProblem[]): LlamboError {
  const [only, ...others] = problems;
  if (only && others.length === 0) return only.error;
  const reasons = problems.map(({ transport, error }) => `${transport}: ${error.message}`).join(' ');
  const advice = problems.findLast(({ error }) => error.advice !== undefined)?.error.advice;
  return new LlamboError('unreachable', `No way to other tabs. ${reasons}`.trim(), advice === undefined ? {} : { advice });
}

function combine(opened: readonly Endpoint[], first: readonly Missing[], clock: Pick<Clock, 'after'>): MultiEndpoint {
  const endpoints = [...opened];
  let missing = [...first];
  const closing = linkedController(undefined);
  const incoming = new Emitter<Connection>();
  const changes = new Emitter<'up' | 'down'>();
  // A newcomer may know only one of our ids, so all ways must be open.
  const signalling = (): 'up' | 'down' => (missing.length === 0 && endpoints.every((endpoint) => endpoint.signalling() === 'up') ? 'up' : 'down');
  let told = signalling();

  function tell(): void {
    told = signalling();
    changes.emit(told);
  }

  function attend(endpoint: Endpoint): void {
    endpoint.onConnection((connection) => incoming.emit(connection));
    endpoint.onSignalling(() => signalling() !== told && tell());
  }

  function tryAgain(gap: Missing, waitMs: number): void {
    const cancel = clock.after(waitMs, () => {
      closing.signal.removeEventListener('abort', cancel);
      gap.transport.open({ signal: closing.signal }).then(
        (endpoint) => {
          if (closing.signal.aborted) return endpoint.close();
          missing = missing.filter((other) => other !== gap);
          endpoints.push(endpoint);
          attend(endpoint);
          // Also if we are still down: there are more ids than before.
          tell();
        },
        (error: unknown) => {
          gap.error = asLlamboError(error);
          if (!closing.signal.aborted) tryAgain(gap, Math.min(2 * waitMs, AGAIN_LAST_MS));
        },
      );
    });
    closing.signal.addEventListener('abort', cancel, { once: true });
  }

  function leading(to: EndpointId): Endpoint {
    const endpoint = endpoints.find((each) => each.leadsTo(to));
    if (endpoint) return endpoint;
    const reasons = missing.map(problemOf).map(({ transport, error }) => ` ${transport}: ${error.message}`);
    throw new LlamboError('unreachable', `No way leads to ${to}.${reasons.join('')}`);
  }

  endpoints.forEach(attend);
  for (const gap of missing) if (gap.error.code !== 'unsupported') tryAgain(gap, AGAIN_MS);

  return {
    id: endpoints[0]!.id,
    get ids() {
      return endpoints.flatMap(({ ids }) => ids);
    },
    leadsTo: (id) => endpoints.some((endpoint) => endpoint.leadsTo(id)),
    dial: async (to, options) => leading(to).dial(to, options),
    hold: async (door, options) => leading(door).hold(door, options),
    onConnection: (listener) => incoming.on(listener),
    signalling,
    onSignalling: (listener) => changes.on(listener),
    close() {
      closing.abort();
      for (const endpoint of endpoints) endpoint.close();
    },
    problems: () => missing.map(problemOf),
    problem: () => missing[0]?.error ?? null,
  };
}
