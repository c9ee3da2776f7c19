/**
 * The receiving half of a relayed connection: opens boxes one after the other, in the order in which they came, and puts
 * pieces together to frames. What it holds is bounded, whatever the other end or whoever carries for it sends.
 */
import { LIMITS } from '../../protocol/limits.ts';
import { costOf, unpackPart, type Lane } from './relay-box.ts';

export interface RelayReceiverDeps {
  /** As `RelayKeys.open`. */
  open(box: Uint8Array): Promise<Uint8Array | null>;
  onFrame(lane: Lane, frame: Uint8Array): void;
  /** So much has arrived since the last call: the other end may send as much again. */
  onTook(bytes: number): void;
  /** They say that so much of ours has arrived. */
  onConfirmed(bytes: number): void;
  /** They closed; nothing came after it. */
  onClosed(): void;
  /** A box that is not the next one, or against the rules. Called once. */
  onBroken(): void;
}

export interface RelayReceiver {
  receive(box: Uint8Array): void;
  /** No more boxes will come: after those that have, it is `onBroken`, unless they closed. */
  end(): void;
  stop(): void;
}

/** Confirmations come in portions: one for each token would double the messages. */
const TELL_BYTES = LIMITS.relayWindowBytes / 4;
/** Who keeps the window has no more than that on the way, and its confirmations. */
const MOST_WAITING_BYTES = LIMITS.relayWindowBytes * 2;

export function createRelayReceiver(deps: RelayReceiverDeps): RelayReceiver {
  const arriving: Record<Lane, Uint8Array[]> = { control: [], bulk: [] };
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let taken = 0;
  let opening = false;
  let ended = false;
  let stopped = false;

  function stop(): void {
    stopped = true;
    waiting = [];
    arriving.control = [];
    arriving.bulk = [];
  }

  function broken(): void {
    if (stopped) return;
    stop();
    deps.onBroken();
  }

  function onPiece(lane: Lane, last: boolean, bytes: Uint8Array): void {
    const pieces = arriving[lane];
    pieces.push(bytes);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    // An empty piece before the end serves nobody but who wants to fill our memory with them.
    if (length > LIMITS.frameBytes || (!last && bytes.length === 0)) return broken();
    taken += costOf(bytes);
    if (last) {
      arriving[lane] = [];
      const frame = new Uint8Array(length);
      let offset = 0;
      for (const piece of pieces) {
        frame.set(piece, offset);
        offset += piece.length;
      }
      deps.onFrame(lane, frame);
    }
    if (stopped || taken < TELL_BYTES) return;
    deps.onTook(taken);
    taken = 0;
  }

  function take(plain: Uint8Array | null): void {
    const part = plain && unpackPart(plain);
    switch (part?.kind) {
      case undefined:
        return broken();
      case 'piece':
        return onPiece(part.lane, part.last, part.bytes);
      case 'took':
        return deps.onConfirmed(part.bytes);
      case 'close':
        stop();
        return deps.onClosed();
    }
  }

  async function run(): Promise<void> {
    if (opening) return;
    opening = true;
    try {
      for (let box = waiting.shift(); box; box = waiting.shift()) {
        waitingBytes -= box.length;
        const plain = await deps.open(box);
        if (stopped) return;
        take(plain);
      }
      if (ended) broken();
    } catch {
      broken();
    } finally {
      opening = false;
    }
  }

  return {
    stop,
    end() {
      ended = true;
      if (!opening) broken();
    },
    receive(box) {
      if (stopped || ended) return;
      if (waitingBytes + box.length > MOST_WAITING_BYTES) return broken();
      waiting.push(box);
      waitingBytes += box.length;
      void run();
    },
  };
}
