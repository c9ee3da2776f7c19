/**
 * Carries out what the scaler of this tab decides: one change at a time, each written into the log with its reason. It
 * decides nothing.
 */
import type { EnginePool } from '../engine/engine-pool.ts';
import { createLocalScaler, type ModelLoad, type ScaleDecision } from '../orchestrator/scaling/local-scaler.ts';
import type { SwarmPolicy } from '../protocol/policy.ts';
import type { Clock } from '../shared/env.ts';
import { asLlamboError } from '../shared/errors.ts';
import type { Engines } from './engines.ts';
import type { EventLog } from './event-log.ts';
import { isAtRest, modelLoads, type Demand } from './scaling-loads.ts';

export interface LocalScalingDeps {
  readonly clock: Clock;
  readonly pool: Pick<EnginePool, 'models' | 'spareBytes'>;
  readonly engines: Pick<Engines, 'range' | 'scaleTo'>;
  readonly log: Pick<EventLog, 'add'>;
  policy(): SwarmPolicy;
  demand(): Demand;
}

export interface LocalScaling {
  /** @returns false if nothing will happen until something else does: no further look is needed */
  look(): boolean;
  /** The person changed the limits: how long it has idled counts from now. */
  reset(): void;
}

/** A node that could not be started is not tried again sooner: there may be no address space for it until another tab closes. */
export const FAILED_REST_MS = 5 * 60_000;

export function createLocalScaling({ clock, pool, engines, log, policy, demand }: LocalScalingDeps): LocalScaling {
  const newScaler = () => createLocalScaler(() => policy().scaling);
  /** Until when no more nodes of a model are tried. */
  const resting = new Map<string, number>();
  /** Models of which more are wanted than there can be. */
  const hindered = new Set<string>();
  let scaler = newScaler();
  let isChanging = false;

  const countOf = (model: string): number => pool.models().find(({ entry }) => entry.id === model)?.nodes.length ?? 0;

  /** What could not be started is not wanted for a while. */
  const rested = (load: ModelLoad): ModelLoad =>
    resting.has(load.model) ? { ...load, least: Math.min(load.least, load.nodes), most: Math.min(load.most, Math.max(1, load.nodes)) } : load;

  async function carryOut({ model, from, to, reason }: ScaleDecision): Promise<void> {
    isChanging = true;
    log.add({ type: 'scaled', model, from, to, reason });
    try {
      await engines.scaleTo(model, to, reason);
      if (countOf(model) < to) fail(model, 'It could not be started.');
    } catch (error) {
      fail(model, asLlamboError(error).message);
    } finally {
      isChanging = false;
    }
  }

  function fail(model: string, why: string): void {
    const count = countOf(model);
    resting.set(model, clock.now() + FAILED_REST_MS);
    log.add({ type: 'scaled', model, from: count, to: count, reason: `One more node is wanted. ${why} It is tried again in ${FAILED_REST_MS / 60_000} minutes.` });
  }

  return {
    look() {
      if (isChanging) return true;
      for (const [model, until] of resting) if (clock.now() >= until) resting.delete(model);
      const loads = modelLoads(pool.models(), engines.range, demand()).map(rested);
      for (const decision of scaler.decide({ models: loads, spareBytes: pool.spareBytes() }, clock.now())) {
        hindered.delete(decision.model);
        if (decision.to !== decision.from) {
          void carryOut(decision);
          return true;
        }
        hindered.add(decision.model);
        log.add({ type: 'scaled', ...decision });
      }
      const isWaiting = (load: ModelLoad): boolean => !isAtRest(load) && !(hindered.has(load.model) && load.busy + load.waiting === 0 && load.nodes < load.least);
      return policy().scaling.on && (resting.size > 0 || loads.some(isWaiting));
    },
    reset() {
      scaler = newScaler();
      hindered.clear();
    },
  };
}
