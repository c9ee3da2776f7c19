/** The model picker's commands: each starts at once, shows in the snapshot, and reports its failure as a notice. */
import type { Commands } from '../protocol/commands.ts';
import type { ModelStore } from '../engine/model-store.ts';
import { background } from '../shared/abort.ts';
import type { Engines } from './engines.ts';
import type { EventLog } from './event-log.ts';
import type { Notices } from './notices.ts';

export interface ModelCommandsDeps {
  readonly store: ModelStore;
  readonly engines: Engines;
  readonly notices: Notices;
  readonly log: EventLog;
  readonly builtIn: string;
  /** Remembers the choice for the next visit. */
  remember(model: string): void;
}

type ModelCommands = Pick<Commands, 'selectModel' | 'updateModel' | 'addModelFromUrl' | 'addModelFromFiles' | 'pauseDownload' | 'deleteModel'>;

export function createModelCommands({ store, engines, notices, log, builtIn, remember }: ModelCommandsDeps): ModelCommands {
  const nameOf = (id: string): string => store.list().find((model) => model.id === id)?.name ?? id;
  const run = (what: string, work: Promise<unknown>): void => background(work, (error) => notices.report(error, what));

  async function use(id: string, options: { update?: boolean } = {}): Promise<void> {
    remember(id);
    const before = store.list().find((model) => model.id === id)?.state.kind;
    await engines.select(id, options);
    const now = store.list().find((model) => model.id === id);
    if (before !== 'stored' && now?.state.kind === 'stored') log.add({ type: 'model stored', model: id, bytes: now.bytes ?? 0 });
  }

  return {
    selectModel: (id) => run(`${nameOf(id)} can't be used`, use(id)),
    updateModel: (id) => run(`${nameOf(id)} can't be updated`, use(id, { update: true })),
    addModelFromUrl: (url) => run("That address can't be used", store.addFromUrl(url).then(({ id }) => use(id))),
    addModelFromFiles: (files) => run("That file can't be used", store.addFromFiles(files).then(({ id }) => use(id))),
    pauseDownload(id) {
      // The next visit must not go on by itself: the person may be on a metered network.
      if (engines.selected() === id) remember(builtIn);
      run(`${nameOf(id)} can't be paused`, store.pause(id));
    },
    deleteModel(id) {
      const remove = async (): Promise<void> => {
        if (engines.selected() === id) remember(builtIn);
        await engines.release(id);
        await store.remove(id);
        log.add({ type: 'model deleted', model: id });
      };
      run(`${nameOf(id)} can't be deleted`, remove());
    },
  };
}
