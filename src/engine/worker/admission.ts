/**
 * Who may run now: never more than `slots` at once, the rest in line, first come first served, and a clear `busy`
 * when the line is full. wllama drops a request that finds no slot and lets its promise hang, so this is not a nicety.
 */
import { LlamboError } from '../../shared/errors.ts';
import { throwIfAborted } from '../../shared/abort.ts';

export interface Admission {
  readonly busy: number;
  readonly waiting: number;
  /**
   * Resolves with the function that gives the slot back (idempotent).
   * @param onPlace called with 1, 2, … while in line, whenever the place changes
   * @throws LlamboError `busy` at once if the line is full; `aborted` if the signal fires first
   */
  enter(signal: AbortSignal, onPlace?: (place: number) => void): Promise<() => void>;
}

interface Waiter {
  admit(): void;
  onPlace: ((place: number) => void) | undefined;
}

export function createAdmission(slots: number, queueLength: number, onChange: () => void = () => undefined): Admission {
  const line: Waiter[] = [];
  let busy = 0;

  const tellPlaces = (): void => line.forEach((waiter, index) => waiter.onPlace?.(index + 1));

  function takeSlot(): () => void {
    busy += 1;
    onChange();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      busy -= 1;
      line.shift()?.admit();
      tellPlaces();
      onChange();
    };
  }

  function wait(signal: AbortSignal, onPlace: Waiter['onPlace']): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        line.splice(line.indexOf(waiter), 1);
        tellPlaces();
        onChange();
        reject(new LlamboError('aborted', 'Stopped while waiting for a slot.'));
      };
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', leave);
          resolve(takeSlot());
        },
        onPlace,
      };
      line.push(waiter);
      signal.addEventListener('abort', leave, { once: true });
      onPlace?.(line.length);
      onChange();
    });
  }

  return {
    get busy() {
      return busy;
    },
    get waiting() {
      return line.length;
    },
    async enter(signal, onPlace) {
      throwIfAborted(signal);
      if (busy < slots) return takeSlot();
      if (line.length < queueLength) return wait(signal, onPlace);
      throw new LlamboError('busy', `This engine has ${busy} answers running and ${line.length} waiting.`, {
        advice: 'Wait for one to finish, or start another engine node in the settings.',
      });
    },
  };
}
