/**
 * A `Transport` over the simulated world: signalling, dials and doors on a virtual clock. For tests of everything above a
 * transport, without a browser and without waiting.
 */
import type { Door, Endpoint, Transport } from '../mesh/transport/transport.ts';
import { LIMITS } from '../protocol/limits.ts';
import { throwIfAborted } from '../shared/abort.ts';
import { Emitter } from '../shared/emitter.ts';
import type { Random } from '../shared/env.ts';
import { abortError, LlamboError } from '../shared/errors.ts';
import type { EndpointId } from '../shared/ids.ts';
import { createSimConnection, type SimEnd } from './sim-connection.ts';
import type { Host, World } from './sim-world.ts';

export interface SimNetwork {
  /** The transport of one machine. */
  transport(host: Host): Transport;
  /** The signalling server goes down, or comes back. Connections stay. */
  signalling(state: 'up' | 'down'): void;
}

/** Somebody who can be dialled under some ids. */
interface Station {
  readonly host: Host;
  readonly id: EndpointId;
  answer(end: SimEnd): void;
  track(end: SimEnd): void;
  changed(state: 'up' | 'down'): void;
}

/** A path is looked for again and again, as ICE does. */
const RETRY_MS = 500;
/** So long the signalling server takes to say that nobody is there. */
const UNAVAILABLE_MS = 300;
/** Offer, answer, candidates, DTLS. */
const DIAL_TRIPS = 3;
/** The signalling server keeps the id of a machine that died without a word. */
const STALE_MS = 90_000;

const unreachable = (what: string): LlamboError => new LlamboError('unreachable', what);

export function createSimNetwork(world: World, random: Random): SimNetwork {
  const { clock } = world;
  const stations = new Map<EndpointId, Station>();
  const staleSince = new Map<Station, number>();
  let state: 'up' | 'down' = 'up';

  /** Who holds an id; the dead hold theirs for a while. */
  function holderOf(id: EndpointId): Station | undefined {
    const station = stations.get(id);
    if (!station || station.host.state !== 'dead') return station;
    if (!staleSince.has(station)) staleSince.set(station, clock.now());
    return clock.now() - staleSince.get(station)! < STALE_MS ? station : undefined;
  }

  function connect(from: Station, to: Station, id: EndpointId): SimEnd {
    const [near, far] = createSimConnection({
      clock,
      binding: Uint8Array.from({ length: 32 }, () => Math.floor(random.next() * 256)),
      control: world.wire(from.host, to.host),
      bulk: world.wire(from.host, to.host),
      ids: [from.id, id],
    });
    to.track(far);
    from.track(near);
    to.answer(far);
    return near;
  }

  /** Settles on the machine that waits: not while it is frozen, and never if it is dead. */
  function wait<T>(host: Host, signals: readonly (AbortSignal | undefined)[], start: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(abortError());
      for (const signal of signals) signal?.addEventListener('abort', stop, { once: true });
      const leave = (): void => signals.forEach((signal) => signal?.removeEventListener('abort', stop));
      start(
        (value) => host.receive(() => (leave(), resolve(value))),
        (error) => host.receive(() => (leave(), reject(error))),
      );
    });
  }

  function dial(from: Station, to: EndpointId, signals: readonly (AbortSignal | undefined)[]): Promise<SimEnd> {
    const deadline = clock.now() + LIMITS.dialMs;
    return wait(from.host, signals, (resolve, reject) => {
      const attempt = (): void => {
        if (signals.some((signal) => signal?.aborted)) return;
        const station = state === 'up' ? holderOf(to) : undefined;
        if (!station) return void clock.after(UNAVAILABLE_MS, () => reject(unreachable(`Nobody has the id ${to}.`)));
        if (clock.now() > deadline) return reject(new LlamboError('timeout', `Dialling ${to} took longer than ${LIMITS.dialMs / 1000} s.`));
        if (station.host.state !== 'up' || !world.connected(from.host, station.host)) return void clock.after(RETRY_MS, attempt);
        clock.after(world.roundTrip() * DIAL_TRIPS, () => {
          if (signals.some((signal) => signal?.aborted)) return;
          if (holderOf(to) !== station || station.host.state !== 'up' || !world.connected(from.host, station.host)) attempt();
          else resolve(connect(from, station, to));
        });
      };
      attempt();
    });
  }

  function hold(station: Station, id: EndpointId, signals: readonly (AbortSignal | undefined)[]): Promise<void> {
    return wait(station.host, signals, (resolve, reject) => {
      clock.after(world.roundTrip(), () => {
        if (signals.some((signal) => signal?.aborted)) return;
        if (state === 'down') return reject(unreachable('The signalling server does not answer.'));
        if (holderOf(id)) return reject(new LlamboError('busy', `Somebody else holds ${id}.`));
        stations.set(id, station);
        resolve();
      });
    });
  }

  function open(host: Host): Endpoint {
    const arrivals = new Emitter<SimEnd>();
    const changes = new Emitter<'up' | 'down'>();
    const open = new Set<SimEnd>();
    const doors = new Map<EndpointId, Emitter<void>>();
    const closing = new AbortController();
    const station: Station = {
      host,
      id: `s-${random.id()}` as EndpointId,
      answer: (end) => host.receive(() => arrivals.emit(end)),
      track(end) {
        open.add(end);
        end.onClose(() => open.delete(end));
      },
      changed(next) {
        if (next === 'up') stations.set(station.id, station);
        else for (const id of [...doors.keys()]) lose(id);
        host.receive(() => changes.emit(next));
      },
    };

    function free(id: EndpointId): void {
      if (stations.get(id) === station) stations.delete(id);
    }

    function lose(id: EndpointId): void {
      const lost = doors.get(id);
      doors.delete(id);
      if (lost) host.receive(() => lost.emit());
    }

    async function take(id: EndpointId, signal: AbortSignal | undefined): Promise<Door> {
      throwIfAborted(signal);
      if (closing.signal.aborted) throw unreachable('This endpoint is closed.');
      await hold(station, id, [signal, closing.signal]);
      const lost = new Emitter<void>();
      doors.set(id, lost);
      return {
        id,
        onLost: (listener) => lost.on(listener),
        release() {
          if (doors.delete(id)) free(id);
        },
      };
    }

    stations.set(station.id, station);
    watchers.add(station);
    return {
      id: station.id,
      ids: [station.id],
      leadsTo: (id) => id.startsWith('s-'),
      async dial(to, { signal } = {}) {
        throwIfAborted(signal);
        if (closing.signal.aborted) throw unreachable('This endpoint is closed.');
        return dial(station, to, [signal, closing.signal]);
      },
      hold: (id, { signal } = {}) => take(id, signal),
      onConnection: (listener) => arrivals.on(listener),
      signalling: () => (closing.signal.aborted ? 'down' : state),
      onSignalling: (listener) => changes.on(listener),
      close() {
        if (closing.signal.aborted) return;
        closing.abort();
        watchers.delete(station);
        for (const id of [station.id, ...doors.keys()]) free(id);
        doors.clear();
        for (const end of [...open]) end.close();
      },
    };
  }

  const watchers = new Set<Station>();

  return {
    transport: (host) => ({
      kind: 'simulated',
      async open({ signal } = {}) {
        throwIfAborted(signal);
        if (state === 'down') throw unreachable('The signalling server does not answer.');
        await wait<void>(host, [signal], (resolve) => void clock.after(world.roundTrip(), () => resolve()));
        return open(host);
      },
    }),
    signalling(next) {
      if (next === state) return;
      state = next;
      if (next === 'down') stations.clear();
      for (const station of watchers) station.changed(next);
    },
  };
}
