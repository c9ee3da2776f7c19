import { describe, expect, it } from 'vitest';
import { fairnessFigure, jain, loadOptions, quantile } from './load-figures.ts';
import { runLoad } from './load-sim.ts';

/** Costs are not looked at here. */
const still = (): number => 0;
const SMALL = { nodes: 60, askers: 30, devices: 20, warmMs: 10_000, runMs: 20_000, churn: 20 } as const;

describe('A small swarm under load', () => {
  it.each(['shortest-completion', 'sticky', 'two-choices'] as const)('answers everybody with %s, though nodes come and go', (strategy) => {
    const { asked, answered, lostNodes, tableLeft, waits } = runLoad(loadOptions(still, { ...SMALL, strategy, seed: 3 }));
    expect(asked).toBeGreaterThan(100);
    expect(lostNodes).toBeGreaterThan(3);
    expect(answered).toBe(asked);
    expect(tableLeft).toBe(0);
    expect(waits.length).toBeGreaterThan(50);
  });

  it('is the same each time', () => {
    const [one, other] = [1, 2].map(() => runLoad(loadOptions(still, SMALL)));
    expect(one).toEqual(other);
  });

  it('waits far less with the default strategy than in turns', () => {
    const [ours, turns] = ([undefined, 'round-robin'] as const).map((strategy) => runLoad(loadOptions(still, { ...SMALL, ...(strategy ? { strategy } : {}) })));
    expect(quantile(ours!.waits, 0.95)).toBeLessThan(0.5 * quantile(turns!.waits, 0.95));
  });

  it('hedges no more than a twentieth of the work', () => {
    const { hedges, grants } = runLoad(loadOptions(still, { ...SMALL, warmMs: 0 }));
    expect(hedges).toBeLessThanOrEqual(0.05 * grants + 1);
  });

  it('shares alike when one device asks for half of everything', () => {
    const { index, lost } = fairnessFigure(still, { nodes: 8, devices: 4, askers: 4, warmMs: 20_000, runMs: 40_000 });
    expect(index).toBeGreaterThan(0.95);
    expect(lost).toBe(0);
  }, 30_000);
});

it('knows what fair is', () => {
  expect([jain([3, 3, 3]), jain([1, 0, 0, 0])]).toEqual([1, 0.25]);
});
