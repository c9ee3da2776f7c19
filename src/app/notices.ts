/** What the person is told besides the answers: errors with what to do, and the chance to undo. */
import type { Notice } from '../protocol/snapshot.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Random } from '../shared/env.ts';
import { asLlamboError, isAbort } from '../shared/errors.ts';
import type { State } from './state.ts';

export interface Notices {
  /** @param act what the notice's action does */
  add(notice: Omit<Notice, 'id'>, act?: () => void): void;
  /** Tells of a failure; says nothing of what the person stopped. */
  report(error: unknown, what: string): void;
  dismiss(id: string): void;
  act(id: string): void;
}

export function createNotices(state: State, random: Random): Notices {
  const actions = new Map<string, () => void>();

  function dismiss(id: string): void {
    actions.delete(id);
    state.set({ notices: state.get().notices.filter((notice) => notice.id !== id) });
  }

  function add(notice: Omit<Notice, 'id'>, act?: () => void): void {
    const known = state.get().notices.filter(({ text }) => text !== notice.text);
    const id = random.id();
    if (act) actions.set(id, act);
    const notices = [...known, Object.freeze({ ...notice, id })].slice(-LIMITS.notices);
    state.set({ notices });
    // What made room for a newer one can't be undone any more: its act would keep a whole conversation alive.
    for (const old of actions.keys()) if (!notices.some((shown) => shown.id === old)) actions.delete(old);
  }

  return {
    add,
    report(error, what) {
      if (isAbort(error)) return;
      const { message, advice } = asLlamboError(error);
      add({ level: 'error', text: `${what}: ${message}`, ...(advice === undefined ? {} : { advice }) });
    },
    dismiss,
    act(id) {
      const act = actions.get(id);
      dismiss(id);
      act?.();
    },
  };
}
