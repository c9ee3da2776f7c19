/**
 * Peers that are linked as a test says, with real handshakes over loopbacks, each with a relay: so that two without a link
 * reach each other over a third. A test may take the third one's part and carry as it likes.
 */
import type { OpenLinkDeps } from '../mesh/link/open-link.ts';
import { openLink } from '../mesh/link/open-link.ts';
import type { PeerLink } from '../mesh/link/peer-link.ts';
import { createRelay, relayEndpoint, type Relay } from '../mesh/relay/relay.ts';
import type { RelayCrypto } from '../mesh/relay/relay-crypto.ts';
import type { Connection, Endpoint, Transport } from '../mesh/transport/transport.ts';
import type { MessageOf } from '../protocol/messages.ts';
import { LlamboError } from '../shared/errors.ts';
import type { PeerId } from '../shared/ids.ts';
import { createFakeRelayCrypto } from './fake-relay-crypto.ts';
import { createLoopback, type LoopbackConnection } from './loopback.ts';
import { settle, type ManualClock } from './manual-clock.ts';
import { linkDeps } from './mesh-peers.ts';
import { createSeededRandom } from './seeded-random.ts';

export type RelayMessage = MessageOf<'relay' | 'relay-gone'>;

export interface RelayPeer {
  readonly id: PeerId;
  readonly deps: OpenLinkDeps;
  readonly relay: Relay;
  readonly links: Map<PeerId, PeerLink>;
  /** What came here for the relay, in order. */
  readonly heard: RelayMessage[];
  /** Of its neighbours. */
  readonly violations: string[];
  /** Which neighbours may carry; without it all, in the order of their links. */
  ways: ((to: PeerId) => readonly PeerId[]) | null;
  /** Takes the place of `relay.handle`. */
  handle: (neighbour: PeerId, message: RelayMessage) => void;
}

export interface RelayRig {
  readonly clock: ManualClock;
  peer(): RelayPeer;
  /** A direct link. @returns its ends, the first one's first */
  link(one: RelayPeer, other: RelayPeer): Promise<readonly [LoopbackConnection, LoopbackConnection]>;
  /** Over a neighbour, and through the handshake at both ends. */
  relayed(from: RelayPeer, to: RelayPeer): Promise<readonly [PeerLink, PeerLink]>;
  /** The promise's own outcome, while the clock goes on. */
  run<T>(promise: Promise<T>): Promise<T>;
  until(condition: () => boolean): Promise<void>;
}

export interface RelayRigOptions {
  readonly clock: ManualClock;
  readonly relayCrypto?: (seed: number) => RelayCrypto;
  readonly deps?: (seed: number) => OpenLinkDeps;
  /** The clock stands still while this is so: cryptography in other threads takes real time. */
  readonly isBusy?: () => boolean;
}

/** How far the clock goes at a time while a test waits, and how often. */
const STEP_MS = 100;
const STEPS = 10_000;

export function createRelayRig({ clock, relayCrypto = createFakeRelayCrypto, deps: depsOf = (seed) => linkDeps(clock, { seed }), isBusy = () => false }: RelayRigOptions): RelayRig {
  let seed = 1;

  function peer(): RelayPeer {
    seed += 1;
    const deps = depsOf(seed);
    const id = deps.identity.peer;
    const links = new Map<PeerId, PeerLink>();
    const violations: string[] = [];
    const relay = createRelay({
      self: id,
      env: { clock, random: createSeededRandom(seed) },
      crypto: relayCrypto(seed),
      neighbours: (to) => made.ways?.(to) ?? [...links.keys()],
      direct: (neighbour) => links.get(neighbour) ?? null,
      onViolation(neighbour, what) {
        violations.push(what);
        links.get(neighbour)?.end({ kind: 'violation', reason: 'protocol', what });
      },
    });
    const made: RelayPeer = { id, deps, relay, links, violations, heard: [], ways: null, handle: relay.handle };
    return made;
  }

  function attend(at: RelayPeer, link: PeerLink): void {
    at.links.set(link.peer, link);
    link.onMessage((message) => {
      if (message.t !== 'relay' && message.t !== 'relay-gone') return;
      at.heard.push(message);
      at.handle(link.peer, message);
    });
    link.onEnd(() => {
      at.links.delete(link.peer);
      at.relay.linkEnded(link.peer);
    });
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let step = 0; step < STEPS; step += 1) {
      if (condition()) return;
      await (isBusy() ? settle() : clock.advance(STEP_MS));
    }
    throw new Error(`Not after ${STEPS} steps: ${String(condition)}`);
  }

  async function run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const note = (): void => void (settled = true);
    promise.then(note, note);
    await until(() => settled);
    return promise;
  }

  return {
    clock, peer, run, until,
    async link(one, other) {
      const ends = createLoopback();
      const [near, far] = await run(Promise.all([openLink(ends[0], one.deps), openLink(ends[1], other.deps)]));
      attend(one, near);
      attend(other, far);
      return ends;
    },
    relayed(from, to) {
      const arrival = new Promise<PeerLink>((resolve, reject) => {
        const off = to.relay.onConnection((connection) => {
          off();
          openLink(connection, to.deps).then(resolve, reject);
        });
      });
      const dialled = from.relay.dial(relayEndpoint(to.id)).then((connection) => openLink(connection, from.deps));
      return run(Promise.all([dialled, arrival]));
    },
  };
}

/** The platform's cryptography, and whether any of it is under way. */
export function countedCrypto(): { readonly subtle: SubtleCrypto; isBusy(): boolean } {
  let underWay = 0;
  const subtle = new Proxy(crypto.subtle, {
    get(target, name: keyof SubtleCrypto) {
      const method = (target[name] as (...args: unknown[]) => Promise<unknown>).bind(target);
      return async (...args: unknown[]) => {
        underWay += 1;
        try {
          return await method(...args);
        } finally {
          underWay -= 1;
        }
      };
    },
  });
  return { subtle, isBusy: () => underWay > 0 };
}

/** Peers around a hub as transports, so that the suite of transports can be run over the relay. */
export function relayTransport(rig: RelayRig, hub: RelayPeer): Transport {
  return {
    kind: 'relay',
    async open({ signal } = {}): Promise<Endpoint> {
      if (signal?.aborted) throw new LlamboError('aborted', 'Stopped on request.');
      const { relay, ...peer } = rig.peer();
      await rig.link({ ...peer, relay }, hub);
      let isOpen = true;
      return {
        id: relay.id,
        ids: [relay.id],
        leadsTo: relay.leadsTo,
        dial: relay.dial,
        onConnection: (listener: (connection: Connection) => void) => relay.onConnection(listener),
        hold: () => Promise.reject(new LlamboError('unsupported', 'A relay has no doors.')),
        signalling: () => (isOpen ? 'up' : 'down'),
        onSignalling: () => () => undefined,
        close() {
          isOpen = false;
          relay.close();
        },
      };
    },
  };
}
