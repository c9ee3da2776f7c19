/** Entry of the engine worker: exposes the host and nothing else. */
import { expose, releaseProxy } from 'comlink';
import type { EngineWorkerApi } from '../protocol/engine-api.ts';
import { systemEnv } from '../shared/system-env.ts';
import { createEngineHost } from './worker/engine-host.ts';
import { createWllamaRuntime } from './worker/wllama-adapter.ts';

const host = createEngineHost(systemEnv, () => createWllamaRuntime(systemEnv.clock));

const api: EngineWorkerApi = {
  ...host,
  async run(task, onEvents) {
    const outcome = await host.run(task, onEvents);
    // The callback is a proxy with a message port of its own: given back, or each task would leak one.
    (onEvents as Partial<Record<typeof releaseProxy, () => void>>)[releaseProxy]?.();
    return outcome;
  },
};

expose(api);
