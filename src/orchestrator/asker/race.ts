/**
 * What runs for a job: one task that leads, and perhaps a hedge beside it. Follows what they say, lets the text grow, and
 * decides who leads; asks nobody for nodes, and does not decide what comes when nobody is left.
 *
 * The text only grows by the run that leads, and a hedge that has new text first leads from then on: what the reader sees
 * is always a prefix of the final text.
 */
import type { Profile } from '../../protocol/chat.ts';
import type { TaskEvent, TaskResult } from '../../protocol/engine-node.ts';
import type { FailoverPolicy } from '../../protocol/policy.ts';
import { LlamboError, type ErrorCode } from '../../shared/errors.ts';
import { partsOf, type Address, type JobId, type PeerId, type TaskId } from '../../shared/ids.ts';
import type { Grant, JobEffect } from '../types.ts';
import { faultOf, type Blame, type Fault } from './blame.ts';
import { differsError, silentError } from './outcomes.ts';
import { createRun, type Run } from './run.ts';
import { createTranscript, type Transcript } from './transcript.ts';

export interface RaceDeps {
  readonly job: JobId;
  readonly profile: Profile;
  readonly policy: FailoverPolicy;
  readonly blame: Blame;
  push(effect: JobEffect): void;
  /** The reader has new text of a node with this grant. */
  onText(grant: Grant): void;
  /** The one that led failed, and nobody else runs. @param fault null: no other node would do better */
  onLost(error: LlamboError, fault: Fault | null): void;
  /** What went ahead was not taken there and then: it never was, and nobody is to blame. */
  onUntaken(): void;
  /** The answer is whole, and nothing runs any more. */
  onDone(run: Run, result: TaskResult): void;
}

export interface Race {
  readonly transcript: Transcript;
  readonly lead: Run | null;
  readonly hedge: Run | null;
  /** What leads, or led last; null: nothing ever ran, as far as the reader knows. */
  readonly last: Run | null;
  /** Nodes that led and were lost, oldest first. */
  readonly movedFrom: readonly Address[];
  running(): readonly Run[];
  /** Runs it: as the leader, or beside the one that leads. */
  join(grant: Grant, now: number): void;
  /** Runs it before anybody has granted it, as the first. Nothing is said of it until the node has begun. */
  goAhead(task: Grant, now: number): void;
  /** It is not wanted: the orchestrator may have the slot. */
  decline(grant: Grant, now: number): void;
  task(task: TaskId, event: TaskEvent, now: number): void;
  failed(task: TaskId, error: LlamboError): void;
  suspect(peer: PeerId): void;
  excuse(now: number): void;
  /** It has been silent for too long. */
  giveUp(run: Run): void;
  /** Ends all that runs. */
  stop(now: number): void;
}

export function createRace({ job, profile, policy, blame, push, onText, onLost, onUntaken, onDone }: RaceDeps): Race {
  const transcript = createTranscript(profile);
  const movedFrom: Address[] = [];
  let lead: Run | null = null;
  let hedge: Run | null = null;
  /** It leads, went ahead of its grant, and has not begun. */
  let ahead: Run | null = null;
  /** What led before, and why it does no more: for the reader's note when another does. */
  let fallen: { readonly run: Run; readonly code: ErrorCode } | null = null;

  const running = (): Run[] => [lead, hedge].filter((run) => run !== null);
  const find = (wanted: TaskId): Run | undefined => running().find(({ task }) => task === wanted);
  const runOf = (grant: Grant, now: number): Run => createRun({ job, grant, shown: transcript.text, profile, policy, now });
  /** Whoever was silent is reported for that; else it is just not wanted any more. */
  const partingCode = (run: Run, now: number): ErrorCode => (now >= run.silentAt() ? run.silence() : 'aborted');

  function end(run: Run, code: ErrorCode): void {
    push({ type: 'stop', task: run.task });
    push({ type: 'report', report: run.ended(code) });
  }

  /** From now on this run leads. */
  function follow(run: Run): void {
    lead = run;
    if (!fallen) return push({ type: 'emit', event: { type: 'started', node: run.node, model: run.grant.model } });
    movedFrom.push(fallen.run.node);
    push({ type: 'emit', event: { type: 'moved', from: fallen.run.node, to: run.node, reason: fallen.code } });
    fallen = null;
  }

  /** The hedge was first. */
  function overtake(run: Run, now: number): void {
    const slow = lead!;
    const code = partingCode(slow, now);
    end(slow, code);
    transcript.leave(slow);
    if (code !== 'aborted') blame.note(slow.node, code === 'busy' ? 'coy' : 'lost');
    hedge = null;
    fallen = { run: slow, code: 'timeout' };
    follow(run);
  }

  function dismissHedge(): void {
    if (!hedge) return;
    end(hedge, 'aborted');
    hedge = null;
  }

  function lose(run: Run, error: LlamboError, fault: Fault | null): void {
    if (fault) blame.note(run.node, fault);
    const next = hedge;
    hedge = null;
    if (run === next) return;
    transcript.leave(run);
    lead = null;
    fallen = { run, code: error.code };
    if (next) follow(next);
    else onLost(error, fault);
  }

  function speak(run: Run, piece: string, now: number): void {
    const delta = run.take(piece);
    if (delta === null) {
      end(run, 'hash-mismatch');
      return lose(run, differsError(), 'differs');
    }
    if (delta === '') return;
    if (run === hedge) overtake(run, now);
    dismissHedge();
    transcript.say(run, delta, now);
    onText(run.grant);
    push({ type: 'emit', event: { type: 'text', delta, candidate: 0 } });
  }

  function finish(run: Run, result: TaskResult, now: number): void {
    if (!run.hasCaughtUp()) {
      push({ type: 'report', report: run.ended('hash-mismatch') });
      return lose(run, differsError(), 'differs');
    }
    if (run === hedge) overtake(run, now);
    push({ type: 'report', report: run.ended(null, result) });
    dismissHedge();
    lead = null;
    onDone(run, result);
  }

  /** The slot was another's, or the worker would not have it: the leader knows when there is one. */
  function takeBack(run: Run): void {
    // Not why: the node is as good as before.
    push({ type: 'report', report: run.ended('aborted') });
    lead = ahead = null;
    onUntaken();
  }

  function hear(run: Run, event: TaskEvent, now: number): void {
    if (run === ahead) {
      if (event.type === 'queued') {
        push({ type: 'stop', task: run.task });
        return takeBack(run);
      }
      ahead = null;
      follow(run);
    }
    if (run.heard(event, now)) push({ type: 'report', report: run.speaking() });
    switch (event.type) {
      case 'queued':
        if (run === lead) push({ type: 'emit', event: { type: 'queued', place: event.place, estimateMs: 0 } });
        return;
      case 'started':
        return;
      case 'prefill':
        transcript.read(run, event.total);
        if (run === lead) push({ type: 'emit', event });
        return;
      case 'tokens':
        return speak(run, event.text, now);
      case 'done':
        return finish(run, event.result, now);
    }
  }

  return {
    transcript,
    movedFrom,
    running,
    get lead() {
      return lead;
    },
    get hedge() {
      return hedge;
    },
    get last() {
      return (lead === ahead ? null : lead) ?? fallen?.run ?? null;
    },
    join(grant, now) {
      const run = runOf(grant, now);
      if (lead) hedge = run;
      else follow(run);
      push({ type: 'run', grant, text: transcript.text, tokens: transcript.tokens });
    },
    goAhead(task, now) {
      lead = ahead = runOf(task, now);
      push({ type: 'run', grant: task, text: '', tokens: 0 });
    },
    decline: (grant, now) => push({ type: 'report', report: runOf(grant, now).ended('aborted') }),
    task(task, event, now) {
      const run = find(task);
      if (run) hear(run, event, now);
    },
    failed(task, reason) {
      const run = find(task);
      if (!run) return;
      // Nobody here asked for that: to the person it is no cancel.
      const error = reason.code === 'aborted' ? new LlamboError('stopped', 'The node ended it.', { cause: reason }) : reason;
      // A tab that was gone before it began can't have died of this.
      const fault = error.code !== 'peer-lost' || run.wasHeard ? faultOf(error.code) : 'coy';
      if (run === ahead && fault === 'coy') return takeBack(run);
      ahead = null;
      push({ type: 'report', report: run.ended(error.code) });
      lose(run, error, fault);
    },
    suspect(peer) {
      for (const run of running()) if (partsOf(run.node).peer === peer) run.suspect();
    },
    excuse(now) {
      for (const run of running()) run.excuse(now);
    },
    giveUp(run) {
      const code = run.silence();
      end(run, code);
      lose(run, silentError(code), code === 'busy' ? 'coy' : 'lost');
    },
    stop(now) {
      for (const run of running()) end(run, partingCode(run, now));
      if (lead && lead !== ahead) fallen = { run: lead, code: 'aborted' };
      lead = hedge = ahead = null;
    },
  };
}
