/** Drives one job's mind in tests: says what happens, keeps what it does. */
import type { TaskEvent, TaskResult } from '../protocol/engine-node.ts';
import type { JobShape } from '../protocol/job.ts';
import { DEFAULT_POLICY, type FailoverPolicy } from '../protocol/policy.ts';
import { createJob } from '../orchestrator/asker/job.ts';
import type { Grant, JobEffect, JobEvent, JobMachine, JobOutcome, JobStart, NodeRequest } from '../orchestrator/types.ts';
import { LlamboError, type ErrorCode } from '../shared/errors.ts';
import { nodeAddress, type JobId, type ModelHash, type PeerId, type TaskId } from '../shared/ids.ts';
import { createSeededRandom } from './seeded-random.ts';

export type Effect<Type extends JobEffect['type']> = Extract<JobEffect, { type: Type }>;

export const peer = (name: string): PeerId => name as PeerId;
export const task = (name: string): TaskId => `task-${name}` as TaskId;
export const FILE = 'f'.repeat(64) as ModelHash;

/** A grant of node `0` of that peer, with a task that is named like the peer unless told. */
export const grantOf = (name: string, more: Partial<Grant> = {}): Grant => ({
  task: task(name), node: nodeAddress(name, '0'), model: 'small', modelHash: FILE, hedgeMs: 3000, ...more,
});

export const tokens = (text: string, count = 1): TaskEvent => ({ type: 'tokens', text, count });

export const resultOf = (text: string, more: Partial<TaskResult> = {}): TaskResult => ({
  text, finishReason: 'stop', seed: 7,
  usage: { promptTokens: 10, cachedTokens: 4, answerTokens: text.length },
  timings: { queueMs: 5, prefillMs: 50, decodeMs: 100, tokensPerSecond: 20 },
  ...more,
});

export interface JobRig {
  readonly machine: JobMachine;
  readonly effects: JobEffect[];
  now(): number;
  /** Something happens now. @returns what the job does about it */
  tell(event: JobEvent): readonly JobEffect[];
  /** Time passes; the job gets its ticks when it wants them. @returns what it did meanwhile */
  wait(ms: number): readonly JobEffect[];
  lead(leader: string | null, term?: number): readonly JobEffect[];
  /** The leader grants what was asked last. */
  grant(name: string, more?: Partial<Grant>): readonly JobEffect[];
  refuse(code: ErrorCode, retryMs?: number): readonly JobEffect[];
  says(name: string, event: TaskEvent): readonly JobEffect[];
  writes(name: string, text: string): readonly JobEffect[];
  done(name: string, text?: string): readonly JobEffect[];
  fails(name: string, code: ErrorCode): readonly JobEffect[];
  all<Type extends JobEffect['type']>(type: Type): Effect<Type>[];
  request(): Omit<NodeRequest, 'asker' | 'device'>;
  /** What the reader has seen. */
  text(): string;
  outcome(): JobOutcome | null;
}

/** @param pinned by default a job for one node is one whose person chose it */
export function createJobRig(shape: Partial<JobShape> = {}, policy: Partial<FailoverPolicy> = {}, deadlineMs = 600_000, pinned = shape.nodes?.length === 1, repeats = false, ahead?: JobStart['ahead']): JobRig {
  const start: JobStart = {
    id: 'job-1' as JobId, seed: 7, deadlineMs, pinned, repeats, ...(ahead && { ahead }),
    shape: { promptTokens: 10, maxTokens: 100, profile: 'chat', priority: 'interactive', ...shape },
  };
  const machine = createJob({ start, policy: { ...DEFAULT_POLICY.failover, ...policy }, random: createSeededRandom(1) });
  const effects: JobEffect[] = [];
  let now = 1000;

  const tell = (event: JobEvent): readonly JobEffect[] => {
    const news = machine.handle(event, now);
    effects.push(...news);
    return news;
  };
  const all = <Type extends JobEffect['type']>(type: Type): Effect<Type>[] => effects.filter((effect): effect is Effect<Type> => effect.type === type);
  const request = (): Omit<NodeRequest, 'asker' | 'device'> => all('request').at(-1)!.request;
  const says = (name: string, event: TaskEvent): readonly JobEffect[] => tell({ type: 'task', task: task(name), event });
  return {
    machine, effects, tell, all, request, says,
    now: () => now,
    wait(ms) {
      const before = effects.length;
      const end = now + ms;
      for (let at = machine.wakeAt(); at !== null && at <= end; at = machine.wakeAt()) {
        if (at < now) throw new Error(`It wanted to be woken in the past: ${at} at ${now}.`);
        now = at;
        tell({ type: 'tick' });
      }
      now = end;
      return effects.slice(before);
    },
    lead: (leader, term = 1) => tell({ type: 'leader', leader: leader === null ? null : peer(leader), term }),
    grant: (name, more) => tell({ type: 'grant', turn: request().turn, grant: grantOf(name, more) }),
    refuse: (code, retryMs) => tell({ type: 'refused', turn: request().turn, error: new LlamboError(code, 'No.', { ...(retryMs === undefined ? {} : { details: { retryMs } }) }) }),
    writes: (name, text) => says(name, tokens(text)),
    done: (name, text = '') => says(name, { type: 'done', result: resultOf(text) }),
    fails: (name, code) => tell({ type: 'task failed', task: task(name), error: new LlamboError(code, 'It failed.') }),
    text: () => all('emit').map(({ event }) => (event.type === 'text' ? event.delta : '')).join(''),
    outcome: () => all('settle')[0]?.outcome ?? null,
  };
}

/** One that has begun: `a` has written this. */
export function begun(text: string, ...options: Parameters<typeof createJobRig>): JobRig {
  const rig = createJobRig(...options);
  rig.lead('boss');
  rig.grant('a');
  rig.writes('a', text);
  return rig;
}
