/**
 * What a worker says over one link: events of its tasks there, their ends, and news of the nodes. It takes half of what
 * a link may carry, so that nothing else on it waits behind words, and sends no more while the network is behind: then the
 * events of each task wait here, joined, and whoever reads them is asked to wait too.
 *
 * Order: the events of a task as they came, then its end; news of a node before any later word of a task. Tasks take turns.
 *
 * A message costs both tabs more than the words in it. So the first words of a task, and everything that is not words, go at
 * once; further words go every {@link WORDS_MS}, those of all tasks in one go.
 */
import type { TaskEvent } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf, PeerMessage } from '../../protocol/messages.ts';
import type { NodeAd } from '../../protocol/peer.ts';
import type { Clock } from '../../shared/env.ts';
import type { WireError } from '../../shared/errors.ts';
import type { TaskId } from '../../shared/ids.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { createRateLimit } from '../link/rate-limit.ts';
import { cut, joinTo } from './wire-events.ts';

export interface TaskStream {
  add(event: TaskEvent): void;
  /** Settles when there is room for more, or the signal has fired. Await it before reading on. */
  room(signal: AbortSignal): Promise<void>;
  /** Sends what is left, and how it ended. Nothing may be added after it. */
  end(error: WireError | null): void;
}

export interface TaskOutbox {
  /** Starts with `seq` 0. */
  open(id: TaskId): TaskStream;
  /** Tells of a node: within a frame, and before any word of a task. */
  node(ad: NodeAd): void;
  /** Forgets everything: the link is gone. */
  close(): void;
}

/** Half of what the link may carry: its pace is kept by the link itself, but what waits there makes heartbeats wait too. */
const RATE = {
  messagesPerSecond: LIMITS.linkMessagesPerSecond / 2,
  bytesPerSecond: LIMITS.linkBytesPerSecond / 2,
  burstSeconds: LIMITS.linkBurstSeconds / 2,
};
/** Characters of events in one message, after which another begins: some bytes less than a frame in most languages. */
const MESSAGE_CHARS = LIMITS.frameBytes / 2;
/** Events of one task that wait here before its reader does. Joined ones count once. */
const ROOM_EVENTS = 8;
/** Twenty times a second: words still flow, and a third of the messages that a frame each would be. */
export const WORDS_MS = 50;

interface Stream {
  readonly id: TaskId;
  seq: number;
  /** Its first words have gone. */
  spoke: boolean;
  readonly events: TaskEvent[];
  ended: { readonly error: WireError | null } | null;
  makeRoom(): void;
}

/** A message that could go now, and what to note when it went. */
interface Next {
  readonly message: PeerMessage;
  sent(): void;
}

export function createTaskOutbox(clock: Clock, link: PeerLink): TaskOutbox {
  const rate = createRateLimit(RATE, clock.now());
  /** Those that have something to say now, in turn. */
  const turns = new Set<Stream>();
  /** Those that have only more words to say. */
  const later = new Set<Stream>();
  const nodes = new Map<string, NodeAd>();
  let nodesDue = false;
  let cancelNodes: (() => void) | null = null;
  let cancelPump: (() => void) | null = null;
  /** While it waits, words were sent a moment ago. */
  let cancelWords: (() => void) | null = null;
  let closed = false;

  function pump(): void {
    while (!cancelPump && !closed) {
      const going = next();
      if (!going) return;
      const bytes = sizeOf(going.message);
      // A connection does not say when it is less behind, so we look once a frame.
      const waitMs = link.bufferedBytes() > LIMITS.bufferHighBytes ? LIMITS.batchMs : rate.waitMs(bytes, clock.now());
      if (waitMs > 0) return pumpLater(waitMs);
      rate.take(bytes, clock.now());
      going.sent();
      link.send(going.message);
    }
  }

  function pumpLater(ms: number): void {
    cancelPump = clock.after(ms, () => {
      cancelPump = null;
      pump();
    });
  }

  /** There is something new to say of it. */
  function wants(stream: Stream): void {
    const isMore = cancelWords && stream.spoke && !stream.ended && stream.events.length <= ROOM_EVENTS && stream.events.every(({ type }) => type === 'tokens');
    if (isMore && !turns.has(stream)) return void later.add(stream);
    later.delete(stream);
    turns.add(stream);
    pump();
  }

  function spoke(stream: Stream): void {
    stream.spoke = true;
    cancelWords ??= clock.after(WORDS_MS, () => {
      cancelWords = null;
      for (const waiting of later) turns.add(waiting);
      later.clear();
      pump();
    });
  }

  function next(): Next | null {
    const [ad] = nodes.values();
    const [stream] = turns;
    if (ad && (nodesDue || stream)) return { message: { t: 'node', ad }, sent: () => forgetNode(ad.node) };
    return stream ? nextOf(stream) : null;
  }

  function forgetNode(name: string): void {
    nodes.delete(name);
    if (nodes.size > 0) return;
    nodesDue = false;
    cancelNodes?.();
    cancelNodes = null;
  }

  function nextOf(stream: Stream): Next {
    const { id, seq, events, ended } = stream;
    const batch = firstOf(events);
    if (batch.length === 0) return { message: { t: 'task-end', id, seq, error: ended?.error ?? null }, sent: () => void turns.delete(stream) };
    const sent = (): void => {
      events.splice(0, batch.length);
      stream.seq += 1;
      if (batch.some(({ type }) => type === 'tokens')) spoke(stream);
      turns.delete(stream);
      if (events.length > 0 || ended) turns.add(stream);
      if (events.length <= ROOM_EVENTS) stream.makeRoom();
    };
    return { message: { t: 'task-events', id, seq, events: batch }, sent };
  }

  function open(id: TaskId): TaskStream {
    const stream: Stream = { id, seq: 0, spoke: false, events: [], ended: null, makeRoom: () => undefined };
    return {
      add(event) {
        if (closed) return;
        for (const piece of cut(event)) joinTo(stream.events, piece);
        wants(stream);
      },
      room(signal) {
        if (closed || signal.aborted || stream.events.length <= ROOM_EVENTS) return Promise.resolve();
        return new Promise((resolve) => {
          const goOn = (): void => {
            signal.removeEventListener('abort', goOn);
            resolve();
          };
          signal.addEventListener('abort', goOn, { once: true });
          stream.makeRoom = goOn;
        });
      },
      end(error) {
        if (closed || stream.ended) return;
        stream.ended = { error };
        wants(stream);
      },
    };
  }

  return {
    open,
    node(ad) {
      if (closed) return;
      nodes.set(ad.node, ad);
      cancelNodes ??= clock.after(LIMITS.batchMs, () => {
        nodesDue = true;
        pump();
      });
    },
    close() {
      closed = true;
      cancelPump?.();
      cancelNodes?.();
      cancelWords?.();
      for (const stream of [...turns, ...later]) stream.makeRoom();
      turns.clear();
      later.clear();
      nodes.clear();
    },
  };
}

const encoder = new TextEncoder();
const sizeOf = (message: PeerMessage): number => encoder.encode(JSON.stringify(message)).length;

/** As many as fit into one message; one always does. */
function firstOf(events: readonly TaskEvent[]): MessageOf<'task-events'>['events'] {
  const batch: TaskEvent[] = [];
  let chars = 0;
  for (const event of events.slice(0, LIMITS.taskEvents)) {
    chars += JSON.stringify(event).length;
    if (batch.length > 0 && chars > MESSAGE_CHARS) break;
    batch.push(event);
  }
  // The schema's type is the same but for `readonly`.
  return batch as MessageOf<'task-events'>['events'];
}
