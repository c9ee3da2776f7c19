/**
 * The nodes themselves, each in the groups that it belongs to and on the shelf of its rank. Keeps the shelves true after each
 * change; who changed what is the table's business.
 */
import type { NodeModel } from '../../../protocol/engine-node.ts';
import type { HealthPolicy } from '../../../protocol/policy.ts';
import type { Address, PeerId } from '../../../shared/ids.ts';
import type { Strategy } from '../../strategies/strategy.ts';
import type { NodeFacts } from '../../types.ts';
import { createDueList } from './due-list.ts';
import { rested, triedAgain, wakesAt } from '../health.ts';
import { createGroups, groupKey, move, newTicket, type Group, type Groups } from './groups.ts';
import { changed, newNodeView, ownerOf, roomOf, standingOf, told, type NodeView } from './node-view.ts';
import { heard, isSpent, newOffer, type Offer } from './offers.ts';
import { createModelSpeeds, hopeFor, isKnown, type ModelSpeeds } from './speeds.ts';

export interface Roster {
  readonly groups: Groups;
  get(address: Address): NodeView | null;
  /** Of that peer's tab. */
  ofPeer(peer: PeerId): readonly Address[];
  /** What that peer's tab gives to others; null: none of its nodes is known. */
  offer(peer: PeerId): Offer | null;
  upsert(facts: NodeFacts, now: number): NodeView;
  remove(address: Address, now: number): void;
  /** A node has more or less to do, or is better or worse: puts it where it belongs now. */
  refresh(view: NodeView, now: number): void;
  /** Looks again at those whose rest is over, and at some that nobody knows. */
  wake(now: number): void;
  /** Of nodes that work. */
  readonly slots: number;
  setStrategy(strategy: Strategy): void;
}

const NONE: readonly Address[] = [];

/**
 * A node that nobody knows would stay unknown: those that are known to be fast go before it. So it is hoped to be fast until it was
 * tried ("optimism in the face of uncertainty", Lai and Robbins 1985); some at a time, so that a leader who is new does not try
 * all at once: 128 a second at the most.
 */
const HOPES = { each: 32, everyMs: 250 };

interface KnownModel {
  /** As the last node said that has it: nodes that say the same share the object, so that to see that nothing changed is one look. */
  model: NodeModel;
  readonly speeds: ModelSpeeds;
}

/** How many models' measurements are kept, since names are others' words: the oldest go first, and are measured anew. */
const MODELS = 256;

export function createRoster(health: () => HealthPolicy, firstStrategy: Strategy): Roster {
  const views = new Map<Address, NodeView>();
  const byPeer = new Map<PeerId, readonly Address[]>();
  const offers = new Map<PeerId, Offer>();
  const groups = createGroups();
  const due = createDueList<NodeView>();
  const models = new Map<string, KnownModel>();
  const unknown = new Set<NodeView>();
  let hopedAt = -Infinity;
  let strategy = firstStrategy;
  let slots = 0;

  function knownModel(model: NodeModel): KnownModel {
    const found = models.get(model.id);
    if (found) {
      if (!isSameModel(found.model, model)) found.model = model;
      return found;
    }
    const made: KnownModel = { model, speeds: createModelSpeeds() };
    models.set(model.id, made);
    const [oldest] = models.keys();
    if (models.size > MODELS && oldest !== undefined) models.delete(oldest);
    return made;
  }

  function keysOf(facts: NodeFacts): readonly string[] {
    const { model } = facts;
    if (!model) return [];
    const owner = ownerOf(facts);
    const keys = [groupKey(owner, 'model', model.id), groupKey(owner, 'tier', model.tier)];
    return model.hash ? [...keys, groupKey(owner, 'hash', model.hash)] : keys;
  }

  function countContext(group: Group, tokens: number, standing: 'ready' | 'soon', change: 1 | -1): void {
    const counts = group.contexts.get(tokens) ?? { ready: 0, soon: 0 };
    counts[standing] += change;
    if (counts.ready + counts.soon > 0) group.contexts.set(tokens, counts);
    else group.contexts.delete(tokens);
  }

  /** In (1) or out (−1) of everything that its facts put it into. */
  function count(facts: NodeFacts, change: 1 | -1, seats: NodeView['seats']): void {
    const standing = standingOf(facts);
    if (!facts.shared) groups.countOwn(facts.peer, change);
    if (standing === 'ready') slots += change * facts.slots;
    if (standing === 'soon' && !facts.model) groups.countLoading(ownerOf(facts), change);
    if (standing !== 'none' && facts.model) for (const { group } of seats) countContext(group, facts.model.contextTokens, standing, change);
  }

  function sit(view: NodeView): void {
    const { model } = view.facts;
    const isIn = model !== null && standingOf(view.facts) !== 'none';
    const found = isIn ? keysOf(view.facts).map((key) => groups.obtain(key)) : [];
    view.seats = found.map((group) => newTicket(view, group, model?.contextTokens ?? 0));
    count(view.facts, 1, view.seats);
  }

  function leave(view: NodeView): void {
    for (const ticket of view.seats) {
      move(ticket, -1);
      ticket.group.slots -= view.counted;
    }
    count(view.facts, -1, view.seats);
    for (const { group } of view.seats) groups.tidy(group);
    view.counted = 0;
    view.seats = [];
  }

  function plan(view: NodeView): void {
    const wakeAt = wakesAt(view.breaker, view.trust);
    if (wakeAt === Infinity || view.dueAt <= wakeAt) return;
    view.dueAt = wakeAt;
    due.add(wakeAt, view);
  }

  function shelve(view: NodeView): void {
    const isReady = view.standing === 'ready' && view.breaker.is !== 'open';
    const before = view.counted;
    view.counted = isReady ? view.slots : 0;
    const isOpen = !view.offer.closed || view.owner !== null;
    const rank = isOpen && roomOf(view, strategy.blind) > 0 ? strategy.rank(view) : -1;
    for (const ticket of view.seats) {
      ticket.group.slots += view.counted - before;
      move(ticket, rank);
    }
  }

  /** Puts it where it belongs, and all nodes of its tab if that gives others more, or no more, than a moment ago. */
  function settle({ offer }: NodeView, now: number): void {
    const closed = isSpent(offer, now);
    if (closed === offer.closed) return;
    offer.closed = closed;
    for (const address of byPeer.get(offer.peer) ?? NONE) shelve(views.get(address)!);
  }

  function offerOf(peer: PeerId): Offer {
    const known = offers.get(peer);
    if (known) return known;
    const offer = newOffer(peer);
    offers.set(peer, offer);
    return offer;
  }

  function hope(now: number): void {
    if (now - hopedAt < HOPES.everyMs) return;
    hopedAt = now;
    let left = HOPES.each;
    for (const view of unknown) {
      if (left === 0) return;
      unknown.delete(view);
      if (isKnown(view.speeds) || views.get(view.address) !== view) continue;
      left -= 1;
      hopeFor(view.speeds);
      refresh(view, now);
    }
  }

  function refresh(view: NodeView, now: number): void {
    changed(view, now);
    plan(view);
    shelve(view);
    settle(view, now);
  }

  return {
    groups,
    refresh,
    get slots() {
      return slots;
    },
    get: (address) => views.get(address) ?? null,
    ofPeer: (peer) => byPeer.get(peer) ?? NONE,
    offer: (peer) => offers.get(peer) ?? null,
    upsert(facts, now) {
      const known = views.get(facts.address);
      const view = known ?? newNodeView(facts, offerOf(facts.peer));
      const model = facts.model && knownModel(facts.model);
      if (!known) {
        views.set(facts.address, view);
        byPeer.set(facts.peer, [...(byPeer.get(facts.peer) ?? NONE), facts.address]);
        unknown.add(view);
      }
      const hasMoved = !known || !isSameSeat(view, facts, model?.model ?? null);
      if (known && hasMoved) leave(view);
      if (!hasMoved && view.standing === 'ready') slots += facts.slots - view.claimedSlots;
      told(view, facts, model?.model ?? null, model?.speeds ?? null, now);
      if (hasMoved) sit(view);
      heard(view.offer, facts, now);
      shelve(view);
      settle(view, now);
      return view;
    },
    remove(address, now) {
      const view = views.get(address);
      if (!view) return;
      leave(view);
      const rest = (byPeer.get(view.facts.peer) ?? NONE).filter((other) => other !== address);
      views.delete(address);
      unknown.delete(view);
      if (rest.length > 0) {
        byPeer.set(view.facts.peer, rest);
        settle(view, now);
      } else {
        byPeer.delete(view.facts.peer);
        offers.delete(view.facts.peer);
      }
    },
    wake(now) {
      if (unknown.size > 0) hope(now);
      for (let view = due.take(now); view; view = due.take(now)) {
        if (views.get(view.address) !== view) continue;
        view.dueAt = Infinity;
        view.breaker = rested(view.breaker, now);
        view.trust = triedAgain(view.trust, view.claimedSlots, health(), now);
        refresh(view, now);
      }
    },
    setStrategy(next) {
      strategy = next;
      for (const view of views.values()) shelve(view);
    },
  };
}

const isSameModel = (one: NodeModel | null, other: NodeModel | null): boolean =>
  one === other || (one !== null && other !== null && one.id === other.id && one.hash === other.hash && one.tier === other.tier && one.contextTokens === other.contextTokens);

/** Whether nothing changed that groups are made by. */
const isSameSeat = (view: NodeView, facts: NodeFacts, model: NodeModel | null): boolean =>
  view.owner === ownerOf(facts) && view.standing === standingOf(facts) && isSameModel(view.model, model);
