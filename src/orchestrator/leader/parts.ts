/** The leader's two parts, each behind an interface: who is next (`queue.ts`), and who serves (`node-table.ts`). */
import type { JobShape, Priority, RequestReason, RunningTask, TaskReport } from '../../protocol/job.ts';
import type { QueuePolicy, SwarmPolicy } from '../../protocol/policy.ts';
import type { LlamboError } from '../../shared/errors.ts';
import type { Address, DeviceId, JobId, PeerId, TaskId } from '../../shared/ids.ts';
import type { NodeFacts } from '../types.ts';

export interface QueueItem {
  readonly key: string;
  readonly device: DeviceId;
  readonly priority: Priority;
  /** Items that the same nodes can serve: if the first of a lane finds no node, none of it does. */
  readonly lane: string;
  /** Tokens that it is expected to take. */
  readonly cost: number;
  readonly deadlineAt: number;
  /** It goes before all others of its priority: it has had its turn already, and its node died. Such do not count for `most`. */
  readonly ahead?: boolean;
}

/** Bounded, fair between devices by tokens (deficit round-robin, Shreedhar and Varghese 1995), interactive before batch. */
export interface FairQueue<Item extends QueueItem> {
  /** @returns why there is no room: in the whole queue, or for this device; null if it is in */
  add(item: Item): 'queue' | 'device' | null;
  /** Whose turn it is, of lanes that are not blocked; null if nobody's. It stays until `take`. */
  next(blocked: ReadonlySet<string>): Item | null;
  /** It is served: its device is charged. @param key of what `next` gave */
  take(key: string): Item | null;
  /** It is not wanted any more. */
  remove(key: string): Item | null;
  /**
   * It took more or fewer tokens than expected.
   * @param tokens the difference
   * @param era when it was charged what is given back; nothing is of an era that is over, since that was never paid
   */
  correct(device: DeviceId, tokens: number, era?: number | null): void;
  /** What a charge of this moment is given back by; null: the device has no account, and is not charged. */
  era(device: DeviceId): number | null;
  /** Removes those whose time is over. */
  expire(now: number): readonly Item[];
  get(key: string): Item | null;
  /** How many are served before it, as far as can be told, plus one; null if it is not here. */
  place(key: string): number | null;
  /** In any order. */
  items(): Iterable<Item>;
  readonly size: number;
  sizeOf(device: DeviceId): number;
  setPolicy(policy: QueuePolicy): void;
}

/** A request as the table sees it. */
export interface Wish {
  readonly job: JobId;
  readonly asker: PeerId;
  readonly device: DeviceId;
  readonly shape: JobShape;
  readonly avoid: readonly Address[];
}

export interface Assignment extends RunningTask {
  readonly job: JobId;
  readonly asker: PeerId;
  readonly device: DeviceId;
  readonly why: RequestReason;
  readonly at: number;
  /** Prompt and answer, estimated. */
  readonly tokens: number;
  /** In which its device was charged these. */
  readonly era?: number | null;
}

/** All nodes that the leader knows, what it has given them, and how well they do. Chooses by the policy's strategy. */
export interface NodeTable {
  upsert(facts: NodeFacts, now: number): void;
  /** @returns what was assigned there: forgotten here, its askers will see it themselves */
  remove(address: Address): readonly Assignment[];
  facts(address: Address): NodeFacts | null;
  /**
   * Whether any node could ever take this. `soon`: one that may is loading or restarting.
   * @returns an error `not-found` (no such node), `not-ready` (no such model or tier), `context-overflow`
   */
  standing(wish: Wish): 'now' | 'soon' | LlamboError;
  /** The strategy's choice among the nodes that have room, are well, and suit; null: let it wait. */
  pick(wish: Wish, now: number): Address | null;
  /** What an item's lane is: equal for wishes that the same nodes can serve. */
  lane(wish: Wish): string;
  /** @param runs its asker says that it runs already: its node may have told of it, as of somebody else's */
  assign(assignment: Assignment, now: number, runs?: boolean): void;
  assignment(task: TaskId): Assignment | null;
  /** Of one job. */
  assignedTo(job: JobId): readonly Assignment[];
  /** A task spoke, or ended: learns speeds, moves the breaker. @returns the breaker's new state if it changed */
  report(report: TaskReport, now: number): 'open' | 'half-open' | 'closed' | null;
  /** It never was: the asker is gone, or has not begun in time. Nothing is learnt. @returns what it was, or null */
  release(task: TaskId): Assignment | null;
  /** Assignments made before this that have neither spoken nor been reported. */
  silentSince(before: number): readonly Assignment[];
  /**
   * How many more tasks are assigned there than the node says that it has, of those that it must know by now: that spoke, or were
   * assigned before this. Infinite if nobody has told of the node.
   */
  surplus(node: Address, before: number): number;
  /** Expected wait of a job with this many before it, milliseconds; 0 while nothing is known. */
  estimateMs(wish: Wish, ahead: number): number;
  /** After how long without a first token a hedge is worth it: from the 95th percentile of what was measured. */
  hedgeMs(wish: Wish, node: Address): number;
  readonly slots: number;
  readonly assigned: number;
  setPolicy(policy: SwarmPolicy): void;
}
