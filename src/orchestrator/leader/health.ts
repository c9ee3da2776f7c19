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

/** A value: what happens gives another. Nearly all are {@link CLOSED}, so that of thousands of nodes one is kept in mind. */
export type Breaker =
  | { readonly is: 'closed'; readonly failures: number }
  | { readonly is: 'open'; readonly until: number; readonly restMs: number }
  /** One task at a time, to see. */
  | { readonly is: 'half-open'; readonly restMs: number };

export const CLOSED: Breaker = { is: 'closed', failures: 0 };

const openFor = (restMs: number, now: number): Breaker => ({ is: 'open', until: now + restMs, restMs });

/** A task went well. What was begun before it opened proves nothing about now. */
export const succeeded = (breaker: Breaker): Breaker => (breaker.is === 'open' ? breaker : CLOSED);

/** A task failed, and the node was at fault. */
export function failed(breaker: Breaker, { failures: most, restMs, restMostMs }: HealthPolicy, now: number): Breaker {
  switch (breaker.is) {
    case 'closed':
      return breaker.failures + 1 >= most ? openFor(restMs, now) : { is: 'closed', failures: breaker.failures + 1 };
    case 'half-open':
      return openFor(Math.min(restMostMs, breaker.restMs * 2), now);
    case 'open':
      return breaker;
  }
}

/** Half-opens it when its time has come. */
export const rested = (breaker: Breaker, now: number): Breaker =>
  breaker.is === 'open' && now >= breaker.until ? { is: 'half-open', restMs: breaker.restMs } : breaker;

/** How many slots of a node are believed in: all that it claims, until it says that it is full with fewer. A value, too. */
export type SlotTrust =
  | { readonly is: 'believed' }
  | { readonly is: 'resting'; readonly until: number }
  /** `tried`: one slot has been added since it was last full. */
  | { readonly is: 'lowered'; readonly most: number; readonly until: number; readonly restMs: number; readonly tried: boolean };

export const BELIEVED: SlotTrust = { is: 'believed' };

/** At most so many slots; `Infinity`: what it claims. */
export const trustedSlots = (trust: SlotTrust): number => (trust.is === 'believed' ? Infinity : trust.is === 'resting' ? 0 : trust.most);

/** It said `busy` while it had room as far as we knew. @param left what runs there still */
export function fullWith(trust: SlotTrust, left: number, { restMs: first, restMostMs }: HealthPolicy, now: number): SlotTrust {
  const before = trust.is === 'lowered' ? trust : null;
  const restMs = before === null ? first : before.tried ? Math.min(restMostMs, before.restMs * 2) : before.restMs;
  // Several refusals of one moment count once: the lowest tells what it has.
  const most = before && !before.tried ? Math.min(before.most, left) : left;
  return { is: 'lowered', most, until: now + restMs, restMs, tried: false };
}

/** It will not work for us now: nothing for a while. */
export const unwilling = ({ restMs }: HealthPolicy, now: number): SlotTrust => ({ is: 'resting', until: now + restMs });

/** Tries one slot more when the time has come. @param claimed slots that the node says it has */
export function triedAgain(trust: SlotTrust, claimed: number, policy: HealthPolicy, now: number): SlotTrust {
  if (trust.is === 'believed' || now < trust.until) return trust;
  if (trust.is === 'resting' || trust.most + 1 >= claimed) return BELIEVED;
  const restMs = trust.tried ? Math.max(policy.restMs, trust.restMs / 2) : trust.restMs;
  return { is: 'lowered', most: trust.most + 1, until: now + trust.restMs, restMs, tried: true };
}

/** When one of them changes by itself; Infinity: not. */
export const wakesAt = (breaker: Breaker, trust: SlotTrust): number =>
  Math.min(breaker.is === 'open' ? breaker.until : Infinity, trust.is === 'believed' ? Infinity : trust.until);

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
