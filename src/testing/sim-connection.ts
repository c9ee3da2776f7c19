/** Both ends of a simulated connection: a control channel and one for bulk, closed together. */
import type { ClosedBy, Connection } from '../mesh/transport/transport.ts';
import type { Clock } from '../shared/env.ts';
import type { EndpointId } from '../shared/ids.ts';
import { createSimChannel, type SimChannel } from './sim-channel.ts';
import type { WireEnd } from './sim-world.ts';

export interface SimEnd extends Connection {
  readonly control: SimChannel;
  readonly bulk: SimChannel;
  /** The other side closed one of its channels; when both are closed this end is too. */
  closedThere(): void;
}

export interface Pairing {
  readonly clock: Clock;
  readonly binding: Uint8Array;
  /** Both ends of two wires: control and bulk. The dialler's come first. */
  readonly control: readonly [WireEnd, WireEnd];
  readonly bulk: readonly [WireEnd, WireEnd];
  /** Who is there, the dialler first. */
  readonly ids: readonly [EndpointId, EndpointId];
}

/** @returns the dialler's end, then the other */
export function createSimConnection(pairing: Pairing): [SimEnd, SimEnd] {
  const near: SimEnd = createEnd(pairing, 0, () => far);
  const far: SimEnd = createEnd(pairing, 1, () => near);
  return [near, far];
}

function createEnd({ clock, binding, control, bulk, ids }: Pairing, side: 0 | 1, other: () => SimEnd): SimEnd {
  const listeners = new Set<(by: ClosedBy) => void>();
  let ended: ClosedBy | null = null;
  let closedThere = 0;
  const channels = [
    createSimChannel(clock, control[side], () => other().control, close),
    createSimChannel(clock, bulk[side], () => other().bulk, close),
  ] as const;

  function end(by: ClosedBy): void {
    if (ended) return;
    ended = by;
    for (const channel of channels) {
      channel.finish(() => other().closedThere());
      channel.shut();
    }
    for (const listener of [...listeners]) listener(by);
    listeners.clear();
  }

  function close(): void {
    end('us');
  }

  const [first] = channels;
  return {
    control: first,
    bulk: channels[1],
    remote: ids[side === 0 ? 1 : 0],
    outgoing: side === 0,
    binding,
    send: first.send,
    bufferedBytes: first.bufferedBytes,
    onDrain: first.onDrain,
    onMessage: first.onMessage,
    onClose(listener) {
      if (ended) listener(ended);
      else listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close,
    closedThere() {
      closedThere += 1;
      if (closedThere === channels.length) end('them');
    },
  };
}
