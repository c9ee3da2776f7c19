/**
 * What the leader expects of time: how long a job will wait, when a first token is late, how long an answer will be. Learns from
 * the reports.
 */
import type { FailoverPolicy } from '../../../protocol/policy.ts';
import type { TaskReport } from '../../../protocol/job.ts';
import type { Wish } from '../parts.ts';
import type { Group } from './groups.ts';
import type { Entry } from './ledger.ts';
import { streamTime, type NodeView } from './node-view.ts';
import { prefillMs, read, wrote } from './speeds.ts';

export interface Timing {
  spoke(view: NodeView, report: TaskReport): void;
  /** A task is done. */
  done(view: NodeView, entry: Entry, report: TaskReport, now: number, weight: number): void;
  /** Tokens that the answer will have, as far as can be told. */
  answerTokens(maxTokens: number): number;
  estimateMs(groups: readonly Group[], ahead: number): number;
  hedgeMs(wish: Wish, view: NodeView, policy: FailoverPolicy): number;
}

/** Of the expected first token: frames, the batch that runs, the asker's own clock. */
const OVERHEAD_MS = 100;
/** Fewer measurements say nothing about one in twenty. */
const LEAST_MEASURED = 20;
/** How much later than expected one in twenty is, until it was measured. */
const UNKNOWN_LATENESS = 3;
/** An answer's length before the first was seen. */
const UNKNOWN_ANSWER = 200;

const moved = (before: number | null, value: number, weight: number): number => (before === null ? value : before + (value - before) * weight);

export function createTiming(): Timing {
  let answer: number | null = null;

  const firstTokenMs = (view: NodeView, freshTokens: number): number => OVERHEAD_MS + view.rttMs + prefillMs(view.speeds, view.others, freshTokens);

  /** Until those are done that stand in the node's own line, this one among them. Only blind strategies make lines. */
  function lineMs(view: NodeView): number {
    const slots = Math.max(1, view.slots);
    return (Math.max(0, view.occupied - slots) * (answer ?? UNKNOWN_ANSWER) * view.nextTokenMs) / slots;
  }

  return {
    spoke(view, { firstTokenMs: measured, promptTokens, cachedTokens }) {
      // Without the prompt's length nobody can tell whether that was late.
      if (measured > 0 && promptTokens > 0) view.others?.firstToken.add(measured / firstTokenMs(view, Math.max(0, promptTokens - cachedTokens)));
    },
    done(view, { at, streamTime: before }, report, now, weight) {
      const { promptTokens, cachedTokens, answerTokens, decodeMs } = report;
      const { speeds, others } = view;
      const lasted = Math.max(1, now - at);
      read(speeds, others, weight, promptTokens - cachedTokens, report.prefillMs);
      wrote(speeds, others, weight, answerTokens, decodeMs, (streamTime(view, now) - before) / lasted);
      if (report.error !== null) return;
      answer = moved(answer, answerTokens, weight / 10);
      for (const { group } of view.seats) group.taskMs = moved(group.taskMs, lasted, weight);
    },
    answerTokens: (maxTokens) => Math.min(maxTokens, answer ?? UNKNOWN_ANSWER),
    estimateMs(groups, ahead) {
      const known = groups.filter(({ slots, taskMs }) => slots > 0 && taskMs !== null);
      const perMs = known.reduce((sum, { slots, taskMs }) => sum + slots / (taskMs ?? Infinity), 0);
      return perMs === 0 ? 0 : (ahead + 1) / perMs;
    },
    hedgeMs({ shape }, view, { firstTokenFactor, firstTokenLeastMs }) {
      // A prompt that is in the cache already comes sooner; whether it is, nobody can tell here.
      const expected = lineMs(view) + firstTokenMs(view, shape.promptTokens);
      const lateness = view.others?.firstToken.quantile(0.95, LEAST_MEASURED) ?? UNKNOWN_LATENESS;
      return Math.max(firstTokenLeastMs, expected * lateness * firstTokenFactor);
    },
  };
}
