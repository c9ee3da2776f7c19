/**
 * The world of simulated jobs: time, chance, tabs that live, freeze and die, and links between them that keep order, take
 * time, and lose what is under way when they end. Knows no job and no node.
 */
import type { Random } from '../shared/env.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createSimClock, type SimClock } from './sim-clock.ts';

export interface JobWorld {
  readonly clock: SimClock;
  readonly random: Random;
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Made only if somebody reads it. */
  log(line: () => string): void;
}

export function createJobWorld(seed: number, tell: ((line: string) => void) | undefined): JobWorld {
  const random = createSeededRandom(seed);
  const clock = createSimClock();
  return {
    clock, random,
    between: (low, high) => low + random.next() * (high - low),
    chance: (probability) => random.next() < probability,
    pick: (items) => items[Math.floor(random.next() * items.length)]!,
    log: (line) => tell?.(`${(clock.now() / 1000).toFixed(3).padStart(8)} ${line()}`),
  };
}

/** One tab's life. What happens to a frozen one happens when it thaws. */
export interface Life {
  readonly state: 'alive' | 'frozen' | 'dead';
  /** Does it now, or when it thaws; never if it is dead. */
  act(work: () => void): void;
  after(ms: number, work: () => void): () => void;
  freeze(): void;
  thaw(): void;
  die(): void;
}

export function createLife({ clock }: JobWorld): Life {
  const backlog: (() => void)[] = [];
  let state: Life['state'] = 'alive';
  const act = (work: () => void): void => {
    if (state === 'alive') work();
    else if (state === 'frozen') backlog.push(work);
  };
  return {
    get state() {
      return state;
    },
    act,
    after(ms, work) {
      let cancelled = false;
      clock.after(ms, () => act(() => !cancelled && work()));
      return () => void (cancelled = true);
    },
    freeze() {
      if (state === 'alive') state = 'frozen';
    },
    thaw() {
      if (state !== 'frozen') return;
      state = 'alive';
      for (const work of backlog.splice(0)) act(work);
    },
    die() {
      state = 'dead';
      backlog.length = 0;
    },
  };
}

/** All links, between tabs by their numbers. A tab reaches itself at once. */
export interface Links {
  /** Lost if the link is down, or ends before it arrives. In order. */
  send(from: number, to: number, deliver: () => void): void;
  isUp(one: number, other: number): boolean;
  /** What is under way is lost. */
  cut(one: number, other: number): void;
  heal(one: number, other: number): void;
}

export function createLinks(world: JobWorld, lives: readonly Life[]): Links {
  const { clock, between } = world;
  const down = new Set<string>();
  const epochs = new Map<string, number>();
  const lastAt = new Map<string, number>();
  const latencyMs = between(0.5, world.chance(0.2) ? 200 : 40);
  const jitterMs = between(0, 50);
  const key = (one: number, other: number): string => `${Math.min(one, other)}-${Math.max(one, other)}`;

  return {
    isUp: (one, other) => !down.has(key(one, other)),
    send(from, to, deliver) {
      const life = lives[to]!;
      if (from === to) return void clock.after(0, () => life.act(deliver));
      const link = key(from, to);
      if (down.has(link)) return;
      const epoch = epochs.get(link) ?? 0;
      const way = `${from}>${to}`;
      const at = Math.max(lastAt.get(way) ?? 0, clock.now() + latencyMs + between(0, jitterMs));
      lastAt.set(way, at);
      const arrives = (): void => {
        if ((epochs.get(link) ?? 0) === epoch) deliver();
      };
      // Whoever is frozen finds it in its buffers, unless the link has ended meanwhile.
      clock.after(at - clock.now(), () => (epochs.get(link) ?? 0) === epoch && life.act(arrives));
    },
    cut(one, other) {
      const link = key(one, other);
      down.add(link);
      epochs.set(link, (epochs.get(link) ?? 0) + 1);
    },
    heal: (one, other) => void down.delete(key(one, other)),
  };
}
