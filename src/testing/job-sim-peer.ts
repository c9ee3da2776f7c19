/**
 * A simulated tab: its jobs with their minds, its nodes, and the leader's mind while it leads. Carries out what the minds want
 * over the simulated links, as `orchestrator.ts` does over real ones.
 */
import { createJob } from '../orchestrator/asker/job.ts';
import { createLeader } from '../orchestrator/leader/leader.ts';
import { createNodeTable } from '../orchestrator/leader/node-table.ts';
import { createFairQueue } from '../orchestrator/leader/queue.ts';
import type { Grant, JobEffect, JobEvent, JobMachine, Leader, LeaderEffect, LeaderEvent, NodeFacts } from '../orchestrator/types.ts';
import type { SwarmPolicy } from '../protocol/policy.ts';
import { LlamboError } from '../shared/errors.ts';
import { partsOf, type JobId, type PeerId, type TaskId } from '../shared/ids.ts';
import { createSimAheads } from './job-sim-ahead.ts';
import { BrokenJobPromise, type JobChecks, type SimJob } from './job-sim-checks.ts';
import { describeEffect } from './job-sim-log.ts';
import { deviceName, numberOf, peerName } from './job-sim-names.ts';
import type { SimNode } from './job-sim-node.ts';
import type { JobWorld, Life, Links } from './job-sim-world.ts';

export interface SimPeer {
  readonly number: number;
  readonly id: PeerId;
  readonly life: Life;
  readonly nodes: SimNode[];
  readonly leader: Leader | null;
  ask(job: SimJob): void;
  cancel(job: SimJob): void;
  /** Who leads, as this tab hears. An older term counts no more. */
  standing(leader: number | null, term: number): void;
  /** Something for the leader here; lost if it does not lead. */
  leads(event: LeaderEvent): void;
  /** Something for a job here, from whoever leads. */
  hears(job: JobId, event: JobEvent, from: number, term: number): void;
  /** The link to that tab has ended, or is silent. */
  lost(other: number): void;
  suspects(other: number): void;
  /** The roster has changed. */
  reads(): void;
}

export interface SimPeerDeps {
  readonly world: JobWorld;
  readonly links: Links;
  readonly checks: JobChecks;
  readonly policy: SwarmPolicy;
  readonly number: number;
  readonly life: Life;
  readonly peers: readonly SimPeer[];
  /** What the roster says of all nodes. */
  roster(): readonly NodeFacts[];
}

const TICK_MS = 250;

interface Open {
  readonly job: SimJob;
  readonly machine: JobMachine;
  /** Runs whose words are wanted, with the tab that works on each. */
  readonly runs: Map<TaskId, number>;
  /** Of the last request. */
  turn: number;
  withdrawn: boolean;
  /** Tasks of which the leader was told in this call that they have ended. */
  readonly ended: TaskId[];
  /** Those that the leader gave it. */
  readonly grants: Set<TaskId>;
  cancelTimer: () => void;
}

export function createSimPeer({ world, links, checks, policy, number, life, peers, roster }: SimPeerDeps): SimPeer {
  const { clock, random } = world;
  const id = peerName(number);
  const nodes: SimNode[] = [];
  const jobs = new Map<JobId, Open>();
  let standing: { leader: number | null; term: number } = { leader: null, term: 0 };
  let leader: Leader | null = null;
  let seats = 0;
  const aheads = createSimAheads({
    world, life, checks, roster,
    control: { self: { peer: id, device: deviceName(number) }, standing: () => ({ ...standing, leader: standing.leader === null ? null : peerName(standing.leader) }) },
  });
  /** What the leader here may count as running: granted by it, or told by askers, and not ended. */
  const given = new Set<TaskId>();

  // --- The asker

  function toLeader(event: LeaderEvent): void {
    const { leader: to } = standing;
    if (to !== null) links.send(number, to, () => peers[to]!.leads(event));
  }

  function feed(open: Open, event: JobEvent): void {
    const { machine } = open;
    for (const effect of machine.handle(event, clock.now())) carryOut(open, effect);
    for (const task of open.ended.splice(0)) if (open.runs.has(task)) throw new BrokenJobPromise(`${open.job.start.id} told the leader that ${task} ended, and it runs.`);
    open.cancelTimer();
    const at = machine.wakeAt();
    if (at === null) return;
    if (at < clock.now()) throw new Error(`${open.job.start.id} wants to be woken in the past: ${at}.`);
    open.cancelTimer = life.after(at - clock.now(), () => feed(open, { type: 'tick' }));
  }

  function carryOut(open: Open, effect: JobEffect): void {
    const { job } = open;
    if (job.outcome) throw new Error(`${job.start.id} did ${effect.type} after its end.`);
    world.log(() => `  ${id} ${job.start.id} ${describeEffect(effect)}`);
    switch (effect.type) {
      case 'request':
        open.turn = effect.request.turn;
        return toLeader({ type: 'request', request: { ...effect.request, asker: id, device: deviceName(number) } });
      case 'withdraw':
        open.withdrawn = true;
        return toLeader({ type: 'withdraw', asker: id, job: job.start.id });
      case 'report':
        if (effect.report.state === 'ended') open.ended.push(effect.report.task);
        if (effect.report.state === 'ended' && effect.report.error !== null) job.failures += 1;
        return toLeader({ type: 'report', asker: id, report: effect.report });
      case 'run':
        return run(open, effect.grant, effect.text);
      case 'stop':
        return stop(open, effect.task);
      case 'emit':
        return effect.event.type === 'text' ? checks.text(job, effect.event.delta) : undefined;
      case 'settle':
        if (open.turn > 0 && !open.withdrawn) throw new BrokenJobPromise(`${job.start.id} ended, and the leader was not told.`);
        jobs.delete(job.start.id);
        aheads.over(job.start.id);
        return checks.settled(job, effect.outcome, open.runs.size, clock.now());
    }
  }

  function run(open: Open, { task, node: address }: Grant, text: string): void {
    const to = numberOf(partsOf(address).peer);
    const { truth, start } = open.job;
    open.runs.set(task, to);
    const isGranted = open.grants.has(task);
    const follow = isGranted ? null : aheads.follow(open.job);
    /** What comes of the run, while it is wanted. */
    const say = (event: JobEvent, isLast = false): void => {
      if (open.runs.get(task) !== to) return;
      if (isLast) open.runs.delete(task);
      feed(open, event);
      follow?.(event);
    };
    const failed = (error: LlamboError): void => say({ type: 'task failed', task, error }, true);
    if (!links.isUp(number, to)) return void life.after(world.between(1, 3000), () => failed(new LlamboError('unreachable', 'No way leads there.')));
    links.send(number, to, () => {
      const node = peers[to]!.nodes.find((one) => one.address === address)!;
      node.take({
        id: task, asker: number, truth, text, profile: start.shape.profile, promptTokens: start.shape.promptTokens, granted: isGranted || to === number,
        say: (event, other = task) => links.send(to, number, () => say({ type: 'task', task: other, event }, other === task && event.type === 'done')),
        fail: (error) => links.send(to, number, () => failed(error)),
      });
    });
  }

  function stop(open: Open, task: TaskId): void {
    const to = open.runs.get(task);
    if (to === undefined) return;
    open.runs.delete(task);
    links.send(number, to, () => peers[to]!.nodes.forEach((node) => node.cancel(task)));
  }

  // --- The leader

  function take(): void {
    const { term } = standing;
    seats += 1;
    given.clear();
    const mine = (leader = createLeader({ policy, random, queue: createFairQueue(policy.queue), table: createNodeTable({ policy, random }) }));
    for (const facts of roster()) leads({ type: 'node', facts });
    const tick = (): void => {
      if (leader !== mine) return;
      leads({ type: 'tick' });
      life.after(TICK_MS, tick);
    };
    world.log(() => `${id} leads in term ${term}`);
    tick();
  }

  function leads(event: LeaderEvent): void {
    if (!leader) return;
    if (event.type === 'request') for (const { task } of event.request.running) given.add(task);
    for (const effect of leader.handle(event, clock.now())) answer(effect);
    if (event.type === 'report' && event.report.state === 'ended') given.delete(event.report.task);
    const { assigned } = leader.view();
    if (assigned > given.size) throw new BrokenJobPromise(`${id} counts ${assigned} tasks as running, and at most ${given.size} can be.`);
  }

  function answer(effect: LeaderEffect): void {
    if (effect.type === 'note') return checks.note(`${id} in seat ${seats}`, effect.note, policy.failover.hedgeShare);
    if (effect.type === 'grant') given.add(effect.grant.task);
    const { term } = standing;
    const to = numberOf(effect.to);
    const event: JobEvent = effect.type === 'grant' ? { type: 'grant', turn: effect.turn, grant: effect.grant }
      : effect.type === 'place' ? { type: 'place', turn: effect.turn, place: effect.place, estimateMs: effect.estimateMs }
      : { type: 'refused', turn: effect.turn, error: effect.error };
    if (effect.type !== 'place') world.log(() => `    ${id} ${effect.type}s ${effect.job} ${effect.turn} ${effect.type === 'grant' ? `${effect.grant.task} ${effect.grant.node}` : effect.error.code}`);
    links.send(number, to, () => peers[to]!.hears(effect.job, event, number, term));
  }

  return {
    number, id, life, nodes, leads,
    get leader() {
      return leader;
    },
    ask(job) {
      job.askedAt = clock.now();
      const open: Open = { job, machine: createJob({ start: aheads.of(job), policy: policy.failover, random }), runs: new Map(), turn: 0, withdrawn: false, ended: [], grants: new Set(), cancelTimer: () => undefined };
      jobs.set(job.start.id, open);
      feed(open, { type: 'leader', leader: standing.leader === null ? null : peerName(standing.leader), term: standing.term });
    },
    cancel(job) {
      const open = jobs.get(job.start.id);
      job.cancelled ||= open !== undefined;
      if (open) feed(open, { type: 'cancel' });
    },
    standing(next, term) {
      if (term < standing.term) return;
      standing = { leader: next, term };
      if (next !== number) leader = null;
      else if (!leader) take();
      for (const open of [...jobs.values()]) feed(open, { type: 'leader', leader: next === null ? null : peerName(next), term });
    },
    hears(job, event, from, term) {
      if (standing.leader !== from || standing.term !== term) return;
      const open = jobs.get(job);
      const isStale = open && event.type === 'grant' && event.turn < open.turn && !open.runs.has(event.grant.task);
      if (open && event.type === 'grant') open.grants.add(event.grant.task);
      if (open) feed(open, event);
      if (isStale && open.runs.has(event.grant.task)) throw new BrokenJobPromise(`${job} took a grant of turn ${event.turn}, and had asked anew in turn ${open.turn}.`);
      if (open) return;
      if (event.type !== 'refused') toLeader({ type: 'withdraw', asker: id, job });
    },
    lost(other) {
      for (const open of [...jobs.values()]) {
        for (const [task, at] of [...open.runs]) {
          if (at !== other || !open.runs.delete(task)) continue;
          feed(open, { type: 'task failed', task, error: new LlamboError('peer-lost', 'The link is gone.') });
        }
      }
      for (const node of nodes) node.forget(other);
    },
    suspects(other) {
      for (const open of [...jobs.values()]) feed(open, { type: 'suspect', peer: peerName(other) });
    },
    reads: aheads.reads,
  };
}
