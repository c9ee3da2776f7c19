/**
 * A swarm under load on a virtual clock: the real leader, its real queue and table; nodes, people and links are simulated. One run
 * gives how long people waited, whether all got their answers, what the leader's decisions cost, and how it shared.
 */
import type { SwarmPolicy } from '../protocol/policy.ts';
import type { Address, DeviceId, JobId } from '../shared/ids.ts';
import { createLeader } from '../orchestrator/leader/leader.ts';
import { createNodeTable } from '../orchestrator/leader/node-table.ts';
import { createFairQueue } from '../orchestrator/leader/queue.ts';
import type { NodeTable } from '../orchestrator/leader/parts.ts';
import type { LeaderEvent } from '../orchestrator/types.ts';
import { startLoadJob, type LoadJob } from './load-asker.ts';
import { createMachine, MACHINE_KINDS, type Machine, type MachineKind } from './load-machines.ts';
import { createOracle } from './load-oracle.ts';
import { ANSWER, createWork, meanLength, PROMPT, type Question } from './load-work.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createSimClock } from './sim-clock.ts';

export interface LoadOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly policy: SwarmPolicy;
  /** Chooses with all that can't be known, by looking at all nodes: by the end of the answer, or by its first word. */
  readonly oracle?: 'completion' | 'first word';
  /** Questions ÷ what the nodes could answer if all were busy all the time. */
  readonly load: number;
  readonly burst: number;
  readonly greedyShare: number;
  readonly askers: number;
  readonly devices: number;
  /** Of virtual time; the first `warmMs` are not counted. */
  readonly warmMs: number;
  readonly runMs: number;
  /** Share of the nodes that is replaced by others in an hour. */
  readonly churn: number;
  /** Wall time, milliseconds: for what decisions cost. */
  wallTime(): number;
  /** Hears all that the leader hears. */
  record?(event: LeaderEvent, now: number): void;
}

export interface LoadResult {
  readonly asked: number;
  readonly answered: number;
  readonly grants: number;
  /** Grants, refusals and places told, of the time that counts. */
  readonly decisions: number;
  readonly hedges: number;
  readonly failures: number;
  readonly lostNodes: number;
  /** From asking to the first word, milliseconds, sorted. */
  readonly waits: readonly number[];
  /** From asking to the last word, milliseconds, sorted. */
  readonly lasted: readonly number[];
  /** Tokens that each device was served while it had more waiting, divided by that time. */
  readonly service: readonly number[];
  /** Wall time inside the leader, and of the whole run. */
  readonly leaderMs: number;
  readonly wallMs: number;
  /** The most that waited at one time. */
  readonly longestQueue: number;
  readonly tableLeft: number;
}

const TICK_MS = 250;
/** What a peer says of its nodes is told so much later, and this often at the most. */
const LATE_MS = 300;
/** A peer that dies without a word: its links are suspect, then it is out. Half of those that go say so. */
const SILENT = { share: 0.5, suspectMs: 5000, goneMs: 12_000 };
const WAY_MS = 15;

export function runLoad(options: LoadOptions): LoadResult {
  const { seed, policy, wallTime } = options;
  const startedAt = wallTime();
  // Dice of their own for each part: whoever chooses, the same is asked of the same nodes.
  const [questionDice, churnDice] = [createSeededRandom(seed), createSeededRandom(seed + 4)];
  const clock = createSimClock();
  const machines = new Map<Address, Machine>();
  const table = createNodeTable({ policy, random: createSeededRandom(seed + 1) });
  const chooser: NodeTable = options.oracle ? createOracle(table, machines, (id) => questions.get(id), options.oracle) : table;
  const leader = createLeader({ policy, queue: createFairQueue(policy.queue), table: chooser, random: createSeededRandom(seed + 2) });
  const jobs = new Map<JobId, LoadJob>();
  const questions = new Map<JobId, Question>();
  const count = { asked: 0, answered: 0, grants: 0, decisions: 0, hedges: 0, failures: 0, lostNodes: 0, longestQueue: 0, nodes: 0 };
  const waits: number[] = [];
  const lasted: number[] = [];
  const end = options.warmMs + options.runMs;
  const shares = createShares(options.warmMs, end);
  let leaderMs = 0;
  const isCounted = (): boolean => clock.now() >= options.warmMs;

  function tell(event: LeaderEvent): void {
    options.record?.(event, clock.now());
    const before = wallTime();
    const effects = leader.handle(event, clock.now());
    if (isCounted()) leaderMs += wallTime() - before;
    for (const effect of effects) {
      if (effect.type !== 'note' && isCounted()) count.decisions += 1;
      if (effect.type === 'grant' || effect.type === 'refuse') clock.after(WAY_MS, () => jobs.get(effect.job)?.heard(effect));
      if (effect.type === 'note' && effect.note.type === 'granted' && isCounted()) {
        count.grants += 1;
        if (effect.note.why === 'hedge') count.hedges += 1;
      }
      if (effect.type === 'note' && effect.note.type === 'ended' && effect.note.report.error !== null) count.failures += 1;
    }
  }

  // --- Nodes

  function open(kind: MachineKind): void {
    const id = (count.nodes += 1);
    const machine = createMachine(clock, createSeededRandom(seed * 100_003 + id), id, kind);
    machines.set(machine.address, machine);
    tell({ type: 'node', facts: machine.facts() });
  }

  /** Its peer tells of its load some time after it changed, not each time. */
  const stale = new Set<Machine>();
  function touch(machine: Machine): void {
    if (stale.has(machine)) return;
    stale.add(machine);
    clock.after(LATE_MS, () => {
      stale.delete(machine);
      const facts = machine.facts();
      if (machine.alive) clock.after(LATE_MS, () => machines.has(machine.address) && tell({ type: 'node', facts }));
    });
  }

  function close(machine: Machine): void {
    count.lostNodes += 1;
    const gone = (): void => {
      machines.delete(machine.address);
      tell({ type: 'node gone', address: machine.address });
    };
    if (churnDice.next() >= SILENT.share) {
      machine.die();
      return gone();
    }
    machine.freeze();
    clock.after(SILENT.suspectMs, () => {
      tell({ type: 'node', facts: { ...machine.facts(), suspect: true } });
      machine.die();
    });
    clock.after(SILENT.goneMs, gone);
  }

  // --- Jobs

  function start(question: Question): void {
    const id = `job-${(count.asked += 1)}` as JobId;
    const askedAt = clock.now();
    const isMeasured = isCounted();
    questions.set(id, question);
    shares.asked(question.device, askedAt);
    jobs.set(
      id,
      startLoadJob({
        id, question, clock, wayMs: WAY_MS, tell,
        machine(address) {
          const machine = machines.get(address) ?? null;
          if (machine) touch(machine);
          return machine;
        },
        spoke() {
          if (isMeasured) waits.push(clock.now() - askedAt);
          shares.served(question.device, clock.now(), question.promptTokens + question.answerTokens);
        },
        done() {
          if (isMeasured) lasted.push(clock.now() - askedAt);
          count.answered += 1;
          jobs.delete(id);
          questions.delete(id);
        },
        freed: touch,
      }),
    );
  }

  // --- The run

  const kinds = MACHINE_KINDS.flatMap((kind) => Array<MachineKind>(Math.round(kind.share * options.nodes)).fill(kind));
  for (const kind of kinds) open(kind);
  const rate = options.load * capacityOf([...machines.values()], seed);
  const work = createWork({ askers: options.askers, devices: options.devices, rate, burst: options.burst, greedyShare: options.greedyShare }, questionDice);

  const nextQuestion = (): void => void clock.after(work.gap(), () => {
    if (clock.now() >= end) return;
    start(work.question());
    nextQuestion();
  });
  const nextChurn = (): void => void clock.after((-Math.log(1 - churnDice.next()) * 3_600_000) / (options.churn * options.nodes), () => {
    if (clock.now() >= end) return;
    const all = [...machines.values()].filter(({ alive }) => alive);
    const leaving = all[Math.floor(churnDice.next() * all.length)];
    if (leaving) {
      close(leaving);
      open(leaving.kind);
    }
    nextChurn();
  });
  const tick = (): void => void clock.after(TICK_MS, () => {
    tell({ type: 'tick' });
    count.longestQueue = Math.max(count.longestQueue, leader.view().waiting);
    if (clock.now() < end || jobs.size > 0) tick();
  });
  nextQuestion();
  if (options.churn > 0) nextChurn();
  tick();
  while (clock.step(end) || (jobs.size > 0 && clock.step(end + DRAIN_MS)));
  // The last withdrawals are on their way.
  clock.run(2 * WAY_MS);

  const sorted = (values: number[]): number[] => values.toSorted((one, other) => one - other);
  return {
    ...count, waits: sorted(waits), lasted: sorted(lasted), service: shares.rates(), leaderMs, wallMs: wallTime() - startedAt, tableLeft: table.assigned,
  };
}

/** The longest that what was asked may take to be answered after the last question. */
const DRAIN_MS = 3_600_000;

/** Answers a second of all nodes if each slot were busy all the time. */
function capacityOf(machines: readonly Machine[], seed: number): number {
  const dice = createSeededRandom(seed + 3);
  const [prompt, answer] = [meanLength(dice, PROMPT), meanLength(dice, ANSWER)];
  return machines.reduce((sum, { slots, prefillMs, tokenMs, factor }) => sum + (1000 * slots) / ((prompt * prefillMs + answer * tokenMs) * factor(slots)), 0);
}

/** What each device was served between two times, and how long of that it had something waiting. */
function createShares(from: number, to: number) {
  const devices = new Map<DeviceId, { waiting: number; tokens: number; time: number; since: number }>();
  const within = (at: number): number => Math.min(to, Math.max(from, at));
  return {
    asked(device: DeviceId, now: number): void {
      const share = devices.get(device) ?? { waiting: 0, tokens: 0, time: 0, since: now };
      if (share.waiting === 0) share.since = now;
      share.waiting += 1;
      devices.set(device, share);
    },
    served(device: DeviceId, now: number, tokens: number): void {
      const share = devices.get(device)!;
      share.waiting -= 1;
      if (now >= from && now < to) share.tokens += tokens;
      if (share.waiting === 0) share.time += within(now) - within(share.since);
    },
    rates: (): readonly number[] => [...devices.values()].map(({ waiting, tokens, time, since }) => tokens / Math.max(1, time + (waiting > 0 ? to - within(since) : 0))),
  };
}
