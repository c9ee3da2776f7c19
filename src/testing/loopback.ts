/**
 * Two connections that lead to each other, in memory. Messages arrive by microtask: later than the call that sent them,
 * as over a network, but without any clock.
 */
import { LIMITS } from '../protocol/limits.ts';
import { Emitter } from '../shared/emitter.ts';
import { LlamboError } from '../shared/errors.ts';
import type { EndpointId } from '../shared/ids.ts';
import type { ByteChannel, ClosedBy, Connection } from '../mesh/transport/transport.ts';

export interface LoopbackConnection extends Connection {
  /** Nothing more leaves here, as with a full network: it waits, and counts as buffered. `resume` lets it go. */
  hold(): void;
  resume(): void;
  /** The path breaks, in silence: both ends are told `lost`. */
  lose(): void;
  closed(): ClosedBy | null;
}

interface Lane extends ByteChannel {
  arrive(bytes: Uint8Array): void;
  hold(): void;
  resume(): void;
}

/** @param forward brings bytes to the other end */
function createLane(forward: (bytes: Uint8Array) => void, isOpen: () => boolean, overflow: () => void): Lane {
  const drains = new Emitter<void>();
  let listener: ((bytes: Uint8Array) => void) | null = null;
  let early: Uint8Array[] = [];
  let waiting: Uint8Array[] = [];
  let held = false;
  return {
    send(bytes) {
      if (bytes.length > LIMITS.frameBytes) throw new LlamboError('bad-request', 'The frame is too long.');
      if (!isOpen()) return;
      // A copy: the sender may use its buffer again.
      if (held) waiting.push(bytes.slice());
      else forward(bytes.slice());
    },
    bufferedBytes: () => waiting.reduce((sum, { length }) => sum + length, 0),
    onDrain: (drained) => drains.on(drained),
    onMessage(next) {
      listener = next;
      const before = early;
      early = [];
      before.forEach(next);
      return () => {
        if (listener === next) listener = null;
      };
    },
    arrive(bytes) {
      // A closed end hears nothing more.
      if (!isOpen()) return;
      if (listener) listener(bytes);
      else if (early.length >= LIMITS.earlyFrames) overflow();
      else early.push(bytes);
    },
    hold: () => void (held = true),
    resume() {
      held = false;
      const before = waiting;
      waiting = [];
      before.forEach(forward);
      drains.emit();
    },
  };
}

function createEnd(remote: EndpointId, outgoing: boolean, binding: Uint8Array, other: () => End): End {
  const closes = new Emitter<ClosedBy>();
  let closed: ClosedBy | null = null;
  const later = (act: () => void): void => queueMicrotask(act);

  function finish(by: ClosedBy): void {
    if (closed) return;
    closed = by;
    closes.emit(by);
  }
  function close(): void {
    if (closed) return;
    finish('us');
    later(() => other().finish('them'));
  }

  const open = (): boolean => closed === null;
  const control = createLane((bytes) => later(() => other().control.arrive(bytes)), open, close);
  const bulk = createLane((bytes) => later(() => other().bulk.arrive(bytes)), open, close);

  return {
    ...control,
    remote,
    outgoing,
    binding,
    bulk,
    control,
    finish,
    close,
    closed: () => closed,
    onClose(listener) {
      if (closed === null) return closes.on(listener);
      listener(closed);
      return () => undefined;
    },
    lose() {
      finish('lost');
      later(() => other().finish('lost'));
    },
  };
}

interface End extends LoopbackConnection {
  readonly control: Lane;
  readonly bulk: Lane;
  finish(by: ClosedBy): void;
}

/**
 * @param binding each pair has its own, unless a test wants two that are alike
 * @returns the dialler's end first
 */
export function createLoopback(binding: Uint8Array = crypto.getRandomValues(new Uint8Array(16))): [LoopbackConnection, LoopbackConnection] {
  const dialler: End = createEnd('s-acceptor' as EndpointId, true, binding, () => acceptor);
  const acceptor: End = createEnd('s-dialler00' as EndpointId, false, binding, () => dialler);
  return [dialler, acceptor];
}
