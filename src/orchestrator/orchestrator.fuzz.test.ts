import { describe, expect, it } from 'vitest';
import { explainJobs, fuzzJobs } from '../testing/job-sim-fuzz.ts';
import { runJobHistory } from '../testing/job-sim.ts';

describe('a thousand histories of jobs in a swarm', () => {
  it('keep every promise: each job ends once, no word is lost, no slot is kept', { timeout: 180_000 }, () => {
    const result = fuzzJobs(1, 1000);
    expect(explainJobs(result)).toBe('');
    expect(result.histories).toBe(1000);
    // They are about what they should be about.
    expect(result.endings['stop']).toBeGreaterThan(10_000);
    expect(result.hedges).toBeGreaterThan(200);
    expect(result.aheads.taken).toBeGreaterThan(1000);
    expect(result.aheads['not taken']).toBeGreaterThan(1000);
  });

  it('are the same for the same seed', () => {
    const lines = [1, 2].map(() => {
      const log: string[] = [];
      runJobHistory({ seed: 77, log: (line) => log.push(line) });
      return log.join('\n');
    });
    expect(lines[0]!.length).toBeGreaterThan(1000);
    expect(lines[1]).toBe(lines[0]);
  });
});
