/** Ways to a peer: its endpoints in turn for the core, and a direct link on demand for whoever has a task there. */
import { LIMITS } from '../protocol/limits.ts';
import type { PeerEntry } from '../protocol/peer.ts';
import { linkedController, throwIfAborted, withDeadline } from '../shared/abort.ts';
import type { Emitter } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';
import { LlamboError, asLlamboError } from '../shared/errors.ts';
import type { DeviceId, EndpointId, PeerId } from '../shared/ids.ts';
import type { Links } from './links.ts';
import type { PeerLink } from './link/peer-link.ts';
import type { Endpoint } from './transport/transport.ts';

/** Endpoints that lead to tabs of one browser only. */
const isLocal = (id: EndpointId): boolean => id.startsWith('b-');

/**
 * Tries one endpoint after the other.
 * @param ways the best first
 * @throws LlamboError of the last one
 */
export async function dialInTurn(ways: readonly EndpointId[], dial: (to: EndpointId) => Promise<PeerLink>, signal: AbortSignal): Promise<PeerLink> {
  const [first, ...others] = ways;
  if (first === undefined) throw new LlamboError('unreachable', 'No way leads to that tab.', { advice: 'Ask another one.' });
  try {
    return await dial(first);
  } catch (error) {
    if (others.length === 0 || signal.aborted) throw error;
    return dialInTurn(others, dial, signal);
  }
}

export interface Dials {
  readonly clock: Clock;
  direct(): Promise<PeerLink>;
  /** Over a neighbour. */
  relayed(signal: AbortSignal): Promise<PeerLink>;
  /** There is a link by now: they dialled us. */
  isLinked(): boolean;
}

/**
 * Dials directly, and over a neighbour too if that takes long, as RFC 8305 (Happy Eyeballs, section 5) staggers attempts: the
 * better way has a head start, of `LIMITS.relayAfterMs` here, and goes on when the other has won. Where it succeeds after
 * all, its link takes the place of the relayed one, see `links.ts`.
 * @returns the first link that there is
 * @throws LlamboError that of the last attempt
 */
export async function dialBeside({ clock, direct, relayed, isLinked }: Dials, signal: AbortSignal): Promise<PeerLink> {
  const stop = linkedController(signal);
  const straight = direct();
  let cancelTimer: () => void = () => undefined;
  const late = new Promise<'late'>((resolve) => void (cancelTimer = clock.after(LIMITS.relayAfterMs, () => resolve('late'))));

  async function over(): Promise<PeerLink> {
    throwIfAborted(stop.signal);
    if (isLinked()) throw new LlamboError('busy', 'There is a link to that tab already.');
    return relayed(stop.signal);
  }

  async function beside(): Promise<PeerLink> {
    const first = await Promise.race([late, straight.catch(() => 'failed' as const)]);
    if (first === 'failed') return over();
    if (first !== 'late') return first;
    // Nobody may be known yet who could carry: asked once more when there is no other hope.
    return over().catch(() => straight.catch(over));
  }

  const hope = beside();
  try {
    return await Promise.any([straight, hope]).catch(() => hope);
  } finally {
    cancelTimer();
    stop.abort();
  }
}

/** Of a peer's endpoints those that we can reach: tabs of this browser by its own channel, others by the network only. */
export function waysTo(endpoints: readonly EndpointId[], endpoint: Endpoint, entry: PeerEntry | undefined, device: DeviceId): EndpointId[] {
  return endpoints.filter((id) => endpoint.leadsTo(id) && (!isLocal(id) || !entry || entry.device === device));
}

/** A direct dial that comes to nothing, and after it one over each neighbour that may be asked. */
const LINK_MS = LIMITS.dialMs + LIMITS.relayTries * LIMITS.relayAnswerMs;

export interface LinkWaiting {
  readonly clock: Clock;
  readonly links: Links;
  readonly linked: Emitter<PeerLink>;
  readonly left: Emitter<PeerId>;
  /** Tells the core that a direct link is wanted. */
  want(peer: PeerId): void;
}

/**
 * The direct link to a peer; the core dials it if there is none.
 * @throws LlamboError `timeout` ({@link LINK_MS}), `peer-lost`, `aborted`
 */
export async function linkTo(peer: PeerId, { clock, links, linked, left, want }: LinkWaiting, signal: AbortSignal): Promise<PeerLink> {
  want(peer);
  const link = links.get(peer);
  if (link) return link;
  const wait = linkedController(signal);
  const arrival = new Promise<PeerLink>((resolve, reject) => {
    const offs = [
      linked.on((arrived) => arrived.peer === peer && resolve(arrived)),
      left.on((gone) => gone === peer && reject(new LlamboError('peer-lost', 'That tab has left the swarm.', { advice: 'Ask another one.' }))),
    ];
    wait.signal.addEventListener('abort', () => {
      for (const off of offs) off();
      reject(asLlamboError(wait.signal.reason));
    }, { once: true });
  });
  return withDeadline(clock, LINK_MS, 'A link to that tab', arrival).finally(() => wait.abort());
}
