/**
 * What is measured: the closed list of metrics, and how they are asked for. Scripts see it as `llambo.metrics`. Types and
 * the list; the counting is in `orchestrator/metrics/`.
 */
import type { Address, PeerId } from '../shared/ids.ts';

/**
 * What a figure is about: all that this tab knows of the swarm (itself alone, while it is in none), all nodes of one peer,
 * or one node.
 */
export type MetricScope = 'swarm' | PeerId | Address;

/**
 * `counter`: only grows; a second of its series is how much it grew in that second. `gauge`: what is so now; a second of its
 * series is what was so at its end. `histogram`: many measurements; a second of its series is their mean.
 */
export type MetricKind = 'counter' | 'gauge' | 'histogram';

export interface MetricDefinition {
  readonly kind: MetricKind;
  readonly unit: 'tokens' | 'tasks' | 'jobs' | 'ms' | 'share' | 'times' | 'peers' | 'nodes' | 'slots';
  readonly help: string;
}

const define = <Name extends string>(definitions: Record<Name, MetricDefinition>): Readonly<Record<Name, MetricDefinition>> => Object.freeze(definitions);

/** Every metric. Those below the line are of the swarm only. */
export const METRICS = define({
  'tokens-in': { kind: 'counter', unit: 'tokens', help: 'Tokens of prompts that were read, without those that were cached. Counted when a task ends.' },
  'tokens-out': { kind: 'counter', unit: 'tokens', help: 'Tokens that were written. Counted as they come where they pass through this tab, else when a task ends.' },
  'first-token': { kind: 'histogram', unit: 'ms', help: 'From the start of a task on a node to its first token.' },
  utilisation: { kind: 'gauge', unit: 'share', help: 'Slots that work, of all slots: 0 to 1.' },
  slots: { kind: 'gauge', unit: 'slots', help: 'Tasks that can run at once.' },
  waiting: { kind: 'gauge', unit: 'tasks', help: 'Tasks that wait in line at nodes.' },
  grants: { kind: 'counter', unit: 'tasks', help: 'Tasks that were given to nodes.' },
  failures: { kind: 'counter', unit: 'tasks', help: 'Tasks that failed. Those that were not wanted any more are none.' },
  moves: { kind: 'counter', unit: 'tasks', help: 'Failovers: tasks that went on here after another node had lost them.' },
  hedges: { kind: 'counter', unit: 'tasks', help: 'Tasks that ran beside a silent one of the same job.' },
  rests: { kind: 'counter', unit: 'times', help: 'A node got nothing new for a while, because it had failed too often.' },

  queue: { kind: 'gauge', unit: 'jobs', help: 'Jobs that wait for a node. Known to the tab that leads.' },
  'queue-wait': { kind: 'histogram', unit: 'ms', help: 'From the request for a node to the grant of one.' },
  refusals: { kind: 'counter', unit: 'jobs', help: 'Requests that were refused: busy, no such model, too long, too late.' },
  elections: { kind: 'counter', unit: 'times', help: 'Somebody began to lead.' },
  peers: { kind: 'gauge', unit: 'peers', help: 'Tabs in the swarm, this one included.' },
  nodes: { kind: 'gauge', unit: 'nodes', help: 'Engine nodes of all of them.' },
});

export type MetricName = keyof typeof METRICS;

export interface MetricSeries {
  readonly scope: MetricScope;
  readonly name: MetricName;
  readonly kind: MetricKind;
  readonly unit: MetricDefinition['unit'];
  /** When the first second began: milliseconds since 1970. */
  readonly from: number;
  /** One for each second, the oldest first, the last complete second last. Null: nothing was measured. Relative error ≤ 1e-7. */
  readonly values: readonly (number | null)[];
}

/** Since the page was opened. */
export type MetricTotal = { readonly scope: MetricScope; readonly name: MetricName; readonly unit: MetricDefinition['unit'] } & (
  | { readonly kind: 'counter'; readonly count: number }
  | { readonly kind: 'gauge'; readonly now: number }
  | ({ readonly kind: 'histogram' } & HistogramSummary)
);

/** The quantiles are right within 5% of their value for values of 1 to 10,000,000, and within 1 below that. */
export interface HistogramSummary {
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface MetricExportOptions {
  /** How far back; an hour at the most, and if absent. */
  readonly seconds?: number;
  /** How fine: the swarm alone, its peers too (if absent), or every node. */
  readonly depth?: 'swarm' | 'peers' | 'nodes';
}

export interface MetricsReader {
  /**
   * @param seconds how far back: 60 if absent, an hour at the most
   * @returns all null for a scope of which nothing is known
   * @throws LlamboError `bad-request` for a name that is no metric
   */
  series(scope: MetricScope, name: MetricName, seconds?: number): MetricSeries;
  /** Of everything that was ever counted here: the swarm first. A peer or node that has been idle for an hour may be forgotten. */
  totals(): readonly MetricTotal[];
  /**
   * `csv`: one row for each second, one column for each series (RFC 4180). `json`: `MetricTotal`s and `MetricSeries`. It takes some
   * seconds for an hour of many nodes, in which the page goes on; what is in it is as of the call.
   * @throws LlamboError `bad-request` where the text would be longer than a page can make
   */
  export(format: 'json' | 'csv', options?: MetricExportOptions): Promise<string>;
}
