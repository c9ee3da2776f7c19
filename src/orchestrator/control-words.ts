/**
 * What asker and leader say to each other, as messages and as events: the same words, whether they stay in this tab or
 * travel. Pure. What is sent is cut to the bounds of the schema, because one figure beyond them would cost the link.
 */
import type { SealedGrant } from '../protocol/grant.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ControlMessage } from '../protocol/messages.ts';
import { isTravellingAddress } from '../protocol/request.ts';
import type { JobShape, TaskReport } from '../protocol/job.ts';
import { fromWire, toWire, type LlamboError, type WireError } from '../shared/errors.ts';
import type { JobId } from '../shared/ids.ts';
import type { Sender } from './ports.ts';
import type { JobEvent, LeaderEffect, LeaderEvent, NodeRequest } from './types.ts';

/** What an asker says to the leader. */
export type AskerWord =
  | { readonly type: 'request'; readonly request: Omit<NodeRequest, 'asker' | 'device'> }
  | { readonly type: 'withdraw'; readonly job: JobId }
  | { readonly type: 'report'; readonly report: TaskReport };

/** What a leader says to an asker. */
export type LeaderWord = Extract<LeaderEffect, { type: 'grant' | 'place' | 'refuse' }>;

/** A message that came, as an event of the one whom it is for. */
export type Heard =
  | { readonly for: 'leader'; readonly job: JobId; readonly event: LeaderEvent }
  | { readonly for: 'asker'; readonly job: JobId; readonly event: JobEvent; readonly seal: SealedGrant | null };

export function askerEvent(word: AskerWord, { peer, device }: Sender): LeaderEvent {
  switch (word.type) {
    case 'request':
      return { type: 'request', request: { ...word.request, asker: peer, device } };
    case 'withdraw':
      return { type: 'withdraw', asker: peer, job: word.job };
    case 'report':
      return { type: 'report', asker: peer, report: word.report };
  }
}

export function leaderEvent(word: LeaderWord): JobEvent {
  switch (word.type) {
    case 'grant':
      return { type: 'grant', turn: word.turn, grant: word.grant };
    case 'place':
      return { type: 'place', turn: word.turn, place: word.place, estimateMs: word.estimateMs };
    case 'refuse':
      return { type: 'refused', turn: word.turn, error: word.error };
  }
}

/** @param term of the leader that it is meant for */
export function askerMessage(word: AskerWord, term: number): ControlMessage {
  switch (word.type) {
    case 'request': {
      const { job, shape, avoid, running, deadlineMs, ...rest } = word.request;
      return {
        t: 'job', term, id: job, ...rest,
        shape: boundedShape(shape),
        avoid: avoid.filter(isTravellingAddress).slice(-LIMITS.jobAvoids),
        running: running.slice(-LIMITS.jobTasks),
        deadlineMs: clamp(deadlineMs, LIMITS.jobMs),
      };
    }
    case 'withdraw':
      return { t: 'job-over', id: word.job };
    case 'report':
      return { t: 'task-report', report: boundedReport(word.report) };
  }
}

/** @param term of this leader */
export function leaderMessage(word: Exclude<LeaderWord, { type: 'grant' }>, term: number): ControlMessage {
  switch (word.type) {
    case 'place':
      return { t: 'job-place', term, id: word.job, turn: word.turn, place: word.place, estimateMs: clamp(word.estimateMs, Number.MAX_SAFE_INTEGER) };
    case 'refuse':
      return { t: 'job-refused', term, id: word.job, turn: word.turn, error: boundedError(word.error) };
  }
}

/** @param seal for the node's own tab, which believes nothing else */
export function grantMessage({ job, turn, grant }: Extract<LeaderWord, { type: 'grant' }>, term: number, seal: SealedGrant): ControlMessage {
  return { t: 'job-grant', term, id: job, turn, grant: { ...grant, model: grant.model.slice(0, MODEL_CHARS), hedgeMs: clamp(grant.hedgeMs, Number.MAX_SAFE_INTEGER) }, seal };
}

/** What is about a job. */
export type JobMessage = Exclude<ControlMessage, { t: 'scale' }>;

export function heard(message: JobMessage, from: Sender): Heard {
  switch (message.t) {
    case 'job': {
      const { t: _tag, term: _term, id: job, ...request } = message;
      return { for: 'leader', job, event: askerEvent({ type: 'request', request: { job, ...request } }, from) };
    }
    case 'job-over':
      return { for: 'leader', job: message.id, event: askerEvent({ type: 'withdraw', job: message.id }, from) };
    case 'task-report':
      return { for: 'leader', job: message.report.job, event: askerEvent({ type: 'report', report: message.report }, from) };
    case 'job-place':
      return { for: 'asker', job: message.id, seal: null, event: { type: 'place', turn: message.turn, place: message.place, estimateMs: message.estimateMs } };
    case 'job-grant':
      return { for: 'asker', job: message.id, seal: message.seal, event: { type: 'grant', turn: message.turn, grant: message.grant } };
    case 'job-refused':
      return { for: 'asker', job: message.id, seal: null, event: { type: 'refused', turn: message.turn, error: fromWire(message.error) } };
  }
}

const clamp = (value: number, most: number): number => (Number.isFinite(value) ? Math.min(most, Math.max(0, value)) : value > 0 ? most : 0);

/** A model that came from an address may have a long name here; others know it by so much. */
const MODEL_CHARS = 256;
/** Where the schema counts tokens. */
const MOST_TOKENS = 2 ** 24;
const tokens = (value: number): number => Math.round(clamp(value, MOST_TOKENS));

function boundedShape(shape: JobShape): JobShape {
  return {
    ...shape,
    ...(shape.model === undefined ? {} : { model: shape.model.slice(0, MODEL_CHARS) }),
    promptTokens: tokens(shape.promptTokens),
    maxTokens: Math.min(LIMITS.maxTokens, tokens(shape.maxTokens)),
    // What is no address of a peer is nobody's node.
    ...(shape.nodes ? { nodes: shape.nodes.filter(isTravellingAddress).slice(0, LIMITS.jobNodes) } : {}),
  };
}

function boundedReport({ promptTokens, cachedTokens, answerTokens, firstTokenMs, prefillMs, decodeMs, ...rest }: TaskReport): TaskReport {
  const duration = (ms: number): number => clamp(ms, LIMITS.jobMs);
  return {
    ...rest,
    promptTokens: tokens(promptTokens), cachedTokens: tokens(cachedTokens), answerTokens: tokens(answerTokens),
    firstTokenMs: duration(firstTokenMs), prefillMs: duration(prefillMs), decodeMs: duration(decodeMs),
  };
}

function boundedError(error: LlamboError): WireError {
  const { code, message, advice, details } = toWire(error);
  const text = (words: string): string => words.slice(0, LIMITS.errorChars).toWellFormed();
  return { code, message: text(message), ...(advice === undefined ? {} : { advice: text(advice) }), ...(details === undefined ? {} : { details }) };
}
