/** `globalThis.llambo`, made of the app's own parts. */
import type { NodeInfo } from '../protocol/engine-node.ts';
import type { Llambo, LoadOptions, Swarm } from '../protocol/llambo.ts';
import type { MetricsReader } from '../protocol/metrics.ts';
import type { ModelInfo } from '../protocol/models.ts';
import type { ModelStore } from '../engine/model-store.ts';
import { LlamboError } from '../shared/errors.ts';
import type { Ask } from './asker.ts';
import type { Engines } from './engines.ts';
import type { EventLog } from './event-log.ts';
import type { State } from './state.ts';

export interface LlamboApiDeps {
  readonly version: string;
  readonly ready: Promise<void>;
  readonly store: ModelStore;
  readonly engines: Engines;
  readonly state: State;
  readonly log: EventLog;
  readonly ask: Ask;
  readonly swarm: Swarm & { remoteNodes(): readonly NodeInfo[] };
  readonly metrics: MetricsReader;
  readonly read: Llambo['read'];
}

export function createLlamboApi({ version, ready, store, engines, state, log, ask, swarm, metrics, read }: LlamboApiDeps): Llambo {
  const models = (): readonly ModelInfo[] => state.get().models;

  async function resolve(model: string | File | readonly File[], { signal }: LoadOptions): Promise<string> {
    if (typeof model !== 'string') {
      const files = model instanceof File ? [model] : model;
      return (await store.addFromFiles(files, signal ? { signal } : {})).id;
    }
    if (store.list().some(({ id }) => id === model)) return model;
    return (await store.addFromUrl(model)).id;
  }

  async function load(model: string | File | readonly File[], options: LoadOptions = {}): Promise<ModelInfo> {
    await store.start();
    const id = await resolve(model, options);
    const tell = (): void => {
      const found = store.list().find((other) => other.id === id);
      if (found) options.onProgress?.(found.state);
    };
    const off = store.onChange(tell);
    const pause = (): void => void store.pause(id).catch(() => undefined);
    options.signal?.addEventListener('abort', pause, { once: true });
    try {
      await engines.select(id, options.signal ? { signal: options.signal } : {});
    } finally {
      off();
      options.signal?.removeEventListener('abort', pause);
    }
    const info = models().find((other) => other.id === id);
    if (!info) throw new LlamboError('not-found', `The model "${id}" is gone.`, { advice: 'Add it again.' });
    return info;
  }

  return Object.freeze({
    version,
    ready,
    async models() {
      await store.start();
      return [...models()];
    },
    load,
    ask: (request, options) => ask(request, options),
    swarm: Object.freeze({ join: swarm.join, leave: swarm.leave, admit: swarm.admit, on: swarm.on } satisfies Swarm),
    nodes: () => [...state.get().nodes, ...swarm.remoteNodes()],
    snapshot: () => state.get(),
    events: (filter) => log.read(filter),
    metrics,
    read,
  } satisfies Llambo);
}
