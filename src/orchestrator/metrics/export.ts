/**
 * The last hour as a file, made in slices: whoever wants it takes one after another and lets others work in between. Each slice reads or
 * writes a bounded number of values, and all show the same seconds, however long it takes to make them. Pure.
 */
import { METRICS, type MetricExportOptions, type MetricName, type MetricScope, type MetricSeries, type MetricTotal } from '../../protocol/metrics.ts';
import { LlamboError } from '../../shared/errors.ts';
import { csvRow } from './csv.ts';
import { HOUR } from './history.ts';

/** Values in one export: some 30 MB of text. */
const MOST_CELLS = 4_000_000;
/** Values in one slice: some ten milliseconds on a slow machine. */
export const SLICE_CELLS = 16_384;
const DEFAULT_DEPTH = 'peers';

export interface ExportSource {
  readonly keys: readonly { readonly scope: MetricScope; readonly name: MetricName }[];
  /** Of the seconds that were over when the export began. */
  read(scope: MetricScope, name: MetricName, seconds: number): MetricSeries;
  readonly totals: readonly MetricTotal[];
}

type Depth = NonNullable<MetricExportOptions['depth']>;
const isNode = (scope: MetricScope): boolean => scope.startsWith('/');
const isWithin = (depth: Depth, scope: MetricScope): boolean => scope === 'swarm' || depth === 'nodes' || (depth === 'peers' && !isNode(scope));

/** @throws LlamboError `bad-request` at once, where the text would be longer than a page can make */
export function exportSlices(source: ExportSource, format: 'json' | 'csv', { seconds = HOUR, depth = DEFAULT_DEPTH }: MetricExportOptions): Iterable<string> {
  const keys = source.keys.filter(({ scope }) => isWithin(depth, scope));
  const asked = Math.min(HOUR, Math.max(1, Math.floor(seconds)));
  if (keys.length * asked > MOST_CELLS) {
    throw new LlamboError('bad-request', `${keys.length} series of ${asked} seconds are more than one export holds.`, {
      advice: `Ask for ${Math.floor(MOST_CELLS / keys.length)} seconds at the most, or for less depth.`,
    });
  }
  const totals = source.totals.filter(({ scope }) => isWithin(depth, scope));
  return format === 'csv' ? csvSlices(source, keys, asked) : jsonSlices(source, keys, asked, totals);
}

/** How many of such a size go into one slice. */
const perSlice = (cells: number): number => Math.max(1, Math.floor(SLICE_CELLS / Math.max(1, cells)));

function* csvSlices({ read }: ExportSource, keys: ExportSource['keys'], seconds: number): Generator<string> {
  const all: MetricSeries[] = [];
  const atOnce = perSlice(seconds);
  for (const { scope, name } of keys) {
    all.push(read(scope, name, seconds));
    if (all.length % atOnce === 0) yield '';
  }
  yield csvRow(['time', ...all.map((one) => `${one.scope} ${one.name} (${unitOf(one)})`)]);
  const { from, values } = all[0] ?? { from: 0, values: [] };
  const rows = perSlice(all.length + 1);
  for (let start = 0; start < values.length; start += rows) {
    let text = '';
    for (let second = start; second < Math.min(values.length, start + rows); second += 1) {
      text += csvRow([new Date(from + second * 1000).toISOString(), ...all.map((one) => one.values[second] ?? null)]);
    }
    yield text;
  }
}

function* jsonSlices({ read }: ExportSource, keys: ExportSource['keys'], seconds: number, totals: readonly MetricTotal[]): Generator<string> {
  yield `{"metrics":${JSON.stringify(METRICS)},"totals":[`;
  // A total has a dozen values.
  const some = perSlice(12);
  for (let start = 0; start < totals.length; start += some) {
    yield `${start > 0 ? ',' : ''}${totals.slice(start, start + some).map((total) => JSON.stringify(total)).join(',')}`;
  }
  yield '],"series":[';
  const atOnce = perSlice(seconds);
  for (let start = 0; start < keys.length; start += atOnce) {
    yield `${start > 0 ? ',' : ''}${keys.slice(start, start + atOnce).map(({ scope, name }) => JSON.stringify(read(scope, name, seconds))).join(',')}`;
  }
  yield ']}';
}

/** A counter's value of a second is what it grew by in that second. */
const unitOf = ({ kind, unit }: MetricSeries): string => (kind === 'counter' ? `${unit}/s` : unit);
