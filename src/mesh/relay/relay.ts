/**
 * Connections to peers that no direct link leads to, over a neighbour that has a link with both ends: an endpoint like a
 * transport's, with the letter `r`, over which the normal handshake runs. Every peer also carries for others. It knows
 * the links that it is given and which neighbours may help; not who is in the swarm, nor when a relay is wanted.
 *
 * Nothing here is believed because a neighbour says so: it can break a connection, which it could do by not carrying, and
 * no more. Keys and boxes are `relay-crypto.ts`, who the other end really is says the handshake.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import { abortable, throwIfAborted, withDeadline } from '../../shared/abort.ts';
import { Emitter, type Unsubscribe } from '../../shared/emitter.ts';
import type { Env } from '../../shared/env.ts';
import { asLlamboError, LlamboError } from '../../shared/errors.ts';
import type { EndpointId, PeerId } from '../../shared/ids.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { packBox, unpackBox, type BoxKind } from './relay-box.ts';
import { createRelayCarrier, type RelayLink } from './relay-carrier.ts';
import { createRelayedConnection, type RelayedConnection } from './relay-connection.ts';
import type { RelayCrypto, RelayKeys } from './relay-crypto.ts';
import { createPaths, type Path } from './relay-paths.ts';
import { createPairRates, PACE } from './relay-rates.ts';
import type { Connection, Endpoint } from '../transport/transport.ts';

export interface RelayDeps {
  readonly self: PeerId;
  readonly env: Env;
  readonly crypto: RelayCrypto;
  /** Neighbours that may carry to that peer, the best first; those without a direct link are passed over. */
  neighbours(to: PeerId): readonly PeerId[];
  /** The direct link with a peer; null if there is none, or only a relayed one: nothing is carried twice. */
  direct(peer: PeerId): RelayLink | null;
  /** That peer sent what no honest one does: its link must end. */
  onViolation(peer: PeerId, what: string): void;
}

export interface Relay extends Pick<Endpoint, 'id' | 'leadsTo' | 'dial' | 'onConnection'> {
  /** A message came over the link with `neighbour`. */
  handle(neighbour: PeerId, message: MessageOf<'relay' | 'relay-gone'>): void;
  /** The link with that peer is gone, and with it what went over it. */
  linkEnded(neighbour: PeerId): void;
  /** Closes every connection, and dials no more. Idempotent. */
  close(): void;
}

export const relayEndpoint = (peer: PeerId): EndpointId => `r-${peer}` as EndpointId;
const isRelayEndpoint = (id: EndpointId): boolean => id.startsWith('r-');
const peerOf = (id: EndpointId): PeerId => id.slice(2) as PeerId;
const PEER = /^[a-z2-7]{20}$/;

/** Whether a link runs over a third peer: `openLink` says so by the letter of its endpoint. */
export const isRelayed = ({ path }: Pick<PeerLink, 'path'>): boolean => path === 'relayed';

const NOTHING = new Uint8Array(0);

const gone = (what: string): LlamboError => new LlamboError('unreachable', what, { advice: 'Try again in a moment.' });

export function createRelay({ self, env, crypto, neighbours, direct, onViolation }: RelayDeps): Relay {
  const { clock, random } = env;
  const connections = new Emitter<Connection>();
  const carrier = createRelayCarrier(clock, direct);
  const paths = createPaths();
  /** By neighbour and other end. */
  const paces = createPairRates(clock, PACE);
  let closed = false;

  /** @returns false if nobody can carry it */
  function post({ remote, via, id }: Pick<Path, 'remote' | 'via' | 'id'>, kind: BoxKind, content: Uint8Array = NOTHING): boolean {
    const link = direct(via);
    link?.send({ t: 'relay', to: remote, from: self, box: packBox({ kind, path: id, content }) });
    return link !== null;
  }

  function connect(path: Path, keys: RelayKeys, outgoing: boolean): RelayedConnection {
    const connection = createRelayedConnection({
      clock,
      keys,
      outgoing,
      remote: relayEndpoint(path.remote),
      pace: paces.of(path.via, path.remote),
      post: (sealed) => void (post(path, 'sealed', sealed) || paths.lose(path, gone('The tab in between is gone.'))),
      linkBufferedBytes: () => direct(path.via)?.bufferedBytes() ?? 0,
      hangUp(said) {
        if (path.over) return;
        paths.forget(path);
        if (!said) post(path, 'end');
      },
    });
    path.connection = connection;
    for (const box of path.early.splice(0)) connection.receive(box);
    return connection;
  }

  // --- Dialling

  async function ask(to: PeerId, via: PeerId, signal: AbortSignal | undefined): Promise<Connection> {
    const path = paths.open(to, via, random.id());
    try {
      const offer = await crypto.offer();
      if (path.over || !post(path, 'ask', offer.bytes)) throw gone('The tab in between is gone.');
      const answer = await abortable(withDeadline(clock, LIMITS.relayAnswerMs, 'An answer through another tab', path.answered.promise), signal);
      const keys = await offer.finish(answer);
      throwIfAborted(signal);
      // The neighbour may be gone by now; `answered` says why if it was before.
      if (path.over) throw gone('The way through another tab is gone.');
      return connect(path, keys, true);
    } catch (error) {
      if (!path.over) post(path, 'end');
      paths.lose(path, asLlamboError(error));
      throw error;
    }
  }

  async function dialThrough(to: PeerId, ways: readonly PeerId[], signal: AbortSignal | undefined): Promise<Connection> {
    const [via, ...others] = ways;
    if (via === undefined) throw gone('No tab that we are linked with is linked with that one.');
    try {
      return await ask(to, via, signal);
    } catch (error) {
      if (others.length === 0 || signal?.aborted || closed) throw error;
      return dialThrough(to, others, signal);
    }
  }

  async function dial(to: EndpointId, signal: AbortSignal | undefined): Promise<Connection> {
    throwIfAborted(signal);
    const peer = peerOf(to);
    if (closed || !isRelayEndpoint(to) || !PEER.test(peer) || peer === self) throw gone(`No way leads to ${to}.`);
    const ways = neighbours(peer).filter((via) => via !== peer && direct(via) !== null);
    return dialThrough(peer, ways.slice(0, LIMITS.relayTries), signal);
  }

  // --- Being dialled

  async function accept(path: Path, offer: Uint8Array): Promise<void> {
    try {
      const { bytes, keys } = await crypto.answer(offer);
      if (path.over) return;
      post(path, 'answer', bytes);
      connections.emit(connect(path, keys, false));
    } catch {
      if (!path.over) post(path, 'end');
      paths.forget(path);
    }
  }

  function receive(via: PeerId, remote: PeerId, text: string): void {
    const box = unpackBox(text);
    // Its writer is not the neighbour, so the neighbour is not to blame.
    if (!box) return;
    const path = paths.get(remote, box.path);
    if (path) return onBox(path, via, box.kind, box.content);
    if (box.kind === 'ask' && !closed && paths.hasRoom(remote, via)) void accept(paths.open(remote, via, box.path), box.content);
    else if (box.kind !== 'end') post({ remote, via, id: box.path }, 'end');
  }

  function onBox(path: Path, via: PeerId, kind: BoxKind, content: Uint8Array): void {
    // Who does not carry this connection has no part in it.
    if (via !== path.via) return;
    switch (kind) {
      case 'ask':
        return;
      case 'answer':
        return path.answered.resolve(content);
      case 'end':
        return paths.lose(path, gone('The other tab did not take the call through another tab.'));
      case 'sealed':
        if (path.connection) path.connection.receive(content);
        else if (path.early.length < LIMITS.earlyFrames) path.early.push(content);
        else paths.lose(path, gone('Too much came at once through another tab.'));
    }
  }

  return {
    id: relayEndpoint(self),
    leadsTo: isRelayEndpoint,
    async dial(to, { signal } = {}) {
      try {
        return await dial(to, signal);
      } catch (error) {
        throwIfAborted(signal);
        throw error;
      }
    },
    onConnection: (listener): Unsubscribe => connections.on(listener),
    handle(neighbour, message) {
      if (message.t === 'relay-gone') {
        const why = message.reason === 'busy' ? 'The tab in between carries too much already.' : 'The tab in between is not linked with that one.';
        paths.loseAll(gone(why), ({ via, remote }) => via === neighbour && remote === message.to);
        return;
      }
      const { from, to, box } = message;
      // Over a relayed link: it was a direct one when they wrote this, or they want it carried twice.
      if (!direct(neighbour)) return;
      if (to === self ? from === self || from === neighbour : from !== neighbour || to === neighbour) {
        onViolation(neighbour, 'a relay from or to where it can not be');
      } else if (to === self) receive(neighbour, from, box);
      else carrier.carry(message);
    },
    linkEnded(neighbour) {
      carrier.linkEnded(neighbour);
      paces.forget(neighbour);
      paths.loseAll(gone('The tab in between is gone.'), ({ via }) => via === neighbour);
    },
    close() {
      closed = true;
      for (const path of paths.all()) {
        if (path.connection) path.connection.close();
        else paths.lose(path, gone('This tab left.'));
      }
    },
  };
}

/** A transport's endpoint that also leads to peers over neighbours. Its ids are the transport's: a peer's own id says the other. */
export function withRelay(endpoint: Endpoint, relay: Relay): Endpoint {
  return {
    id: endpoint.id,
    get ids() {
      return endpoint.ids;
    },
    leadsTo: (id) => relay.leadsTo(id) || endpoint.leadsTo(id),
    dial: (to, options) => (relay.leadsTo(to) ? relay : endpoint).dial(to, options),
    onConnection(listener) {
      const offs = [endpoint.onConnection(listener), relay.onConnection(listener)];
      return () => offs.forEach((off) => off());
    },
    hold: (door, options) => endpoint.hold(door, options),
    signalling: () => endpoint.signalling(),
    onSignalling: (listener) => endpoint.onSignalling(listener),
    problem: () => endpoint.problem?.() ?? null,
    close() {
      relay.close();
      endpoint.close();
    },
  };
}
