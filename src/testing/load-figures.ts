/** Figures of the orchestrator under load, for `npm run bench`: what each strategy makes people wait, and what a decision costs. */
import { DEFAULT_POLICY, STRATEGIES, type StrategyName } from '../protocol/policy.ts';
import { createLeader } from '../orchestrator/leader/leader.ts';
import { createNodeTable } from '../orchestrator/leader/node-table.ts';
import { createFairQueue } from '../orchestrator/leader/queue.ts';
import type { LeaderEvent } from '../orchestrator/types.ts';
import type { OracleAim } from './load-oracle.ts';
import { runLoad, type LoadOptions, type LoadResult } from './load-sim.ts';
import { createSeededRandom } from './seeded-random.ts';

export interface StrategyFigures {
  readonly name: StrategyName | `oracle, ${OracleAim}`;
  /** From asking to the first word, milliseconds. */
  readonly p50: number;
  readonly p95: number;
  /** From asking to the last word. */
  readonly lastedP50: number;
  readonly lost: number;
}

export interface DecisionFigures {
  readonly nodes: number;
  readonly decisions: number;
  /** Wall time of all that the leader does for one grant, refusal or place: request, reports, end, and its share of nodes' news and ticks. */
  readonly microseconds: number;
  readonly perSecond: number;
  readonly runMs: number;
  readonly lost: number;
}

/** The leader's own time, without the simulation's. */
export interface LeaderFigures {
  readonly nodes: number;
  /** Of one replay. */
  readonly decisions: number;
  /** Processor time of the whole process for each decision, and wall time; medians of some replays. */
  readonly cpuMicroseconds: number;
  readonly wallMicroseconds: number;
}

export const defaultStrategy: StrategyName = DEFAULT_POLICY.strategy;

/** A run of which only what differs need be said: a swarm of strangers at four tenths of what it can do, with bursts above all of it. */
export const loadOptions = (wallTime: () => number, more: Partial<LoadOptions> & { readonly strategy?: StrategyName } = {}): LoadOptions => {
  const { strategy = DEFAULT_POLICY.strategy, ...rest } = more;
  return {
    seed: 1, nodes: 1000, load: 0.4, burst: 3, greedyShare: 0, askers: 500, devices: 300, warmMs: 60_000, runMs: 120_000, churn: 0.3,
    policy: { ...DEFAULT_POLICY, strategy }, wallTime, ...rest,
  };
};

export const quantile = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

/** Jain, Chiu and Hawe, 1984: 1 if all have the same, 1 ÷ n if one has all. */
export function jain(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum ** 2 / (values.length * values.reduce((total, value) => total + value ** 2, 0));
}

const figuresOf = (name: StrategyFigures['name'], { waits, lasted, asked, answered }: LoadResult): StrategyFigures => ({
  name, p50: quantile(waits, 0.5), p95: quantile(waits, 0.95), lastedP50: quantile(lasted, 0.5), lost: asked - answered,
});

/** The same questions to the same nodes, with each strategy and two oracles. */
export function strategyFigures(wallTime: () => number, more: Partial<LoadOptions> = {}): readonly StrategyFigures[] {
  const named = STRATEGIES.map((strategy) => figuresOf(strategy, runLoad(loadOptions(wallTime, { ...more, strategy }))));
  const oracles = (['completion', 'first word'] as const).map((oracle) => figuresOf(`oracle, ${oracle}`, runLoad(loadOptions(wallTime, { ...more, oracle }))));
  return [...named, ...oracles];
}

/** The default strategy in a swarm of this size, with questions in proportion. */
export function decisionFigures(wallTime: () => number, nodes: number, more: Partial<LoadOptions> = {}): DecisionFigures {
  const { decisions, leaderMs, wallMs, asked, answered } = runLoad(loadOptions(wallTime, { nodes, warmMs: 20_000, ...more }));
  return { nodes, decisions, microseconds: (leaderMs * 1000) / decisions, perSecond: (decisions * 1000) / leaderMs, runMs: wallMs, lost: asked - answered };
}

/** The first replays are slow: the engine has not yet compiled what runs often. */
const REPLAYS = { unmeasured: 3, measured: 5 };

/**
 * The default strategy in a swarm of this size: what the leader heard in a simulation is told to new leaders, which do the same again.
 * @param cpuTime processor time of this process, milliseconds
 */
export function leaderFigures(wallTime: () => number, cpuTime: () => number, nodes: number, more: Partial<LoadOptions> = {}): LeaderFigures {
  const told: { readonly event: LeaderEvent; readonly now: number }[] = [];
  const options = loadOptions(wallTime, { nodes, warmMs: 10_000, runMs: 20_000, ...more, record: (event, now) => void told.push({ event, now }) });
  const { policy, warmMs, runMs, seed } = options;
  runLoad(options);
  const first = told.findIndex(({ now }) => now >= warmMs);
  const end = told.findIndex(({ now }) => now > warmMs + runMs);
  const last = end === -1 ? told.length : end;

  function replay(): { readonly decisions: number; readonly cpu: number; readonly wall: number } {
    const table = createNodeTable({ policy, random: createSeededRandom(seed + 1) });
    const leader = createLeader({ policy, queue: createFairQueue(policy.queue), table, random: createSeededRandom(seed + 2) });
    for (const { event, now } of told.slice(0, first)) leader.handle(event, now);
    const before = { cpu: cpuTime(), wall: wallTime() };
    let decisions = 0;
    for (let index = first; index < last; index += 1) {
      const { event, now } = told[index]!;
      for (const effect of leader.handle(event, now)) if (effect.type !== 'note') decisions += 1;
    }
    return { decisions, cpu: cpuTime() - before.cpu, wall: wallTime() - before.wall };
  }

  const all = Array.from({ length: REPLAYS.unmeasured + REPLAYS.measured }, replay).slice(REPLAYS.unmeasured);
  const { decisions } = all[0]!;
  const median = (values: readonly number[]): number => (quantile(values.toSorted((one, other) => one - other), 0.5) * 1000) / decisions;
  return { nodes, decisions, cpuMicroseconds: median(all.map(({ cpu }) => cpu)), wallMicroseconds: median(all.map(({ wall }) => wall)) };
}

/** Five times what there is is asked for, half of it by one device. @returns Jain's index of what the devices were served a second of waiting */
export function fairnessFigure(wallTime: () => number, more: Partial<LoadOptions> = {}): { readonly index: number; readonly lost: number } {
  const { service, asked, answered } = runLoad(
    loadOptions(wallTime, { nodes: 20, load: 5, burst: 1, greedyShare: 0.5, askers: 10, devices: 10, warmMs: 30_000, runMs: 60_000, churn: 0, ...more }),
  );
  return { index: jain(service), lost: asked - answered };
}
