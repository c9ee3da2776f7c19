/**
 * What the leader wishes that this tab ran for the swarm: followed within what its person allows, promised to the engines,
 * and dropped when the swarm is gone. There is no reply: the leader sees in the roster what came of it.
 */
import type { EnginePool } from '../engine/engine-pool.ts';
import type { ModelStore } from '../engine/model-store.ts';
import type { CatalogEntry, ModelInfo } from '../protocol/models.ts';
import type { Sharing } from '../protocol/peer.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Clock } from '../shared/env.ts';
import { asLlamboError } from '../shared/errors.ts';
import type { Engines } from './engines.ts';
import type { EventLog } from './event-log.ts';

export interface Wish {
  /** Catalogue id. */
  readonly model: string;
  /** Nodes of that model in this tab, all together. */
  readonly nodes: number;
  readonly reason: string;
}

export interface WishesDeps {
  readonly clock: Clock;
  readonly pool: Pick<EnginePool, 'models' | 'spareBytes'>;
  readonly engines: Pick<Engines, 'provide'>;
  readonly store: Pick<ModelStore, 'list'>;
  readonly log: Pick<EventLog, 'add'>;
  /** The catalogue's, as a node with it is made here; null: not in it. */
  entry(model: string): CatalogEntry | null;
  sharing(): Sharing;
  /** Nodes for the swarm, over all models: what the device suggests, or the person's own figure if that is more. */
  most(): number;
}

export interface Wishes {
  /** Wishes are followed one after the other; of those for one model that wait, the newest counts. */
  hear(wish: Wish): void;
  /** The person may share less now, or the tab has come into a swarm or left it. */
  look(isInSwarm: boolean): void;
  close(): void;
}

/** What runs for a swarm stays this long after this tab has left it: people come back, and loading costs them more than idling. */
export const KEPT_MS = 10 * 60_000;

export function createWishes({ clock, pool, engines, store, log, entry, sharing, most }: WishesDeps): Wishes {
  const promised = new Map<string, number>();
  const waiting = new Map<string, Wish>();
  /** Of each model of the catalogue, why it was not followed, so that it is said once. */
  const refused = new Map<string, string>();
  let isWorking = false;
  let cancelDrop: (() => void) | null = null;

  const countOf = (model: string): number => pool.models().find((share) => share.entry.id === model)?.nodes.length ?? 0;

  /** Null: it can be followed. */
  function obstacle({ model, nodes }: Wish, memoryBytes: number): string | null {
    if (nodes === 0) return null;
    if (!isShared(sharing(), model)) return 'this device does not share that';
    const have = countOf(model);
    if (nodes <= have) return null;
    const known = store.list().find(({ id }) => id === model);
    if (!known || !isHere(known)) return 'that model is not stored on this device, and nothing is downloaded for a wish';
    const others = [...promised].reduce((sum, [id, count]) => sum + (id === model ? 0 : count), 0);
    if (others + nodes > most()) return `at most ${most()} nodes of this device work for the swarm`;
    if (pool.models().reduce((sum, share) => sum + share.nodes.length, 0) + nodes - have > LIMITS.nodes) return `a tab has room for ${LIMITS.nodes} nodes at most`;
    if ((nodes - have) * memoryBytes > pool.spareBytes()) return 'there is not enough memory left';
    return null;
  }

  async function follow(wish: Wish): Promise<void> {
    const { model, nodes, reason } = wish;
    const offered = entry(model);
    // Nodes of the person's own are theirs: nothing is promised of them, nor taken from them.
    if (nodes <= countOf(model) && !promised.has(model)) return;
    const why = obstacle(wish, offered?.memoryBytes ?? 0);
    if (why === null) {
      refused.delete(model);
      return keep(model, nodes, `${reason}.`);
    }
    if (refused.get(model) !== why) note(model, countOf(model), `${reason}, but ${why}.`);
    refused.set(model, why);
  }

  function note(model: string, from: number, reason: string): void {
    log.add({ type: 'scaled', model, from, to: countOf(model), reason });
  }

  /** Says so if it made a difference. */
  async function keep(model: string, nodes: number, reason: string): Promise<void> {
    const before = countOf(model);
    if (nodes === 0) promised.delete(model);
    else promised.set(model, nodes);
    try {
      await engines.provide(model, nodes, reason);
      if (countOf(model) !== before) note(model, before, reason);
    } catch (error) {
      promised.delete(model);
      note(model, before, `${reason} That failed: ${asLlamboError(error).message}`);
    }
  }

  async function work(): Promise<void> {
    if (isWorking) return;
    isWorking = true;
    for (let next = takeFirst(waiting); next; next = takeFirst(waiting)) await follow(next);
    isWorking = false;
  }

  function drop(model: string, reason: string): void {
    waiting.set(model, { model, nodes: 0, reason });
    void work();
  }

  return {
    hear(wish) {
      // What no catalogue has is nobody's to wish for, and gets a place neither here nor in the log.
      if (!entry(wish.model) && !promised.has(wish.model)) return;
      waiting.set(wish.model, { ...wish, reason: `The swarm asked: ${wish.reason}` });
      void work();
    },
    look(isInSwarm) {
      for (const model of promised.keys()) if (!isShared(sharing(), model)) drop(model, 'This device no longer shares that');
      if (isInSwarm) {
        cancelDrop?.();
        cancelDrop = null;
      } else if (promised.size > 0) {
        cancelDrop ??= clock.after(KEPT_MS, () => {
          cancelDrop = null;
          for (const model of promised.keys()) drop(model, 'The swarm was left');
        });
      }
    },
    close: () => cancelDrop?.(),
  };
}

const isShared = ({ on, keptModels }: Sharing, model: string): boolean => on && !keptModels.includes(model);

/** A model that a person added is theirs; one of the catalogue is the same for all. */
const isHere = ({ origin, state }: ModelInfo): boolean => origin === 'built-in' || (origin === 'catalogue' && (state.kind === 'stored' || state.kind === 'outdated'));

function takeFirst(waiting: Map<string, Wish>): Wish | null {
  for (const [model, wish] of waiting) {
    waiting.delete(model);
    return wish;
  }
  return null;
}
