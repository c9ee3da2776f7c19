/**
 * How a swarm is run: the swarm's part of `swarm.yaml`, as the orchestrator takes it. Every duration is in milliseconds.
 * The defaults are what a swarm does that nobody configured; where a number was chosen by measurement,
 * `docs/decisions/` has it.
 */
import type { Tier } from './chat.ts';
import { LIMITS } from './limits.ts';

export const STRATEGIES = ['round-robin', 'random', 'least-loaded', 'weighted', 'two-choices', 'shortest-completion', 'sticky'] as const;
export type StrategyName = (typeof STRATEGIES)[number];

export interface QueuePolicy {
  /** Jobs that wait in the whole swarm; one more hears `busy`. */
  readonly most: number;
  /** And of one device. */
  readonly mostPerDevice: number;
  /** Tokens that a device may be served in one round before it is the next one's turn. */
  readonly quantumTokens: number;
  /** Of `busy`: when to try again, at the least. */
  readonly retryMs: number;
  /** One batch job is served after this many interactive ones at the latest. */
  readonly batchEvery: number;
}

export interface HealthPolicy {
  /** Weight of the newest measurement in a moving average, 0 to 1. */
  readonly weight: number;
  /** Failures in a row after which a node gets nothing new. */
  readonly failures: number;
  /** Until it is tried again with one task; doubles with each failed try, up to `restMostMs`. */
  readonly restMs: number;
  readonly restMostMs: number;
}

/** Who is linked with whom. Everybody must reckon alike, so it is the protocol's unless it was decided for all. */
export interface Topology {
  /** Tabs that may be in at once. */
  readonly peers: number;
  /** Up to this many tabs each is linked with each. */
  readonly fullMesh: number;
  /** Above that: neighbours on each side of the ring. */
  readonly neighbours: number;
}

export const DEFAULT_TOPOLOGY: Topology = { peers: LIMITS.peers, fullMesh: LIMITS.fullMeshPeers, neighbours: LIMITS.extraLinks };

export interface FailoverPolicy {
  /** A running stream that is silent this long is hedged. */
  readonly silenceMs: number;
  /** No first token after this multiple of the 95th percentile: hedged. */
  readonly firstTokenFactor: number;
  /** And never sooner than this. */
  readonly firstTokenLeastMs: number;
  /** Share of the tasks that may be hedges, 0 to 1. */
  readonly hedgeShare: number;
  /** A node that failed a job this often is not tried again for it. */
  readonly triesPerNode: number;
  /** A job that lost this many nodes is stopped: it may be what kills them. */
  readonly lostNodes: number;
}

/** Answers made of several. */
export interface FusionLimits {
  /** Candidates if whoever asks does not say how many. */
  readonly count: number;
  /** Of one question; who asks for more gets these. */
  readonly most: number;
  /** Enough, if whoever asks does not say: see `FusionOptions.confidence`. */
  readonly confidence: number;
}

export interface ScalingPolicy {
  readonly on: boolean;
  /** Share of slots in use that is aimed at, 0 to 1; nodes are added above `high` and stopped below `low`. */
  readonly low: number;
  readonly high: number;
  /** How long it must be so before one is added, or stopped. */
  readonly upAfterMs: number;
  readonly downAfterMs: number;
  /** Between two changes of one peer. */
  readonly cooldownMs: number;
}

/** What a node is made like. Absent: as suits its model. */
export interface NodeShape {
  readonly slots?: number;
  /** At the most; of this and `cpuShare` the smaller counts. */
  readonly threads?: number;
  /** Of its device's cores, 0 to 1; at least one. */
  readonly cpuShare?: number;
  /** Tokens of one slot. */
  readonly context?: number;
  /** Bytes that it is reckoned to need. */
  readonly memory?: number;
}

export interface TierPolicy extends NodeShape {
  /** Catalogue id of the model that this tier loads. */
  readonly model: string;
  /** Nodes of this tier in the whole swarm: no fewer, no more. */
  readonly least: number;
  readonly most: number;
}

export interface SwarmPolicy {
  readonly strategy: StrategyName;
  readonly queue: QueuePolicy;
  readonly health: HealthPolicy;
  readonly failover: FailoverPolicy;
  readonly fusion: FusionLimits;
  readonly scaling: ScalingPolicy;
  /** A tier that is not named is left to the people. */
  readonly tiers: Readonly<Partial<Record<Tier, TierPolicy>>>;
}

export const DEFAULT_POLICY: SwarmPolicy = {
  strategy: 'sticky',
  queue: { most: 4096, mostPerDevice: 256, quantumTokens: 512, retryMs: 1000, batchEvery: 8 },
  health: { weight: 0.2, failures: 3, restMs: 5000, restMostMs: 120_000 },
  failover: { silenceMs: 2000, firstTokenFactor: 3, firstTokenLeastMs: 2000, hedgeShare: 0.05, triesPerNode: 2, lostNodes: 3 },
  fusion: { count: 5, most: LIMITS.fusionCandidates, confidence: 0.95 },
  scaling: { on: true, low: 0.3, high: 0.8, upAfterMs: 5000, downAfterMs: 60_000, cooldownMs: 15_000 },
  tiers: {},
};
