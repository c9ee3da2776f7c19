/**
 * The table of links: one per peer. It takes what was dialled and what dials us through the handshake, and settles which
 * of two connections to the same peer stays. It knows nothing of who is in the swarm or who leads.
 */
import { LIMITS } from '../protocol/limits.ts';
import type { Clock } from '../shared/env.ts';
import type { EndpointId, PeerId } from '../shared/ids.ts';
import { LlamboError } from '../shared/errors.ts';
import type { LinkEnd, PeerLink } from './link/peer-link.ts';
import { createLeavable, createSuccessor, type LeavableLink } from './relay/handover.ts';
import { isRelayed } from './relay/relay.ts';
import type { Connection, Endpoint } from './transport/transport.ts';

export interface LinksDeps {
  readonly self: PeerId;
  readonly clock: Clock;
  /** The handshake. @throws LlamboError `refused`, `timeout`, `peer-lost`, `aborted` */
  open(connection: Connection, signal: AbortSignal): Promise<PeerLink>;
  /** The link we have to this peer has been silent: a new one is welcome in its place. */
  isSuspect(peer: PeerId): boolean;
  /**
   * A handshake is done; the link may replace an older one to the same peer, which ends without `onGone`. A relayed one goes
   * on beside its direct successor until all that began on it has ended.
   */
  onLink(link: PeerLink): void;
  /** The last link to that peer is gone. */
  onGone(peer: PeerId, end: LinkEnd): void;
  /** Somebody at our door, or whom we dialled, did not get through the handshake. */
  onRefused(error: unknown): void;
}

export interface Links {
  get(peer: PeerId): PeerLink | undefined;
  all(): readonly PeerLink[];
  /** Listens at this endpoint until `close`. */
  attend(endpoint: Endpoint): void;
  /**
   * Dials and shakes hands.
   * @param onConnected the connection stands, the handshake begins
   * @throws LlamboError as `Endpoint.dial` and `LinksDeps.open`
   */
  dial(to: EndpointId, options: { signal: AbortSignal; onConnected?: () => void }): Promise<PeerLink>;
  /** Ends every link and every handshake. */
  close(end: LinkEnd): void;
}

export function createLinks(deps: LinksDeps): Links {
  const links = new Map<PeerId, PeerLink>();
  /** Relayed ones: those in `links`, and those that a direct one has taken the place of. */
  const leavable = new Map<PeerId, LeavableLink>();
  const closing = new AbortController();
  let endpoint: Endpoint | null = null;
  let handshakes = 0;

  async function greet(connection: Connection, signal: AbortSignal): Promise<PeerLink> {
    handshakes += 1;
    try {
      const link = await deps.open(connection, signal);
      if (!closing.signal.aborted) return settle(link);
      // Closed while it was under way: nobody would ever end this link.
      link.end({ kind: 'left' });
      return link;
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      handshakes -= 1;
    }
  }

  /** Both sides come to the same end without a word: the smaller id's dial stays; of two dials from one side, the later. */
  function settle(link: PeerLink): PeerLink {
    const known = links.get(link.peer);
    if (known && !deps.isSuspect(link.peer) && keeps(known, link)) {
      link.end({ kind: 'duplicate' });
      return link;
    }
    const relayed = leavable.get(link.peer);
    const settled = isRelayed(link) ? watched(link) : relayed && relayed === known ? succeeding(link, relayed) : link;
    links.set(link.peer, settled);
    if (known !== relayed) known?.end({ kind: 'duplicate' });
    if (isRelayed(link)) relayed?.end({ kind: 'duplicate' });
    deps.onLink(settled);
    settled.onEnd((end) => {
      if (links.get(link.peer) !== settled) return;
      links.delete(link.peer);
      leavable.get(link.peer)?.end(end);
      deps.onGone(link.peer, end);
    });
    return settled;
  }

  function watched(link: PeerLink): PeerLink {
    const relayed = createLeavable(link, deps.clock);
    leavable.set(link.peer, relayed);
    relayed.onEnd(() => leavable.get(link.peer) === relayed && leavable.delete(link.peer));
    return relayed;
  }

  /** What began on the relayed link goes on there, and what is new goes over this one. */
  function succeeding(link: PeerLink, relayed: LeavableLink): PeerLink {
    relayed.leave();
    return createSuccessor(link, relayed, deps.clock);
  }

  /** A direct link is better than one over another tab, whoever dialled. */
  function keeps(known: PeerLink, link: PeerLink): boolean {
    if (isRelayed(known) !== isRelayed(link)) return isRelayed(link);
    return known.outgoing !== link.outgoing && known.outgoing === deps.self < link.peer;
  }

  function accept(connection: Connection): void {
    // Each handshake costs signatures: who floods us with them gets no more than this many at once.
    if (handshakes >= LIMITS.pendingHandshakes) return connection.close();
    greet(connection, closing.signal).catch(deps.onRefused);
  }

  return {
    get: (peer) => links.get(peer),
    all: () => [...links.values()],
    attend(attended) {
      endpoint = attended;
      attended.onConnection(accept);
    },
    async dial(to, { signal, onConnected }) {
      if (!endpoint) throw new LlamboError('not-ready', 'This tab is in no swarm yet.');
      const connection = await endpoint.dial(to, { signal });
      onConnected?.();
      return greet(connection, signal);
    },
    close(end) {
      closing.abort();
      const open = new Set([...links.values(), ...leavable.values()]);
      links.clear();
      for (const link of open) link.end(end);
    },
  };
}
