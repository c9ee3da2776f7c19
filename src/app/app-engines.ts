/** This tab's nodes, put together: threads, engines, models, and the servers that the person connected. */
import { memoryBudget } from '../engine/capabilities.ts';
import { createEngineClient } from '../engine/engine-client.ts';
import { createEnginePool, type EnginePool } from '../engine/engine-pool.ts';
import { createModelStore, type ModelStore } from '../engine/model-store.ts';
import { engineWasm } from '../engine/start-worker.ts';
import { createThreadLedger } from '../engine/thread-ledger.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import { background } from '../shared/abort.ts';
import { nodeAddress } from '../shared/ids.ts';
import type { AppOptions } from './app-options.ts';
import type { Config } from './config/config.ts';
import { offeredModels, shapedAs } from './config/config-models.ts';
import { createEngines, type Engines } from './engines.ts';
import type { EventLog } from './event-log.ts';
import { openNativeNodes } from './native-commands.ts';
import type { Notices } from './notices.ts';
import { joinNodes, type OwnNodes } from './own-nodes.ts';
import type { State } from './state.ts';

export interface AppEnginesDeps {
  readonly options: AppOptions;
  readonly state: State;
  readonly log: EventLog;
  readonly notices: Notices;
  readonly config: Pick<Config, 'current' | 'onChange'>;
  /** Of the tabs of this browser; null where there are none. */
  readonly locks: LockManager | null;
  /** Catalogue id. */
  readonly builtIn: string;
}

export interface AppEngines {
  readonly pool: EnginePool;
  readonly store: ModelStore;
  readonly engines: Engines;
  readonly natives: ReturnType<typeof openNativeNodes>['natives'];
  readonly nativeCommands: ReturnType<typeof openNativeNodes>['commands'];
  /** Engines and servers together. */
  readonly own: OwnNodes;
  /** A model that the configuration offers, with its nodes as they are made here; null: not offered. */
  offered(id: string): CatalogEntry | null;
  stop(): Promise<void>;
}

export function openEngines({ options, state, log, notices, config, locks, builtIn }: AppEnginesDeps): AppEngines {
  const { env, capabilities, catalog, baseUrl, peer } = options;
  const ledger = createThreadLedger({
    locks,
    channel: new BroadcastChannel('llambo:threads'),
    random: env.random,
    cores: capabilities.isolated ? capabilities.cores : 1,
  });
  let made = 0;
  const pool = createEnginePool({
    clock: env.clock,
    ledger,
    memoryBytes: memoryBudget(options.surroundings),
    wasm: engineWasm(),
    createNode: () => createEngineClient({ env, address: nodeAddress(peer, `${(made += 1)}`), createWorker: options.createWorker }),
  });
  const { natives, commands: nativeCommands } = openNativeNodes(options, notices);
  const offer = (): readonly CatalogEntry[] => offeredModels(catalog, config.current(), capabilities.cores);
  let offered = offer();
  const store = createModelStore({ env, catalog: offered, baseUrl });
  const engines = createEngines({
    pool, store, log, builtIn,
    clock: env.clock,
    cores: capabilities.cores,
    settings: () => state.get().settings,
    shape: (entry) => shapedAs(offered, entry),
  });
  config.onChange(() => {
    offered = offer();
    background(store.offer(offered), (error) => notices.report(error, 'The models of the configuration can\'t be offered'));
    background(engines.applySettings(), (error) => notices.report(error, 'The engines could not be changed'));
  });
  return {
    pool, store, engines, natives, nativeCommands,
    own: joinNodes(pool, natives),
    offered: (id) => offered.find((entry) => entry.id === id) ?? null,
    async stop() {
      await Promise.all([pool.stop(), natives.stop()]);
      await store.stop();
      ledger.close();
    },
  };
}
