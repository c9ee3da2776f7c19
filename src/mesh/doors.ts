/**
 * The doors of a room: a few well-known endpoint ids at which newcomers ask. A door has one id for each transport. Whoever
 * wants in tries to take each: one that is taken leads to somebody who is in; if all are free, nobody is there.
 */
import { LIMITS } from '../protocol/limits.ts';
import { linkedController, throwIfAborted } from '../shared/abort.ts';
import { LlamboError, asLlamboError } from '../shared/errors.ts';
import type { EndpointId } from '../shared/ids.ts';
import type { PeerLink } from './link/peer-link.ts';
import type { Door, Endpoint } from './transport/transport.ts';

export type DoorState = 'held' | 'taken' | 'unreachable' | 'lost';

export interface DoorsDeps {
  readonly endpoint: Endpoint;
  /** The ids of door `number`, one for each transport. */
  idsOf(number: number): readonly EndpointId[];
  dial(to: EndpointId, options: { signal: AbortSignal; onConnected?: () => void }): Promise<PeerLink>;
  /** What became of a door that was to be held, or was. */
  onState(door: number, state: DoorState): void;
}

export interface Entry {
  /** To whoever answered first; null if nobody is there. */
  readonly link: PeerLink | null;
  /** The door that is ours now, if nobody was there. */
  readonly door: number | null;
}

export interface Doors {
  /**
   * Looks for the swarm at all doors at once.
   * @throws the refusal, if somebody is there and will not have us; `aborted`
   */
  enter(options: { signal: AbortSignal; onConnected: () => void }): Promise<Entry>;
  /**
   * `hold`: takes a door, or keeps it if `enter` has it already; `onState` tells. `knock`: dials whoever holds a door;
   * failures are of no interest, since somebody tries again later.
   */
  obey(order: { readonly type: 'hold door' | 'release door' | 'knock'; readonly door: number }): void;
  /** Somebody else has a door: whoever is alone nevertheless finds no way there. */
  taken(): boolean;
  close(): void;
}

const NUMBERS = Array.from({ length: LIMITS.doors }, (_, number) => number);

export function createDoors({ endpoint, idsOf, dial, onState }: DoorsDeps): Doors {
  const held = new Map<EndpointId, Door>();
  /** Somebody else had them when we looked last. */
  const taken = new Set<EndpointId>();
  const closing = new AbortController();

  /** @returns true if it is ours now, false if somebody else has it. @throws without signalling */
  async function take(id: EndpointId, door: number, signal: AbortSignal): Promise<boolean> {
    if (held.has(id)) return true;
    try {
      const got = await endpoint.hold(id, { signal });
      if (closing.signal.aborted || signal.aborted || held.has(id)) got.release();
      else {
        held.set(id, got);
        got.onLost(() => {
          if (held.delete(id)) onState(door, idsOf(door).some((other) => held.has(other)) ? 'held' : 'lost');
        });
      }
      taken.delete(id);
      return true;
    } catch (error) {
      if (asLlamboError(error).code !== 'busy') throw error;
      taken.add(id);
      return false;
    }
  }

  async function hold(door: number): Promise<void> {
    const outcomes = await Promise.allSettled(idsOf(door).map((id) => take(id, door, closing.signal)));
    if (closing.signal.aborted) return;
    const is = (value: boolean): boolean => outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value === value);
    onState(door, is(true) ? 'held' : is(false) ? 'taken' : 'unreachable');
    // Ours on one transport and somebody else's on another: two parts of one swarm, perhaps.
    if (is(true) && is(false)) knock(door);
  }

  function release(door: number): void {
    for (const id of idsOf(door)) {
      held.get(id)?.release();
      held.delete(id);
    }
  }

  function knock(door: number): void {
    for (const id of idsOf(door)) if (!held.has(id)) dial(id, { signal: closing.signal }).catch(() => undefined);
  }

  async function enter({ signal, onConnected }: { signal: AbortSignal; onConnected: () => void }): Promise<Entry> {
    const search = linkedController(signal);
    let refusal: unknown = null;
    const ask = async (id: EndpointId, door: number): Promise<PeerLink> => {
      if (await take(id, door, search.signal)) throw new LlamboError('unreachable', 'Nobody is at this door.');
      return dial(id, { signal: search.signal, onConnected }).catch((error: unknown) => {
        if (asLlamboError(error).code === 'refused') refusal = error;
        throw error;
      });
    };
    try {
      const link = await Promise.any(NUMBERS.flatMap((door) => idsOf(door).map((id) => ask(id, door))));
      NUMBERS.forEach(release);
      return { link, door: null };
    } catch {
      throwIfAborted(signal);
      if (refusal) throw asLlamboError(refusal);
      const [door = null, ...more] = NUMBERS.filter((number) => idsOf(number).some((id) => held.has(id)));
      more.forEach(release);
      return { link: null, door };
    } finally {
      // Those who would have answered later are dropped: the core asks for the links that it wants.
      search.abort();
    }
  }

  // A door that was lost on one transport and kept on another is still ours to the core: take it again where it is missing.
  const off = endpoint.onSignalling((state) => {
    if (state === 'up') for (const door of NUMBERS) if (idsOf(door).some((id) => held.has(id))) void hold(door);
  });

  return {
    enter,
    obey({ type, door }) {
      if (type === 'hold door') void hold(door);
      else if (type === 'knock') knock(door);
      else release(door);
    },
    taken: () => taken.size > 0,
    close() {
      off();
      closing.abort();
      for (const door of held.values()) door.release();
      held.clear();
    },
  };
}
