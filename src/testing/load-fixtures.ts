/** Nodes, wishes and reports for tests of the leader's table, each with what a test wants of it. */
import type { Tier } from '../protocol/chat.ts';
import type { JobShape, TaskReport } from '../protocol/job.ts';
import { nodeAddress, type Address, type DeviceId, type JobId, type PeerId, type TaskId } from '../shared/ids.ts';
import type { Assignment, Wish } from '../orchestrator/leader/parts.ts';
import type { NodeFacts } from '../orchestrator/types.ts';

export const asPeer = (name: string): PeerId => name as PeerId;
export const addressOf = (name: string): Address => nodeAddress(`peer-${name}`, name);

/** An idle shared node with four slots and a tiny model. */
export function nodeFacts(name: string, more: Partial<NodeFacts> = {}): NodeFacts {
  return {
    address: addressOf(name), peer: asPeer(`peer-${name}`), device: `device-${name}` as DeviceId, shared: true, state: 'idle',
    model: nodeModel(), slots: 4, busy: 0, waiting: 0, tokensPerSecond: 0, prefillPerSecond: 0, rttMs: 30, suspect: false, ...more,
  };
}

export const nodeModel = (id = 'small', tier: Tier = 'tiny', contextTokens = 4096): NonNullable<NodeFacts['model']> => ({ id, name: id, tier, hash: null, contextTokens });

export function wishFor(shape: Partial<JobShape> = {}, more: Partial<Omit<Wish, 'shape'>> = {}): Wish {
  return {
    job: 'job-1' as JobId, asker: asPeer('asker'), device: 'device' as DeviceId, avoid: [],
    shape: { promptTokens: 100, maxTokens: 200, profile: 'chat', priority: 'interactive', ...shape }, ...more,
  };
}

export const assignmentOf = (task: string, node: Address, at = 0, more: Partial<Assignment> = {}): Assignment => ({
  task: task as TaskId, node, job: 'job-1' as JobId, asker: asPeer('asker'), device: 'device' as DeviceId, why: 'new', at, tokens: 300, ...more,
});

export const reportOf = (task: string, node: Address, more: Partial<TaskReport> = {}): TaskReport => ({
  job: 'job-1' as JobId, task: task as TaskId, node, state: 'ended', error: null, promptTokens: 100, cachedTokens: 0,
  answerTokens: 100, firstTokenMs: 500, prefillMs: 400, decodeMs: 5000, ...more,
});
