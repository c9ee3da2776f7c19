/** The one place where the snapshot lives: replaced as a whole, parts that didn't change keep their identity. */
import type { Snapshot } from '../protocol/snapshot.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';

export interface State {
  get(): Snapshot;
  set(change: Partial<Snapshot>): void;
  subscribe(listener: () => void): Unsubscribe;
}

export function createState(initial: Snapshot): State {
  const changes = new Emitter<void>();
  let snapshot = Object.freeze(initial);
  return {
    get: () => snapshot,
    set(change) {
      const same = (Object.keys(change) as (keyof Snapshot)[]).every((key) => snapshot[key] === change[key]);
      if (same) return;
      snapshot = Object.freeze({ ...snapshot, ...change });
      changes.emit();
    },
    subscribe: (listener) => changes.on(listener),
  };
}

/** Calls back when one of these parts has changed, and for nothing else: words of an answer come many times a second. */
export function onPart(state: State, parts: readonly (keyof Snapshot)[], listener: () => void): Unsubscribe {
  let before = state.get();
  return state.subscribe(() => {
    const now = state.get();
    const same = parts.every((part) => now[part] === before[part]);
    before = now;
    if (!same) listener();
  });
}
