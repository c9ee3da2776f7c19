/**
 * Which tier the swarm is short of, and whom the leader asks for a node of it. Pure. It asks and does not command: what a
 * device loads is its person's choice, so a peer that does not follow within {@link PATIENCE_MS} is left alone for a while
 * and another one is asked. Whoever follows is seen in the roster.
 */
import { TIERS } from '../../protocol/job.ts';
import type { Tier } from '../../protocol/chat.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { ScalingPolicy, SwarmPolicy, TierPolicy } from '../../protocol/policy.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createLoadWatch, utilisation, type Load, type LoadWatch } from './load-watch.ts';

export interface PeerNodes {
  readonly peer: PeerId;
  /** It works for others, and is heard. */
  readonly able: boolean;
  /** Somebody looks at the tab: a hidden one is slowed down by its browser. */
  readonly visible: boolean;
  /** Its nodes, by model: those that run, load or failed. */
  readonly nodes: ReadonlyMap<string, number>;
}

export interface SwarmLoad {
  /** Of the nodes with each tier's model, and the jobs that wait for that tier. */
  readonly tiers: Readonly<Partial<Record<Tier, Load>>>;
  readonly peers: readonly PeerNodes[];
}

export interface ScaleWish {
  readonly peer: PeerId;
  readonly tier: Tier;
  readonly model: string;
  /** Nodes of that model that this peer should run. */
  readonly nodes: number;
  /** For a person. */
  readonly reason: string;
}

export interface SwarmScaler {
  /** At most one wish for each tier in a call. */
  decide(swarm: SwarmLoad, now: number): readonly ScaleWish[];
}

/** A stored model of 100 MB loads within some 10 s; a download is not asked for. */
export const PATIENCE_MS = 30_000;
/** A peer that did not follow is asked again after this long: its person may have closed another tab meanwhile. */
export const REST_MS = 5 * 60_000;
/** One that keeps its nodes: they are its person's own, who may choose another model some day. */
export const KEEPS_MS = 60 * 60_000;

interface Pending {
  readonly wish: ScaleWish;
  readonly up: boolean;
  readonly until: number;
}

export function createSwarmScaler(policy: () => SwarmPolicy): SwarmScaler {
  const scaling = (): ScalingPolicy => policy().scaling;
  const watches = new Map<Tier, LoadWatch>(TIERS.map((tier) => [tier, createLoadWatch(scaling)]));
  const pending = new Map<Tier, Pending>();
  /** By peer, model and direction: who would not load a model may well load another, and who keeps its nodes may take more. */
  const resting = new Map<string, number>();
  const restOf = (peer: PeerId, model: string, up: boolean): string => `${peer} ${up ? '+' : '-'} ${model}`;

  /** The wish that is under way: followed, given up, or still awaited. */
  function awaits(tier: Tier, { peers }: SwarmLoad, now: number): boolean {
    const open = pending.get(tier);
    if (!open) return false;
    const asked = peers.find(({ peer }) => peer === open.wish.peer);
    const has = asked?.nodes.get(open.wish.model) ?? 0;
    const followed = open.up ? has >= open.wish.nodes : has <= open.wish.nodes;
    if (asked && !followed && now < open.until) return true;
    if (asked && !followed) resting.set(restOf(asked.peer, open.wish.model, open.up), now + (open.up ? REST_MS : KEEPS_MS));
    pending.delete(tier);
    return false;
  }

  function change(tier: Tier, { least, most }: TierPolicy, count: number, load: Load, now: number): { up: boolean; why: string } | null {
    if (count < least) return { up: true, why: `the swarm wants at least ${nodes(least)} of tier ${tier} and has ${count}` };
    if (count > most) return { up: false, why: `the swarm wants at most ${nodes(most)} of tier ${tier} and has ${count}` };
    const pressure = watches.get(tier)!.look(load, now);
    const share = Number.isFinite(utilisation(load)) ? `${Math.round(utilisation(load) * 100)} % of the slots of tier ${tier}` : `tier ${tier}`;
    if (pressure === 'up' && count < most) return { up: true, why: `${share} were asked for during ${Math.round(scaling().upAfterMs / 1000)} s` };
    const fewer = count > 1 ? { ...load, slots: (load.slots * (count - 1)) / count } : null;
    const fits = fewer ? utilisation(fewer) <= scaling().high : load.busy + load.waiting === 0;
    if (pressure === 'down' && count > least && fits) return { up: false, why: `only ${share} were in use` };
    return null;
  }

  /** For one more: who has the fewest nodes, looked-at tabs first. For one fewer: who has the most of that model. */
  function whom(model: string, up: boolean, { peers }: SwarmLoad): PeerNodes | null {
    const all = ({ nodes }: PeerNodes): number => [...nodes.values()].reduce((sum, count) => sum + count, 0);
    const of = ({ nodes }: PeerNodes): number => nodes.get(model) ?? 0;
    const fit = peers.filter((peer) => peer.able && !resting.has(restOf(peer.peer, model, up)) && (up ? all(peer) < LIMITS.nodes : of(peer) > 0));
    const better = up
      ? (one: PeerNodes, other: PeerNodes): number => Number(other.visible) - Number(one.visible) || all(one) - all(other)
      : (one: PeerNodes, other: PeerNodes): number => of(other) - of(one);
    return [...fit].sort((one, other) => better(one, other) || (one.peer < other.peer ? -1 : 1))[0] ?? null;
  }

  function decideTier(tier: Tier, wanted: TierPolicy, swarm: SwarmLoad, now: number): ScaleWish | null {
    if (awaits(tier, swarm, now)) return null;
    const count = swarm.peers.reduce((sum, { nodes }) => sum + (nodes.get(wanted.model) ?? 0), 0);
    const decided = change(tier, wanted, count, swarm.tiers[tier] ?? { slots: 0, busy: 0, waiting: 0 }, now);
    const peer = decided && whom(wanted.model, decided.up, swarm);
    if (!decided || !peer) return null;
    const nodes = (peer.nodes.get(wanted.model) ?? 0) + (decided.up ? 1 : -1);
    const wish: ScaleWish = { peer: peer.peer, tier, model: wanted.model, nodes, reason: decided.why };
    pending.set(tier, { wish, up: decided.up, until: now + PATIENCE_MS });
    watches.get(tier)!.settle();
    return wish;
  }

  return {
    decide(swarm, now) {
      for (const [key, until] of resting) if (now >= until) resting.delete(key);
      if (!scaling().on) return [];
      return TIERS.flatMap((tier) => {
        const wanted = policy().tiers[tier];
        const wish = wanted && decideTier(tier, wanted, swarm, now);
        return wish ? [wish] : [];
      });
    },
  };
}

const nodes = (count: number): string => (count === 1 ? 'one node' : `${count} nodes`);
