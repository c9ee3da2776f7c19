/** What must hold in every history of a swarm: checked at each step, and when it has been quiet for a while. */
import type { CoreEvent, CoreView } from '../mesh/core/core-types.ts';
import type { Claim } from '../protocol/messages.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { PeerId } from '../shared/ids.ts';
import type { Order, SimPeer, SwarmWatch } from './sim-swarm.ts';
import type { World } from './sim-world.ts';

/** A history broke a promise. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

export interface Checks {
  readonly watch: SwarmWatch;
  /** It wakes after a sleep that its clock noticed: orders of the term in which it fell asleep are forbidden. */
  woke(peer: SimPeer): void;
  /**
   * Why the swarm is not yet as it should be in quiet; null if each part has one leader, one term, and its members.
   * @param exactly all have the same version of the roster too: not so for the moment in which a change is on its way
   */
  unsettled(exactly: boolean): string | null;
  /** Leader and term of each part, to compare later. */
  leaders(): string;
  /** The most messages that one peer sent in a second, per link. */
  readonly busiest: number;
}

interface Record {
  /** The leader that it accepted in each term. */
  readonly accepted: Map<number, PeerId>;
  claim: Claim | null;
  obeyed: Order | null;
  /** Of whom it ever heard. */
  readonly known: Set<PeerId>;
  /** The last term in which it gave an order, and the terms whose orders are over for it. */
  ordered: number;
  forbidden: number;
  windowAt: number;
  windowStart: number;
  windowLinks: number;
}

/** So many messages in a second, and for each link beside: pings, pongs, roster, status, votes, and what a storm brings at once. */
const MESSAGES = { fixed: 60, perLink: 40 };

export function createChecks(world: World, peers: () => readonly SimPeer[]): Checks {
  const records = new Map<SimPeer, Record>();
  let busiest = 0;

  function recordOf(peer: SimPeer): Record {
    let record = records.get(peer);
    if (!record) {
      record = { accepted: new Map(), claim: null, obeyed: null, known: new Set(), ordered: 0, forbidden: 0, windowAt: world.clock.now(), windowStart: 0, windowLinks: 0 };
      records.set(peer, record);
    }
    return record;
  }

  function assert(condition: boolean, text: () => string): void {
    if (!condition) throw new BrokenPromise(`${text()} (at ${Math.round(world.clock.now())} ms)`);
  }

  function checkClaim(peer: SimPeer, record: Record): void {
    const { claim } = peer.core.introduce();
    if (claim === record.claim) return;
    const before = record.claim;
    assert(claim !== null, () => `${peer.id} knows no leader any more`);
    if (!claim) return;
    assert(before === null || claim.term >= before.term, () => `${peer.id}: its term went down from ${before!.term} to ${claim.term}`);
    const known = record.accepted.get(claim.term);
    assert(known === undefined || known === claim.leader, () => `${peer.id} accepted two leaders in term ${claim.term}: ${known} and ${claim.leader}`);
    record.accepted.set(claim.term, claim.leader);
    record.claim = claim;
  }

  /** In windows of a second, for those that are awake: what comes after a sleep comes at once. */
  function checkRate(peer: SimPeer, record: Record): void {
    const elapsed = world.clock.now() - record.windowAt;
    if (elapsed < LIMITS.beatMs) return;
    const count = peer.sent.messages - record.windowStart;
    record.windowAt = world.clock.now();
    record.windowStart = peer.sent.messages;
    const links = Math.max(peer.links.size, record.windowLinks);
    record.windowLinks = peer.links.size;
    if (elapsed > 2 * LIMITS.beatMs) return;
    busiest = Math.max(busiest, count / (links + 3));
    const most = MESSAGES.fixed + MESSAGES.perLink * links;
    assert(count <= most, () => `${peer.id} sent ${count} messages in a second over ${links} links`);
  }

  const watch: SwarmWatch = {
    handled(peer, event) {
      const record = recordOf(peer);
      hear(record, event);
      checkClaim(peer, record);
      checkRate(peer, record);
    },
    ordered(peer, { term }) {
      const record = recordOf(peer);
      assert(term > record.forbidden, () => `${peer.id} slept and still gives orders of term ${term}`);
      record.ordered = term;
    },
    received(peer, order) {
      if (!peer.core.obeys(order)) return;
      const record = recordOf(peer);
      const { obeyed } = record;
      assert(obeyed === null || order.term >= obeyed.term, () => `${peer.id} obeyed ${order.leader} of term ${order.term} after ${obeyed!.leader} of ${obeyed!.term}`);
      assert(obeyed === null || order.term > obeyed.term || order.leader === obeyed.leader, () => `${peer.id} obeyed two leaders of term ${order.term}`);
      record.obeyed = order;
    },
  };

  /** A newcomer whose only acquaintances died before they told of it can't be found: the dead hold their doors for a while. */
  function acquainted(one: SimPeer, other: SimPeer): boolean {
    return recordOf(one).known.has(other.id) || recordOf(other).known.has(one.id);
  }

  function parts(): SimPeer[][] {
    const left = new Set(peers().filter(({ state, host }) => state === 'in' && host.state === 'up'));
    const found: SimPeer[][] = [];
    for (const first of left) {
      const part = [first];
      left.delete(first);
      for (const peer of part) {
        for (const other of left) {
          if (!world.connected(peer.host, other.host) || !acquainted(peer, other)) continue;
          left.delete(other);
          part.push(other);
        }
      }
      found.push(part);
    }
    return found;
  }

  return {
    watch,
    woke(peer) {
      const record = recordOf(peer);
      record.forbidden = Math.max(record.forbidden, record.ordered);
    },
    unsettled(exactly) {
      for (const part of parts()) {
        const problem = unsettledPart(part, exactly);
        if (problem !== null) return problem;
      }
      return null;
    },
    leaders: () => parts().map(([first]) => JSON.stringify(first!.core.introduce().claim)).join(),
    get busiest() { return busiest; },
  };
}

function hear({ known }: Record, event: CoreEvent): void {
  if (event.type === 'linked') known.add(event.peer);
  if (event.type !== 'message') return;
  const { message } = event;
  if (message.t === 'status') known.add(message.entry.peer);
  if (message.t === 'roster') for (const { peer } of message.entries) known.add(peer);
}

function unsettledPart(part: readonly SimPeer[], exactly: boolean): string | null {
  const views = part.map(({ core }) => core.view());
  const [first] = views;
  if (!first) return null;
  for (const view of views) {
    if (view.leader !== first.leader || view.term !== first.term) return `${name(first)} follows ${name(first, first.leader)} in ${first.term}, ${name(view)} ${name(view, view.leader)} in ${view.term}`;
    if (view.leading !== (view.self.peer === view.leader)) return `${name(view)} does not know that it leads`;
    if (exactly && view.version !== first.version) return `${name(first)} has version ${first.version} of the roster, ${name(view)} ${view.version}`;
    if (rosterOf(view) !== rosterOf(first)) return `${name(first)} has ${rosterOf(first)}, ${name(view)} ${rosterOf(view)}`;
  }
  if (first.leader === null) return `${name(first)} and ${part.length - 1} others have no leader`;
  const there = part.map(({ id }) => id).sort().join();
  const known = first.entries.map(({ peer }) => peer).sort().join();
  return there === known ? null : `there are ${part.length}: ${short(there)}; in the roster ${first.entries.length}: ${short(known)}`;
}

const short = (ids: string): string => ids.split(',').map((id) => id.slice(0, 4)).join(' ');
const name = (view: CoreView, peer: PeerId | null = view.self.peer): string => peer?.slice(0, 4) ?? 'nobody';
const rosterOf = ({ entries }: CoreView): string => entries.map(({ peer, incarnation }) => `${peer.slice(0, 4)}/${incarnation}`).join(' ');
