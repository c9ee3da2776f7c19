/** From a wish to the nodes that may serve it: which groups, in which order, and whether there are any at all. */
import type { Random } from '../../../shared/env.ts';
import type { LlamboError } from '../../../shared/errors.ts';
import type { Address, PeerId } from '../../../shared/ids.ts';
import type { Candidate, Pool } from '../../strategies/strategy.ts';
import type { Wish } from '../parts.ts';
import { allAvoided, askedOf, hasModel, needOf, noNode, notHere, notReady, tooLong } from './fit.ts';
import { groupKey, octave, type Asked, type Group, type Shelf } from './groups.ts';
import { roomOf, type NodeView } from './node-view.ts';
import { createPool, listsOf } from './pool.ts';
import type { Roster } from './roster.ts';

export interface Routes {
  /** What `choose` makes of the nodes that are to be tried first; if that is null, of the next. @param blind nodes that are full are in it too */
  first(wish: Wish, blind: boolean, choose: (pool: Pool) => Candidate | null): Candidate | null;
  standing(wish: Wish): 'now' | 'soon' | LlamboError;
  /** All groups that may serve it. */
  groups(wish: Wish): readonly Group[];
  lane(wish: Wish): string;
}

/** The rank of a node that is named counts for nothing: there are few. */
const NAMED_RANK = 0;
const NOBODY: readonly Group[] = [];
const anybody = (): boolean => true;

export function createRoutes(roster: Roster, random: Random): Routes {
  const { groups } = roster;

  const serves = ({ facts }: NodeView, asker: PeerId): boolean => facts.shared || facts.peer === asker;

  /** Room for this asker: its own nodes have some also when their tab gives no more to others. */
  const hasRoom = (view: NodeView, asker: PeerId, blind: boolean): boolean => (!view.offer.closed || view.facts.peer === asker) && roomOf(view, blind) > 0;

  /** Everything but room. */
  function suits(view: NodeView, { shape, avoid, asker }: Wish, need: number): boolean {
    const { model } = view.facts;
    return model !== null && model.contextTokens >= need && !avoid.includes(view.address) && serves(view, asker) && hasModel(view, shape);
  }

  /** The nodes for everybody, and the asker's own. */
  function membersOf({ kind, value, sharedKey }: Asked, asker: PeerId): readonly Group[] {
    const shared = groups.get(sharedKey);
    const own = groups.ownsAny(asker) ? groups.get(groupKey(asker, kind, value)) : null;
    if (!own) return shared ? [shared] : NOBODY;
    return shared ? [shared, own] : [own];
  }

  const allOf = ({ shape, asker }: Wish): readonly Group[] => askedOf(shape).flatMap((asked) => membersOf(asked, asker));

  /** Whether whoever is in these groups suits: so it mostly is, and then nobody has to be looked at. */
  function allSuit(members: readonly Group[], { shape, avoid }: Wish, need: number): boolean {
    if (avoid.length > 0 || (shape.model !== undefined && shape.modelHash !== undefined)) return false;
    for (const { contexts } of members) for (const tokens of contexts.keys()) if (tokens < need) return false;
    return true;
  }

  function poolOf(members: readonly Group[], wish: Wish, blind: boolean): Pool {
    const need = needOf(wish.shape);
    const smallest = octave(need);
    const shelves: Shelf[] = [];
    for (const group of members) for (const [size, shelf] of group.shelves) if (size >= smallest && shelf.size > 0) shelves.push(shelf);
    const member = (address: Address): NodeView | null => {
      const view = roster.get(address);
      return view?.seats.some(({ group }) => members.includes(group)) ? view : null;
    };
    return createPool({
      key: members[0] ?? wish,
      lists: listsOf(shelves),
      random,
      suits: allSuit(members, wish, need) ? anybody : (view) => suits(view, wish, need),
      find(address) {
        const view = member(address);
        return view && hasRoom(view, wish.asker, blind) ? view : null;
      },
      member,
    });
  }

  function namedPool(nodes: readonly Address[], wish: Wish, blind: boolean): Pool {
    const need = needOf(wish.shape);
    const able = [...new Set(nodes)].flatMap((address) => roster.get(address) ?? []).filter((view) => suits(view, wish, need));
    const views = able.filter((view) => hasRoom(view, wish.asker, blind));
    return createPool({
      key: wish,
      lists: views.length === 0 ? [] : [{ rank: NAMED_RANK, tickets: views.map((view) => ({ view })) }],
      random,
      suits: anybody,
      find: (address) => views.find((view) => view.address === address) ?? null,
      member: (address) => able.find((view) => view.address === address) ?? null,
    });
  }

  /** Of the asker's own nodes, if they are off the shelves because its tab gives no more to others. */
  function atHome(members: readonly Group[], wish: Wish, blind: boolean, choose: (pool: Pool) => Candidate | null): Candidate | null {
    if (!roster.offer(wish.asker)?.closed) return null;
    const own = roster.ofPeer(wish.asker).filter((address) => roster.get(address)?.seats.some(({ group }) => members.includes(group)));
    return choose(namedPool(own, wish, blind));
  }

  function standingNamed(nodes: readonly Address[], wish: Wish): 'now' | 'soon' | LlamboError {
    const { shape, asker, avoid } = wish;
    const views = nodes.flatMap((address) => roster.get(address) ?? []);
    if (views.length === 0) return noNode();
    const able = views.filter((view) => serves(view, asker) && hasModel(view, shape) && (view.facts.state === 'idle' || view.facts.state === 'busy'));
    const wide = able.filter(({ facts }) => (facts.model?.contextTokens ?? 0) >= needOf(shape));
    const left = wide.filter(({ address }) => !avoid.includes(address));
    if (left.some(({ facts }) => !facts.suspect)) return 'now';
    if (left.length > 0 || views.some((view) => view.facts.state === 'loading' && serves(view, asker) && (!view.facts.model || hasModel(view, shape)))) return 'soon';
    if (wide.length > 0) return allAvoided(shape);
    return able.length > 0 ? tooLong(shape, Math.max(...able.map(({ facts }) => facts.model?.contextTokens ?? 0))) : notHere(shape);
  }

  /** Whether there is surely somebody: so it nearly always is, and each request asks. */
  function isSure({ shape, asker, avoid }: Wish, need: number): boolean {
    if (avoid.length > 0) return false;
    for (const asked of askedOf(shape)) {
      for (const { contexts } of membersOf(asked, asker)) for (const [tokens, count] of contexts) if (tokens >= need && count.ready > 0) return true;
    }
    return false;
  }

  function standing(wish: Wish): 'now' | 'soon' | LlamboError {
    const { shape, asker, avoid } = wish;
    if (shape.nodes) return standingNamed(shape.nodes, wish);
    const need = needOf(shape);
    if (isSure(wish, need)) return 'now';
    const members = allOf(wish);
    const contexts = members.flatMap((group) => [...group.contexts]);
    const wide = contexts.filter(([tokens]) => tokens >= need);
    const avoided = [...new Set(avoid)].flatMap((address) => roster.get(address) ?? []).filter((view) => view.seats.some(({ group }) => members.includes(group)) && (view.facts.model?.contextTokens ?? 0) >= need);
    const isReady = ({ facts }: NodeView): boolean => !facts.suspect && facts.state !== 'loading';
    const ready = wide.reduce((sum, [, count]) => sum + count.ready, 0) - avoided.filter(isReady).length;
    const soon = wide.reduce((sum, [, count]) => sum + count.soon, 0) - avoided.filter((view) => !isReady(view)).length;
    if (ready > 0) return 'now';
    if (soon > 0 || groups.loading(null) > 0 || groups.loading(asker) > 0) return 'soon';
    if (wide.length > 0) return allAvoided(shape);
    return contexts.length > 0 ? tooLong(shape, Math.max(...contexts.map(([tokens]) => tokens))) : notReady(shape);
  }

  return {
    standing,
    groups: (wish) => (wish.shape.nodes ? wish.shape.nodes.flatMap((address) => roster.get(address)?.seats[0]?.group ?? []) : allOf(wish)),
    first(wish, blind, choose) {
      if (wish.shape.nodes) return choose(namedPool(wish.shape.nodes, wish, blind));
      for (const asked of askedOf(wish.shape)) {
        const members = membersOf(asked, wish.asker);
        const chosen = members.length > 0 ? choose(poolOf(members, wish, blind)) ?? atHome(members, wish, blind, choose) : null;
        if (chosen) return chosen;
      }
      return null;
    },
    lane({ shape, avoid, asker }) {
      const { model = '', modelHash = '', tier = '', nodes } = shape;
      const named = nodes ? nodes.toSorted().join() : '';
      const without = avoid.length === 0 ? '' : avoid.toSorted().join();
      // Named nodes may be the asker's own too, and those of a tab that gives others little have room for its person when they have none for others.
      const isApart = groups.ownsAny(asker) || (roster.offer(asker)?.most ?? Infinity) < Infinity;
      const own = isApart ? asker : '';
      return `${JSON.stringify(model)}|${modelHash}|${tier}|${octave(needOf(shape))}|${own}|${named}|${without}`;
    },
  };
}
