/** What the scalers look at: this tab's nodes and the swarm's, as loads. Pure, but for what it remembers of nodes that load. */
import type { PoolShare } from '../engine/engine-pool.ts';
import type { ModelLoad } from '../orchestrator/scaling/local-scaler.ts';
import type { Load } from '../orchestrator/scaling/load-watch.ts';
import type { PeerNodes, SwarmLoad } from '../orchestrator/scaling/swarm-scaler.ts';
import type { Tier } from '../protocol/chat.ts';
import type { NodeInfo } from '../protocol/engine-node.ts';
import { TIERS } from '../protocol/job.ts';
import type { PeerInfo } from '../protocol/peer.ts';
import type { SwarmPolicy } from '../protocol/policy.ts';
import type { Address } from '../shared/ids.ts';
import type { NodeRange } from './engines.ts';

/** Jobs that wait at the leader, by what they ask for: a tier, a model's id, or `any`. */
export type Demand = ReadonlyMap<string, number>;

const works = ({ state }: NodeInfo): boolean => state === 'idle' || state === 'busy';
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Jobs that a node with this model could take. */
function waitingFor({ id, tier }: { readonly id: string; readonly tier: Tier }, demand: Demand): number {
  // "At least this tier": those below are content with it.
  const tiers = TIERS.slice(0, TIERS.indexOf(tier) + 1);
  return sum([id, 'any', ...tiers].map((asked) => demand.get(asked) ?? 0));
}

/** @param demand nothing, while another tab leads: its queue is not known here, and full nodes are seen anyway */
export const modelLoads = (shares: readonly PoolShare[], range: (model: string) => NodeRange, demand: Demand): ModelLoad[] =>
  shares.map(({ entry, nodes }) => {
    const ready = nodes.filter(works);
    return {
      model: entry.id,
      nodes: nodes.length,
      loading: nodes.some(({ state }) => state === 'loading'),
      slots: sum(ready.map(({ slots }) => slots)),
      busy: sum(ready.map(({ busy }) => busy)),
      waiting: sum(ready.map(({ waiting }) => waiting)) + waitingFor(entry, demand),
      bytesPerNode: entry.memoryBytes,
      ...range(entry.id),
    };
  });

/** Nothing to do, and nothing that time alone could change. */
export const isAtRest = ({ nodes, loading, busy, waiting, least }: ModelLoad): boolean => !loading && busy + waiting === 0 && nodes === least;

export interface SwarmLoads {
  look(peers: readonly PeerInfo[], tiers: SwarmPolicy['tiers'], demand: Demand): SwarmLoad;
}

export function createSwarmLoads(): SwarmLoads {
  /** A node that is loaded anew says no model meanwhile, and is still one of that model. */
  let models = new Map<Address, string>();

  function modelOf({ address, model, state }: NodeInfo): string | null {
    return model?.id ?? (state === 'stopped' ? null : (models.get(address) ?? null));
  }

  function nodesOf({ id, link, visible, nodes, sharing }: PeerInfo): PeerNodes {
    const counts = new Map<string, number>();
    for (const node of nodes) {
      const model = modelOf(node);
      if (model !== null) counts.set(model, (counts.get(model) ?? 0) + 1);
    }
    return { peer: id, able: link !== 'suspect' && sharing.slots > 0, visible, nodes: counts };
  }

  return {
    look(peers, tiers, demand) {
      const all = peers.flatMap(({ nodes }) => nodes);
      models = new Map(all.flatMap((node) => {
        const model = modelOf(node);
        return model === null ? [] : [[node.address, model]];
      }));
      return { tiers: loadsOf(all, tiers, demand), peers: peers.map(nodesOf) };
    },
  };
}

function loadsOf(nodes: readonly NodeInfo[], tiers: SwarmPolicy['tiers'], demand: Demand): SwarmLoad['tiers'] {
  const loads: Partial<Record<Tier, Load>> = {};
  /** Those that no named tier has taken so far go to the next larger one: the smallest that will do is the cheapest. */
  let pending = demand.get('any') ?? 0;
  for (const tier of TIERS) {
    pending += demand.get(tier) ?? 0;
    const wanted = tiers[tier];
    if (!wanted) continue;
    const ready = nodes.filter((node) => node.model?.id === wanted.model && works(node));
    loads[tier] = {
      slots: sum(ready.map(({ slots }) => slots)),
      busy: sum(ready.map(({ busy }) => busy)),
      waiting: sum(ready.map(({ waiting }) => waiting)) + pending + (demand.get(wanted.model) ?? 0),
    };
    pending = 0;
  }
  return loads;
}
