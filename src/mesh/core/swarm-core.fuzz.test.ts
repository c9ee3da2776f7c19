import { describe, expect, it } from 'vitest';
import { explain, fuzz } from '../../testing/sim-fuzz.ts';

/** With its neighbour, which takes the other half on another processor: a thousand histories. */
describe('five hundred histories of a swarm', () => {
  it('keep every promise', { timeout: 180_000 }, () => {
    const result = fuzz(1, 500);
    expect(explain(result)).toBe('');
    expect(result.histories).toBe(500);
  });
});
