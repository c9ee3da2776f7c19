/**
 * Asks several engines and makes one answer of theirs: runs a fused job's effects with the ordinary `Ask`, so that each candidate
 * has queue, failover and hedges like any question. Who is asked and how it is judged is decided in `orchestrator/fusion`; a
 * request without `fusion` goes through as it is.
 */
import { createFusedJob } from '../orchestrator/fusion/fused-job.ts';
import type { CandidatePlan, FusedEffect, FusedEvent, FusedJob, ReviewPlan } from '../orchestrator/fusion/types.ts';
import type { AccuracyOf } from '../orchestrator/fusion/weights.ts';
import type { Answer, AnswerEvent, Answering, AskOptions, ChatRequest, Message } from '../protocol/chat.ts';
import type { FusionOptions } from '../protocol/fusion.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { FusionLimits } from '../protocol/policy.ts';
import { parseAsk, type ParsedAsk } from '../protocol/request.ts';
import { deferred } from '../shared/abort.ts';
import type { Env } from '../shared/env.ts';
import { LlamboError, asLlamboError } from '../shared/errors.ts';
import type { JobId } from '../shared/ids.ts';
import { createAnswering } from './answering.ts';
import type { Ask, Inside } from './asker.ts';
import { runEnsemble } from './ensemble-run.ts';
import type { EventLog } from './event-log.ts';
import { createRoom, findHands, type HandsDeps } from './fusion-hands.ts';
import { hashOf, type AtHand } from './fusion-members.ts';
import { planFusion, type FusionPlan } from './fusion-plan.ts';

export interface FuserDeps extends HandsDeps {
  readonly env: Env;
  readonly ask: Ask;
  /** Of the swarm, as it is run now. */
  limits(): FusionLimits;
  /** How often nodes and models were right, where that was measured. */
  readonly accuracyOf?: AccuracyOf;
  readonly log: Pick<EventLog, 'add'>;
}

/** One that is asked for by its own name changes nothing. */
const isPlain = (fusion: FusionOptions | undefined): boolean => fusion === undefined || (fusion.policy === 'first' && fusion.n === 1);

export function createFuser(deps: FuserDeps): Ask {
  const { env, ask } = deps;
  return (request, options = {}, inside = {}) => {
    if (isPlain(options.fusion)) return ask(request, options, inside);
    const { signal, ...rest } = options;
    return createAnswering(env.random, signal, () => parseAsk(request, rest), (asked, { id, events, signal: cancelled }) =>
      runFused(deps, { id, asked, inside, emit: events.push, signal: cancelled }));
  };
}

interface FusedRun {
  readonly id: JobId;
  readonly asked: ParsedAsk;
  readonly inside: Inside;
  emit(event: AnswerEvent): void;
  readonly signal: AbortSignal;
}

async function runFused(deps: FuserDeps, run: FusedRun): Promise<Answer> {
  const { env, limits, accuracyOf } = deps;
  const { asked } = run;
  const seed = asked.sampling.seed ?? Math.floor(env.random.next() * LIMITS.seed);
  const atHand = findHands(deps, asked);
  const plan = planFusion({ asked, seed, atHand, limits: limits(), ...(accuracyOf ? { accuracyOf } : {}) });
  if (plan.isOne) return runOne(deps, run, plan);
  const calls = createCalls(deps, run, plan, atHand);
  const together = plan.ensemble && (await runEnsemble({ ...run, start: plan.ensemble, clock: env.clock, ask: deps.ask, messagesFor: calls.messagesFor, left: calls.left }));
  if (together && !('why' in together)) return told(deps, run, together);
  if (!together) return told(deps, run, await runJob(deps, run, plan.start, calls));
  // Whoever follows the text that was begun goes back to the candidates'.
  run.emit({ type: 'lead', candidate: 0 });
  const note = `It could not be written word by word, because ${together.why}: the engines voted.`;
  return told(deps, run, await runJob(deps, run, { ...plan.start, note }, calls));
}

/** As a question of which nobody wanted several answers: with the conversation's own node, its cache and its sampling. It only says why. */
async function runOne({ ask }: FuserDeps, { asked: { request, options: { fusion: _, ...options }, sampling }, inside, emit, signal }: FusedRun, { start }: FusionPlan): Promise<Answer> {
  for await (const event of ask(request, { ...sampling, ...options, signal }, inside)) {
    if (event.type === 'done') return { ...event.answer, policy: 'first', promptClass: start.matter.promptClass, ...(start.note === undefined ? {} : { note: start.note }) };
    emit(event);
  }
  throw new LlamboError('internal', 'The engine ended an answer without saying so.', { advice: 'Ask again.' });
}

function told({ log }: FuserDeps, { id, asked }: FusedRun, answer: Answer): Answer {
  logVote(log, id, answer);
  return finished(answer, asked);
}

async function runJob(deps: FuserDeps, run: FusedRun, start: FusionPlan['start'], calls: Calls): Promise<Answer> {
  const { env } = deps;
  const { asked, signal } = run;
  const outcome = deferred<Answer>();
  const runs = new Map<number, Answering>();
  const room = createRoom(deps, env.clock, asked, () => runs.size);
  const job: FusedJob = createFusedJob({ ...start, parallel: room.parallel, hashOf: (model) => hashOf(deps.nodes(), model) });
  let unwake = (): void => undefined;

  function drive(event: FusedEvent): void {
    for (const effect of job.handle(event, env.clock.now())) perform(effect);
    unwake();
    const at = job.wakeAt();
    unwake = at === null ? () => undefined : env.clock.after(Math.max(0, at - env.clock.now()), () => drive({ type: 'tick' }));
  }

  function perform(effect: FusedEffect): void {
    switch (effect.type) {
      case 'start':
        room.started();
        return void follow(effect.plan.index, calls.candidate(effect.plan));
      case 'review':
        return void follow(effect.plan.index, calls.review(effect.plan));
      case 'stop':
        runs.get(effect.candidate)?.cancel();
        return void runs.delete(effect.candidate);
      case 'emit':
        return run.emit(effect.event);
      case 'settle':
        if (effect.outcome.ok) return outcome.resolve(effect.outcome.answer);
        return outcome.reject(effect.outcome.error);
    }
  }

  async function follow(candidate: number, answering: Answering): Promise<void> {
    runs.set(candidate, answering);
    try {
      for await (const event of answering) {
        if (event.type !== 'done') {
          drive({ type: 'said', candidate, event });
          continue;
        }
        runs.delete(candidate);
        drive({ type: 'answered', candidate, answer: event.answer });
      }
    } catch (error) {
      runs.delete(candidate);
      drive({ type: 'failed', candidate, error: asLlamboError(error) });
    }
  }

  const cancel = (): void => drive({ type: 'cancel' });
  signal.addEventListener('abort', cancel, { once: true });
  drive(signal.aborted ? { type: 'cancel' } : { type: 'tick' });
  try {
    return await outcome.promise;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Log-probabilities are always reported to the policy, and to whoever asked for them. */
function finished(answer: Answer, { options }: ParsedAsk): Answer {
  if (options.logprobs !== undefined) return answer;
  const { logprobs: _, ...rest } = answer;
  return rest;
}

function logVote(log: Pick<EventLog, 'add'>, job: JobId, { policy, promptClass, votes = [], dissent = [], candidates = [], confidence, cost }: Answer): void {
  if (!policy || !promptClass || !confidence || !cost) return;
  const counted = candidates.filter(({ answer }) => answer !== '').length;
  const against = new Set(dissent.flatMap((vote) => vote.candidates)).size;
  log.add({
    type: 'voted', job, policy, promptClass, candidates: candidates.length, done: counted, agree: Math.max(0, counted - against), answers: votes.length,
    confidence, tokens: cost.tokens, saved: cost.saved,
  });
}

// --- How each run is asked

interface Calls {
  candidate(plan: CandidatePlan): Answering;
  review(plan: ReviewPlan): Answering;
  messagesFor(model: string): readonly Message[];
  /** Of its time. */
  left(): Pick<AskOptions, 'deadlineMs'>;
}

function createCalls({ env, ask }: FuserDeps, { asked, inside }: FusedRun, { profile }: FusionPlan, { nodes }: AtHand): Calls {
  const { request: { sampling: _, ...request }, sampling, options: { fusion: __, deadlineMs, logprobs = 0, ...options } } = asked;
  const until = deadlineMs === undefined ? null : env.clock.now() + deadlineMs;
  const left: Calls['left'] = () => (until === null ? {} : { deadlineMs: Math.max(1, until - env.clock.now()) });
  const place = (): AskOptions => {
    const { node, where, ...rest } = options;
    if (nodes) return { ...rest, where: [...nodes] };
    return { ...rest, ...(node === undefined ? {} : { node }), ...(where === undefined ? {} : { where }) };
  };
  // No affinity: candidates read the question on as many nodes as there are, and exact ones use no cache.
  const within: Inside = inside.messagesFor ? { messagesFor: (model) => inside.messagesFor!(model) } : {};

  return {
    left,
    messagesFor: (model) => inside.messagesFor?.(model) ?? request.messages,
    candidate(plan) {
      const temperature = plan.temperature ?? sampling.temperature;
      const { tier: _tier, ...rest } = request;
      const wanted: ChatRequest = plan.model === undefined ? request : { ...rest, model: plan.model };
      return ask(wanted, {
        ...sampling, ...place(), ...left(), seed: plan.seed, logprobs,
        profile: plan.profile ?? profile,
        ...(temperature === undefined ? {} : { temperature }),
      }, within);
    },
    review({ messages, choices, tier, seed }) {
      const { maxTokens } = sampling;
      const wanted: ChatRequest = { messages: [...messages], ...(choices ? { choices: [...choices] } : {}), ...(tier ? { tier } : {}) };
      return ask(wanted, { ...place(), ...left(), seed, temperature: 0, profile: 'chat', ...(maxTokens === undefined || choices ? {} : { maxTokens }) });
    },
  };
}
