/**
 * Counters, gauges and histograms of the swarm, of its peers and of their nodes, with their last hour. It is told what
 * happened and has no timer: a tab in which nothing happens spends nothing on it.
 *
 * Measured (Node.js 20, one of two busy cores), 64 peers with 1,024 nodes that all change in each second for an hour: telling
 * it 1.7 ms a second, closing the second 0.8 ms, 48 MB in all. The same nodes told again unchanged 0.02 ms; nothing told: 0.
 */
import { METRICS, type MetricExportOptions, type MetricName, type MetricScope, type MetricSeries, type MetricsReader } from '../../protocol/metrics.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import { exportSlices } from './export.ts';
import { createIntake, type MetricInput } from './intake.ts';
import { createRegistry } from './registry.ts';

export interface Metrics extends Omit<MetricsReader, 'export'> {
  /** `MetricsReader.export` in slices, each of bounded work: their texts together. @throws LlamboError as that, at once */
  exported(format: 'json' | 'csv', options?: MetricExportOptions): Iterable<string>;
  observe(input: MetricInput): void;
  /** Closes the seconds that are over. Reading does so too: nobody has to call it. */
  sample(): void;
}

const DEFAULT_SECONDS = 60;
const isMetric = (name: string): name is MetricName => Object.hasOwn(METRICS, name);

export function createMetrics({ clock }: { readonly clock: Pick<Clock, 'now' | 'wallTime'> }): Metrics {
  const registry = createRegistry(() => clock.now());
  const observe = createIntake(registry);

  function series(scope: MetricScope, name: MetricName, seconds = DEFAULT_SECONDS): MetricSeries {
    if (!isMetric(name)) throw new LlamboError('bad-request', `There is no metric "${String(name)}".`, { advice: `Choose one of ${Object.keys(METRICS).join(', ')}.` });
    const values = registry.read(scope, name, seconds);
    // The running second is not among them.
    return seriesOf(scope, name, values, clock.wallTime() - (clock.now() - registry.second() * 1000));
  }

  return {
    observe,
    sample: () => void registry.second(),
    series,
    totals: () => registry.totals(),
    exported(format, options = {}) {
      const [keys, totals, end, wallTime] = [registry.keys(), registry.totals(), registry.second(), clock.wallTime() - clock.now()];
      return exportSlices({ keys, totals, read: (scope, name, seconds) => seriesOf(scope, name, registry.read(scope, name, seconds, end), wallTime + end * 1000) }, format, options);
    },
  };
}

/** @param end when the last of these seconds was over, milliseconds since 1970 */
function seriesOf(scope: MetricScope, name: MetricName, values: MetricSeries['values'], end: number): MetricSeries {
  const { kind, unit } = METRICS[name];
  return { scope, name, kind, unit, from: Math.round(end - values.length * 1000), values };
}
