/**
 * A job's mind, in the tab that asked: wants nodes, moves and hedges what runs, and ends exactly once. Pure: events and the
 * time in, effects out. Knows no prompt, no link and no node but by name.
 *
 * ```
 *   waiting --grant--> one runs --done-----------------------> settled: answer
 *      ^                |    \--overdue--> wants a hedge        cancel: what was written
 *      +----failed------+    (one that runs leads at once)      deadline, poison, refused: error
 * ```
 *
 * A job whose node has room (`start.ahead`) runs there at once; its first request only tells what runs.
 *
 * Its parts: `asking.ts` (the leader), `aim.ts` (what it wants of a node), `race.ts` (what runs, and the text), `blame.ts` (nodes that it has had enough of).
 */
import type { Profile } from '../../protocol/chat.ts';
import type { TaskResult } from '../../protocol/engine-node.ts';
import type { FailoverPolicy } from '../../protocol/policy.ts';
import type { Random } from '../../shared/env.ts';
import { abortError, type LlamboError } from '../../shared/errors.ts';
import { newTaskId, type TaskId } from '../../shared/ids.ts';
import type { Grant, JobEffect, JobEvent, JobMachine, JobOutcome, JobStart } from '../types.ts';
import { createAim } from './aim.ts';
import { createAsking, type Asked } from './asking.ts';
import { createBlame, type Fault } from './blame.ts';
import { advised, answerOf, lateError, poisonError, strandedError } from './outcomes.ts';
import { ASLEEP_MS, BUSY_MS, HEDGE_MS, HEDGE_PATIENCE, LEAD_PATIENCE, ONLY_PATIENCE } from './patience.ts';
import { createRace } from './race.ts';
import { retryMs } from './retry.ts';
import type { Run } from './run.ts';

export interface JobDeps {
  readonly start: JobStart;
  readonly policy: FailoverPolicy;
  readonly random: Random;
}

export function createJob({ start, policy, random }: JobDeps): JobMachine {
  const { profile } = start.shape;
  /** How it goes on after a loss. */
  const course: Profile = start.repeats ? 'exact' : profile;
  const isBound = start.pinned ?? false;
  const blame = createBlame(policy);
  const race = createRace({ job: start.id, profile: course, policy, blame, push, onText: (grant) => aim.begin(grant), onLost, onUntaken, onDone: answer });
  const aim = createAim({ asked: start.shape, course, written: () => race.transcript.tokens });
  const asking = createAsking({ running: race.running, send });
  const granted = new Set<TaskId>();
  let now = 0;
  let startedAt: number | null = null;
  let grantedAt: number | null = null;
  let effects: JobEffect[] = [];
  let isOver = false;
  /** The leader knows no other node for it. */
  let isOnly = false;
  const leadPatience = (): number => (isOnly ? ONLY_PATIENCE : LEAD_PATIENCE);

  const deadlineAt = (): number => (startedAt ?? now) + start.deadlineMs;
  const mayHedge = (): boolean => !isBound && !blame.isPoison;
  /** Without a leader there is nobody who could name another node. */
  const mayGiveUp = (): boolean => !isBound && asking.leader !== null;
  const running = () => race.running().map(({ task, node }) => ({ task, node }));

  function push(effect: JobEffect): void {
    effects.push(effect);
  }

  // --- The end

  function settle(outcome: JobOutcome): void {
    isOver = true;
    if (asking.wasAsked) push({ type: 'withdraw' });
    push({ type: 'settle', outcome });
  }

  function fail(error: LlamboError): void {
    race.stop(now);
    settle({ ok: false, error: advised(error) });
  }

  /** @param result null: it was stopped */
  function answer(run: Run, result: TaskResult | null): void {
    const { transcript, movedFrom } = race;
    const times = { startedAt: startedAt!, grantedAt: grantedAt!, now };
    settle({ ok: true, answer: answerOf({ run, transcript, movedFrom, seed: start.seed, profile, ...times }, result) });
  }

  function cancel(): void {
    race.stop(now);
    if (race.last) answer(race.last, null);
    else settle({ ok: false, error: abortError() });
  }

  // --- The leader

  function send(asked: Asked): void {
    const runs = running();
    // What runs comes last: a message has room for the last ones.
    const avoid = [...new Set([...blame.avoid(), ...runs.map(({ node }) => node)])];
    push({ type: 'request', request: { job: start.id, ...asked, shape: aim.shape(), avoid, running: runs, deadlineMs: Math.max(1, deadlineAt() - now) } });
  }

  function onGrant(turn: number, grant: Grant): void {
    // The same grant comes again if it crossed a second request.
    if (granted.has(grant.task)) return;
    if (!asking.answers(turn)) return race.decline(grant, now);
    // Only those that were asked for are remembered: there are no more of these than requests.
    granted.add(grant.task);
    const want = asking.want!;
    asking.answered();
    if (grant.node === race.lead?.node || !aim.fits(grant)) {
      race.decline(grant, now);
      return asking.ask(want, now, HEDGE_MS);
    }
    isOnly = false;
    grantedAt ??= now;
    race.join(grant, now);
  }

  function onRefused(turn: number, error: LlamboError): void {
    if (!asking.answers(turn)) return;
    const want = asking.want!;
    asking.answered();
    if (error.code === 'context-overflow' && aim.squeeze()) return asking.ask(want, now);
    if (want === 'hedge') {
      isOnly = error.code === 'not-ready' || error.code === 'not-found';
      blame.forgive();
      return asking.ask('hedge', now, retryMs(error, random, HEDGE_MS));
    }
    if (error.code === 'busy') {
      const waitMs = retryMs(error, random, BUSY_MS);
      // It has no place in line yet.
      push({ type: 'emit', event: { type: 'queued', place: 0, estimateMs: waitMs } });
      return asking.ask(want, now, waitMs);
    }
    // An answer that goes on with another model may find more context there.
    const isNowhere = error.code === 'not-found' || error.code === 'not-ready' || (error.code === 'context-overflow' && course === 'chat');
    if (want === 'new' || !isNowhere) return fail(error);
    if (blame.forgive()) return asking.ask('moved', now, blame.pauseMs());
    if (aim.model === null) return fail(error);
    if (course === 'exact') return fail(strandedError(aim.model, profile, error));
    // Another model that goes on is better than half an answer.
    aim.widen();
    asking.ask('moved', now);
  }

  function onPlace(turn: number, place: number, estimateMs: number): void {
    if (!asking.answers(turn)) return;
    asking.placed(now);
    if (asking.want !== 'hedge') push({ type: 'emit', event: { type: 'queued', place, estimateMs } });
  }

  // --- What runs

  function begin(): void {
    if (!start.ahead) return asking.ask('new', now);
    grantedAt = now;
    // Nobody has measured that node here.
    race.goAhead({ ...start.ahead, task: newTaskId(random), hedgeMs: policy.firstTokenFactor * policy.firstTokenLeastMs }, now);
  }

  function onUntaken(): void {
    grantedAt = null;
    asking.ask('new', now);
  }

  function onLost(error: LlamboError, fault: Fault | null): void {
    // A chosen node that has no room is waited for; one that fails is not what was asked for.
    if (isBound && error.code === 'busy') {
      blame.forgive();
      return asking.ask('moved', now, retryMs(error, random, BUSY_MS));
    }
    if (isBound || fault === null) return fail(error);
    if (blame.isPoison) return fail(fault === 'differs' ? error : poisonError(error, blame.lost));
    asking.ask('moved', now, blame.pauseMs());
  }

  // --- Time

  function wakeAt(): number | null {
    if (isOver || startedAt === null) return null;
    const { lead, hedge } = race;
    const times = [deadlineAt(), asking.wakeAt() ?? Infinity];
    if (hedge) times.push(hedge.giveUpAt(HEDGE_PATIENCE));
    if (lead && mayGiveUp()) times.push(lead.giveUpAt(leadPatience()));
    if (lead && !hedge && !asking.want && mayHedge()) times.push(lead.overdueAt());
    return Math.min(...times);
  }

  /** Whoever could not hear blames nobody for silence. */
  function advance(at: number): void {
    const planned = wakeAt();
    now = Math.max(now, at);
    startedAt ??= now;
    if (planned !== null && now - planned > ASLEEP_MS) race.excuse(now);
  }

  /** Does what is due, whatever it was that woke it. */
  function look(): void {
    if (isOver) return;
    if (now >= deadlineAt()) return fail(lateError(start.deadlineMs, race.transcript.text !== ''));
    if (race.hedge && now >= race.hedge.giveUpAt(HEDGE_PATIENCE)) race.giveUp(race.hedge);
    if (race.lead && mayGiveUp() && now >= race.lead.giveUpAt(leadPatience())) race.giveUp(race.lead);
    if (isOver) return;
    watchSilence();
    asking.tick(now);
  }

  function watchSilence(): void {
    if (!race.lead) return;
    const isDue = !race.hedge && mayHedge() && now >= race.lead.overdueAt();
    if (isDue && !asking.want) asking.ask('hedge', now);
    if (!isDue && asking.want) asking.drop(now);
  }

  function dispatch(event: JobEvent): void {
    switch (event.type) {
      case 'leader':
        if (!asking.wasAsked && !asking.want && event.leader !== null) begin();
        return asking.lead(event.leader, event.term, now);
      case 'place':
        return onPlace(event.turn, event.place, event.estimateMs);
      case 'grant':
        return onGrant(event.turn, event.grant);
      case 'refused':
        return onRefused(event.turn, event.error);
      case 'task':
        return race.task(event.task, event.event, now);
      case 'task failed':
        return race.failed(event.task, event.error);
      case 'suspect':
        return race.suspect(event.peer);
      case 'cancel':
        return cancel();
      case 'tick':
        return;
    }
  }

  return {
    handle(event, at) {
      if (isOver) return [];
      effects = [];
      advance(at);
      dispatch(event);
      look();
      return effects;
    },
    wakeAt,
    view: () => ({ running: running(), waiting: !isOver && race.lead === null, text: race.transcript.text }),
  };
}
