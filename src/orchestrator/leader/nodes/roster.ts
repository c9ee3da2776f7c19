/**
 * The nodes themselves, each in the groups that it belongs to and on the shelf of its rank. Keeps the shelves true after each
 * change; who changed what is the table's business.
 */
import type { HealthPolicy } from '../../../protocol/policy.ts';
import type { Address, PeerId } from '../../../shared/ids.ts';
import type { Strategy } from '../../strategies/strategy.ts';
import type { NodeFacts } from '../../types.ts';
import { createDueList } from './due-list.ts';
import { createGroups, groupKey, move, newTicket, shelfOf, type Group, type Groups } from './groups.ts';
import { createNodeView, type NodeView } from './node-view.ts';
import { heard, isSpent, newOffer, type Offer } from './offers.ts';
import { createModelSpeeds, type ModelSpeeds } from './speeds.ts';

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
  modelSpeeds(model: string): ModelSpeeds;
  /** Of nodes that work. */
  readonly slots: number;
  setStrategy(strategy: Strategy): void;
}

type Standing = 'ready' | 'soon' | 'none';

const standingOf = ({ state, suspect }: NodeFacts): Standing =>
  state === 'loading' ? 'soon' : state === 'idle' || state === 'busy' ? (suspect ? 'soon' : 'ready') : 'none';

const NONE: readonly Address[] = [];

const ownerOf = ({ shared, peer }: NodeFacts): PeerId | null => (shared ? null : peer);

/**
 * A node that nobody knows would stay unknown: those that are known to be fast go before it. So it is hoped to be fast until it was
 * tried ("optimism in the face of uncertainty", Lai and Robbins 1985); some at a time, so that a leader who is new does not try
 * all at once: 128 a second at the most.
 */
const HOPES = { each: 32, everyMs: 250 };

/** How many models' measurements are kept, since names are others' words: the oldest go first, and are measured anew. */
const MODELS = 256;

export function createRoster(health: () => HealthPolicy, firstStrategy: Strategy): Roster {
  const views = new Map<Address, NodeView>();
  const byPeer = new Map<PeerId, readonly Address[]>();
  const offers = new Map<PeerId, Offer>();
  const groups = createGroups();
  const due = createDueList<NodeView>();
  const speeds = new Map<string, ModelSpeeds>();
  const unknown = new Set<NodeView>();
  let hopedAt = -Infinity;
  let strategy = firstStrategy;
  let slots = 0;

  function modelSpeeds(model: string): ModelSpeeds {
    const found = speeds.get(model);
    if (found) return found;
    const made = createModelSpeeds();
    speeds.set(model, made);
    const [oldest] = speeds.keys();
    if (speeds.size > MODELS && oldest !== undefined) speeds.delete(oldest);
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
    view.seats = found.map((group) => ({ group, ticket: newTicket(view, shelfOf(group, model?.contextTokens ?? 0)) }));
    count(view.facts, 1, view.seats);
  }

  /** @param facts that it sat down with */
  function leave(view: NodeView, facts: NodeFacts): void {
    for (const { group, ticket } of view.seats) {
      move(ticket, -1);
      group.slots -= view.counted;
    }
    count(facts, -1, view.seats);
    for (const { group } of view.seats) groups.tidy(group);
    view.counted = 0;
    view.seats = [];
  }

  function plan(view: NodeView): void {
    const wakeAt = Math.min(view.breaker.wakeAt ?? Infinity, view.trust.wakeAt ?? Infinity);
    if (wakeAt === Infinity || (view.dueAt !== null && view.dueAt <= wakeAt)) return;
    view.dueAt = wakeAt;
    due.add(wakeAt, view);
  }

  function shelve(view: NodeView): void {
    const isReady = standingOf(view.facts) === 'ready' && view.breaker.is !== 'open';
    const before = view.counted;
    view.counted = isReady ? view.slots : 0;
    const isOpen = !view.offer.closed || !view.facts.shared;
    const rank = isOpen && view.room(strategy.blind) > 0 ? strategy.rank(view) : -1;
    for (const { group, ticket } of view.seats) {
      group.slots += view.counted - before;
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
      if (view.speeds.isKnown || views.get(view.address) !== view) continue;
      left -= 1;
      view.speeds.hope();
      refresh(view, now);
    }
  }

  function refresh(view: NodeView, now: number): void {
    view.changed(now);
    plan(view);
    shelve(view);
    settle(view, now);
  }

  return {
    groups,
    modelSpeeds,
    refresh,
    get slots() {
      return slots;
    },
    get: (address) => views.get(address) ?? null,
    ofPeer: (peer) => byPeer.get(peer) ?? NONE,
    offer: (peer) => offers.get(peer) ?? null,
    upsert(facts, now) {
      let view = views.get(facts.address);
      if (!view) {
        views.set(facts.address, (view = createNodeView(facts, offerOf(facts.peer), health, modelSpeeds)));
        byPeer.set(facts.peer, [...(byPeer.get(facts.peer) ?? NONE), facts.address]);
        sit(view);
        unknown.add(view);
      } else {
        const before = view.facts;
        const hasMoved = !isSameSeat(before, facts);
        if (hasMoved) leave(view, before);
        else slots += standingOf(facts) === 'ready' ? facts.slots - before.slots : 0;
        view.facts = facts;
        if (hasMoved) sit(view);
      }
      view.told(now);
      heard(view.offer, facts, now);
      shelve(view);
      settle(view, now);
      return view;
    },
    remove(address, now) {
      const view = views.get(address);
      if (!view) return;
      leave(view, view.facts);
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
        view.dueAt = null;
        view.breaker.tick(now);
        view.trust.tick(now);
        refresh(view, now);
      }
    },
    setStrategy(next) {
      strategy = next;
      for (const view of views.values()) shelve(view);
    },
  };
}

/** Whether nothing changed that groups are made by. */
const isSameSeat = (one: NodeFacts, other: NodeFacts): boolean =>
  one.shared === other.shared && one.peer === other.peer && standingOf(one) === standingOf(other) &&
  (one.model === other.model || (one.model !== null && other.model !== null && one.model.id === other.model.id && one.model.hash === other.model.hash &&
    one.model.tier === other.model.tier && one.model.contextTokens === other.model.contextTokens));
