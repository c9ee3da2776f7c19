/**
 * Which model answers in this tab, and how many nodes each has. It brings models from the store to the pool: the built-in
 * one at once, so that somebody answers within a second, then the one that the person wants, and beside it those that the
 * swarm was promised. Which node answers what is not decided here, nor when there should be more or fewer of them.
 */
import { defaultNodeCount, type EnginePool, type PoolModel } from '../engine/engine-pool.ts';
import type { ModelStore, StoredModel } from '../engine/model-store.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import type { Settings } from '../protocol/snapshot.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';
import { LlamboError } from '../shared/errors.ts';
import type { Address } from '../shared/ids.ts';
import type { EventLog } from './event-log.ts';

export interface EnginesDeps {
  readonly pool: EnginePool;
  readonly store: ModelStore;
  readonly log: EventLog;
  readonly clock: Clock;
  /** Of the device; decides how many nodes a model gets. */
  readonly cores: number;
  /** Answers until the wanted one is there, and stays as a stand-in. */
  readonly builtIn: string;
  settings(): Settings;
  /** How a node with this model is made here: the catalogue's word, and over it what the swarm says of its tier. */
  shape(entry: CatalogEntry): CatalogEntry;
}

/** Nodes of a model: no fewer, no more. */
export interface NodeRange {
  readonly least: number;
  readonly most: number;
}

export interface Engines {
  /** What the person wants. */
  selected(): string;
  /** What would answer now; null if nothing. */
  answering(): string | null;
  /** The catalogue's word on a model that is loaded; null if it is not. */
  entry(id: string): CatalogEntry | null;
  onChange(listener: () => void): Unsubscribe;
  /** Loads the built-in model. @throws the reason for which it can't be had */
  start(): Promise<void>;
  /** Gets the model and loads it. A later call supersedes an earlier one, whose download goes on. */
  select(id: string, options?: { signal?: AbortSignal; update?: boolean }): Promise<void>;
  /** Starts, stops or shapes nodes after the settings or the configuration changed. */
  applySettings(): Promise<void>;
  /** How many nodes of this model the person and the swarm leave room for. */
  range(id: string): NodeRange;
  /** Runs so many nodes of a model that is loaded, within its range. @param reason for the log @throws LlamboError if none can be started */
  scaleTo(id: string, count: number, reason: string): Promise<void>;
  /**
   * Runs at least so many nodes of a stored model beside what the person chose, whatever they choose; 0: no longer.
   * @throws LlamboError if none can be started; then nothing is promised any more
   */
  provide(id: string, count: number, reason: string): Promise<void>;
  /** Stops the nodes of a model that is to be deleted; the built-in one takes over. */
  release(id: string): Promise<void>;
}

export function createEngines(deps: EnginesDeps): Engines {
  const { pool, store, log, clock, builtIn } = deps;
  const changes = new Emitter<void>();
  const loaded = new Map<string, StoredModel>();
  /** Nodes that scaling wants, and nodes that the swarm was promised. */
  const scaled = new Map<string, number>();
  const provided = new Map<string, number>();
  let selected = builtIn;

  /** What the log knows of each node: how often it had been restarted. */
  const logged = new Map<Address, number>();

  pool.onChange(() => {
    logFailures();
    changes.emit();
  });
  const changed = (): void => changes.emit();
  const isReady = (id: string): boolean => pool.find(id) !== null;
  const answering = (): string | null => [selected, builtIn, ...loaded.keys()].find(isReady) ?? null;

  /** The one that answers while the selected one loads keeps its nodes until then; any other gets one, as a stand-in. */
  function ownRange(id: string): NodeRange {
    const { nodes } = deps.settings();
    if (id === selected || id === answering()) return nodes > 0 ? { least: nodes, most: nodes } : { least: 1, most: defaultNodeCount(deps.cores) };
    return id !== builtIn && provided.has(id) ? { least: 0, most: 0 } : { least: 1, most: 1 };
  }

  function range(id: string): NodeRange {
    const { least, most } = ownRange(id);
    const promised = provided.get(id) ?? 0;
    return { least: Math.max(least, promised), most: Math.max(most, promised) };
  }

  /** What scaling made of it; before that all that it may have, so that the first minute is quick. */
  function nodeCount(id: string): number {
    const { least, most } = range(id);
    return Math.min(most, Math.max(least, scaled.get(id) ?? most));
  }

  const isWanted = (id: string): boolean => id === selected || id === builtIn || provided.has(id);
  const made = (model: StoredModel): PoolModel => ({ ...model, entry: deps.shape(model.entry) });
  const addresses = (id: string): Address[] => pool.models().filter(({ entry }) => entry.id === id).flatMap(({ nodes }) => nodes.map(({ address }) => address));

  async function start(id: string, options: { signal?: AbortSignal; update?: boolean } = {}): Promise<void> {
    const model = await store.ensure(id, options);
    // Superseded while it was downloading: it is stored, and that is all that is wanted of it now.
    if (!isWanted(id)) return;
    const before = loaded.get(id);
    // Known before it is ready: its first answer must have its own sampling and system prompt.
    loaded.set(id, model);
    try {
      await resize(id, 'its model was loaded anew', options);
    } catch (error) {
      if (before) loaded.set(id, before);
      else loaded.delete(id);
      if (error instanceof LlamboError) log.add({ type: 'model refused', model: id, code: error.code, message: error.message });
      throw error;
    }
    await store.promote(id);
  }

  /** As many nodes as it is to have, made as they are to be made. */
  async function resize(id: string, reason: string, options: { signal?: AbortSignal } = {}): Promise<void> {
    const model = loaded.get(id);
    if (!model) return;
    const startedAt = clock.now();
    const before = addresses(id);
    await pool.scale(made(model), nodeCount(id), { threads: deps.settings().threads, ...options });
    const after = new Set(addresses(id));
    for (const node of before) if (!after.has(node)) log.add({ type: 'node stopped', node, reason });
    logStarts(clock.now() - startedAt);
    changed();
  }

  function logStarts(loadMs: number): void {
    for (const { address, model, threads, restarts } of pool.nodes()) {
      if (!model || logged.has(address)) continue;
      logged.set(address, restarts);
      log.add({ type: 'node started', node: address, model: model.id, threads, loadMs });
    }
  }

  function logFailures(): void {
    for (const { address, restarts, problem } of pool.nodes()) {
      const before = logged.get(address);
      if (before === undefined || restarts <= before) continue;
      logged.set(address, restarts);
      log.add({ type: 'node failed', node: address, code: 'engine-crashed', message: problem ?? 'its worker died' });
    }
  }

  async function stop(id: string, reason: string): Promise<void> {
    const model = loaded.get(id);
    if (!model) return;
    const stopping = addresses(id);
    await pool.scale(model, 0);
    loaded.delete(id);
    scaled.delete(id);
    for (const node of stopping) log.add({ type: 'node stopped', node, reason });
    changed();
  }

  async function select(id: string, options: { signal?: AbortSignal; update?: boolean } = {}): Promise<void> {
    const before = selected;
    selected = id;
    if (id !== before) scaled.delete(id);
    changed();
    try {
      await start(id, options);
    } catch (error) {
      // Stay with what works, unless the person has chosen something else meanwhile.
      if (selected === id && before !== id && loaded.has(before)) selected = before;
      changed();
      throw error;
    }
    // Also this one, if something else was chosen while it loaded.
    for (const other of [...loaded.keys()]) {
      if (!isWanted(other)) await stop(other, 'another model was chosen');
      else if (other !== selected) await resize(other, 'another model was chosen');
    }
  }

  async function provide(id: string, count: number, reason: string): Promise<void> {
    if (count === 0) {
      if (!provided.delete(id)) return;
      return isWanted(id) ? resize(id, reason) : stop(id, reason);
    }
    provided.set(id, count);
    try {
      await (loaded.has(id) ? resize(id, reason) : start(id));
    } catch (error) {
      provided.delete(id);
      if (!isWanted(id)) await stop(id, reason);
      throw error;
    }
  }

  return {
    selected: () => selected,
    answering,
    entry(id) {
      const model = loaded.get(id);
      return model ? deps.shape(model.entry) : null;
    },
    onChange: (listener) => changes.on(listener),
    start: () => start(builtIn),
    select,
    async applySettings() {
      for (const id of [...loaded.keys()]) await resize(id, 'the settings say so');
    },
    range,
    async scaleTo(id, count, reason) {
      scaled.set(id, count);
      await resize(id, reason);
    },
    provide,
    async release(id) {
      if (selected === id) selected = builtIn;
      provided.delete(id);
      await stop(id, 'its model was deleted');
    },
  };
}
