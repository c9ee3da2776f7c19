/**
 * One job in the simulation, as its asker drives it: asks for a node, runs there, reports, hedges, and goes on elsewhere when a node
 * is lost, until it has its answer. It never gives up: a job that does not end is an error of the leader's.
 */
import type { ErrorCode } from '../shared/errors.ts';
import type { Address, JobId, TaskId } from '../shared/ids.ts';
import type { Grant, LeaderEffect, LeaderEvent, NodeRequest } from '../orchestrator/types.ts';
import type { TaskReport } from '../protocol/job.ts';
import type { LoadRun, Machine } from './load-machines.ts';
import type { Question } from './load-work.ts';
import type { SimClock } from './sim-clock.ts';

export interface LoadJobDeps {
  readonly id: JobId;
  readonly question: Question;
  readonly clock: SimClock;
  /** From asker to leader, and back, milliseconds. */
  readonly wayMs: number;
  tell(event: LeaderEvent): void;
  machine(address: Address): Machine | null;
  /** The first word was read, and the last. */
  spoke(): void;
  done(): void;
  /** A run there has ended. */
  freed(machine: Machine): void;
}

export interface LoadJob {
  /** What the leader says of it. */
  heard(effect: Extract<LeaderEffect, { type: 'grant' | 'refuse' }>): void;
}

interface Running {
  readonly grant: Grant;
  readonly machine: Machine;
  readonly run: LoadRun;
  spoke: { readonly firstTokenMs: number; readonly prefillMs: number; readonly cachedTokens: number } | null;
}

const DEADLINE_MS = 3_600_000;
const AGAIN_MS = 10_000;
/** Before it asks again when the node that it was given is gone: the leader hears of that too. */
const PAUSE_MS = 50;

export function startLoadJob(deps: LoadJobDeps): LoadJob {
  const { id, question, clock, wayMs } = deps;
  const running = new Map<TaskId, Running>();
  const failed: Address[] = [];
  let turn = 0;
  let written = 0;
  let isDone = false;
  let hasSpoken = false;

  function ask(why: NodeRequest['why']): void {
    turn += 1;
    const request: NodeRequest = {
      job: id, turn, asker: question.asker, device: question.device, why, wants: true, deadlineMs: DEADLINE_MS,
      shape: {
        promptTokens: question.estimatedTokens + written, maxTokens: question.maxTokens, profile: 'chat', priority: 'interactive', affinity: question.affinity,
      },
      avoid: [...failed, ...[...running.values()].map(({ grant }) => grant.node)],
      running: [...running.values()].map(({ grant: { task, node } }) => ({ task, node })),
    };
    tell(request);
  }

  /** And again while it waits, as the real one does: the leader forgets those of whom it hears nothing. */
  function tell(request: NodeRequest): void {
    clock.after(wayMs, () => deps.tell({ type: 'request', request }));
    clock.after(AGAIN_MS, () => !isDone && running.size === 0 && request.turn === turn && tell(request));
  }

  function report({ grant, spoke }: Running, state: TaskReport['state'], error: ErrorCode | null, answerTokens: number, decodeMs: number): void {
    const report: TaskReport = {
      job: id, task: grant.task, node: grant.node, state, error, answerTokens, decodeMs,
      promptTokens: question.promptTokens, cachedTokens: spoke?.cachedTokens ?? 0, firstTokenMs: spoke?.firstTokenMs ?? 0, prefillMs: spoke?.prefillMs ?? 0,
    };
    clock.after(wayMs, () => deps.tell({ type: 'report', asker: question.asker, report }));
  }

  function begin(grant: Grant, machine: Machine): void {
    const startedAt = clock.now();
    const run: LoadRun = {
      promptTokens: question.promptTokens + written, answerTokens: Math.max(1, question.answerTokens - written), affinity: question.affinity,
      spoke({ prefillMs, cachedTokens }) {
        clock.after(machine.rttMs / 2, () => {
          if (!running.has(grant.task)) return;
          task.spoke = { firstTokenMs: clock.now() - startedAt, prefillMs, cachedTokens };
          firstWord(task);
        });
      },
      ended: (error, told) => void clock.after(machine.rttMs / 2, () => ended(task, error, told.written, told.decodeMs)),
    };
    const task: Running = { grant, machine, run, spoke: null };
    running.set(grant.task, task);
    clock.after(machine.rttMs / 2, () => running.has(grant.task) && machine.start(run));
    clock.after(grant.hedgeMs, () => {
      if (running.has(grant.task) && running.size === 1 && task.spoke === null && !hasSpoken) ask('hedge');
    });
  }

  /** The first to speak wins. */
  function firstWord(task: Running): void {
    report(task, 'speaking', null, 1, 0);
    for (const other of [...running.values()]) if (other !== task) stop(other);
    if (hasSpoken) return;
    hasSpoken = true;
    deps.spoke();
  }

  function stop(task: Running): void {
    running.delete(task.grant.task);
    deps.freed(task.machine);
    clock.after(task.machine.rttMs / 2, () => task.machine.stop(task.run));
    report(task, 'ended', 'aborted', 0, 0);
  }

  function ended(task: Running, error: ErrorCode | null, tokens: number, decodeMs: number): void {
    if (!running.delete(task.grant.task) || isDone) return;
    report(task, 'ended', error, tokens, decodeMs);
    deps.freed(task.machine);
    written += error === null ? 0 : tokens;
    if (error === null) {
      isDone = true;
      deps.done();
      clock.after(wayMs, () => deps.tell({ type: 'withdraw', asker: question.asker, job: id }));
    } else {
      if (error !== 'busy') failed.push(task.grant.node);
      if (running.size === 0) ask('moved');
    }
  }

  ask('new');
  return {
    heard(effect) {
      // A repeated request may bring its grant twice.
      if (effect.turn !== turn || isDone || (effect.type === 'grant' && running.has(effect.grant.task))) return;
      if (effect.type === 'refuse') {
        // A hedge that is not to be had is not needed: the task runs.
        if (running.size === 0) clock.after(Number(effect.error.details?.['retryMs'] ?? 1000), () => !isDone && running.size === 0 && ask('again'));
        return;
      }
      const machine = deps.machine(effect.grant.node);
      if (machine) begin(effect.grant, machine);
      else {
        failed.push(effect.grant.node);
        clock.after(PAUSE_MS, () => running.size === 0 && ask('moved'));
      }
    },
  };
}
