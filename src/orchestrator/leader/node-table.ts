/**
 * All nodes that the leader knows, what it has given them, and how well they do. Joins the parts in `nodes/` behind one
 * interface; chooses by the policy's strategy. It doesn't know the queue, nor who asks for what in which order.
 *
 * Strategies that look at load give a node no more than it has slots: what waits, waits in the leader's queue, which is fair, and
 * goes to whoever is free first. The blind ones go on in their way and fill the nodes' lines, as such balancers do.
 */
import type { TaskReport } from '../../protocol/job.ts';
import type { SwarmPolicy } from '../../protocol/policy.ts';
import type { Random } from '../../shared/env.ts';
import type { Address } from '../../shared/ids.ts';
import { createStrategy } from '../strategies/create-strategy.ts';
import type { Demand } from '../strategies/strategy.ts';
import { failed, fullWith, succeeded, unwilling, verdictOf } from './health.ts';
import { homeLines } from './nodes/home-lines.ts';
import { createLedger, newEntry, type Entry } from './nodes/ledger.ts';
import type { NodeView } from './nodes/node-view.ts';
import { createRoster } from './nodes/roster.ts';
import { createRoutes } from './nodes/routes.ts';
import { createTiming } from './nodes/timing.ts';
import type { Assignment, NodeTable, Wish } from './parts.ts';

export interface NodeTableDeps {
  readonly policy: SwarmPolicy;
  /** For strategies that leave something to chance. */
  readonly random: Random;
}

export function createNodeTable({ policy: first, random }: NodeTableDeps): NodeTable {
  let policy = first;
  let strategy = createStrategy(policy.strategy);
  const roster = createRoster(() => policy.health, strategy);
  const routes = createRoutes(roster, random);
  const ledger = createLedger();
  const timing = createTiming();
  /** The time of the last event: for what comes without one. */
  let latest = 0;

  function pick(wish: Wish, now: number): Address | null {
    latest = Math.max(latest, now);
    roster.wake(now);
    const { promptTokens, maxTokens, affinity } = wish.shape;
    const own = roster.ofPeer(wish.asker);
    const lines = homeLines(own, roster, now);
    const demand: Demand = { promptTokens, answerTokens: timing.answerTokens(maxTokens), affinity: affinity ?? null, own, lines };
    const chosen = routes.first(wish, strategy.blind, (pool) => (pool.size > 0 ? strategy.choose(demand, pool) : null));
    return chosen?.address ?? null;
  }

  function assign(assignment: Assignment, now: number, runs = false): void {
    latest = Math.max(latest, now);
    const known = ledger.get(assignment.task);
    if (known) free(known, now);
    const view = roster.get(assignment.node);
    ledger.add(newEntry(assignment, view, now));
    // Counted twice it would keep a slot empty until its node tells of something again.
    if (runs && view) view.foreign = Math.max(0, view.foreign - 1);
    if (view) roster.refresh(view, now);
  }

  /** Its slot is free. @returns what was there */
  function free(entry: Entry, now: number): Assignment {
    ledger.remove(entry);
    if (entry.view) roster.refresh(entry.view, now);
    return entry;
  }

  /** What a task's end says of its node. @returns the breaker's new state if it changed */
  function judge(view: NodeView, { error, answerTokens }: TaskReport, spoke: boolean, now: number): 'open' | 'half-open' | 'closed' | null {
    const before = view.breaker.is;
    switch (verdictOf(error)) {
      case 'well':
        view.breaker = succeeded(view.breaker);
        break;
      case 'failed':
        view.breaker = failed(view.breaker, policy.health, now);
        break;
      case 'full':
        view.trust = fullWith(view.trust, view.tasks.length, policy.health, now);
        break;
      case 'unwilling':
        view.trust = unwilling(policy.health, now);
        break;
      case 'nothing':
        // It was asked to stop: if it has spoken till then, it works.
        if (spoke || answerTokens > 0) view.breaker = succeeded(view.breaker);
    }
    roster.refresh(view, now);
    return view.breaker.is === before ? null : view.breaker.is;
  }

  function report(told: TaskReport, now: number): 'open' | 'half-open' | 'closed' | null {
    latest = Math.max(latest, now);
    const entry = ledger.get(told.task);
    if (!entry) return null;
    const { view } = entry;
    if (!entry.spoke && view) timing.spoke(view, told);
    const spoke = entry.spoke || told.state === 'speaking';
    if (told.state === 'speaking') {
      ledger.spoke(entry);
      return null;
    }
    if (view) timing.done(view, entry, told, now, policy.health.weight);
    ledger.remove(entry);
    return view ? judge(view, told, spoke, now) : null;
  }

  return {
    pick,
    assign,
    report,
    upsert(facts, now) {
      latest = Math.max(latest, now);
      // What its askers said before its peer did.
      if (ledger.settle(roster.upsert(facts, now))) roster.upsert(facts, now);
    },
    remove(address) {
      const lost = [...(roster.get(address)?.tasks ?? ledger.homeless(address))];
      for (const entry of lost) ledger.remove(entry);
      roster.remove(address, latest);
      return lost;
    },
    facts: (address) => roster.get(address)?.facts ?? null,
    standing: (wish) => routes.standing(wish),
    lane: (wish) => routes.lane(wish),
    assignment: (task) => ledger.get(task),
    assignedTo: (job) => ledger.of(job),
    release(task) {
      const entry = ledger.get(task);
      return entry && free(entry, latest);
    },
    silentSince: (before) => ledger.silentSince(before),
    surplus(node, before) {
      const view = roster.get(node);
      if (!view) return Infinity;
      const known = view.tasks.filter(({ spoke, at }) => spoke || at < before).length;
      return known - view.facts.busy - view.facts.waiting;
    },
    estimateMs: (wish, ahead) => timing.estimateMs(routes.groups(wish), ahead),
    hedgeMs(wish, node) {
      const view = roster.get(node);
      return view ? timing.hedgeMs(wish, view, policy.failover) : policy.failover.firstTokenLeastMs;
    },
    get slots() {
      return roster.slots;
    },
    get assigned() {
      return ledger.size;
    },
    setPolicy(next) {
      if (next.strategy !== policy.strategy) {
        strategy = createStrategy(next.strategy);
        roster.setStrategy(strategy);
      }
      policy = next;
    },
  };
}
