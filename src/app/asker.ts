/**
 * Runs what a person or a script asks on the engines of this tab, to its end. The asker owns the job: it holds the
 * text so far, so when a node dies the answer goes on elsewhere, or on the same node after its restart, and no word
 * is lost or said twice.
 */
import type { Answer, AnswerEvent, Answering, AskOptions, ChatRequest, Sampling, TokenLogprob } from '../protocol/chat.ts';
import type { EngineNode, Task, TaskResult } from '../protocol/engine-node.ts';
import { continued, createHoldBack } from '../protocol/continuing.ts';
import { parseAsk, taskFor, type ParsedAsk } from '../protocol/request.ts';
import { throwIfAborted } from '../shared/abort.ts';
import { createChannel, type Channel } from '../shared/channel.ts';
import type { Env } from '../shared/env.ts';
import { LlamboError, asLlamboError, isAbort, type ErrorCode } from '../shared/errors.ts';
import { newJobId, newTaskId, type Address, type JobId } from '../shared/ids.ts';
import type { EventLog } from './event-log.ts';

/** Where the asker gets its nodes. */
export interface NodeSource {
  /** Waits until a fitting node is ready. @throws LlamboError `not-found`, `not-ready`, `aborted` */
  acquire(wish: { model?: string; node?: Address }, signal: AbortSignal): Promise<EngineNode>;
}

export interface AskerDeps {
  readonly env: Env;
  readonly nodes: NodeSource;
  readonly log: EventLog;
  /** What suits a model, for what the asker leaves open. */
  samplingOf(model: string): Sampling;
}

export type Ask = (request: string | ChatRequest, options?: AskOptions) => Answering;

/** Failures that are the node's, not the request's. */
const MOVABLE: readonly ErrorCode[] = ['engine-crashed', 'not-ready', 'peer-lost', 'stopped', 'unreachable'];
/** Nodes that one job may lose before it is given up: it may be the job that kills them. */
const MOST_MOVES = 3;

interface Job {
  readonly id: JobId;
  readonly asked: ParsedAsk;
  readonly task: Task;
  readonly startedAt: number;
  readonly controller: AbortController;
  readonly events: Channel<AnswerEvent>;
  text: string;
  tokens: number;
  firstTokenAt: number | null;
  logprobs: TokenLogprob[];
  node: EngineNode | null;
  /** Nodes that were lost on the way, in order. */
  movedFrom: Address[];
}

export function createAsker({ env, nodes, log, samplingOf }: AskerDeps): Ask {
  return (request, { signal, ...options } = {}) => {
    const controller = new AbortController();
    const id = newJobId(env.random);
    const cancel = (): void => controller.abort(signal?.reason);
    const events = createChannel<AnswerEvent>(cancel);
    const start = async (): Promise<Answer> => {
      const asked = parseAsk(request, options);
      throwIfAborted(signal);
      signal?.addEventListener('abort', cancel, { once: true });
      const job: Job = {
        id, asked, controller, events,
        task: taskFor(asked, env.random),
        startedAt: env.clock.now(),
        text: '', tokens: 0, firstTokenAt: null, logprobs: [], node: null, movedFrom: [],
      };
      return runJob(job).finally(() => signal?.removeEventListener('abort', cancel));
    };
    const done = start();
    done.then(
      (answer) => {
        events.push({ type: 'done', answer });
        events.end();
      },
      (error: unknown) => events.fail(error),
    );
    return Object.freeze({ id, done, cancel, [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() });
  };

  async function runJob(job: Job): Promise<Answer> {
    let lost: ErrorCode | null = null;
    for (let moves = 0; ; moves += 1) {
      try {
        return await attempt(job, lost);
      } catch (error) {
        if (job.controller.signal.aborted && isAbort(error) && job.node) return cancelled(job);
        const { code } = asLlamboError(error);
        if (!MOVABLE.includes(code) || job.asked.options.node !== undefined || moves >= MOST_MOVES) throw error;
        lost = code;
      }
    }
  }

  /** @param lost why the attempt before this one ended; null in the first */
  async function attempt(job: Job, lost: ErrorCode | null): Promise<Answer> {
    const { signal } = job.controller;
    const { model } = job.asked.request;
    const node = await nodes.acquire({ ...(model === undefined ? {} : { model }), ...nodeWish(job.asked) }, signal);
    if (job.node && lost) {
      job.movedFrom.push(job.node.address);
      job.events.push({ type: 'moved', from: job.node.address, to: node.address, reason: lost });
    }
    job.node = node;
    const modelId = node.info().model?.id ?? '';
    const sampling = { ...samplingOf(modelId), ...job.asked.sampling };
    const task = { ...continued(job.task, job.text), sampling, id: newTaskId(env.random) };
    log.add({ type: 'task granted', task: task.id, job: job.id, node: node.address, model: modelId });
    job.events.push({ type: 'started', node: node.address, model: modelId });
    try {
      const result = await drive(job, node, task);
      log.add({ type: 'task done', task: task.id, node: node.address, tokens: result.usage.answerTokens, tokensPerSecond: result.timings.tokensPerSecond });
      return answer(job, result);
    } catch (error) {
      log.add({ type: 'task failed', task: task.id, node: node.address, code: asLlamboError(error).code });
      throw error;
    }
  }

  async function drive(job: Job, node: EngineNode, task: Task): Promise<TaskResult> {
    const fresh = createHoldBack(task, job.text);
    // A repeated exact run reports every log-probability anew.
    if (task.profile === 'exact') job.logprobs = [];
    for await (const event of node.run(task, { signal: job.controller.signal })) {
      if (event.type === 'queued') job.events.push({ type: 'queued', place: event.place, estimateMs: 0 });
      else if (event.type === 'prefill') job.events.push(event);
      else if (event.type === 'done') return event.result;
      else if (event.type === 'tokens') {
        job.tokens += event.count;
        if (event.logprobs) job.logprobs.push(...event.logprobs);
        say(job, fresh(event.text));
      }
    }
    throw new LlamboError('internal', 'The engine ended an answer without saying so.', { advice: 'Ask again.' });
  }

  function say(job: Job, delta: string): void {
    if (delta === '') return;
    job.firstTokenAt ??= env.clock.now();
    job.text += delta;
    job.events.push({ type: 'text', delta, candidate: 0 });
  }

  function answer(job: Job, result: TaskResult): Answer {
    const { info } = described(job);
    const asked = job.asked.options.logprobs !== undefined;
    return {
      ...info,
      text: job.text,
      finishReason: result.finishReason,
      usage: result.usage,
      timings: { queueMs: result.timings.queueMs, firstTokenMs: firstTokenMs(job), tokensPerSecond: result.timings.tokensPerSecond },
      ...(asked ? { logprobs: job.logprobs } : {}),
    };
  }

  function cancelled(job: Job): Answer {
    return {
      ...described(job).info,
      text: job.text,
      finishReason: 'cancelled',
      usage: { promptTokens: 0, cachedTokens: 0, answerTokens: job.tokens },
      timings: { queueMs: 0, firstTokenMs: firstTokenMs(job), tokensPerSecond: writtenPerSecond(job) },
    };
  }

  function firstTokenMs({ firstTokenAt, startedAt }: Job): number {
    return (firstTokenAt ?? env.clock.now()) - startedAt;
  }

  /** Of an answer that was stopped: its engine had no chance to report. */
  function writtenPerSecond({ firstTokenAt, tokens }: Job): number {
    return firstTokenAt === null ? 0 : (tokens * 1000) / Math.max(1, env.clock.now() - firstTokenAt);
  }
}

const nodeWish = ({ options }: ParsedAsk): { node?: Address } => (options.node === undefined ? {} : { node: options.node });

function described({ node, task, movedFrom }: Job): { info: Pick<Answer, 'model' | 'modelHash' | 'node' | 'seed' | 'profile' | 'movedFrom'> } {
  const model = node!.info().model;
  return { info: { model: model?.id ?? '', modelHash: model?.hash ?? null, node: node!.address, seed: task.seed, profile: task.profile, ...(movedFrom.length > 0 ? { movedFrom } : {}) } };
}
