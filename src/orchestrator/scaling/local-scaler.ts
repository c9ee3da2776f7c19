/**
 * How many engine nodes of each model this tab runs, between the limits of its person: more while the slots are in use,
 * fewer while they idle. Pure: loads and the time in, decisions with their reasons out. It starts and stops nothing, and
 * knows nothing of other tabs.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { ScalingPolicy } from '../../protocol/policy.ts';
import { createLoadWatch, utilisation, type Load, type LoadWatch } from './load-watch.ts';

export interface ModelLoad extends Load {
  /** Catalogue id. */
  readonly model: string;
  /** Nodes that run or load. While one loads nothing is decided: its slots come first. */
  readonly nodes: number;
  readonly loading: boolean;
  /** The person's: no fewer, no more. */
  readonly least: number;
  readonly most: number;
  /** Memory of one more node. */
  readonly bytesPerNode: number;
}

export interface TabLoad {
  readonly models: readonly ModelLoad[];
  /** Of this tab's memory budget, what no node has. */
  readonly spareBytes: number;
}

export interface ScaleDecision {
  readonly model: string;
  readonly from: number;
  readonly to: number;
  /** For a person: why, or why not (then `to` equals `from`). Such a note comes once, until something else is decided. */
  readonly reason: string;
}

export interface LocalScaler {
  /** At most one change in each call, and none within the cool-down. */
  decide(tab: TabLoad, now: number): readonly ScaleDecision[];
}

export function createLocalScaler(policy: () => ScalingPolicy): LocalScaler {
  const watches = new Map<string, LoadWatch>();
  /** What could not be done, so that it is said once. */
  const refused = new Map<string, string>();
  let changedAt = -Infinity;

  function watchOf(model: string): LoadWatch {
    const known = watches.get(model);
    if (known) return known;
    const made = createLoadWatch(policy);
    watches.set(model, made);
    return made;
  }

  /** The limits come first: they hold without any load. */
  function wanted(load: ModelLoad, now: number): { to: number; why: string } | null {
    if (load.nodes < load.least) return { to: load.nodes + 1, why: `at least ${load.least} are wanted` };
    if (load.nodes > load.most) return { to: load.nodes - 1, why: `at most ${load.most} are allowed` };
    const pressure = watchOf(load.model).look(load, now);
    const share = percent(utilisation(load));
    if (pressure === 'up' && load.nodes < load.most) return { to: load.nodes + 1, why: `${share} of its slots were asked for during ${seconds(policy().upAfterMs)}` };
    if (pressure === 'down' && load.nodes > load.least && fitsInto(load, load.nodes - 1)) {
      return { to: load.nodes - 1, why: `only ${share} of its slots were in use during ${seconds(policy().downAfterMs)}` };
    }
    return null;
  }

  /** With fewer nodes it would not be too much at once: else it would go up and down for ever. */
  const fitsInto = (load: ModelLoad, nodes: number): boolean =>
    nodes > 0 ? utilisation({ ...load, slots: (load.slots * nodes) / load.nodes }) <= policy().high : load.busy + load.waiting === 0;

  function obstacle({ bytesPerNode }: ModelLoad, { models, spareBytes }: TabLoad): string | null {
    const all = models.reduce((sum, { nodes }) => sum + nodes, 0);
    if (all >= LIMITS.nodes) return `a tab has room for ${LIMITS.nodes} nodes at most`;
    if (bytesPerNode > spareBytes) return `it takes ${megabytes(bytesPerNode)} and ${megabytes(Math.max(0, spareBytes))} are left`;
    return null;
  }

  function decideOne(load: ModelLoad, tab: TabLoad, now: number): ScaleDecision | null {
    const change = load.loading ? null : wanted(load, now);
    if (!change) return null;
    const { to, why } = change;
    const hindered = to > load.nodes ? obstacle(load, tab) : null;
    if (hindered !== null) {
      if (refused.get(load.model) === hindered) return null;
      refused.set(load.model, hindered);
      return { model: load.model, from: load.nodes, to: load.nodes, reason: `One more node is wanted, because ${why}, but ${hindered}.` };
    }
    refused.delete(load.model);
    watchOf(load.model).settle();
    changedAt = now;
    return { model: load.model, from: load.nodes, to, reason: `${to > load.nodes ? 'One more' : 'One fewer'}, because ${why}.` };
  }

  return {
    decide(tab, now) {
      for (const model of watches.keys()) if (!tab.models.some((load) => load.model === model)) watches.delete(model);
      if (!policy().on || now - changedAt < policy().cooldownMs) return [];
      const decisions: ScaleDecision[] = [];
      for (const load of tab.models) {
        const decision = decideOne(load, tab, now);
        if (decision) decisions.push(decision);
        if (decision && decision.to !== decision.from) break;
      }
      return decisions;
    },
  };
}

const percent = (share: number): string => (Number.isFinite(share) ? `${Math.round(share * 100)} %` : 'more than all');
const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
