/** The seam between app and page: the page reads one value, hears when it changed, and asks for things. Types only. */
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Commands } from './commands.ts';
import type { Snapshot } from './snapshot.ts';

export interface AppStore {
  /** The same object until something changed; unchanged parts keep their identity, so that views compare by `===`. */
  snapshot(): Snapshot;
  /** Called after each change, any number of times per frame; the page draws at most once a frame. */
  subscribe(listener: () => void): Unsubscribe;
  readonly commands: Commands;
  /** As `Llambo.read`: the one thing that the page asks for and waits. */
  read(path: string, options?: { signal?: AbortSignal }): Promise<string | string[]>;
}
