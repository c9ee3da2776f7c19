/** How the parts' own values become the one snapshot that the page shows. */
import type { EnginePool } from '../engine/engine-pool.ts';
import type { ModelStore } from '../engine/model-store.ts';
import type { ModelInfo } from '../protocol/models.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { background } from '../shared/abort.ts';
import { newConversation } from './conversation.ts';
import type { AppOptions } from './app-options.ts';
import { initialConfig } from './config/config-view.ts';
import type { Engines } from './engines.ts';
import type { NativeNodes } from './native-nodes.ts';
import type { Notices } from './notices.ts';
import type { State } from './state.ts';

export function initialSnapshot({ version, env, capabilities, catalog, preferences, demo }: AppOptions, builtIn: string): Snapshot {
  const name = catalog.find(({ id }) => id === builtIn)?.name ?? 'the engine';
  return {
    version,
    demo,
    ready: false,
    startup: `Loading ${name}`,
    capabilities,
    nodes: [],
    swarm: null,
    askedNode: null,
    models: [],
    selectedModel: builtIn,
    answeringModel: null,
    storage: null,
    conversations: [],
    conversation: newConversation(env),
    templates: preferences.templates,
    settings: preferences.settings,
    native: { servers: [], test: null },
    config: initialConfig,
    notices: [],
  };
}

export interface MirrorDeps {
  readonly state: State;
  readonly pool: EnginePool;
  readonly natives: NativeNodes;
  readonly store: ModelStore;
  readonly engines: Engines;
  readonly notices: Notices;
}

/** Keeps the snapshot true to pool, servers, store and engines from now on. */
export function mirrorIntoState({ state, pool, natives, store, engines, notices }: MirrorDeps): void {
  let stored = '';

  function models(): void {
    const loaded = new Set(pool.nodes().map(({ model }) => model?.id));
    const shown = store.list().map((model) => withLoaded(model, loaded.has(model.id)));
    const before = state.get().models;
    const same = shown.length === before.length && shown.every((model, index) => model === before[index]);
    if (!same) state.set({ models: shown });
    const now = shown.filter(({ state: { kind } }) => kind === 'stored' || kind === 'outdated').map(({ id }) => id).join();
    if (now === stored) return;
    stored = now;
    background(store.storage().then((storage) => state.set({ storage })), (error) => notices.report(error, 'The storage can\'t be looked at'));
  }

  function engine(): void {
    const answeringModel = engines.answering();
    state.set({ nodes: [...pool.nodes(), ...natives.nodes()], selectedModel: engines.selected(), answeringModel, ready: answeringModel !== null });
    models();
  }

  store.onChange(models);
  engines.onChange(engine);
  natives.onChange(() => state.set({ nodes: [...pool.nodes(), ...natives.nodes()], native: natives.view() }));
}

const known = new WeakMap<ModelInfo, ModelInfo>();

/** The store's value with our flag; the same object for the same value, so that views see no change where there is none. */
function withLoaded(model: ModelInfo, loaded: boolean): ModelInfo {
  if (!loaded) return model;
  let copy = known.get(model);
  if (!copy) known.set(model, (copy = Object.freeze({ ...model, loaded })));
  return copy;
}

