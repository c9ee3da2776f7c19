/**
 * Scaling of one tab: gives time to the scaler of its own nodes and, while this tab leads, to the scaler of the swarm, and
 * lets the tab follow what a leader wishes. It sleeps while nothing loads its nodes: twelve idle tabs cost nothing.
 */
import { defaultNodeCount, type EnginePool } from '../engine/engine-pool.ts';
import type { ModelStore } from '../engine/model-store.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import type { ControlPort } from '../orchestrator/ports.ts';
import { createSwarmScaler, type ScaleWish, type SwarmScaler } from '../orchestrator/scaling/swarm-scaler.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import type { SwarmPolicy } from '../protocol/policy.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';
import type { Engines } from './engines.ts';
import type { EventLog } from './event-log.ts';
import { createLocalScaling } from './scaling-local.ts';
import { createSwarmLoads, type Demand, type SwarmLoads } from './scaling-loads.ts';
import { createWishes } from './scaling-wishes.ts';
import { onPart, type State } from './state.ts';

export interface ScalingDeps {
  readonly clock: Clock;
  readonly pool: Pick<EnginePool, 'models' | 'spareBytes' | 'onChange'>;
  readonly engines: Pick<Engines, 'range' | 'scaleTo' | 'provide'>;
  readonly store: Pick<ModelStore, 'list'>;
  readonly orchestrator: Pick<Orchestrator, 'view'>;
  readonly control: Pick<ControlPort, 'self' | 'standing' | 'onStanding' | 'send' | 'onMessage'>;
  readonly config: { policy(): SwarmPolicy; onChange(listener: () => void): Unsubscribe };
  readonly state: State;
  readonly log: Pick<EventLog, 'add'>;
  /** Of the device. */
  readonly cores: number;
  /** The catalogue's, as a node with it is made here; null: not in it. */
  entry(model: string): CatalogEntry | null;
}

export interface Scaling {
  close(): void;
}

const LOOK_MS = 1000;
const NOBODY_WAITS: Demand = new Map();

/** What is left of one term: a new leader starts anew. */
interface Term {
  readonly term: number;
  readonly scaler: SwarmScaler;
  readonly loads: SwarmLoads;
}

export function createScaling({ clock, pool, engines, store, orchestrator, control, config, state, log, cores, entry }: ScalingDeps): Scaling {
  const { policy } = config;
  const demand = (): Demand => orchestrator.view().leader?.demand ?? NOBODY_WAITS;
  const settings = () => state.get().settings;
  const isInSwarm = (): boolean => state.get().swarm?.state === 'in';
  const local = createLocalScaling({ clock, pool, engines, log, policy, demand });
  const wishes = createWishes({
    clock, pool, engines, store, log, entry,
    sharing: () => settings().sharing,
    most: () => Math.max(settings().nodes, defaultNodeCount(cores)),
  });
  let leading: Term | null = null;
  let cancelLook: (() => void) | null = null;

  /** It decides for others only where somebody said what there should be. */
  const leads = (): boolean =>
    control.standing().leader === control.self.peer && isInSwarm() && (state.get().swarm?.peers.length ?? 0) > 1 && Object.keys(policy().tiers).length > 0;

  /**
   * A new leader knows nothing of what the one before it asked for, and may ask for it once more. That is no flapping: it counts
   * the roster, which shows what was followed; what was not yet followed is short by one node, which the load takes away again.
   */
  function lookAtSwarm(): boolean {
    if (!leads()) {
      leading = null;
      return false;
    }
    const { term } = control.standing();
    if (leading?.term !== term) leading = { term, scaler: createSwarmScaler(policy), loads: createSwarmLoads() };
    const load = leading.loads.look(state.get().swarm?.peers ?? [], policy().tiers, demand());
    for (const wish of leading.scaler.decide(load, clock.now())) say(wish, term);
    return true;
  }

  function say({ peer, tier, model, nodes, reason }: ScaleWish, term: number): void {
    log.add({ type: 'asked for nodes', peer, model, nodes, reason });
    if (peer === control.self.peer) wishes.hear({ model, nodes, reason });
    else control.send(peer, { t: 'scale', term, tier, model, nodes, reason: reason.slice(0, 256) });
  }

  function look(): void {
    cancelLook = null;
    const isDue = [local.look(), lookAtSwarm()].some(Boolean);
    if (isDue) wake();
  }

  const wake = (): void => void (cancelLook ??= clock.after(LOOK_MS, look));

  const offs = [
    pool.onChange(wake),
    config.onChange(wake),
    control.onStanding(wake),
    control.onMessage(({ peer }, message) => {
      if (message.t === 'scale' && control.standing().leader === peer) wishes.hear(message);
    }),
    onPart(state, ['settings'], () => {
      local.reset();
      wishes.look(isInSwarm());
      wake();
    }),
    onPart(state, ['swarm'], () => {
      wishes.look(isInSwarm());
      // Its round trips change each second.
      if (leads()) wake();
    }),
  ];

  return {
    close() {
      for (const off of offs) off();
      cancelLook?.();
      // After that nothing wakes it.
      cancelLook = () => undefined;
      wishes.close();
    },
  };
}
