/** A small swarm on a virtual clock, for stories that a test tells itself. */
import type { CoreEffect, CoreEvent, CoreMessage, SelfFacts } from '../mesh/core/core-types.ts';
import type { PeerId } from '../shared/ids.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createChecks, type Checks } from './sim-checks.ts';
import { createSimClock, type SimClock } from './sim-clock.ts';
import { createSimSwarm, type SimPeer, type SimSwarm } from './sim-swarm.ts';
import { createWorld, type World } from './sim-world.ts';

export interface Happening {
  readonly at: number;
  readonly peer: SimPeer;
  readonly event: CoreEvent;
  readonly effects: readonly CoreEffect[];
}

export interface Stage {
  readonly clock: SimClock;
  readonly world: World;
  readonly swarm: SimSwarm;
  readonly checks: Checks;
  /** Everything that happened since `forget`. */
  readonly happenings: readonly Happening[];
  forget(): void;
  /** So many join one after another, and all is settled. */
  grow(count: number, facts?: Partial<SelfFacts>): readonly SimPeer[];
  /** The one that all who are in follow. @throws if they don't */
  leader(): SimPeer;
  /** Messages of one kind that were sent since `forget`. */
  sent<Tag extends CoreMessage['t']>(tag: Tag): readonly Extract<CoreMessage, { t: Tag }>[];
  /** Milliseconds until it is so, looking ten times a second. @throws after a minute */
  until(condition: () => boolean): number;
  /** Cuts these off from the rest. */
  cut(...peers: readonly SimPeer[]): void;
}

export function createStage(seed = 1, latencyMs = 20): Stage {
  const random = createSeededRandom(seed);
  const clock = createSimClock();
  const world = createWorld(clock, random, { latencyMs, jitterMs: latencyMs / 2, loss: 0 });
  const happenings: Happening[] = [];
  const checks = createChecks(world, () => swarm.peers);
  const swarm = createSimSwarm({
    world, random, parsed: 0.2,
    watch: {
      ...checks.watch,
      handled(peer, event, effects) {
        happenings.push({ at: clock.now(), peer, event, effects });
        checks.watch.handled(peer, event, effects);
      },
    },
  });

  function until(condition: () => boolean): number {
    const start = clock.now();
    while (!condition()) {
      if (clock.now() - start > 60_000) throw new Error(`Not within a minute: ${String(condition)}; ${checks.unsettled(true)}`);
      clock.run(100);
    }
    return clock.now() - start;
  }

  return {
    clock, world, swarm, checks, happenings, until,
    forget: () => void (happenings.length = 0),
    grow(count, facts) {
      const peers = Array.from({ length: count }, () => {
        const peer = swarm.join(facts);
        clock.run(300);
        return peer;
      });
      until(() => peers.every(({ state }) => state === 'in') && checks.unsettled(true) === null);
      clock.run(3000);
      return peers;
    },
    leader() {
      const followed = new Set(swarm.peers.filter(({ state }) => state === 'in').map(({ core }) => core.view().leader));
      const [leader] = followed;
      if (followed.size !== 1 || !leader) throw new Error(`They follow ${[...followed].join(', ')}.`);
      return swarm.peers.find(({ id }) => id === leader)!;
    },
    sent<Tag extends CoreMessage['t']>(tag: Tag) {
      const messages = happenings.flatMap(({ effects }) => effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : [])));
      return messages.filter((message): message is Extract<CoreMessage, { t: Tag }> => message.t === tag);
    },
    cut: (...peers) => world.partition(new Map(peers.map(({ host }) => [host, 1]))),
  };
}

/** What each of them believes of who leads, for a comparison. */
export const beliefs = (peers: readonly SimPeer[]): readonly { leader: PeerId | null; term: number; provisional: boolean }[] =>
  peers.map(({ core }) => {
    const { leader, term, provisional } = core.view();
    return { leader, term, provisional };
  });
