/**
 * Every figure by what it is about and by its name: what is counted in the running second, its history, and its total. Pure.
 * A second in which nothing is counted costs nothing, so nobody has to call it every second: what is counted or read in a later
 * second closes the one before.
 */
import { METRICS, type MetricName, type MetricScope, type MetricTotal } from '../../protocol/metrics.ts';
import { createHistogram, type Histogram } from './histogram.ts';
import { createHistories, HOUR, type Histories, type History, type Rest } from './history.ts';

/** 64 peers with 16 nodes each have 11 × (1,024 + 64) + 17 = 11,985 at the most. Those that are made later push out the longest idle. */
const MOST_FIGURES = 16_384;

export interface Registry {
  /** Of a counter. */
  add(scope: MetricScope, name: MetricName, amount: number): void;
  /** Of a gauge. */
  set(scope: MetricScope, name: MetricName, value: number): void;
  /** Of a histogram. */
  measure(scope: MetricScope, name: MetricName, value: number): void;
  /** The running second, since the clock's start; it is not in any history yet. */
  second(): number;
  /** Of the last complete seconds. @param count at the most an hour */
  read(scope: MetricScope, name: MetricName, count: number, end?: number): (number | null)[];
  /** All that there is: the swarm first, the rest in the order of coming. */
  keys(): readonly { readonly scope: MetricScope; readonly name: MetricName }[];
  totals(): readonly MetricTotal[];
}

interface Figure {
  readonly scope: MetricScope;
  readonly name: MetricName;
  /** Null until its first second is over. */
  history: History | null;
  /** Of a counter: since the start. Of a gauge: now. */
  total: number;
  readonly histogram: Histogram | null;
  /** Of the running second: its sum, and of how many. */
  sum: number;
  count: number;
  /** It waits to be written when the second is over. */
  open: boolean;
  touched: number;
}

const RESTS: Readonly<Record<(typeof METRICS)[MetricName]['kind'], Rest>> = { counter: 'zero', gauge: 'last', histogram: 'nothing' };

/**
 * @param now milliseconds of a clock that never goes back
 * @param most figures
 */
export function createRegistry(now: () => number, most: number = MOST_FIGURES, histories: Histories = createHistories()): Registry {
  const scopes = new Map<MetricScope, Partial<Record<MetricName, Figure>>>();
  let figures = 0;
  let open: Figure[] = [];
  let running = Math.floor(now() / 1000);

  function write(figure: Figure, second: number): void {
    const { kind } = METRICS[figure.name];
    const value = kind === 'gauge' ? figure.total : kind === 'counter' ? figure.sum : figure.sum / figure.count;
    if (figure.history) histories.write(figure.history, second, value);
    else figure.history = histories.open(RESTS[kind], second, value, figure.scope === 'swarm');
    figure.sum = figure.count = 0;
    figure.open = false;
  }

  function second(): number {
    const current = Math.floor(now() / 1000);
    if (current > running) {
      const done = open;
      open = [];
      for (const figure of done) write(figure, running);
      running = current;
    }
    return running;
  }

  function touch(scope: MetricScope, name: MetricName): Figure {
    const at = second();
    let row = scopes.get(scope);
    if (!row) scopes.set(scope, (row = {}));
    let figure = row[name];
    if (!figure) {
      if (figures >= most) forgetIdle();
      // It may have been forgotten with its scope just now.
      scopes.set(scope, row);
      const histogram = METRICS[name].kind === 'histogram' ? createHistogram() : null;
      figure = row[name] = { scope, name, history: null, total: 0, histogram, sum: 0, count: 0, open: false, touched: at };
      figures += 1;
    }
    figure.touched = at;
    if (!figure.open) {
      figure.open = true;
      open.push(figure);
    }
    return figure;
  }

  const all = (): Figure[] => [...scopes.values()].flatMap((row) => Object.values(row));

  /** An eighth at once, so that who makes up names costs little each time. The swarm's own stay. */
  function forgetIdle(): void {
    const idle = all().filter(({ scope }) => scope !== 'swarm').sort((a, b) => a.touched - b.touched);
    for (const figure of idle.slice(0, Math.ceil(most / 8))) {
      if (figure.history) histories.close(figure.history);
      const row = scopes.get(figure.scope);
      if (row) delete row[figure.name];
      if (row && Object.keys(row).length === 0) scopes.delete(figure.scope);
      figures -= 1;
    }
    open = open.filter(({ scope, name }) => scopes.get(scope)?.[name] !== undefined);
  }

  return {
    add(scope, name, amount) {
      if (!(amount > 0)) return;
      const figure = touch(scope, name);
      figure.total += amount;
      figure.sum += amount;
    },
    set(scope, name, value) {
      // What is as it was costs nothing.
      const known = scopes.get(scope)?.[name];
      if (known?.total === value) known.touched = second();
      else touch(scope, name).total = value;
    },
    measure(scope, name, value) {
      if (!(value >= 0) || value === Infinity) return;
      const figure = touch(scope, name);
      figure.histogram?.add(value);
      figure.sum += value;
      figure.count += 1;
    },
    second,
    read(scope, name, count, end = second()) {
      const history = scopes.get(scope)?.[name]?.history;
      const seconds = Math.min(HOUR, Math.max(0, Math.floor(count)));
      return history ? histories.read(history, end - seconds, end) : Array.from({ length: seconds }, () => null);
    },
    keys: () => all().map(({ scope, name }) => ({ scope, name })).sort((a, b) => Number(b.scope === 'swarm') - Number(a.scope === 'swarm')),
    totals: () => all().sort((a, b) => Number(b.scope === 'swarm') - Number(a.scope === 'swarm')).map(totalOf),
  };
}

function totalOf({ scope, name, total, histogram }: Figure): MetricTotal {
  const { kind, unit } = METRICS[name];
  if (histogram) return { scope, name, unit, kind: 'histogram', ...histogram.summary() };
  return kind === 'counter' ? { scope, name, unit, kind, count: total } : { scope, name, unit, kind: 'gauge', now: total };
}
