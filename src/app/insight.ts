/** What this tab can tell of its work and of the swarm: metrics and the namespace, put together with what they look on at. */
import type { Mesh } from '../mesh/mesh-types.ts';
import type { TaskServer } from '../mesh/tasks/task-server.ts';
import { createMetrics, type Metrics } from '../orchestrator/metrics/metrics.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import type { Clock } from '../shared/env.ts';
import type { DeviceId, PeerId } from '../shared/ids.ts';
import type { EventLog } from './event-log.ts';
import { feedMetrics } from './metrics-feed.ts';
import { createNamespaceReader, type NamespaceReader } from './namespace-reader.ts';
import type { State } from './state.ts';
import { createWorkbook, type Workbook } from './workbook.ts';

export interface InsightDeps {
  readonly clock: Clock;
  readonly self: PeerId;
  readonly device: DeviceId;
  readonly state: State;
  readonly log: EventLog;
  readonly tasks: TaskServer;
  /** What another tab tells of itself. */
  readonly remote: Mesh['read'];
}

export interface Insight extends NamespaceReader, Pick<Workbook, 'runsOn'> {
  readonly metrics: Metrics;
  /** What this one does is counted from now on. @returns the same, to be asked in its place */
  follow(orchestrator: Pick<Orchestrator, 'ask' | 'onNote' | 'onJob' | 'view'>): Pick<Orchestrator, 'ask'>;
  close(): void;
}

export function createInsight({ clock, self, device, state, log, tasks, remote }: InsightDeps): Insight {
  const metrics = createMetrics({ clock });
  const workbook = createWorkbook(self);
  const offs: (() => void)[] = [];
  return {
    ...createNamespaceReader({ self, device, state, log, workbook, tasks, remote }),
    metrics,
    runsOn: workbook.runsOn,
    follow(orchestrator) {
      offs.push(feedMetrics({ clock, metrics, self, state, orchestrator, workbook, tasks }));
      return workbook.askedOf(orchestrator);
    },
    close() {
      for (const off of offs.splice(0)) off();
    },
  };
}
