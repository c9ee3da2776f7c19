import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type ScalingPolicy } from '../../protocol/policy.ts';
import { createLocalScaler, type ModelLoad, type ScaleDecision } from './local-scaler.ts';

const POLICY: ScalingPolicy = DEFAULT_POLICY.scaling;
const tiny = (change: Partial<ModelLoad> = {}): ModelLoad => ({
  model: 'tiny', nodes: 1, loading: false, slots: 4, busy: 0, waiting: 0, least: 1, most: 4, bytesPerNode: 30e6, ...change,
});

/** The same load, second by second. @returns what was decided, and when */
function watch(load: ModelLoad, seconds: number, { policy = POLICY, spareBytes = 1e9 } = {}): { at: number; decision: ScaleDecision }[] {
  const scaler = createLocalScaler(() => policy);
  return Array.from({ length: seconds }, (_, at) => scaler.decide({ models: [load], spareBytes }, at * 1000).map((decision) => ({ at, decision }))).flat();
}

describe('the scaler of one tab', () => {
  it('adds a node once the slots have been in use for a while, and says why', () => {
    const [first] = watch(tiny({ busy: 4, waiting: 2 }), 8);
    expect(first).toMatchObject({ at: 5, decision: { from: 1, to: 2, reason: 'One more, because 150 % of its slots were asked for during 5 s.' } });
  });

  it('does nothing between the marks', () => {
    expect(watch(tiny({ busy: 2 }), 200)).toEqual([]);
  });

  it('stops one after a minute of idling, and never goes below the person\'s least', () => {
    expect(watch(tiny({ nodes: 2, slots: 8 }), 70)).toMatchObject([{ at: 60, decision: { from: 2, to: 1 } }]);
    expect(watch(tiny(), 300)).toEqual([]);
  });

  it('keeps one that the rest could not do without', () => {
    expect(watch(tiny({ nodes: 2, slots: 8, busy: 2 }), 100, { policy: { ...POLICY, high: 0.4 } })).toEqual([]);
  });

  it('does not count a short burst', () => {
    const scaler = createLocalScaler(() => POLICY);
    const busy = tiny({ busy: 4 });
    for (let at = 0; at < 4; at += 1) expect(scaler.decide({ models: [busy], spareBytes: 1e9 }, at * 1000)).toEqual([]);
    expect(scaler.decide({ models: [tiny({ busy: 2 })], spareBytes: 1e9 }, 4000)).toEqual([]);
    expect(scaler.decide({ models: [busy], spareBytes: 1e9 }, 5000)).toEqual([]);
    expect(scaler.decide({ models: [busy], spareBytes: 1e9 }, 9900)).toEqual([]);
    expect(scaler.decide({ models: [busy], spareBytes: 1e9 }, 10_000)).toHaveLength(1);
  });

  it('says once that the memory ends', () => {
    const said = watch(tiny({ busy: 4 }), 60, { spareBytes: 10e6 });
    expect(said).toHaveLength(1);
    expect(said[0]?.decision).toMatchObject({ from: 1, to: 1, reason: expect.stringContaining('it takes 30 MB and 10 MB are left') as unknown });
  });

  it('waits for a node that loads', () => {
    expect(watch(tiny({ busy: 4, loading: true }), 60)).toEqual([]);
  });

  it('follows the person\'s limits without any load', () => {
    expect(watch(tiny({ nodes: 1, least: 2 }), 1)).toMatchObject([{ decision: { to: 2, reason: 'One more, because at least 2 are wanted.' } }]);
    expect(watch(tiny({ nodes: 3, slots: 12, most: 2 }), 1)).toMatchObject([{ decision: { to: 2 } }]);
  });

  it('stays within the limits, changes one at a time, and rests between two changes', () => {
    const seconds = fc.array(fc.record({ busy: fc.nat(20), waiting: fc.nat(20) }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 3, max: 6 }), (loads, least, most) => {
        const scaler = createLocalScaler(() => POLICY);
        let nodes = least;
        let last = -Infinity;
        loads.forEach(({ busy, waiting }, second) => {
          const slots = nodes * 4;
          const load = tiny({ nodes, slots, busy: Math.min(busy, slots), waiting, least, most });
          for (const { from, to } of scaler.decide({ models: [load], spareBytes: 1e9 }, second * 1000)) {
            expect(from).toBe(nodes);
            expect(Math.abs(to - from)).toBeLessThanOrEqual(1);
            expect(to).toBeGreaterThanOrEqual(least);
            expect(to).toBeLessThanOrEqual(most);
            if (to === from) continue;
            expect(second * 1000 - last).toBeGreaterThanOrEqual(POLICY.cooldownMs);
            [nodes, last] = [to, second * 1000];
          }
        });
      }),
    );
  });

  it('comes to rest under any steady load', () => {
    fc.assert(
      fc.property(fc.nat(40), (demand) => {
        const scaler = createLocalScaler(() => POLICY);
        let nodes = 1;
        const changes: number[] = [];
        for (let second = 0; second < 1200; second += 1) {
          const slots = nodes * 4;
          const load = tiny({ nodes, slots, busy: Math.min(demand, slots), waiting: Math.max(0, demand - slots), most: 8 });
          for (const { from, to } of scaler.decide({ models: [load], spareBytes: 1e9 }, second * 1000)) {
            if (to !== from) changes.push(second);
            nodes = to;
          }
        }
        expect(changes.filter((second) => second > 600)).toEqual([]);
      }),
    );
  });
});
