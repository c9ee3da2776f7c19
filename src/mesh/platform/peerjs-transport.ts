/**
 * Tabs of any browsers reach each other over WebRTC; PeerServers bring them together. Owns the ids, the connections and
 * the doors of one tab. Each door is an id of its own at the server, so it has a socket of its own.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { IceServer, SignallingServer } from '../../protocol/signalling.ts';
import { abortable, background, createEnding, deferred, throwIfAborted, withDeadline } from '../../shared/abort.ts';
import { Emitter } from '../../shared/emitter.ts';
import type { Env } from '../../shared/env.ts';
import { asLlamboError, LlamboError } from '../../shared/errors.ts';
import type { EndpointId } from '../../shared/ids.ts';
import type { Connection, Door, Endpoint, Transport } from '../transport/transport.ts';
import { createRtcConnection, type RtcConnection } from './peerjs-connection.ts';
import { loadPeerjs, type DataConnection, type PeerFactory, type RtcSettings } from './peerjs-lib.ts';
import { register, stayRegistered, type Registration, type RegistrationDeps } from './peerjs-registration.ts';
import type { TurnCredentials } from './turn-credentials.ts';

const LETTER = 'w';
/** Twice the peers of a swarm: glare makes two of one for a moment. */
const MOST_CONNECTIONS = 2 * LIMITS.peers;

export interface PeerjsTransportDeps {
  readonly env: Env;
  /** Tried in this order. */
  readonly servers: readonly SignallingServer[];
  readonly iceServers: readonly IceServer[];
  /** TURN servers that the page's own server has credentials for, beside these; made anew for each `open`. */
  readonly turn?: () => TurnCredentials;
  readonly iceTransportPolicy?: 'all' | 'relay';
}

export function createPeerjsTransport({ env, servers, iceServers, turn: openTurn, iceTransportPolicy = 'all' }: PeerjsTransportDeps): Transport {
  return {
    kind: 'webrtc',
    async open({ signal } = {}) {
      throwIfAborted(signal);
      if (typeof RTCPeerConnection === 'undefined') {
        throw new LlamboError('unsupported', 'This browser has no WebRTC.', { advice: 'Use a current browser, or allow WebRTC in its settings.' });
      }
      const factory = await abortable(loadPeerjs(), signal);
      const turn = openTurn?.() ?? NO_TURN;
      const rtc: RtcSettings = { iceServers: () => [...iceServers, ...turn.servers()], iceTransportPolicy };
      // Meanwhile: whoever dials waits for them once more.
      background(turn.ready(signal), () => undefined);
      try {
        return await openEndpoint({ env, factory, servers, rtc, turn }, signal);
      } catch (error) {
        turn.close();
        throw error;
      }
    },
  };
}

const NO_TURN: TurnCredentials = { servers: () => [], ready: () => Promise.resolve(), close: () => undefined };

interface EndpointDeps {
  readonly env: Env;
  readonly factory: PeerFactory;
  readonly servers: readonly SignallingServer[];
  readonly rtc: RtcSettings;
  readonly turn: TurnCredentials;
}

const unreachable = (message: string): LlamboError =>
  new LlamboError('unreachable', message, { advice: 'Ask for a fresh link, or look whether the other tab is still open.' });
const closed = (): LlamboError => unreachable('This end is closed.');

async function openEndpoint({ env, factory, servers, rtc, turn }: EndpointDeps, signal: AbortSignal | undefined): Promise<Endpoint> {
  const { clock, random } = env;
  const id = `${LETTER}-${random.id()}` as EndpointId;
  const incoming = new Emitter<Connection>();
  const signalling = new Emitter<'up' | 'down'>();
  const absent = new Emitter<EndpointId>();
  const connections = new Set<RtcConnection>();
  const doors = new Set<Door>();
  /** With which token a door was lost. A server that has not noticed gives the door back for that, and for no other. */
  const tokens = new Map<EndpointId, string>();
  const ending = createEnding();
  let arriving = 0;
  let open = true;

  const deps: RegistrationDeps = {
    env, factory, rtc,
    admits: () => open && arriving < LIMITS.pendingHandshakes && connections.size < MOST_CONNECTIONS,
    dialled: (conn) => background(arrive(conn), () => undefined),
    absent: (other) => absent.emit(other),
  };
  const registration: Registration = await stayRegistered(deps, servers, id, () => signalling.emit(state()), signal);
  const state = (): 'up' | 'down' => (registration.current() ? 'up' : 'down');

  function adopt(conn: DataConnection, outgoing: boolean): RtcConnection {
    const connection = createRtcConnection(conn, outgoing, clock, () => connections.delete(connection));
    connections.add(connection);
    return connection;
  }

  /** Whoever calls and then says nothing must not hold a place for ever. */
  async function arrive(conn: DataConnection): Promise<void> {
    const connection = adopt(conn, false);
    arriving += 1;
    try {
      incoming.emit(await withDeadline(clock, LIMITS.dialMs, `A call of ${conn.peer}`, connection.opened));
    } catch (error) {
      connection.cut('us');
      throw error;
    } finally {
      arriving -= 1;
    }
  }

  async function dial(to: EndpointId, { signal }: { signal?: AbortSignal } = {}): Promise<Connection> {
    throwIfAborted(signal);
    if (!open) throw closed();
    if (!leadsTo(to)) throw unreachable(`${to} is no id of WebRTC.`);
    await turn.ready(signal);
    const registered = registration.current();
    if (!registered) throw unreachable('No signalling server is there to dial through.');
    const nobody = deferred<never>();
    const off = absent.on((other) => other === to && nobody.reject(unreachable(`Nobody is ${to}.`)));
    let call: RTCPeerConnection | null = null;
    let connection: RtcConnection | null = null;
    // An answer comes by the socket that carried the offer, or not at all.
    const offLost = signalling.on(() => {
      if (!call?.remoteDescription) nobody.reject(unreachable('The signalling server was lost while dialling.'));
    });
    try {
      registered.check();
      const conn = registered.peer.connect(to, { serialization: 'raw', reliable: true, label: 'llambo' });
      call = conn.peerConnection;
      connection = adopt(conn, true);
      const opened = Promise.race([connection.opened, nobody.promise]);
      return await withDeadline(clock, LIMITS.dialMs, `Dialling ${to}`, abortable(ending.orEnd(opened), signal));
    } catch (error) {
      connection?.cut('us');
      throw asLlamboError(error, 'unreachable');
    } finally {
      off();
      offLost();
    }
  }

  async function hold(at: EndpointId, { signal }: { signal?: AbortSignal } = {}): Promise<Door> {
    throwIfAborted(signal);
    if (!open) throw closed();
    const server = registration.current()?.server;
    if (!leadsTo(at) || !server) throw unreachable(server ? `${at} is no door of WebRTC.` : 'No signalling server is there to keep a door.');
    const lost = new Emitter<void>();
    const token = tokens.get(at) ?? random.id();
    tokens.delete(at);
    const gone = (): void => {
      if (!doors.delete(door)) return;
      tokens.set(at, token);
      lost.emit();
    };
    const { peer } = await register(deps, { id: at, token, server }, gone, signal).catch((error: unknown) => {
      // Without an answer nobody knows whether the server has it.
      if (asLlamboError(error).code !== 'busy') tokens.set(at, token);
      throw error;
    });
    // Only the id goes: who came in by this door stays.
    const release = (): void => peer.disconnect();
    const door: Door = { id: at, onLost: (listener) => lost.on(listener), release: () => void (doors.delete(door) && release()) };
    if (!open) release();
    if (!open) throw closed();
    doors.add(door);
    return door;
  }

  const leadsTo = (other: EndpointId): boolean => other.startsWith(`${LETTER}-`);

  return {
    id,
    ids: [id],
    leadsTo,
    dial,
    hold,
    onConnection: (listener) => incoming.on(listener),
    signalling: state,
    onSignalling: (listener) => signalling.on(listener),
    close() {
      if (!open) return;
      open = false;
      turn.close();
      ending.end(closed());
      for (const connection of [...connections]) connection.cut('us');
      for (const door of [...doors]) door.release();
      registration.stop();
    },
  };
}
