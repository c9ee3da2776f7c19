/** A task of another peer that this tab has taken: what is known of it, and its run on one of our nodes, within the ledger. */
import type { Task, TaskEvent } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { Clock, Env } from '../../shared/env.ts';
import { LlamboError, asLlamboError } from '../../shared/errors.ts';
import { newTaskId, type Address, type DeviceId, type PeerId, type TaskId } from '../../shared/ids.ts';
import type { Redeem } from './grant-guard.ts';
import type { Desk } from './node-desk.ts';
import type { PeerLink } from '../link/peer-link.ts';
import type { SharingLedger } from './sharing.ts';
import type { TaskOutbox, TaskStream } from './task-outbox.ts';

/** One link and what its peer has here. */
export interface Client {
  readonly link: PeerLink;
  readonly outbox: TaskOutbox;
  readonly redeem: Redeem;
  /** Settles when all grants that came so far are judged: tasks join their lines in the order in which they came. */
  judged: Promise<void>;
  /** By the id that the peer gave. */
  readonly guests: Map<TaskId, Guest>;
  /** Nodes that it had tasks on a moment ago. The function forgets that. */
  readonly lingers: Map<Desk<Guest>, () => void>;
  /** The link has ended. */
  over: boolean;
}

export interface Guest {
  /** The peer's id for it. On the node the task has one of ours, because two peers may think of the same. */
  readonly id: TaskId;
  readonly client: Client;
  readonly device: DeviceId;
  /** The leader sent it, or its word for that is being looked at. */
  readonly granted: boolean;
  readonly desk: Desk<Guest>;
  readonly task: Task;
  readonly stream: TaskStream;
  /** Aborted with the reason that the peer is told. */
  readonly controller: AbortController;
  readonly cameAt: number;
  /** It runs from `cameAt` on; the node would count from its start. */
  cancelDeadline(): void;
  /** In line, as last told. */
  place: number;
  /** Written so far. */
  tokens: number;
  /** Of the answer so far, in JSON. */
  bytes: number;
}

/** @param onDeadline its time is over, waiting included */
export function createGuest({ clock, random }: Env, client: Client, desk: Desk<Guest>, { id, task, grant }: MessageOf<'task'>, onDeadline: (guest: Guest) => void): Guest {
  const guest: Guest = {
    id, client, desk,
    device: client.link.device,
    granted: grant !== undefined,
    // The schema's type allows undefined fields; JSON has none.
    task: { ...(task as Omit<Task, 'id'>), id: newTaskId(random) },
    stream: client.outbox.open(id),
    controller: new AbortController(),
    cameAt: clock.now(),
    cancelDeadline: clock.after(task.deadlineMs, () => onDeadline(guest)),
    place: 0, tokens: 0, bytes: 0,
  };
  return guest;
}

/** What the page and the log may know: no word of prompt or answer. */
export interface GivenTask {
  readonly id: TaskId;
  readonly peer: PeerId;
  readonly device: DeviceId;
  readonly node: Address;
  readonly state: 'waiting' | 'running';
  readonly tokens: number;
}

export const givenTask = (guest: Guest): GivenTask => ({
  id: guest.id,
  peer: guest.client.link.peer,
  device: guest.device,
  node: guest.desk.node.address,
  state: guest.desk.running.has(guest) ? 'running' : 'waiting',
  tokens: guest.tokens,
});

/** `done` repeats the answer, and must fit into one message; the rest of it is small. */
const ANSWER_BYTES = LIMITS.messageBytes - LIMITS.frameBytes;
const encoder = new TextEncoder();

/**
 * Settles when the slot is free again.
 * @returns why there is no whole answer; null if there is one
 */
export async function runGuest(guest: Guest, clock: Clock, ledger: SharingLedger): Promise<LlamboError | null> {
  const { desk, controller, stream, task } = guest;
  const { signal } = controller;
  const waitedMs = clock.now() - guest.cameAt;
  let whole = false;
  try {
    for await (const event of desk.node.run(task, { signal })) {
      const stop = event.type === 'tokens' ? count(guest, event, ledger) : null;
      if (stop) controller.abort(stop);
      // A node goes on until its slot is free; what it says meanwhile is nobody's.
      if (signal.aborted) continue;
      stream.add(withWait(event, waitedMs));
      whole = event.type === 'done';
      await stream.room(signal);
    }
  } catch (error) {
    return signal.reason instanceof LlamboError ? signal.reason : asLlamboError(error);
  }
  if (whole) return null;
  return signal.reason instanceof LlamboError ? signal.reason : new LlamboError('internal', 'The engine ended without an answer.', { advice: 'Ask again.' });
}

/** @returns why it must not go on: these tokens are more than this device gives, or than a message holds */
function count(guest: Guest, { text, count: tokens }: Extract<TaskEvent, { type: 'tokens' }>, ledger: SharingLedger): LlamboError | null {
  const exhausted = ledger.exhausted(guest.device);
  // Written they are, told or not.
  ledger.charge(guest.device, tokens);
  guest.tokens += tokens;
  guest.bytes += encoder.encode(JSON.stringify(text)).length;
  if (guest.bytes <= ANSWER_BYTES) return exhausted;
  return new LlamboError('refused', 'The answer is longer than what can be sent to another tab.', { advice: 'Ask in your own tab, or for less.' });
}

/** What the task waited for in front of the node is waiting too. */
function withWait(event: TaskEvent, waitedMs: number): TaskEvent {
  if (event.type !== 'done') return event;
  const { timings } = event.result;
  return { type: 'done', result: { ...event.result, timings: { ...timings, queueMs: timings.queueMs + waitedMs } } };
}
