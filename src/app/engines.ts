/**
 * Which model answers in this tab. It brings models from the store to the pool: the built-in one at once, so that
 * somebody answers within a second, then the one that the person wants. Which node answers what is not decided here.
 */
import { defaultNodeCount, type EnginePool } from '../engine/engine-pool.ts';
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
  /** Starts or stops nodes after the settings changed. */
  applySettings(): Promise<void>;
  /** Stops the nodes of a model that is to be deleted; the built-in one takes over. */
  release(id: string): Promise<void>;
}

export function createEngines(deps: EnginesDeps): Engines {
  const { pool, store, log, clock, builtIn } = deps;
  const changes = new Emitter<void>();
  const loaded = new Map<string, StoredModel>();
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

  /** The selected model gets all nodes that the person allows, a stand-in gets one. */
  const nodeCount = (id: string): number => (id === selected ? deps.settings().nodes || defaultNodeCount(deps.cores) : 1);

  async function start(id: string, options: { signal?: AbortSignal; update?: boolean } = {}): Promise<void> {
    const model = await store.ensure(id, options);
    // Superseded while it was downloading: it is stored, and that is all that is wanted of it now.
    if (id !== selected && id !== builtIn) return;
    const startedAt = clock.now();
    const before = loaded.get(id);
    // Known before it is ready: its first answer must have its own sampling and system prompt.
    loaded.set(id, model);
    try {
      await pool.scale(model, nodeCount(id), { threads: deps.settings().threads, ...options });
    } catch (error) {
      if (before) loaded.set(id, before);
      else loaded.delete(id);
      if (error instanceof LlamboError) log.add({ type: 'model refused', model: id, code: error.code, message: error.message });
      throw error;
    }
    logStarts(clock.now() - startedAt);
    changed();
    await store.promote(id);
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
    const stopping = pool.nodes().filter((node) => node.model?.id === id);
    await pool.scale(model, 0);
    loaded.delete(id);
    for (const { address } of stopping) log.add({ type: 'node stopped', node: address, reason });
    changed();
  }

  async function select(id: string, options: { signal?: AbortSignal; update?: boolean } = {}): Promise<void> {
    const before = selected;
    selected = id;
    changed();
    try {
      await start(id, options);
    } catch (error) {
      // Stay with what works, unless the person has chosen something else meanwhile.
      if (selected === id && before !== id && loaded.has(before)) selected = before;
      changed();
      throw error;
    }
    for (const other of [...loaded.keys()]) {
      if (other !== selected && other !== builtIn && other !== id) await stop(other, 'another model was chosen');
    }
    // Chosen, but superseded while it loaded.
    if (id !== selected && id !== builtIn) await stop(id, 'another model was chosen');
    const standIn = loaded.get(builtIn);
    if (selected !== builtIn && standIn) await pool.scale(standIn, 1);
  }

  return {
    selected: () => selected,
    answering,
    entry: (id) => loaded.get(id)?.entry ?? null,
    onChange: (listener) => changes.on(listener),
    start: () => start(builtIn),
    select,
    async applySettings() {
      for (const [id, model] of loaded) await pool.scale(model, nodeCount(id), { threads: deps.settings().threads });
    },
    async release(id) {
      if (selected === id) selected = builtIn;
      await stop(id, 'its model was deleted');
    },
  };
}
