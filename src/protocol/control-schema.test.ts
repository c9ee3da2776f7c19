import type * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { nodeAddress, type JobId, type ModelHash, type TaskId } from '../shared/ids.ts';
import { fakePeerId } from '../testing/fake-link.ts';
import { VALID } from '../testing/hostile-frames.ts';
import { CONTROL_MESSAGES, type jobShapeSchema } from './control-schema.ts';
import type { JobShape, TaskReport } from './job.ts';
import { LIMITS } from './limits.ts';
import type { ControlMessage, MessageOf } from './messages.ts';
import { parseMessage } from './parse.ts';

const address = nodeAddress(fakePeerId('worker'), 'a');
const one = <Tag extends ControlMessage['t']>(tag: Tag): MessageOf<Tag> => VALID.find((message): message is MessageOf<Tag> => message.t === tag)!;
const kindOf = (message: unknown): string => parseMessage(JSON.parse(JSON.stringify(message))).kind;
const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('messages of jobs', () => {
  it('have the types that the orchestrator works with', () => {
    expectTypeOf<v.InferOutput<typeof jobShapeSchema>>().toExtend<JobShape>();
    expectTypeOf<JobShape>().toExtend<v.InferOutput<typeof jobShapeSchema>>();
    expectTypeOf<MessageOf<'task-report'>['report']>().toExtend<TaskReport>();
    expectTypeOf<TaskReport>().toExtend<MessageOf<'task-report'>['report']>();
    // Vitest checks types in `npm run check` only; what is parsed is what was sent in any case.
    for (const message of VALID) expect(parseMessage(JSON.parse(JSON.stringify(message)))).toEqual({ kind: 'message', message });
  });

  it('are each in the collection of valid ones', () => {
    const tags = new Set<string>(VALID.map(({ t }) => t));
    expect(Object.keys(CONTROL_MESSAGES).filter((tag) => !tags.has(tag))).toEqual([]);
  });

  it('hold the largest shape, and still fit into one frame', () => {
    const job = one('job');
    const shape: JobShape = {
      model: 'm'.repeat(256), modelHash: 'a'.repeat(64) as ModelHash, tier: 'large', nodes: many(LIMITS.jobNodes, nodeAddress(fakePeerId('w'), 'n'.repeat(16))),
      promptTokens: 2 ** 24, maxTokens: LIMITS.maxTokens, profile: 'exact', priority: 'batch', affinity: 'x'.repeat(LIMITS.affinityChars),
    };
    const largest = { ...job, shape, avoid: many(LIMITS.jobAvoids, address), running: many(LIMITS.jobTasks, { task: `task-${'a'.repeat(32)}` as TaskId, node: address }) };
    expect(kindOf(largest)).toBe('message');
    expect(JSON.stringify(largest).length).toBeLessThan(LIMITS.frameBytes - 5);
  });

  it.each<[string, object]>([
    ['a word of the prompt', { ...one('job'), prompt: 'hello' }],
    ['a word of the prompt in the shape', { ...one('job'), shape: { ...one('job').shape, messages: [] } }],
    ['too many nodes', { ...one('job'), shape: { ...one('job').shape, nodes: many(LIMITS.jobNodes + 1, address) } }],
    ['too many to avoid', { ...one('job'), avoid: many(LIMITS.jobAvoids + 1, address) }],
    ['too many that run', { ...one('job'), running: many(LIMITS.jobTasks + 1, { task: 'task-1', node: address }) }],
    ['too long a mark', { ...one('job'), shape: { ...one('job').shape, affinity: 'x'.repeat(LIMITS.affinityChars + 1) } }],
    ['a job without end', { ...one('job'), deadlineMs: LIMITS.jobMs + 1 }],
    ['a deadline in the past', { ...one('job'), deadlineMs: -1 }],
    ['half a token', { ...one('job'), shape: { ...one('job').shape, promptTokens: 1.5 } }],
    ['another reason', { ...one('job'), why: 'because' }],
    ['another priority', { ...one('job'), shape: { ...one('job').shape, priority: 'mine' } }],
    ['an address that is none', { ...one('job'), avoid: ['/n/llambo/worker/a'] }],
    ['an address with more behind it', { ...one('job'), avoid: [`${address}/tasks`] }],
    ['a job id of another kind', { ...one('job-over'), id: 'task-1' }],
    ['a report without figures', { ...one('task-report'), report: { ...one('task-report').report, prefillMs: null } }],
    ['a report of an unknown error', { ...one('task-report'), report: { ...one('task-report').report, error: 'odd' } }],
    ['an estimate that never ends', { ...one('job-place'), estimateMs: null }],
    ['a grant without a seal', { ...one('job-grant'), seal: undefined }],
    ['a seal without a term', { ...one('job-grant'), seal: { ...one('job-grant').seal, term: undefined } }],
    ['a refusal that tells a novel', { ...one('job-refused'), error: { code: 'busy', message: 'x'.repeat(LIMITS.errorChars + 1) } }],
    ['a wish for half a node', { ...one('scale'), nodes: 0.5 }],
    ['a wish for more nodes than a tab can have', { ...one('scale'), nodes: LIMITS.nodes + 1 }],
    ['a wish for a tier that there is not', { ...one('scale'), tier: 'huge' }],
    ['a wish with an address to load from', { ...one('scale'), url: 'https://example.org/m.gguf' }],
    ['a wish that tells a novel', { ...one('scale'), reason: 'x'.repeat(257) }],
    ['a task with a grant of something else', { ...VALID.find((message) => message.t === 'task')!, grant: { task: 'task-1' } }],
  ])('are malformed with %s', (_, message) => expect(kindOf(message)).toBe('malformed'));

  it('know jobs by ids that their askers make', () => expect(kindOf({ t: 'job-over', id: `job-${'z9'.repeat(16)}` as JobId })).toBe('message'));
});
