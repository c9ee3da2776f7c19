/** What counts where `swarm.yaml` says nothing, and how one configuration is laid over another. */
import type { Tier } from './chat.ts';
import type { SwarmConfig, SwarmPart } from './config-schema.ts';
import { TIERS } from './job.ts';
import { LIMITS } from './limits.ts';
import { DEFAULT_POLICY, DEFAULT_TOPOLOGY, type SwarmPolicy, type TierPolicy, type Topology } from './policy.ts';
import type { SignallingConfig } from './signalling.ts';
import type { Settings } from './snapshot.ts';

const { strategy, queue, health, failover, fusion, scaling } = DEFAULT_POLICY;

/** Tiers, models and servers have no defaults: left out, they are left to the people, the catalogue and the site. */
export const DEFAULT_CONFIG = {
  swarm: {
    strategy,
    queue: { most: queue.most, mostPerDevice: queue.mostPerDevice, quantumTokens: queue.quantumTokens, retry: queue.retryMs, batchEvery: queue.batchEvery },
    health: { weight: health.weight, failures: health.failures, rest: health.restMs, restMost: health.restMostMs },
    failover: {
      silence: failover.silenceMs,
      firstTokenFactor: failover.firstTokenFactor,
      firstTokenLeast: failover.firstTokenLeastMs,
      hedgeShare: failover.hedgeShare,
      triesPerNode: failover.triesPerNode,
      lostNodes: failover.lostNodes,
    },
    fusion,
    topology: DEFAULT_TOPOLOGY,
    autoscaling: { on: scaling.on, low: scaling.low, high: scaling.high, upAfter: scaling.upAfterMs, downAfter: scaling.downAfterMs, cooldown: scaling.cooldownMs },
  },
  device: { name: '', nodes: 0, threads: 0, sharing: { on: true, slots: 0, tokensPerHour: 0, keptModels: [] } },
} satisfies SwarmConfig;

type Section = Readonly<Record<string, unknown>>;
const isSection = (value: unknown): value is Section => typeof value === 'object' && value !== null && !Array.isArray(value);

function laid(below: Section, above: Section): Section {
  const joined: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = joined[key];
    joined[key] = isSection(under) && isSection(value) ? laid(under, value) : value;
  }
  return joined;
}

/** Key by key, what is above counts; a list counts as a whole. */
export const layConfig = (below: SwarmConfig, above: SwarmConfig): SwarmConfig => laid(below, above);

/** The swarm's part with every key, as the orchestrator takes it. */
export function toPolicy(config: SwarmConfig): SwarmPolicy {
  const { queue, health, failover, fusion, autoscaling, strategy } = layConfig(DEFAULT_CONFIG, config).swarm as typeof DEFAULT_CONFIG.swarm;
  return {
    strategy,
    queue: { most: queue.most, mostPerDevice: queue.mostPerDevice, quantumTokens: queue.quantumTokens, retryMs: queue.retry, batchEvery: queue.batchEvery },
    health: { weight: health.weight, failures: health.failures, restMs: health.rest, restMostMs: health.restMost },
    failover: {
      silenceMs: failover.silence,
      firstTokenFactor: failover.firstTokenFactor,
      firstTokenLeastMs: failover.firstTokenLeast,
      hedgeShare: failover.hedgeShare,
      triesPerNode: failover.triesPerNode,
      lostNodes: failover.lostNodes,
    },
    // Who wants more by default than at the most wants the most.
    fusion: { ...fusion, count: Math.min(fusion.count, fusion.most) },
    scaling: { on: autoscaling.on, low: autoscaling.low, high: autoscaling.high, upAfterMs: autoscaling.upAfter, downAfterMs: autoscaling.downAfter, cooldownMs: autoscaling.cooldown },
    tiers: tiersOf(config),
  };
}

/** Of what was decided for all; null: nothing was. */
export const toTopology = (decided: SwarmPart | null): Topology => ({ ...DEFAULT_TOPOLOGY, ...decided?.topology });

/** A tier without a model is not the orchestrator's: the people start its nodes. */
function tiersOf({ swarm }: SwarmConfig): SwarmPolicy['tiers'] {
  const tiers: Partial<Record<Tier, TierPolicy>> = {};
  for (const name of TIERS) {
    const { model, least = 0, most = LIMITS.peers * LIMITS.nodes, ...shape } = swarm?.tiers?.[name] ?? {};
    if (model !== undefined) tiers[name] = { model, least, most: Math.max(least, most), ...shape };
  }
  return tiers;
}

/** Of the person's settings, what the file says; the rest stays. */
export function toDevice({ device = {} }: SwarmConfig): { settings: Partial<Settings>; signalling: SignallingConfig } {
  const { name, nodes, threads, sharing, signalling, ice } = device;
  return {
    settings: {
      ...(name === undefined ? {} : { name }),
      ...(nodes === undefined ? {} : { nodes }),
      ...(threads === undefined ? {} : { threads }),
      ...(sharing === undefined ? {} : { sharing: { ...DEFAULT_CONFIG.device.sharing, ...sharing } }),
    },
    signalling: { ...(signalling === undefined ? {} : { signalling }), ...(ice === undefined ? {} : { iceServers: ice }) },
  };
}
