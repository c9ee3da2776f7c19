import { expect, it } from 'vitest';
import { createMetrics } from '../orchestrator/metrics/metrics.ts';
import type { PeerId } from '../shared/ids.ts';
import { LlamboError } from '../shared/errors.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMetricsReader } from './metrics-reader.ts';
import { nextTurn } from './next-turn.ts';

it('an export lets others work after each slice, and is the slices together', async () => {
  const metrics = createMetrics({ clock: createManualClock() });
  for (let peer = 0; peer < 40; peer += 1) metrics.observe({ type: 'elected', leader: `peer-${peer}` as PeerId, term: peer });
  let pauses = 0;
  const reader = createMetricsReader(metrics, async () => void (pauses += 1));
  const slices = [...metrics.exported('csv')];
  expect(await reader.export('csv')).toBe(slices.join(''));
  expect(pauses).toBe(slices.length);
});

it('what can\'t be exported is a rejection', async () => {
  const tooMuch = new LlamboError('bad-request', 'Too much.');
  const metrics = { ...createMetrics({ clock: createManualClock() }), exported: () => { throw tooMuch; } };
  await expect(createMetricsReader(metrics, nextTurn).export('json')).rejects.toBe(tooMuch);
});

it('the next turn comes after what waits already', async () => {
  const order: string[] = [];
  const turn = nextTurn().then(() => order.push('turn'));
  await Promise.resolve().then(() => order.push('promise'));
  await turn;
  expect(order).toEqual(['promise', 'turn']);
});
