/** The two minds put together of their parts, as every tab has them. */
import type { Random } from '../shared/env.ts';
import { createJob } from './asker/job.ts';
import { createLeader } from './leader/leader.ts';
import { createNodeTable } from './leader/node-table.ts';
import { createFairQueue } from './leader/queue.ts';
import type { OrchestratorDeps } from './orchestrator.ts';

export const createMinds = (random: Random): Pick<OrchestratorDeps, 'createLeader' | 'createJob'> => ({
  createLeader: (policy) => createLeader({ policy, random, queue: createFairQueue(policy.queue), table: createNodeTable({ policy, random }) }),
  createJob: (start, { failover }) => createJob({ start, policy: failover, random }),
});
