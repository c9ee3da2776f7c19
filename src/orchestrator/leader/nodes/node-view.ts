/**
 * One node as the leader sees it: what its peer says, what this leader gave it, what came of that. Decides nothing: how many
 * tasks it may have is arithmetic over the parts.
 */
import { LIMITS } from '../../../protocol/limits.ts';
import type { HealthPolicy } from '../../../protocol/policy.ts';
import type { Address, TaskId } from '../../../shared/ids.ts';
import type { Candidate } from '../../strategies/strategy.ts';
import type { NodeFacts } from '../../types.ts';
import { createBreaker, createSlotTrust, type Breaker, type SlotTrust } from '../health.ts';
import type { Group, Ticket } from './groups.ts';
import type { Offer } from './offers.ts';
import { createNodeSpeeds, type ModelSpeeds, type NodeSpeeds } from './speeds.ts';

export interface NodeView extends Candidate {
  readonly address: Address;
  facts: NodeFacts;
  readonly tasks: Set<TaskId>;
  /** What its tab gives to others: one for all nodes of a tab. */
  readonly offer: Offer;
  readonly breaker: Breaker;
  readonly trust: SlotTrust;
  readonly speeds: NodeSpeeds;
  /** The groups that it is in, with its place in each. */
  seats: readonly Seat[];
  /** How many slots it has added to its groups' sums. */
  counted: number;
  /** When the table looks at it again by itself; null: not. */
  dueAt: number | null;
  /** Streams × milliseconds since the start. */
  streamTime(now: number): number;
  slots: number;
  occupied: number;
  rttMs: number;
  nextTokenMs: number;
  prefillTokenMs: number;
  /** Its peer's word has come. */
  told(now: number): void;
  /** Tasks were given or taken, or it is better or worse: reckons anew what strategies see. They look at many, so it lies ready. */
  changed(now: number): void;
  /** How many more tasks it may be given. @param blind in its line too */
  room(blind: boolean): number;
}

export interface Seat {
  readonly group: Group;
  readonly ticket: Ticket;
}

/**
 * What a peer says of its node's load is older than what we know by up to this, so that it has tasks in it that have ended
 * since. The most that we had there within this time explains it; only what is beyond is somebody else's.
 */
const LATE_MS = 1000;

export function createNodeView(first: NodeFacts, offer: Offer, policy: () => HealthPolicy, modelSpeeds: (model: string) => ModelSpeeds): NodeView {
  const tasks = new Set<TaskId>();
  let foreign = 0;
  const most = { now: 0, before: 0, since: -Infinity };
  /** Streams × milliseconds up to `at`, and how many of ours there are since. */
  const area = { sum: 0, at: 0, running: 0 };
  const streamTime = (now: number): number => area.sum + Math.min(area.running + foreign, view.facts.slots) * Math.max(0, now - area.at);

  function count(now: number): void {
    area.sum = streamTime(now);
    area.at = now;
    area.running = tasks.size;
    const since = now - most.since;
    if (since < LATE_MS) return void (most.now = Math.max(most.now, tasks.size));
    most.before = since >= 2 * LATE_MS ? tasks.size : most.now;
    most.now = tasks.size;
    most.since = now;
  }

  function changed(now: number): void {
    count(now);
    reckon();
  }

  function reckon(): void {
    view.slots = Math.min(view.facts.slots, view.trust.most, view.breaker.is === 'half-open' ? 1 : Infinity);
    view.occupied = tasks.size + foreign;
    // Beyond its slots they stand in line: the batch grows no more.
    view.nextTokenMs = speeds.tokenMs(Math.min(view.occupied + 1, Math.max(1, view.facts.slots)));
    view.prefillTokenMs = speeds.prefillMs(1);
  }

  const speeds = createNodeSpeeds(
    () => policy().weight,
    () => (view.facts.model ? modelSpeeds(view.facts.model.id) : null),
  );
  const view: NodeView = {
    address: first.address,
    facts: first,
    tasks,
    offer,
    breaker: createBreaker(policy),
    trust: createSlotTrust(policy, () => view.facts.slots),
    speeds,
    seats: [],
    counted: 0,
    dueAt: null,
    slots: first.slots,
    occupied: 0,
    rttMs: UNKNOWN_RTT_MS,
    nextTokenMs: 0,
    prefillTokenMs: 0,
    streamTime,
    told(now) {
      count(now);
      foreign = Math.max(0, view.facts.busy + view.facts.waiting - Math.max(most.now, most.before));
      view.rttMs = view.facts.rttMs ?? UNKNOWN_RTT_MS;
      speeds.claim(view.facts.tokensPerSecond, view.facts.prefillPerSecond);
      reckon();
    },
    changed,
    room(blind) {
      const { state, suspect } = view.facts;
      if (suspect || (state !== 'idle' && state !== 'busy') || view.breaker.is === 'open' || view.slots < 1) return 0;
      const line = blind && view.breaker.is === 'closed' && view.trust.most === Infinity ? LIMITS.nodeQueue : 0;
      return Math.max(0, view.slots + line - view.occupied);
    },
  };
  return view;
}
/** Between two homes of one country. */
const UNKNOWN_RTT_MS = 50;
