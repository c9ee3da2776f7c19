/** Figures as scripts read them: an export is made in slices, between which the page goes on. */
import type { Metrics } from '../orchestrator/metrics/metrics.ts';
import type { MetricsReader } from '../protocol/metrics.ts';

/** @param pause lets others work */
export function createMetricsReader({ series, totals, exported }: Metrics, pause: () => Promise<void>): MetricsReader {
  return Object.freeze({
    series,
    totals,
    async export(format, options = {}) {
      let text = '';
      for (const slice of exported(format, options)) {
        text += slice;
        await pause();
      }
      return text;
    },
  } satisfies MetricsReader);
}
