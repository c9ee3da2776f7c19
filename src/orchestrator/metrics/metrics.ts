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
import { csvTable } from './csv.ts';
import { HOUR } from './history.ts';
import { createIntake, type MetricInput } from './intake.ts';
import { createRegistry } from './registry.ts';

export interface Metrics extends MetricsReader {
  observe(input: MetricInput): void;
  /** Closes the seconds that are over. Reading does so too: nobody has to call it. */
  sample(): void;
}

/** Values in one export: some 30 MB of text. */
const MOST_CELLS = 4_000_000;
const DEFAULT_SECONDS = 60;
const DEFAULT_DEPTH = 'peers';

type Depth = NonNullable<MetricExportOptions['depth']>;
const isNode = (scope: MetricScope): boolean => scope.startsWith('/');
const isWithin = (depth: Depth, scope: MetricScope): boolean => scope === 'swarm' || depth === 'nodes' || (depth === 'peers' && !isNode(scope));

const isMetric = (name: string): name is MetricName => Object.hasOwn(METRICS, name);

export function createMetrics({ clock }: { readonly clock: Pick<Clock, 'now' | 'wallTime'> }): Metrics {
  const registry = createRegistry(() => clock.now());
  const observe = createIntake(registry);

  function series(scope: MetricScope, name: MetricName, seconds = DEFAULT_SECONDS): MetricSeries {
    if (!isMetric(name)) throw new LlamboError('bad-request', `There is no metric "${String(name)}".`, { advice: `Choose one of ${Object.keys(METRICS).join(', ')}.` });
    const values = registry.read(scope, name, seconds);
    // The running second is not among them.
    const end = clock.wallTime() - (clock.now() - registry.second() * 1000);
    const { kind, unit } = METRICS[name];
    return { scope, name, kind, unit, from: Math.round(end - values.length * 1000), values };
  }

  function exported({ seconds = HOUR, depth = DEFAULT_DEPTH }: MetricExportOptions): readonly MetricSeries[] {
    const keys = registry.keys().filter(({ scope }) => isWithin(depth, scope));
    const asked = Math.min(HOUR, Math.max(1, Math.floor(seconds)));
    if (keys.length * asked > MOST_CELLS) {
      throw new LlamboError('bad-request', `${keys.length} series of ${asked} seconds are more than one export holds.`, {
        advice: `Ask for ${Math.floor(MOST_CELLS / keys.length)} seconds at the most, or for less depth.`,
      });
    }
    return keys.map(({ scope, name }) => series(scope, name, asked));
  }

  return {
    observe,
    sample: () => void registry.second(),
    series,
    totals: () => registry.totals(),
    export(format, options = {}) {
      const all = exported(options);
      if (format === 'csv') return toCsv(all);
      return JSON.stringify({ metrics: METRICS, totals: registry.totals().filter(({ scope }) => isWithin(options.depth ?? DEFAULT_DEPTH, scope)), series: all });
    },
  };
}

/** A counter's value of a second is what it grew by in that second. */
const unitOf = ({ kind, unit }: MetricSeries): string => (kind === 'counter' ? `${unit}/s` : unit);

function toCsv(all: readonly MetricSeries[]): string {
  const { from, values } = all[0] ?? { from: 0, values: [] };
  const head = ['time', ...all.map((one) => `${one.scope} ${one.name} (${unitOf(one)})`)];
  const rows = values.map((_, second) => [new Date(from + second * 1000).toISOString(), ...all.map((one) => one.values[second] ?? null)]);
  return csvTable([head, ...rows]);
}
