/**
 * The relay in its place among links: which links carry, when a peer is dialled over others, and when a relayed link is
 * tried again without. It decides nothing about who should be linked with whom.
 */
import type { Env } from '../../shared/env.ts';
import type { EndpointId, PeerId } from '../../shared/ids.ts';
import type { CoreView } from '../core/core-types.ts';
import type { Identity } from '../identity.ts';
import type { Links } from '../links.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { dialBeside, dialInTurn, waysTo } from '../reach.ts';
import type { RelayCrypto } from './relay-crypto.ts';
import { createRelay, isRelayed, relayEndpoint, withRelay } from './relay.ts';
import { createDirectAgain, waysThrough } from './relay-ways.ts';
import type { Endpoint } from '../transport/transport.ts';

export interface RelayingDeps {
  readonly env: Env;
  readonly identity: Pick<Identity, 'peer' | 'device'>;
  readonly crypto: RelayCrypto;
  readonly links: Pick<Links, 'get' | 'all' | 'dial'>;
  /** What is known of the swarm; null before this tab is in. */
  view(): CoreView | null;
  /** Fires when this tab leaves. */
  readonly signal: AbortSignal;
}

export interface Relaying {
  /** The same endpoint, which now leads to peers over others too. */
  widen(endpoint: Endpoint): Endpoint;
  /** A link is there: listens to it. */
  attend(link: PeerLink): void;
  /** The link with that peer is gone, and no other took its place. */
  linkEnded(peer: PeerId): void;
  /**
   * Dials a peer directly, and over others beside that if it takes long. Over others first if that was the only way the last
   * time: what leads nowhere is tried again by and by, and until then costs nothing.
   * @param endpoints its own, the best first
   * @throws LlamboError that of the last way
   */
  dial(peer: PeerId, endpoints: readonly EndpointId[]): Promise<PeerLink>;
  /** Some four times a second. */
  tick(): void;
}

export function createRelaying({ env, identity, crypto, links, view, signal }: RelayingDeps): Relaying {
  const again = createDirectAgain(identity.peer, env.random);
  const relayedLast = new Set<PeerId>();
  let transport: Endpoint | null = null;

  const relay = createRelay({
    self: identity.peer,
    env,
    crypto,
    neighbours(to) {
      const known = view();
      return known ? waysThrough(to, known) : [];
    },
    direct(peer) {
      const link = links.get(peer);
      return link && !isRelayed(link) ? link : null;
    },
    onViolation: (peer, what) => links.get(peer)?.end({ kind: 'violation', reason: 'protocol', what }),
  });

  const dialOne = (to: EndpointId): Promise<PeerLink> => links.dial(to, { signal });

  /** What comes of it is a link like any other; if nothing does, the relayed one stays. */
  function dialDirectly(peer: PeerId): void {
    const entry = view()?.entries.find((each) => each.peer === peer);
    if (!entry || !transport) return;
    dialInTurn(waysTo(entry.endpoints, transport, entry, identity.device), dialOne, signal).catch(() => undefined);
  }

  return {
    widen(endpoint) {
      transport = endpoint;
      return withRelay(endpoint, relay);
    },
    attend(link) {
      if (isRelayed(link)) relayedLast.add(link.peer);
      else relayedLast.delete(link.peer);
      link.onMessage((message) => {
        if (message.t === 'relay' || message.t === 'relay-gone') relay.handle(link.peer, message);
      });
    },
    linkEnded: relay.linkEnded,
    async dial(peer, endpoints) {
      const direct = (): Promise<PeerLink> => dialInTurn(endpoints, dialOne, signal);
      const relayed = (until: AbortSignal): Promise<PeerLink> => links.dial(relayEndpoint(peer), { signal: until });
      if (!relayedLast.has(peer)) return dialBeside({ clock: env.clock, direct, relayed, isLinked: () => links.get(peer) !== undefined }, signal);
      try {
        return await relayed(signal);
      } catch (error) {
        if (signal.aborted) throw error;
        return direct();
      }
    },
    tick() {
      const relayed = links.all().filter(isRelayed).map(({ peer }) => peer);
      for (const peer of again.due(relayed, env.clock.now())) dialDirectly(peer);
    },
  };
}
