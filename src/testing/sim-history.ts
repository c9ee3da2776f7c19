/**
 * One history of a swarm, made from a seed: tabs come, go, die, sleep; the network is cut, healed, slow. Then it is quiet,
 * and everything must be in order soon. The same seed gives the same history.
 */
import type { CoreEffect } from '../mesh/core/core-types.ts';
import { createSeededRandom } from './seeded-random.ts';
import { BrokenPromise, createChecks, type Checks } from './sim-checks.ts';
import { createSimClock } from './sim-clock.ts';
import { play, type Scene } from './sim-operations.ts';
import { createSimSwarm, type SwarmWatch } from './sim-swarm.ts';
import { createWorld } from './sim-world.ts';

export interface History {
  readonly seed: number;
  /** What was broken; null if all went well. */
  readonly problem: string | null;
  readonly peers: number;
  readonly virtualMs: number;
  /** From the beginning of the quiet until all was settled. */
  readonly settledMs: number;
  readonly busiest: number;
}

export interface HistoryOptions {
  readonly seed: number;
  /** Tells what happens, line by line. */
  readonly log?: (line: string) => void;
}

/** Within this long of quiet everything is settled. */
export const QUIET_MS = 15_000;
/** And stays so. */
const CALM_MS = 6_000;
const CALM_LOOK_MS = 1_500;
const LOOK_MS = 500;
/** One in so many is a history of a large swarm. */
const LARGE_EVERY = 200;

export function runHistory({ seed, log }: HistoryOptions): History {
  const random = createSeededRandom(seed);
  const clock = createSimClock();
  const between = (low: number, high: number): number => low + random.next() * (high - low);
  const chance = (probability: number): boolean => random.next() < probability;
  const weather = { latencyMs: between(1, chance(0.2) ? 150 : 40), jitterMs: between(0, 60), loss: chance(0.3) ? between(0, 0.2) : 0 };
  const world = createWorld(clock, random, weather);
  const checks = createChecks(world, () => swarm.peers);
  const swarm = createSimSwarm({ world, random, watch: log ? logged(checks.watch, (line) => scene.log(line)) : checks.watch, parsed: 0.03, doubled: chance(0.1) ? 0.02 : 0 });
  const scene: Scene = {
    world, swarm, between, chance,
    pick: (items) => items[Math.floor(random.next() * items.length)]!,
    log: (line) => log?.(`${(clock.now() / 1000).toFixed(3).padStart(8)} ${line}`),
    woke: checks.woke,
  };
  let settledMs = Infinity;
  let problem: string | null = null;
  try {
    play(scene, seed % LARGE_EVERY === 0);
    settledMs = calmDown(scene, checks);
  } catch (error) {
    problem = error instanceof Error ? (error instanceof BrokenPromise ? error.message : (error.stack ?? error.message)) : String(error);
  }
  return { seed, problem, peers: swarm.peers.length, virtualMs: clock.now(), settledMs, busiest: checks.busiest };
}

/** Lets it be quiet. @returns after how long everything was in order. @throws BrokenPromise */
function calmDown({ world: { clock }, log }: Scene, checks: Checks): number {
  log('quiet');
  const start = clock.now();
  let settledAt = start;
  let exactAt = start;
  let last: string | null = null;
  while (clock.now() < start + QUIET_MS) {
    clock.run(LOOK_MS);
    last = checks.unsettled(false);
    if (last !== null) settledAt = clock.now() + LOOK_MS;
    else if (checks.unsettled(true) === null) exactAt = clock.now();
  }
  last ??= exactAt < settledAt ? checks.unsettled(true) ?? 'its roster was never the same' : null;
  if (last !== null) throw new BrokenPromise(`After ${QUIET_MS / 1000} s of quiet: ${last}`);
  const leaders = checks.leaders();
  for (let calm = 0; calm < CALM_MS; calm += CALM_LOOK_MS) {
    clock.run(CALM_LOOK_MS);
    last = checks.leaders() === leaders ? checks.unsettled(false) : `the leaders changed from ${leaders} to ${checks.leaders()}`;
    if (last !== null) throw new BrokenPromise(`In quiet, long after all was settled: ${last}`);
  }
  return settledAt - start;
}

/** For whoever replays a history: what each peer makes of it. */
function logged(watch: SwarmWatch, log: (line: string) => void): SwarmWatch {
  return {
    ...watch,
    handled(peer, event, effects) {
      for (const effect of effects) {
        const text = describe(effect);
        if (text !== null) log(`  ${peer.id.slice(0, 4)} ${text}`);
      }
      if (event.type === 'linked' || event.type === 'unlinked') log(`  ${peer.id.slice(0, 4)} ${event.type} ${event.peer.slice(0, 4)}`);
      watch.handled(peer, event, effects);
    },
  };
}

function describe(effect: CoreEffect): string | null {
  switch (effect.type) {
    case 'send':
      return effect.message.t === 'beat' || effect.message.t === 'roster' ? null : `to ${effect.to.slice(0, 4)}: ${JSON.stringify(effect.message).slice(0, 160)}`;
    case 'tell':
      return effect.event.type === 'changed' ? null : JSON.stringify(effect.event);
    case 'dial':
    case 'drop':
    case 'hold door':
    case 'release door':
    case 'knock':
      return JSON.stringify(effect);
  }
}
