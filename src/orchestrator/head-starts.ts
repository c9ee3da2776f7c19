/**
 * Which jobs of this tab may go ahead of their grant. A person who chose a node needs nobody to choose one, and where the leader is
 * far, asking it first is a round trip: such a job runs there at once, and the leader is told of it.
 *
 * It is no way past the queue, so all of this must hold:
 * - another tab leads (one's own answers at once), and the job is for one node and no other;
 * - that node suits the job and has room, and has had room for `FREE_MS`. What somebody in the queue waits for is taken again sooner;
 * - of this tab's jobs that went ahead, no more are open at that node's tab than it takes without grants.
 *
 * It goes by the roster, which is late, and a worker lets those in front that have a grant. Whoever is not taken at once
 * asks the leader as all others do: see `asker/race.ts`.
 */
import { LIMITS } from '../protocol/limits.ts';
import type { Clock } from '../shared/env.ts';
import { partsOf, type Address, type JobId } from '../shared/ids.ts';
import { hasModel, needOf } from './leader/nodes/fit.ts';
import type { ControlPort, NodePort } from './ports.ts';
import type { JobStart, NodeFacts } from './types.ts';

export interface HeadStartsDeps {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly control: Pick<ControlPort, 'self' | 'standing'>;
  readonly nodes: Pick<NodePort, 'all' | 'onChange'>;
}

export interface HeadStarts {
  /** @returns the job, with its node if it may go ahead there; then `over` is called when the job is */
  of(start: JobStart): JobStart;
  /** This job has ended. Others are ignored. */
  over(job: JobId): void;
  close(): void;
}

/**
 * A slot that is waited for: its end goes to its asker, from there to the leader, the grant to the next one, and the task to the node.
 * With 200 ms for each way, and a roster that is told four times a second, it shows as taken again after some 1.3 s.
 */
const FREE_MS = 1_500;
/** What runs there for so long is in what the roster says of the node. */
const LATE_MS = 1_000;
/** Nodes are looked at this often at the most. A task is longer. */
const LOOK_MS = LIMITS.statusMs;

interface Room {
  readonly facts: NodeFacts;
  /** It was not seen without room since. */
  readonly since: number;
}

export function createHeadStarts({ clock, control, nodes }: HeadStartsDeps): HeadStarts {
  const { self } = control;
  /** Nodes that have room. */
  let rooms = new Map<Address, Room>();
  /** Jobs that went ahead and are open. */
  const ahead = new Map<JobId, { readonly node: Address; readonly at: number }>();
  let lookedAt = -Infinity;
  let cancelLook: (() => void) | null = null;

  function look(): void {
    cancelLook?.();
    cancelLook = null;
    lookedAt = clock.now();
    const next = new Map<Address, Room>();
    // Whoever leads, or is alone, needs none of it, and does not look at all its nodes for it.
    for (const facts of control.standing().leader === self.peer ? [] : nodes.all()) {
      if (hasRoom(facts)) next.set(facts.address, { facts, since: rooms.get(facts.address)?.since ?? lookedAt });
    }
    rooms = next;
  }

  /** Its own tab's limits are for others. */
  const isOwn = ({ peer }: NodeFacts): boolean => peer === self.peer;

  /** @param more tasks there that its peer has not told of yet, and those at all nodes of that peer */
  function hasRoom(facts: NodeFacts, more = { there: 0, all: 0 }): boolean {
    const { state, suspect, model, shared, busy, slots, waiting, guestSlots = Infinity, guestBusy = 0 } = facts;
    if ((state !== 'idle' && state !== 'busy') || suspect || !model || waiting > 0 || busy + more.there >= slots) return false;
    return isOwn(facts) || (shared && guestBusy + more.all < guestSlots);
  }

  function mayGo(address: Address, { facts, since }: Room, { shape }: JobStart): boolean {
    const now = clock.now();
    const { peer } = partsOf(address);
    const all = [...ahead.values()].filter(({ node }) => partsOf(node).peer === peer);
    if (now - since < FREE_MS || all.length >= LIMITS.ungrantedTasks) return false;
    const fresh = all.filter(({ at }) => now - at < LATE_MS);
    const there = fresh.filter(({ node }) => node === address).length;
    return hasRoom(facts, { there, all: fresh.length }) && hasModel({ facts }, shape) && needOf(shape) <= (facts.model?.contextTokens ?? 0);
  }

  const off = nodes.onChange(() => {
    if (cancelLook) return;
    const wait = lookedAt + LOOK_MS - clock.now();
    if (wait <= 0) look();
    else cancelLook = clock.after(wait, look);
  });
  look();

  return {
    of(start) {
      const { leader } = control.standing();
      const [address, another] = start.shape.nodes ?? [];
      if (!start.pinned || leader === null || leader === self.peer || address === undefined || another !== undefined) return start;
      if (cancelLook) look();
      const room = rooms.get(address);
      if (!room?.facts.model || !mayGo(address, room, start)) return start;
      ahead.set(start.id, { node: address, at: clock.now() });
      return { ...start, ahead: { node: address, model: room.facts.model.id, modelHash: room.facts.model.hash } };
    },
    over: (job) => void ahead.delete(job),
    close() {
      off();
      cancelLook?.();
    },
  };
}
