/**
 * Whether a node may be given something: a circuit breaker for nodes that fail, and a rest for those that say they are full or
 * will not. Knows neither nodes nor clocks: the time comes in. (The union of states is that of connor4312/cockatiel,
 * `CircuitBreakerPolicy`; the pattern is Nygard's, "Release It!", 2007.)
 *
 * ```
 *   closed --failures in a row--> open --its time is over--> half-open --one task goes well--> closed
 *                                   ^------- it fails; twice as long ------'
 * ```
 */
import type { HealthPolicy } from '../../protocol/policy.ts';
import type { ErrorCode } from '../../shared/errors.ts';

type BreakerState =
  | { readonly is: 'closed'; readonly failures: number }
  | { readonly is: 'open'; readonly until: number; readonly restMs: number }
  /** One task at a time, to see. */
  | { readonly is: 'half-open'; readonly restMs: number };

export interface Breaker {
  readonly is: BreakerState['is'];
  /** When it changes by itself; null: not. */
  readonly wakeAt: number | null;
  /** A task went well. @returns whether the state changed */
  succeed(): boolean;
  /** A task failed, and the node was at fault. @returns whether the state changed */
  fail(now: number): boolean;
  /** Half-opens it when its time has come. @returns whether the state changed */
  tick(now: number): boolean;
}

/** @param policy asked each time, since it may change */
export function createBreaker(policy: () => HealthPolicy): Breaker {
  let state: BreakerState = { is: 'closed', failures: 0 };

  function open(restMs: number, now: number): boolean {
    state = { is: 'open', until: now + restMs, restMs };
    return true;
  }

  return {
    get is() {
      return state.is;
    },
    get wakeAt() {
      return state.is === 'open' ? state.until : null;
    },
    succeed() {
      const changed = state.is === 'half-open';
      // What was begun before it opened proves nothing about now.
      if (state.is !== 'open') state = { is: 'closed', failures: 0 };
      return changed;
    },
    fail(now) {
      const { failures: most, restMs, restMostMs } = policy();
      switch (state.is) {
        case 'closed':
          if (state.failures + 1 >= most) return open(restMs, now);
          state = { is: 'closed', failures: state.failures + 1 };
          return false;
        case 'half-open':
          return open(Math.min(restMostMs, state.restMs * 2), now);
        case 'open':
          return false;
      }
    },
    tick(now) {
      if (state.is !== 'open' || now < state.until) return false;
      state = { is: 'half-open', restMs: state.restMs };
      return true;
    },
  };
}

/** How many slots of a node are believed in: all that it claims, until it says that it is full with fewer. */
export interface SlotTrust {
  /** At most so many; `Infinity`: what it claims. */
  readonly most: number;
  readonly wakeAt: number | null;
  /** It said `busy` while it had room as far as we knew. @param left what runs there still */
  full(left: number, now: number): void;
  /** It will not work for us now: nothing for a while. */
  unwilling(now: number): void;
  /** Tries one slot more when the time has come. @returns whether it changed */
  tick(now: number): boolean;
}

type Trust =
  | { readonly is: 'believed' }
  | { readonly is: 'resting'; readonly until: number }
  /** `tried`: one slot has been added since it was last full. */
  | { readonly is: 'lowered'; readonly most: number; readonly until: number; readonly restMs: number; readonly tried: boolean };

/** @param claimed slots that the node says it has, asked each time */
export function createSlotTrust(policy: () => HealthPolicy, claimed: () => number): SlotTrust {
  let trust: Trust = { is: 'believed' };
  return {
    get most() {
      return trust.is === 'believed' ? Infinity : trust.is === 'resting' ? 0 : trust.most;
    },
    get wakeAt() {
      return trust.is === 'believed' ? null : trust.until;
    },
    full(left, now) {
      const { restMs: first, restMostMs } = policy();
      const before = trust.is === 'lowered' ? trust : null;
      const restMs = before === null ? first : before.tried ? Math.min(restMostMs, before.restMs * 2) : before.restMs;
      // Several refusals of one moment count once: the lowest tells what it has.
      const most = before && !before.tried ? Math.min(before.most, left) : left;
      trust = { is: 'lowered', most, until: now + restMs, restMs, tried: false };
    },
    unwilling(now) {
      trust = { is: 'resting', until: now + policy().restMs };
    },
    tick(now) {
      if (trust.is === 'believed' || now < trust.until) return false;
      const most = trust.is === 'lowered' ? trust.most + 1 : Infinity;
      if (trust.is === 'resting' || most >= claimed()) trust = { is: 'believed' };
      else trust = { is: 'lowered', most, until: now + trust.restMs, restMs: trust.tried ? Math.max(policy().restMs, trust.restMs / 2) : trust.restMs, tried: true };
      return true;
    },
  };
}

/**
 * What a task's end says of its node. `well`: it works. `failed`: its fault. `full` and `unwilling`: it may be tried later.
 * `nothing`: the request's or the asker's own doing.
 */
export type Verdict = 'well' | 'failed' | 'full' | 'unwilling' | 'nothing';

export function verdictOf(error: ErrorCode | null): Verdict {
  switch (error) {
    case null:
      return 'well';
    case 'busy':
      return 'full';
    case 'refused':
      return 'unwilling';
    case 'aborted':
    case 'bad-request':
    case 'context-overflow':
      return 'nothing';
    case 'disk-full':
    case 'download-failed':
    case 'engine-crashed':
    case 'hash-mismatch':
    case 'internal':
    case 'model-invalid':
    case 'not-found':
    case 'not-ready':
    case 'peer-lost':
    case 'stopped':
    case 'timeout':
    case 'unreachable':
    case 'unsupported':
      return 'failed';
  }
}
