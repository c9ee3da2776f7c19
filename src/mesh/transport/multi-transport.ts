/**
 * Several transports as one: tabs of the same browser reach each other directly, everybody else over WebRTC. It knows
 * which transport an id belongs to by asking, and nothing of how any of them works.
 */
import { throwIfAborted } from '../../shared/abort.ts';
import { Emitter } from '../../shared/emitter.ts';
import { asLlamboError, LlamboError } from '../../shared/errors.ts';
import type { EndpointId } from '../../shared/ids.ts';
import type { Endpoint, Transport } from './transport.ts';

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

/** @param transports the best first: its id is the endpoint's `id` */
export function createMultiTransport(transports: readonly Transport[]): MultiTransport {
  return {
    kind: transports.map(({ kind }) => kind).join('+'),
    async open({ signal } = {}) {
      throwIfAborted(signal);
      const outcomes = await Promise.allSettled(transports.map((transport) => transport.open(signal ? { signal } : {})));
      const endpoints = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      const problems = outcomes.flatMap((outcome, index) =>
        outcome.status === 'rejected' ? [{ transport: transports[index]!.kind, error: asLlamboError(outcome.reason) }] : [],
      );
      if (signal?.aborted) for (const endpoint of endpoints) endpoint.close();
      throwIfAborted(signal);
      const [first, ...others] = endpoints;
      if (!first) throw failure(problems);
      return combine([first, ...others], problems);
    },
  };
}

function failure(problems: readonly TransportProblem[]): LlamboError {
  const [only, ...others] = problems;
  if (only && others.length === 0) return only.error;
  const reasons = problems.map(({ transport, error }) => `${transport}: ${error.message}`).join(' ');
  const advice = problems.findLast(({ error }) => error.advice !== undefined)?.error.advice;
  return new LlamboError('unreachable', `No way to other tabs. ${reasons}`.trim(), advice === undefined ? {} : { advice });
}

function combine(endpoints: readonly [Endpoint, ...Endpoint[]], problems: readonly TransportProblem[]): MultiEndpoint {
  const [first] = endpoints;
  const changes = new Emitter<'up' | 'down'>();
  // A newcomer may know only one of our ids, so all ways must be open.
  const signalling = (): 'up' | 'down' => (endpoints.every((endpoint) => endpoint.signalling() === 'up') ? 'up' : 'down');
  let told = signalling();
  for (const endpoint of endpoints) {
    endpoint.onSignalling(() => {
      const state = signalling();
      if (state === told) return;
      told = state;
      changes.emit(state);
    });
  }

  function leading(to: EndpointId): Endpoint {
    const endpoint = endpoints.find((each) => each.leadsTo(to));
    if (endpoint) return endpoint;
    const problem = problems.length === 0 ? '' : ` ${problems.map(({ transport, error }) => `${transport}: ${error.message}`).join(' ')}`;
    throw new LlamboError('unreachable', `No way leads to ${to}.${problem}`);
  }

  return {
    id: first.id,
    ids: endpoints.flatMap(({ ids }) => ids),
    leadsTo: (id) => endpoints.some((endpoint) => endpoint.leadsTo(id)),
    dial: async (to, options) => leading(to).dial(to, options),
    hold: async (door, options) => leading(door).hold(door, options),
    onConnection(listener) {
      const offs = endpoints.map((endpoint) => endpoint.onConnection(listener));
      return () => offs.forEach((off) => off());
    },
    signalling,
    onSignalling: (listener) => changes.on(listener),
    close: () => endpoints.forEach((endpoint) => endpoint.close()),
    problems: () => problems,
  };
}
