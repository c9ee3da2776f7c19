import { describe, expect, it } from 'vitest';
import { claim, createModelSpeeds, newSpeeds, prefillMs, read, tokenMs, wrote, type ModelSpeeds } from './speeds.ts';

const WEIGHT = 0.2;

/** One node's numbers, with what is done to them. */
function nodeBeside(others: ModelSpeeds | null) {
  const speeds = newSpeeds();
  return {
    claim: (tokensPerSecond: number, prefillPerSecond: number) => claim(speeds, tokensPerSecond, prefillPerSecond),
    wrote: (tokens: number, ms: number, streams: number) => wrote(speeds, others, WEIGHT, tokens, ms, streams),
    read: (tokens: number, ms: number) => read(speeds, others, WEIGHT, tokens, ms),
    tokenMs: (streams: number) => tokenMs(speeds, others, streams),
    prefillMs: (tokens: number) => prefillMs(speeds, others, tokens),
  };
}
const alone = () => nodeBeside(null);

describe('Speeds of a node', () => {
  it('are those of others with its model before anything is known of it', () => {
    const others = createModelSpeeds();
    const veteran = nodeBeside(others);
    for (let task = 0; task < 20; task += 1) {
      veteran.wrote(100, 5000, 1);
      veteran.read(100, 400);
    }
    const newcomer = nodeBeside(others);
    expect(newcomer.tokenMs(1) / 50).toBeCloseTo(1, 1);
    expect(newcomer.prefillMs(10) / 40).toBeCloseTo(1, 1);
    expect(newcomer.tokenMs(4)).toBeGreaterThan(newcomer.tokenMs(1));
  });

  it('are what it claims, until it is measured: then they are what was measured', () => {
    const speeds = alone();
    speeds.claim(1000, 10_000);
    expect(speeds.tokenMs(1)).toBeCloseTo(1, 0);
    expect(speeds.prefillMs(100)).toBeCloseTo(10);
    for (let task = 0; task < 30; task += 1) {
      speeds.wrote(50, 5000, 1);
      speeds.read(100, 1000);
    }
    expect(speeds.tokenMs(1) / 100).toBeCloseTo(1, 1);
    expect(speeds.prefillMs(100) / 1000).toBeCloseTo(1, 1);
  });

  it.each([
    [10, 1],
    [10, 6],
    [40, 40],
  ])('find a node whose token takes %d ms, and %d more for each other stream', (base, slope) => {
    const speeds = alone();
    for (let task = 0; task < 60; task += 1) {
      const streams = 1 + (task % 8);
      speeds.wrote(100, 100 * (base + slope * (streams - 1)), streams);
    }
    for (const streams of [1, 4, 8]) expect(Math.abs(speeds.tokenMs(streams) / (base + slope * (streams - 1)) - 1)).toBeLessThan(0.1);
  });

  it('follow a node that becomes slower', () => {
    const speeds = alone();
    for (let task = 0; task < 30; task += 1) speeds.wrote(100, 1000, 1);
    for (let task = 0; task < 15; task += 1) speeds.wrote(100, 8000, 1);
    expect(speeds.tokenMs(1)).toBeGreaterThan(70);
  });

  it('stay positive and never fall with load, whatever is reported', () => {
    const speeds = alone();
    for (const [ms, streams] of [[8000, 1], [10, 8], [0, 3], [Infinity, 2], [NaN, 1], [-5, 1], [1, 30]] as const) {
      speeds.wrote(100, ms, streams);
      speeds.read(100, ms);
      expect(speeds.tokenMs(1)).toBeGreaterThan(0);
      expect(speeds.tokenMs(9)).toBeGreaterThanOrEqual(speeds.tokenMs(1));
      expect(speeds.prefillMs(1)).toBeGreaterThan(0);
      expect(Number.isFinite(speeds.tokenMs(9) + speeds.prefillMs(9))).toBe(true);
    }
  });
});
