/**
 * Finds requests that the runtime has dropped. wllama drops what finds no slot and never says so: it asks for the
 * answer again and again, and nothing comes. `admission` keeps that from happening; this ends it if it happens.
 *
 * It goes by what the runtime does, not by the clock: a slow device may need a minute for what another does in a
 * second. It knows nothing of tasks.
 */

/** Questions in a row that brought nothing to anybody. A slot at work says something each time, but for up to 256
 *  characters (`LIMITS.stopChars`) that might be the start of a stop text. Without work 1000 take under a second. */
const MOST_IDLE_POLLS = 1000;

/** Steps that others make after a later run has been answered. Slots read their prompts one after another, so a run
 *  may have to wait for the prompts of its neighbours, never for their answers: 256 steps at most in the catalogue. */
const MOST_STEPS_BEHIND = 512;

export interface WatchedRun {
  /** The runtime said something about this run. */
  stepped(): void;
  /** The runtime was asked, and had nothing for any run since it was asked last. */
  nothing(): void;
  end(answered: boolean): void;
}

export interface DropWatch {
  /** @param onDropped called at most twice: a run may fall silent and behind */
  open(onDropped: () => void): WatchedRun;
}

interface Open {
  spoke: boolean;
  /** A run that began later has been answered. */
  overtaken: boolean;
  idlePolls: number;
  stepsBehind: number;
  drop(): void;
}

export function createDropWatch(): DropWatch {
  /** In the order in which they began. */
  const open: Open[] = [];

  function stepped(run: Open): void {
    run.spoke = true;
    for (const other of open) {
      other.idlePolls = 0;
      if (other.spoke || !other.overtaken) continue;
      other.stepsBehind += 1;
      if (other.stepsBehind === MOST_STEPS_BEHIND) other.drop();
    }
  }

  return {
    open(onDropped) {
      const run: Open = { spoke: false, overtaken: false, idlePolls: 0, stepsBehind: 0, drop: onDropped };
      open.push(run);
      return {
        stepped: () => stepped(run),
        nothing() {
          run.idlePolls += 1;
          if (run.idlePolls === MOST_IDLE_POLLS) run.drop();
        },
        end(answered) {
          const place = open.indexOf(run);
          open.splice(place, 1);
          if (answered) for (const earlier of open.slice(0, place)) earlier.overtaken = true;
        },
      };
    },
  };
}
