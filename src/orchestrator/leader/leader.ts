/**
 * The leader: who gets which node, and when. A pure machine over three parts: `queue.ts` says who is next, the node table who
 * serves, `job-records.ts` what was asked. It never sees a prompt; it does not know links, timers or signatures.
 *
 * ```
 *   request --> [waits] --grant--> [runs] --report ended--> (another request, or withdraw)
 *      |           |                  |
 *   refuse       refuse          node gone: the asker notices and asks again (`moved`)
 * ```
 *
 * - A request says all that runs for its job. What the leader thought ran besides is free, what it did not know it takes over:
 *   so a job that asks again, of this leader or a new one, never holds two slots for one.
 * - A job that *moved* goes before all others of its priority, and is not refused because the queue is full: it waited already.
 *   That is believed of jobs that this leader has served, and of all while the leader is new; of none more than a few times.
 * - A *hedge* never waits: it is granted at once, out of its budget, or refused.
 * - Grants whose asker is gone, or does not want them, are free at once. One of whom nothing is heard stays while its node works: a
 *   long prompt is read for minutes without a word. `upkeep.ts` has the bounds.
 */
import type { SwarmPolicy } from '../../protocol/policy.ts';
import type { TaskReport } from '../../protocol/job.ts';
import type { Random } from '../../shared/env.ts';
import type { LlamboError } from '../../shared/errors.ts';
import type { Address, PeerId } from '../../shared/ids.ts';
import type { Leader, LeaderEffect, LeaderEvent, NodeRequest } from '../types.ts';
import { createHedgeBudget } from './hedge-budget.ts';
import { createJobRecords, type JobRecord } from './job-records.ts';
import { viewOf } from './leader-view.ts';
import type { FairQueue, NodeTable } from './parts.ts';
import { createPlaceNews } from './place-news.ts';
import { deadlineOver, deadlinePast, noHedge, queueFull } from './refusals.ts';
import { createTaskBook, tokensOf } from './task-book.ts';
import { createServing } from './serving.ts';
import { createUpkeep } from './upkeep.ts';
import { isSameWish, waitingOf, type Waiting } from './waiting.ts';

export interface LeaderDeps {
  readonly policy: SwarmPolicy;
  readonly queue: FairQueue<Waiting>;
  readonly table: NodeTable;
  readonly random: Random;
}

/** A new leader believes of any job that it moved: who was served before can't be known. Askers come back within some seconds. */
const YOUNG_MS = 30_000;
/** So often a job is believed to have moved: it is stopped after a few lost nodes, so one that moves on and on only wants to be first. */
const MOST_MOVES = 8;

export function createLeader({ policy: first, queue, table, random }: LeaderDeps): Leader {
  let policy = first;
  let bornAt: number | null = null;
  let effects: LeaderEffect[] = [];
  const records = createJobRecords();
  const tasks = createTaskBook({ table, queue, random });
  const budget = createHedgeBudget(first.failover.hedgeShare);
  const places = createPlaceNews(queue, table);
  const upkeep = createUpkeep({ records, tasks, table, queue });
  const serving = createServing({ queue, table, grant: grantWaiting, refuse });

  // --- Out

  function refuse({ asker, job, turn }: NodeRequest, error: LlamboError): void {
    effects.push({ type: 'refuse', to: asker, job, turn, error }, { type: 'note', note: { type: 'refused', job, code: error.code } });
  }

  function grant(record: JobRecord, request: NodeRequest, node: Address, since: number, now: number): boolean {
    const { asker, device, job, turn, why } = request;
    const given = tasks.grant(request, node, now);
    if (!given) return false;
    record.grant = given;
    record.wasServed = true;
    if (why === 'moved') record.moves += 1;
    if (why !== 'hedge') budget.earn(device);
    effects.push(
      { type: 'grant', to: asker, job, turn, grant: given },
      { type: 'note', note: { type: 'granted', job, task: given.task, node, why, waitedMs: now - since, asker } },
    );
    return true;
  }

  function grantWaiting({ request: asked, since }: Waiting, node: Address, now: number): boolean {
    const record = records.get(asked.asker, asked.job);
    return record !== null && grant(record, asked, node, since, now);
  }

  /** By how full it is, and never for all at the same moment. */
  const retryMs = (full: number): number => Math.round(policy.queue.retryMs * (1 + Math.min(1, full) + random.next()));

  // --- Requests

  function request(told: NodeRequest, now: number): void {
    const { asker, job, turn, device, deadlineMs } = told;
    const known = records.get(asker, job);
    if (known && turn < known.turn) return;
    if (known && turn === known.turn) return repeat(known, now);
    const deadlineAt = now + deadlineMs;
    const record = known ?? records.add({ job, asker, device, turn, grant: null, wasServed: false, moves: 0, heardAt: now, deadlineAt });
    record.turn = turn;
    record.grant = null;
    record.heardAt = now;
    record.deadlineAt = deadlineAt;
    serving.freed(tasks.settle(told, now));
    const isHedge = told.why === 'hedge' && tasks.of(record).length > 0;
    // A second one for a job that runs nothing is its first, and waits like others.
    const asked: NodeRequest = isHedge || told.why !== 'hedge' ? told : { ...told, why: 'again' };
    const error = asked.wants ? reasonAgainst(asked) : null;
    if (error) refuse(asked, error);
    if (error || !asked.wants || isHedge) queue.remove(record.key);
    if (asked.wants && !error) (isHedge ? hedge : enqueue)(record, asked, now);
    serving.serve(now);
    const place = places.of(record.key, now);
    if (place) effects.push(place);
  }

  /** The same once more: its answer may have been lost. */
  function repeat(record: JobRecord, now: number): void {
    const { asker, job, turn, grant: given } = record;
    record.heardAt = now;
    if (given && table.assignment(given.task)) effects.push({ type: 'grant', to: asker, job, turn, grant: given });
    const place = places.of(record.key, now);
    if (place) effects.push(place);
  }

  function reasonAgainst(asked: NodeRequest): LlamboError | null {
    if (asked.deadlineMs <= 0) return deadlinePast();
    const standing = table.standing(asked);
    return typeof standing === 'string' ? null : standing;
  }

  /** Past the queue. */
  function grantNow(record: JobRecord, asked: NodeRequest, now: number): boolean {
    const node = table.pick(asked, now);
    if (node === null || !grant(record, asked, node, now, now)) return false;
    queue.correct(asked.device, tokensOf(asked));
    return true;
  }

  function hedge(record: JobRecord, asked: NodeRequest, now: number): void {
    if (budget.hasOne(asked.device) && grantNow(record, asked, now)) budget.spend(asked.device);
    else refuse(asked, noHedge(retryMs(0)));
  }

  function enqueue(record: JobRecord, asked: NodeRequest, now: number): void {
    const isBelieved = record.moves < MOST_MOVES && (record.wasServed || now - (bornAt ?? now) < YOUNG_MS);
    const ahead = asked.why === 'moved' && isBelieved;
    if (serving.isOpen() && grantNow(record, asked, now)) return;
    const waiting = queue.get(record.key);
    // Whoever goes ahead and only asks again stays there.
    if (waiting && isSameWish(waiting, asked, ahead || (waiting.ahead === true && asked.why === 'again'), table)) {
      waiting.request = asked;
      return;
    }
    queue.remove(record.key);
    const lane = table.lane(asked);
    const full = queue.add(waitingOf(record.key, asked, ahead, lane, now));
    if (full === null || (ahead && queue.add(waitingOf(record.key, asked, false, lane, now)) === null)) return;
    // It may be full of others, for whom there are no nodes.
    if (!serving.isFull(lane) && grantNow(record, asked, now)) return;
    const { most, mostPerDevice } = policy.queue;
    refuse(asked, queueFull(full, retryMs(full === 'queue' ? queue.size / most : queue.sizeOf(asked.device) / mostPerDevice)));
  }

  // --- Ends

  function report(asker: PeerId, told: TaskReport, now: number): void {
    const assignment = tasks.find(asker, told);
    if (!assignment) return;
    const record = records.get(asker, told.job);
    if (record) record.heardAt = now;
    if (told.state === 'ended') tasks.ended(assignment, told, now);
    const breaker = table.report(told, now);
    if (breaker) effects.push({ type: 'note', note: { type: 'breaker', node: told.node, state: breaker } });
    if (told.state === 'ended') effects.push({ type: 'note', note: { type: 'ended', report: told } });
    // A node that is well again has more room than this one slot.
    if (breaker || told.state === 'ended') serving.freed(breaker ? Infinity : 1);
    serving.serve(now);
  }

  function forget(record: JobRecord, now: number): void {
    records.remove(record);
    queue.remove(record.key);
    serving.freed(tasks.releaseAll(record, now));
  }

  function tick(now: number): void {
    for (const { request: asked, since } of queue.expire(now)) refuse(asked, deadlineOver(now - since));
    upkeep.tick(now, (record) => forget(record, now));
    serving.freed(Infinity);
    serving.serve(now);
    for (const place of places.tick(now)) effects.push(place);
  }

  function handle(event: LeaderEvent, now: number): void {
    switch (event.type) {
      case 'request':
        return request(event.request, now);
      case 'report':
        return report(event.asker, event.report, now);
      case 'tick':
        return tick(now);
      case 'withdraw': {
        const record = records.get(event.asker, event.job);
        if (record) forget(record, now);
        return serving.serve(now);
      }
      case 'peer gone':
        for (const record of records.of(event.peer)) forget(record, now);
        return serving.serve(now);
      case 'node':
        table.upsert(event.facts, now);
        serving.freed(Infinity);
        return serving.serve(now);
      case 'node gone':
        for (const assignment of table.remove(event.address)) tasks.lost(assignment);
        return;
      case 'policy':
        policy = event.policy;
        table.setPolicy(policy);
        queue.setPolicy(policy.queue);
        budget.setShare(policy.failover.hedgeShare);
        serving.freed(Infinity);
        return serving.serve(now);
      default:
        event satisfies never;
    }
  }

  return {
    handle(event, now) {
      bornAt ??= now;
      effects = [];
      handle(event, now);
      return effects;
    },
    view: () => viewOf(queue, table),
  };
}
