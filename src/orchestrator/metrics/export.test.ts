import { describe, expect, it } from 'vitest';
import { METRICS, type MetricName, type MetricScope, type MetricSeries } from '../../protocol/metrics.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { exportSlices, SLICE_CELLS, type ExportSource } from './export.ts';
import { createMetrics } from './metrics.ts';

/** So many series of tabs, with a value in each second. It counts what is read between two slices. */
function source(series: number) {
  const read = { cells: 0 };
  const keys = Array.from({ length: series }, (_, index) => ({ scope: (index === 0 ? 'swarm' : `peer-${index}`) as MetricScope, name: 'tokens-out' as MetricName }));
  const given: ExportSource = {
    keys, totals: keys.map(({ scope, name }) => ({ scope, name, unit: METRICS[name].unit, kind: 'counter', count: 1 })),
    read(scope, name, seconds): MetricSeries {
      read.cells += seconds;
      const { kind, unit } = METRICS[name];
      return { scope, name, kind, unit, from: 0, values: Array.from({ length: seconds }, (_, second) => (second % 7 === 0 ? null : second)) };
    },
  };
  return { given, read };
}

describe.each(['csv', 'json'] as const)('an export as %s', (format) => {
  it.each([[1, 3600], [40, 3600], [150, 3600], [3000, 30]])('of %d series of %d seconds does bounded work in each slice', (series, seconds) => {
    const { given, read } = source(series);
    let [slices, longest] = [0, 0];
    for (const slice of exportSlices(given, format, { seconds })) {
      slices += 1;
      longest = Math.max(longest, slice.length);
      // A series is read as a whole.
      expect(read.cells).toBeLessThanOrEqual(SLICE_CELLS);
      read.cells = 0;
    }
    expect(slices).toBeGreaterThanOrEqual((series * seconds) / SLICE_CELLS);
    // Numbers here have four digits and a comma; the head has names, and a row a date.
    expect(longest).toBeLessThan(SLICE_CELLS * 12 + 1000 + (format === 'csv' ? series * 40 : 0));
  });

  it('shows the seconds as they were when it began, however long it takes', async () => {
    const clock = createManualClock();
    const metrics = createMetrics({ clock });
    for (let second = 0; second < 5; second += 1) {
      metrics.observe({ type: 'elected', leader: 'me' as PeerId, term: second });
      await clock.advance(1000);
    }
    const whole = [...metrics.exported(format, { seconds: 10 })].join('');
    let text = '';
    for (const slice of metrics.exported(format, { seconds: 10 })) {
      text += slice;
      metrics.observe({ type: 'elected', leader: 'me' as PeerId, term: 99 });
      await clock.advance(1000);
    }
    expect(text).toBe(whole);
  });
});
