/**
 * Tells the metrics what happens in this tab and what it hears of others. It has a timer only while somebody works or
 * something has changed: an idle tab sleeps.
 */
import type { TaskServer } from '../mesh/tasks/task-server.ts';
import type { PeerNodes } from '../orchestrator/metrics/intake.ts';
import type { Metrics } from '../orchestrator/metrics/metrics.ts';
import type { JobNote } from '../orchestrator/open-job.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import type { LeaderNote } from '../orchestrator/types.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';
import type { PeerId } from '../shared/ids.ts';
import type { State } from './state.ts';
import type { Workbook } from './workbook.ts';

export interface MetricsFeedDeps {
  readonly clock: Pick<Clock, 'after'>;
  readonly metrics: Pick<Metrics, 'observe'>;
  readonly self: PeerId;
  readonly state: Pick<State, 'get' | 'subscribe'>;
  readonly orchestrator: Pick<Orchestrator, 'onNote' | 'onJob' | 'view'>;
  readonly workbook: Pick<Workbook, 'onProgress'>;
  readonly tasks: Pick<TaskServer, 'given' | 'onNews'>;
}

const SAMPLE_MS = 1000;

/** @returns ends it */
export function feedMetrics({ clock, metrics: { observe }, self, state, orchestrator, workbook, tasks }: MetricsFeedDeps): Unsubscribe {
  let cancel: (() => void) | null = null;
  let shown = state.get();
  let fresh = true;

  /** This tab first: of itself it knows more than it tells. */
  function peers(): PeerNodes[] {
    const { nodes, swarm } = state.get();
    return [{ peer: self, nodes }, ...(swarm?.peers ?? []).filter((peer) => !peer.self).map(({ id, nodes: theirs }) => ({ peer: id, nodes: theirs }))];
  }

  /** @returns whether there is work that shows no other way */
  function sample(): boolean {
    const { leader } = orchestrator.view();
    observe({ type: 'queue', waiting: leader?.waiting ?? null });
    if (fresh) observe({ type: 'nodes', peers: peers() });
    fresh = false;
    const given = tasks.given();
    for (const { id, node, tokens } of given) observe({ type: 'progress', task: id, node, tokens });
    return given.length > 0 || (leader?.waiting ?? 0) > 0;
  }

  /** Once a second at the most. */
  function wake(): void {
    cancel ??= clock.after(SAMPLE_MS, () => {
      cancel = null;
      if (sample()) wake();
    });
  }

  function onState(): void {
    const next = state.get();
    const { leader, term } = next.swarm ?? { leader: null, term: 0 };
    if (leader && (leader !== shown.swarm?.leader || term !== shown.swarm.term)) observe({ type: 'elected', leader, term });
    if (next.nodes !== shown.nodes || next.swarm !== shown.swarm) {
      fresh = true;
      wake();
    }
    shown = next;
  }

  const offs = [
    state.subscribe(onState),
    orchestrator.onNote((note) => {
      observe({ type: 'note', note });
      wake();
    }),
    orchestrator.onJob((note) => {
      // A leader here has told it already, and better.
      const same = orchestrator.view().leader === null ? asLeader(note, self) : null;
      if (same) observe({ type: 'note', note: same });
    }),
    workbook.onProgress(({ task, node, tokens }) => observe({ type: 'progress', task, node, tokens })),
    tasks.onNews(({ task: { id, node, tokens } }) => {
      observe({ type: 'progress', task: id, node, tokens });
      wake();
    }),
  ];
  wake();
  return () => {
    for (const off of offs) off();
    cancel?.();
  };
}

/** What a leader would have noted of a job of ours; null: nothing. How long it waited, only that leader knows. */
function asLeader(note: JobNote, asker: PeerId): LeaderNote | null {
  switch (note.type) {
    case 'task started':
      return { type: 'granted', job: note.job, task: note.grant.task, node: note.grant.node, why: note.why, waitedMs: NaN, asker };
    case 'task ended':
      return { type: 'ended', report: note.report };
    case 'job refused':
      return { type: 'refused', job: note.job, code: note.error.code };
    case 'job moved':
    case 'job settled':
      return null;
  }
}
