import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import { ERROR_CODES } from '../../shared/errors.ts';
import { BELIEVED, CLOSED, failed, fullWith, rested, succeeded, triedAgain, trustedSlots, unwilling, verdictOf, wakesAt } from './health.ts';

const HEALTH = { ...DEFAULT_POLICY.health, failures: 3, restMs: 1000, restMostMs: 8000 };

/** One node's breaker through its changes. */
function newBreaker() {
  let state = CLOSED;
  const become = (next: typeof state): boolean => {
    const changed = next.is !== state.is;
    state = next;
    return changed;
  };
  return {
    get is() {
      return state.is;
    },
    get wakeAt() {
      return wakesAt(state, BELIEVED);
    },
    fail: (now: number) => become(failed(state, HEALTH, now)),
    succeed: () => become(succeeded(state)),
    tick: (now: number) => become(rested(state, now)),
  };
}

/** And its slots. */
function trusting(claimed: number) {
  let state = BELIEVED;
  return {
    get most() {
      return trustedSlots(state);
    },
    get wakeAt() {
      return wakesAt(CLOSED, state);
    },
    full: (left: number, now: number) => void (state = fullWith(state, left, HEALTH, now)),
    unwilling: (now: number) => void (state = unwilling(HEALTH, now)),
    tick(now: number) {
      const before = state;
      state = triedAgain(state, claimed, HEALTH, now);
      return state !== before;
    },
  };
}

function opened(now = 0) {
  const breaker = newBreaker();
  for (let failure = 0; failure < HEALTH.failures; failure += 1) breaker.fail(now);
  return breaker;
}

describe('Breaker', () => {
  it('opens at the third failure in a row, and not before', () => {
    const breaker = newBreaker();
    expect([breaker.fail(0), breaker.fail(0), breaker.succeed(), breaker.fail(0), breaker.fail(0)]).toEqual([false, false, false, false, false]);
    expect(breaker.is).toBe('closed');
    expect(breaker.fail(5)).toBe(true);
    expect(breaker).toMatchObject({ is: 'open', wakeAt: 1005 });
  });

  it('tries again when its rest is over, and closes when that goes well', () => {
    const breaker = opened();
    expect([breaker.tick(999), breaker.is]).toEqual([false, 'open']);
    expect([breaker.tick(1000), breaker.is]).toEqual([true, 'half-open']);
    expect([breaker.succeed(), breaker.is]).toEqual([true, 'closed']);
  });

  it('rests twice as long after each failed try, up to the most', () => {
    const breaker = opened();
    let now = 0;
    const rests = [1, 2, 3, 4, 5].map(() => {
      const rest = breaker.wakeAt - now;
      now = breaker.wakeAt;
      breaker.tick(now);
      breaker.fail(now);
      return rest;
    });
    expect(rests).toEqual([1000, 2000, 4000, 8000, 8000]);
  });

  it('is moved by nothing that was begun before it opened', () => {
    const breaker = opened();
    expect([breaker.fail(500), breaker.succeed(), breaker.is, breaker.wakeAt]).toEqual([false, false, 'open', 1000]);
  });

  it('says that it changed exactly when it did, and wakes only while it is open', () => {
    const step = fc.record({ what: fc.constantFrom('fail', 'succeed', 'tick'), after: fc.integer({ min: 0, max: 3000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const breaker = newBreaker();
        let now = 0;
        for (const { what, after } of steps) {
          now += after;
          const before = breaker.is;
          const changed = what === 'fail' ? breaker.fail(now) : what === 'succeed' ? breaker.succeed() : breaker.tick(now);
          expect(changed).toBe(breaker.is !== before);
          expect(breaker.wakeAt < Infinity).toBe(breaker.is === 'open');
          if (before === 'open') expect(breaker.is).not.toBe('closed');
        }
      }),
    );
  });
});

describe('Slots that are believed in', () => {
  it('are all that it claims, until it says that it is full', () => {
    const trust = trusting(64);
    expect(trust.most).toBe(Infinity);
    trust.full(4, 0);
    expect(trust).toMatchObject({ most: 4, wakeAt: 1000 });
  });

  it('are the fewest of several refusals of one moment, which make no longer rest', () => {
    const trust = trusting(64);
    for (const left of [9, 6, 4]) trust.full(left, 10);
    expect(trust).toMatchObject({ most: 4, wakeAt: 1010 });
  });

  it('come back one by one, and rests grow while it goes on refusing', () => {
    const trust = trusting(64);
    trust.full(4, 0);
    expect([trust.tick(1000), trust.most]).toEqual([true, 5]);
    trust.full(4, 1100);
    expect(trust).toMatchObject({ most: 4, wakeAt: 3100 });
    trust.tick(3100);
    trust.full(4, 3200);
    expect(trust).toMatchObject({ most: 4, wakeAt: 7200 });
  });

  it('are all believed in again once it kept what it claims', () => {
    const trust = trusting(3);
    trust.full(1, 0);
    trust.tick(1000);
    expect(trust.most).toBe(2);
    trust.tick(trust.wakeAt);
    expect(trust).toMatchObject({ most: Infinity, wakeAt: Infinity });
  });

  it('are none for a while if it will not work for us', () => {
    const trust = trusting(4);
    trust.unwilling(0);
    expect([trust.most, trust.tick(999), trust.most, trust.tick(1000), trust.most]).toEqual([0, false, 0, true, Infinity]);
  });
});

it('blames a node for its own faults only', () => {
  const innocent = ERROR_CODES.filter((code) => verdictOf(code) !== 'failed');
  expect(innocent).toEqual(['aborted', 'bad-request', 'busy', 'context-overflow', 'refused']);
  expect([verdictOf(null), verdictOf('busy'), verdictOf('refused')]).toEqual(['well', 'full', 'unwilling']);
});
