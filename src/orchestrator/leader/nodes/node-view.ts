/**
 * One node as the leader sees it: what its peer says, what this leader gave it, what came of that. Decides nothing: how many
 * tasks it may have is arithmetic over the parts.
 *
 * A flat record and functions over it, and what most nodes have alike (a breaker that is closed, a model's measurements) is one
 * object for all: of ten thousand nodes each is far away in memory when its turn comes, and each step to an object of its own
 * costs as much as all the arithmetic.
 */
import { LIMITS } from '../../../protocol/limits.ts';
import type { NodeModel } from '../../../protocol/engine-node.ts';
import type { PeerId } from '../../../shared/ids.ts';
import type { Candidate } from '../../strategies/strategy.ts';
import type { NodeFacts } from '../../types.ts';
import { BELIEVED, CLOSED, trustedSlots, type Breaker, type SlotTrust } from '../health.ts';
import type { Ticket } from './groups.ts';
import type { Entry } from './ledger.ts';
import type { Offer } from './offers.ts';
import { claim, newSpeeds, prefillMs, tokenMs, type ModelSpeeds, type NodeSpeeds } from './speeds.ts';

/** Whether it may be given something as far as its peer says: now, perhaps soon, or not at all. */
export type Standing = 'ready' | 'soon' | 'none';

export interface NodeView extends Candidate {
  facts: NodeFacts;
  /** As in the facts; but one object for all nodes that have it. */
  model: NodeModel | null;
  /** Whom it serves: its own peer alone; null: everybody. */
  owner: PeerId | null;
  standing: Standing;
  /** Slots that its peer says it has. */
  claimedSlots: number;
  /** What its tab gives to others: one for all nodes of a tab. */
  readonly offer: Offer;
  breaker: Breaker;
  trust: SlotTrust;
  readonly speeds: NodeSpeeds;
  /** What the nodes with its model have measured; null: it has none. */
  others: ModelSpeeds | null;
  /** What this leader gave it, in the order in which it did. */
  readonly tasks: Entry[];
  /** Its place in each group that it is in. */
  seats: readonly Ticket[];
  /** How many slots it has added to its groups' sums. */
  counted: number;
  /** When the table looks at it again by itself; Infinity: not. */
  dueAt: number;
  slots: number;
  occupied: number;
  rttMs: number;
  nextTokenMs: number;
  prefillTokenMs: number;
  /** Tasks there that this leader did not give. */
  foreign: number;
  /** The most tasks of ours since `mostSince`, and in the time before that. */
  mostNow: number;
  mostBefore: number;
  mostSince: number;
  /** Streams × milliseconds up to `streamsAt`, and how many of ours there are since. */
  streamSum: number;
  streamsAt: number;
  streams: number;
}

/**
 * What a peer says of its node's load is older than what we know by up to this, so that it has tasks in it that have ended
 * since. The most that we had there within this time explains it; only what is beyond is somebody else's.
 */
const LATE_MS = 1000;
/** Between two homes of one country. */
const UNKNOWN_RTT_MS = 50;

export const standingOf = ({ state, suspect }: NodeFacts): Standing =>
  state === 'loading' ? 'soon' : state === 'idle' || state === 'busy' ? (suspect ? 'soon' : 'ready') : 'none';

export const ownerOf = ({ shared, peer }: NodeFacts): PeerId | null => (shared ? null : peer);

export const newNodeView = (facts: NodeFacts, offer: Offer): NodeView => ({
  address: facts.address, slots: facts.slots, occupied: 0, rttMs: UNKNOWN_RTT_MS, nextTokenMs: 0, prefillTokenMs: 0,
  facts, model: null, owner: ownerOf(facts), standing: standingOf(facts), claimedSlots: facts.slots, offer,
  breaker: CLOSED, trust: BELIEVED, speeds: newSpeeds(), others: null,
  tasks: [], seats: [], counted: 0, dueAt: Infinity,
  foreign: 0, mostNow: 0, mostBefore: 0, mostSince: -Infinity, streamSum: 0, streamsAt: 0, streams: 0,
});

/** Streams × milliseconds since the start. */
export const streamTime = ({ streamSum, streamsAt, streams, foreign, claimedSlots }: NodeView, now: number): number =>
  streamSum + Math.min(streams + foreign, claimedSlots) * Math.max(0, now - streamsAt);

function count(view: NodeView, now: number): void {
  const running = view.tasks.length;
  view.streamSum = streamTime(view, now);
  view.streamsAt = now;
  view.streams = running;
  const since = now - view.mostSince;
  if (since < LATE_MS) return void (view.mostNow = Math.max(view.mostNow, running));
  view.mostBefore = since >= 2 * LATE_MS ? running : view.mostNow;
  view.mostNow = running;
  view.mostSince = now;
}

function reckon(view: NodeView): void {
  const { claimedSlots, speeds, others } = view;
  view.slots = Math.min(claimedSlots, trustedSlots(view.trust), view.breaker.is === 'half-open' ? 1 : Infinity);
  view.occupied = view.tasks.length + view.foreign;
  // Beyond its slots they stand in line: the batch grows no more.
  view.nextTokenMs = tokenMs(speeds, others, Math.min(view.occupied + 1, Math.max(1, claimedSlots)));
  view.prefillTokenMs = prefillMs(speeds, others, 1);
}

/** Its peer's word has come: `facts` is that. @param others what the nodes with its model have measured */
export function told(view: NodeView, facts: NodeFacts, model: NodeModel | null, others: ModelSpeeds | null, now: number): void {
  view.facts = facts;
  view.model = model;
  view.owner = ownerOf(facts);
  view.standing = standingOf(facts);
  view.claimedSlots = facts.slots;
  view.others = others;
  count(view, now);
  view.foreign = Math.max(0, facts.busy + facts.waiting - Math.max(view.mostNow, view.mostBefore));
  view.rttMs = facts.rttMs ?? UNKNOWN_RTT_MS;
  claim(view.speeds, facts.tokensPerSecond, facts.prefillPerSecond);
  reckon(view);
}

/** Tasks were given or taken, or it is better or worse: reckons anew what strategies see. They look at many, so it lies ready. */
export function changed(view: NodeView, now: number): void {
  count(view, now);
  reckon(view);
}

/** How many more tasks it may be given. @param blind in its line too */
export function roomOf({ standing, breaker, trust, slots, occupied }: NodeView, blind: boolean): number {
  if (standing !== 'ready' || breaker.is === 'open' || slots < 1) return 0;
  const line = blind && breaker.is === 'closed' && trust.is === 'believed' ? LIMITS.nodeQueue : 0;
  return Math.max(0, slots + line - occupied);
}
