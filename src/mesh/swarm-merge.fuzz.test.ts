import { describe, expect, it } from 'vitest';
import { explain, fuzz } from '../testing/sim-fuzz.ts';
import { runHistory } from '../testing/sim-history.ts';

describe('five hundred more histories of a swarm', () => {
  it('keep every promise', { timeout: 180_000 }, () => {
    const result = fuzz(501, 500);
    expect(explain(result)).toBe('');
    expect(result.histories).toBe(500);
  });

  it('are the same for the same seed', () => {
    const lines = [1, 2].map(() => {
      const log: string[] = [];
      runHistory({ seed: 77, log: (line) => log.push(line) });
      return log.join('\n');
    });
    expect(lines[0]!.length).toBeGreaterThan(1000);
    expect(lines[1]).toBe(lines[0]);
  });
});
