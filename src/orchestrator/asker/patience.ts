/** How long a job waits for what: its own sleep, silent runs, and a leader that says `busy` without a time. */

/** A tick that is later than this means that this tab was asleep, so that it could hear nobody. Browsers delay a hidden
 *  tab's timers by a second. */
export const ASLEEP_MS = 1_500;
/** How often the time that makes a second node worth it may pass in silence until a run is given up. Hedges are few: a job
 *  must not depend on one. A hedge is there because the first is silent: it is given up sooner. */
export const LEAD_PATIENCE = 5;
export const HEDGE_PATIENCE = 2;
/** Where no other node could do it, giving up gains nothing: whoever watches over that node has time to start it again. */
export const ONLY_PATIENCE = 30;
/** If the leader does not say when. */
export const BUSY_MS = 1_000;
export const HEDGE_MS = 2_000;
