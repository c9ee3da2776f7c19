/**
 * The orchestrator of one tab: joins the two pure minds, leader and asker, to the world, and is the one file here that
 * awaits. It runs the jobs of this tab wherever they are granted, and is the leader of all while this tab leads. Alone, a
 * tab leads itself: the same path.
 *
 * It knows no mesh, no engine and no word of a prompt: `ports.ts` is all that it asks of the app.
 *
 * ```
 *   ask -> asker's machine --request--> leader: here -> seat     elsewhere -> control port
 *                 ^  |                     |
 *                 |  run <---- grant ------+   (sealed, unless it stays in this tab)
 *                 |  v
 *          node port: a node's run
 * ```
 */
import type { Answer } from '../protocol/chat.ts';
import type { Task } from '../protocol/engine-node.ts';
import type { SealedGrant } from '../protocol/grant.ts';
import type { ControlMessage } from '../protocol/messages.ts';
import type { SwarmPolicy } from '../protocol/policy.ts';
import { background } from '../shared/abort.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import type { Env } from '../shared/env.ts';
import { LlamboError, asLlamboError } from '../shared/errors.ts';
import { partsOf, type JobId, type PeerId } from '../shared/ids.ts';
import { askerEvent, askerMessage, grantMessage, heard, leaderEvent, leaderMessage, type AskerWord, type LeaderWord } from './control-words.ts';
import { createGuests } from './guests.ts';
import { createHeadStarts } from './head-starts.ts';
import { createLine } from './line.ts';
import { createOpenJob, type JobNote, type JobRun, type OpenJob } from './open-job.ts';
import type { ControlPort, NodePort, Sender, Standing } from './ports.ts';
import { createSeat } from './seat.ts';
import type { Grant, JobEvent, JobMachine, JobStart, Leader, LeaderEffect, LeaderNote, LeaderView } from './types.ts';

export interface OrchestratorDeps {
  readonly env: Pick<Env, 'clock'>;
  readonly control: ControlPort;
  readonly nodes: NodePort;
  readonly policy: SwarmPolicy;
  /** Calls back some four times a second, in a hidden tab too, where timers sleep. */
  readonly tick: (callback: () => void) => Unsubscribe;
  createLeader(policy: SwarmPolicy): Leader;
  createJob(start: JobStart, policy: SwarmPolicy): JobMachine;
}

export interface OrchestratorView {
  /** Null while another tab leads. */
  readonly leader: LeaderView | null;
  /** Jobs of this tab. */
  readonly jobs: readonly ({ readonly id: JobId } & ReturnType<JobMachine['view']>)[];
}

export interface Orchestrator {
  /**
   * Has a job done, wherever there is room.
   * @throws LlamboError what the leader refused it with, or why its runs failed; `stopped` if this is closed
   */
  ask(start: JobStart, run: JobRun): Promise<Answer>;
  view(): OrchestratorView;
  /** Counts for the leader at once, for jobs from the next one on. */
  setPolicy(policy: SwarmPolicy): void;
  /** Of the leader, while this tab leads. */
  onNote(listener: (note: LeaderNote) => void): Unsubscribe;
  /** Of the jobs of this tab. */
  onJob(listener: (note: JobNote) => void): Unsubscribe;
  /** Ends every job. Idempotent. */
  close(): void;
}

export function createOrchestrator({ env, control, nodes, tick, createLeader, createJob, ...deps }: OrchestratorDeps): Orchestrator {
  const { clock } = env;
  const line = createLine();
  const notes = new Emitter<LeaderNote>();
  const jobNotes = new Emitter<JobNote>();
  const jobs = new Map<JobId, OpenJob>();
  const guests = createGuests(clock.now);
  const headStarts = createHeadStarts({ clock, control, nodes });
  /** Jobs that ended while nobody led: if the same comes back, it knows them still. */
  const withdrawn = new Set<JobId>();
  const seat = createSeat({
    clock: { now: clock.now, after: (ms, callback) => clock.after(ms, () => line(callback)) },
    tick: (callback) => tick(() => line(callback)),
    nodes, createLeader, onEffect,
  });
  let { policy } = deps;
  let stopTicking: Unsubscribe | null = null;
  let closed = false;

  const leads = ({ leader }: Standing): boolean => leader === control.self.peer;

  // --- What this tab's jobs say, and what they hear.

  function say(word: AskerWord): void {
    const { leader, term } = control.standing();
    // Nobody leads: the machine asks again as soon as somebody does. That it wants nothing more it says once.
    if (leader === null) return void (word.type === 'withdraw' && withdrawn.add(word.job));
    if (leader === control.self.peer) line(() => seat.handle(askerEvent(word, control.self)));
    else control.send(leader, askerMessage(word, term));
  }

  function deliver(id: JobId, event: JobEvent, seal: SealedGrant | null): void {
    line(() => {
      const job = jobs.get(id);
      if (job) job.feed(event, seal);
      // It was withdrawn, and that was lost.
      else if (event.type !== 'refused') say({ type: 'withdraw', job: id });
    });
  }

  async function runTask(job: JobId, { task: id, node: address }: Grant, makeTask: () => Task, seal: SealedGrant | null, signal: AbortSignal): Promise<void> {
    const feed = (event: JobEvent): void => {
      if (!signal.aborted) line(() => jobs.get(job)?.feed(event));
    };
    /** Told when the run has ended: only then its slot is free. */
    let end: JobEvent = { type: 'task failed', task: id, error: new LlamboError('internal', 'The engine ended an answer without saying so.', { advice: 'Ask again.' }) };
    try {
      const node = nodes.get(address);
      if (!node) throw new LlamboError('peer-lost', 'That node is no longer there.', { advice: 'Ask another one.' });
      for await (const event of node.run(makeTask(), { signal, ...(seal ? { grant: seal } : {}) })) {
        if (event.type === 'done') end = { type: 'task', task: id, event };
        else feed({ type: 'task', task: id, event });
      }
    } catch (error) {
      if (end.type === 'task failed') end = { ...end, error: asLlamboError(error) };
    }
    feed(end);
  }

  // --- What the leader here says, while this tab leads.

  function onEffect(effect: LeaderEffect): void {
    if (effect.type === 'note') return notes.emit(effect.note);
    if (effect.type === 'grant') return give(effect);
    if (effect.to === control.self.peer) deliver(effect.job, leaderEvent(effect), null);
    else control.send(effect.to, leaderMessage(effect, control.standing().term));
  }

  function give(word: Extract<LeaderWord, { type: 'grant' }>): void {
    const { peer } = control.self;
    if (word.to === peer && partsOf(word.grant.node).peer === peer) return deliver(word.job, leaderEvent(word), null);
    // What can't be sealed counts for nothing; the leader takes it back when nobody reports of it.
    background(giveSealed(word), () => undefined);
  }

  async function giveSealed(word: Extract<LeaderWord, { type: 'grant' }>): Promise<void> {
    const { term } = control.standing();
    const seal = await control.seal({ task: word.grant.task, node: word.grant.node, asker: word.to });
    const now = control.standing();
    if (closed || !leads(now) || now.term !== term || !seal) return;
    if (word.to === control.self.peer) deliver(word.job, leaderEvent(word), seal);
    else control.send(word.to, grantMessage(word, term, seal));
  }

  // --- What comes from outside.

  function onMessage(from: Sender, message: ControlMessage): void {
    // Nodes are not the orchestrator's to start.
    if (message.t === 'scale') return;
    const word = heard(message, from);
    if (word.for === 'asker') {
      if (control.standing().leader === from.peer) deliver(word.job, word.event, word.seal);
      return;
    }
    // Whoever asks here although another leads hears of that soon, and asks there.
    if (!seat.isTaken()) return;
    if (message.t === 'job') {
      const error = guests.refusal(from.peer, message.id, policy.queue.retryMs);
      if (error) return control.send(from.peer, leaderMessage({ type: 'refuse', to: from.peer, job: message.id, turn: message.turn, error }, control.standing().term));
    }
    if (message.t === 'job-over') guests.over(from.peer, message.id);
    line(() => seat.handle(word.event));
  }

  function onStanding(standing: Standing): void {
    line(() => {
      if (closed) return;
      if (leads(standing)) seat.take(policy);
      else {
        seat.leave();
        guests.clear();
      }
      if (standing.leader !== null) for (const job of withdrawn) if (withdrawn.delete(job)) say({ type: 'withdraw', job });
      for (const job of jobs.values()) job.feed({ type: 'leader', ...standing });
    });
  }

  function onPeer({ type, peer }: { readonly type: 'gone' | 'suspect'; readonly peer: PeerId }): void {
    line(() => {
      if (type === 'suspect') for (const job of jobs.values()) job.feed({ type: 'suspect', peer });
      else {
        guests.gone(peer);
        seat.handle({ type: 'peer gone', peer });
      }
    });
  }

  const offs = [control.onStanding(onStanding), control.onMessage(onMessage), control.onPeer(onPeer), nodes.onChange(() => line(seat.refresh)), headStarts.close];
  onStanding(control.standing());

  // --- Jobs.

  function open(start: JobStart, run: JobRun): OpenJob {
    const job: OpenJob = createOpenJob({
      clock, start, run, say,
      machine: createJob(headStarts.of(start), policy),
      runTask: (...args) => void runTask(start.id, ...args),
      onTime: () => line(job.wake),
      onNote: (note) => jobNotes.emit(note),
      onEnd() {
        jobs.delete(start.id);
        headStarts.over(start.id);
        run.signal?.removeEventListener('abort', cancel);
        if (jobs.size > 0) return;
        stopTicking?.();
        stopTicking = null;
      },
    });
    const cancel = (): void => line(() => job.feed({ type: 'cancel' }));
    run.signal?.addEventListener('abort', cancel, { once: true });
    jobs.set(start.id, job);
    stopTicking ??= tick(() => line(() => [...jobs.values()].forEach((each) => each.wake())));
    line(() => job.feed({ type: 'leader', ...control.standing() }));
    if (run.signal?.aborted) cancel();
    return job;
  }

  return {
    async ask(start, run) {
      if (closed) throw new LlamboError('stopped', 'The page no longer answers.', { advice: 'Reload the page.' });
      return open(start, run).done;
    },
    // Most who look want the leader only, at each task of many.
    view: () => ({ leader: seat.view(), get jobs() { return [...jobs.values()].map((job) => ({ id: job.id, ...job.view() })); } }),
    setPolicy(next) {
      policy = next;
      line(() => seat.handle({ type: 'policy', policy: next }));
    },
    onNote: (listener) => notes.on(listener),
    onJob: (listener) => jobNotes.on(listener),
    close() {
      if (closed) return;
      line(() => {
        for (const job of [...jobs.values()]) job.close();
        closed = true;
        seat.leave();
      });
      for (const off of offs) off();
    },
  };
}
