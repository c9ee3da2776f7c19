/**
 * What an asker and the leader say to each other about a job: its shape, where it waits, which node it gets, how it went;
 * and what the leader asks of those who could run more nodes. Never a word of prompt or answer. The types are those of `job.ts`, with bounds for what strangers send.
 */
import * as v from 'valibot';
import { ERROR_CODES } from '../shared/errors.ts';
import { sealedGrantSchema } from './grant.ts';
import { LIMITS } from './limits.ts';
import { addressSchema, count, jobIdSchema, list, modelHashSchema, taskIdSchema, termSchema, text, tierSchema } from './peer-schema.ts';
import { wireErrorSchema } from './task-schema.ts';

/** Milliseconds. */
const duration = v.pipe(v.number(), v.finite(), v.minValue(0));
const tokens = count(2 ** 24);

/** All that choosing a node needs to know of a job. */
export const jobShapeSchema = v.strictObject({
  /** Catalogue id; absent: by tier, or the best that has room. */
  model: v.exactOptional(text(256)),
  /** Exactly these weights. */
  modelHash: v.exactOptional(modelHashSchema),
  /** At least this tier. */
  tier: v.exactOptional(tierSchema),
  /** On one of these and no other. */
  nodes: v.exactOptional(v.pipe(list(addressSchema, LIMITS.jobNodes), v.readonly())),
  /** Estimated by the asker. */
  promptTokens: tokens,
  /** The most that the answer may have. */
  maxTokens: count(LIMITS.maxTokens),
  profile: v.picklist(['chat', 'exact']),
  priority: v.picklist(['interactive', 'batch']),
  /** Means nothing to anybody but the asker: the same for all turns of a conversation. */
  affinity: v.exactOptional(text(LIMITS.affinityChars)),
});

/** A task of a job that a node works on now. */
const runningTask = v.strictObject({ task: taskIdSchema, node: addressSchema });

export const CONTROL_MESSAGES = {
  /** Asker to leader: a node for this job, please; or only what runs for it. */
  job: v.strictObject({
    t: v.literal('job'),
    /** Of the leader that it is meant for. */
    term: termSchema,
    id: jobIdSchema,
    /** Counts the requests of a job from 1: what answers an older one counts no more. */
    turn: count(),
    shape: jobShapeSchema,
    /** `again`: it was asked before, and nobody answered or another leads now. */
    why: v.picklist(['new', 'moved', 'hedge', 'again']),
    /** Not these: they failed this job, or run it now. */
    avoid: v.pipe(list(addressSchema, LIMITS.jobAvoids), v.readonly()),
    /** What runs for it already, so that a new leader knows. */
    running: v.pipe(list(runningTask, LIMITS.jobTasks), v.readonly()),
    /** False: it has what it needs, and only tells what runs. */
    wants: v.boolean(),
    /** What is left of its time. */
    deadlineMs: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(LIMITS.jobMs)),
  }),
  /** Asker to leader: this job needs nothing any more. Idempotent. */
  'job-over': v.strictObject({ t: v.literal('job-over'), id: jobIdSchema }),
  /** Asker to leader: how one task goes, when its first token has come and when it has ended. */
  'task-report': v.strictObject({
    t: v.literal('task-report'),
    report: v.strictObject({
      job: jobIdSchema,
      task: taskIdSchema,
      node: addressSchema,
      /** `ended`: its slot is free. */
      state: v.picklist(['speaking', 'ended']),
      /** Of `ended`: null if it was done, `aborted` if it was not wanted any more, else why it failed. */
      error: v.nullable(v.picklist(ERROR_CODES)),
      promptTokens: tokens,
      cachedTokens: tokens,
      answerTokens: tokens,
      /** From the start of the run; 0 if none came. */
      firstTokenMs: duration,
      /** Reading the prompt, and writing, as the node measured them; 0 where it had no chance to say. */
      prefillMs: duration,
      decodeMs: duration,
    }),
  }),
  /** Leader to asker: it waits, and where. */
  'job-place': v.strictObject({
    t: v.literal('job-place'),
    /** Of the leader that says so. */
    term: termSchema,
    id: jobIdSchema,
    /** Of the request that this answers. */
    turn: count(),
    /** In line, from 1. */
    place: count(),
    /** Until it is its turn; 0 while nothing is known. */
    estimateMs: duration,
  }),
  /** Leader to asker: a node for it. */
  'job-grant': v.strictObject({
    t: v.literal('job-grant'),
    /** Of the leader that says so. */
    term: termSchema,
    id: jobIdSchema,
    /** Of the request that this answers. */
    turn: count(),
    grant: v.strictObject({
      /** The id that the task must have. */
      task: taskIdSchema,
      node: addressSchema,
      /** Catalogue id of the model that the node has. */
      model: text(256),
      modelHash: v.nullable(modelHashSchema),
      /** Without a token for this long a second node may be asked for. */
      hedgeMs: duration,
    }),
    /** For the node's own tab, which believes nothing else. */
    seal: sealedGrantSchema,
  }),
  /** Leader to asker: none, and why. */
  'job-refused': v.strictObject({
    t: v.literal('job-refused'),
    /** Of the leader that says so. */
    term: termSchema,
    id: jobIdSchema,
    /** Of the request that this answers. */
    turn: count(),
    error: wireErrorSchema,
  }),
  /**
   * Leader to any peer: please run so many nodes of this model. A wish: what a device loads is its person's choice, and there
   * is no reply but the peer's entry.
   */
  scale: v.strictObject({
    t: v.literal('scale'),
    /** Of the leader that says so. */
    term: termSchema,
    /** That is short, or has too many. */
    tier: tierSchema,
    /** Catalogue id. */
    model: text(256),
    /** Of that model in that tab, all together; 0: none for the swarm. */
    nodes: count(LIMITS.nodes),
    /** For the person. */
    reason: text(256),
  }),
} as const;
