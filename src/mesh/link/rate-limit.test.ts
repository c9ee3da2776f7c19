import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

const rate = { messagesPerSecond: 10, bytesPerSecond: 1000, burstSeconds: 2 };

describe('a rate limit', () => {
  it('allows a burst, and then what comes back with time', () => {
    const limit = createRateLimit(rate, 0);
    const takes = (times: number, at: number): number => Array.from({ length: times }, () => limit.take(1, at)).filter(Boolean).length;
    expect(takes(50, 0)).toBe(20);
    expect(limit.waitMs(1, 0)).toBe(100);
    expect(takes(50, 500)).toBe(5);
    expect(takes(50, 100_000)).toBe(20);
  });

  it('counts bytes too, and says how long to wait', () => {
    const limit = createRateLimit(rate, 0);
    expect(limit.take(2000, 0)).toBe(true);
    expect(limit.take(300, 200)).toBe(false);
    expect(limit.waitMs(300, 200)).toBe(100);
    expect(limit.take(300, 300)).toBe(true);
  });

  it('gives nothing back for a clock that goes back', () => {
    const limit = createRateLimit(rate, 1000);
    expect(limit.take(2000, 1000)).toBe(true);
    expect(limit.take(1, 0)).toBe(false);
    expect(limit.take(1, 1000)).toBe(false);
  });

  it('never lets more through than rate and burst, and never keeps one waiting longer than it said', () => {
    const sends = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 300 })), { maxLength: 200 });
    fc.assert(
      fc.property(sends, (steps) => {
        const limit = createRateLimit(rate, 0);
        let now = 0;
        let bytes = 0;
        let messages = 0;
        for (const [size, pause] of steps) {
          now += pause;
          if (!limit.take(size, now)) {
            now += limit.waitMs(size, now);
            expect(limit.take(size, now)).toBe(true);
          }
          bytes += size;
          messages += 1;
          expect(bytes).toBeLessThanOrEqual(2000 + now + 1);
          expect(messages).toBeLessThanOrEqual(20 + now / 100 + 1);
        }
      }),
    );
  });
});
