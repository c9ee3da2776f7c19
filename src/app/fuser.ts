/**
 * Asks several engines and makes one answer of theirs: runs a fused job's effects with the ordinary `Ask`, so that each candidate
 * has queue, failover and hedges like any question. Who is asked and how it is judged is decided in `orchestrator/fusion`; a
 * request without `fusion` goes through as it is.
 */
import { createFusedJob } from '../orchestrator/fusion/fused-job.ts';
import type { CandidatePlan, FusedEffect, FusedEvent, FusedJob, ReviewPlan } from '../orchestrator/fusion/types.ts';
import type { AccuracyOf } from '../orchestrator/fusion/weights.ts';
import type { NodeFacts } from '../orchestrator/types.ts';
import type { Answer, AnswerEvent, Answering, AskOptions, ChatRequest, Message } from '../protocol/chat.ts';
import type { FusionOptions } from '../protocol/fusion.ts';
import { LIMITS } from '../protocol/limits.ts';
import { parseAsk, type ParsedAsk } from '../protocol/request.ts';
import { deferred, throwIfAborted } from '../shared/abort.ts';
import { createChannel } from '../shared/channel.ts';
import type { Env } from '../shared/env.ts';
import { asLlamboError } from '../shared/errors.ts';
import { newJobId, type Address, type JobId, type PeerId } from '../shared/ids.ts';
import type { Ask, Inside } from './asker.ts';
import { runEnsemble } from './ensemble-run.ts';
import type { EventLog } from './event-log.ts';
import { findAtHand, hashOf, type AtHand } from './fusion-members.ts';
import { planFusion, type FusionPlan } from './fusion-plan.ts';

export interface FuserDeps {
  readonly env: Env;
  readonly ask: Ask;
  readonly self: PeerId;
  /** Of this tab and of the swarm, as they are now. */
  nodes(): readonly NodeFacts[];
  /** Of this tab. */
  ownNodes(): readonly Address[];
  /** As the asker has it. */
  chosenModel(): string | null;
  /** How often nodes and models were right, where that was measured. */
  readonly accuracyOf?: AccuracyOf;
  readonly log: Pick<EventLog, 'add'>;
}

/** What other tabs say of their slots is up to some hundred milliseconds old: so long after a start it has not been counted in. */
const NEWS_MS = 1000;

/** One that is asked for by its own name changes nothing. */
const isPlain = (fusion: FusionOptions | undefined): boolean => fusion === undefined || (fusion.policy === 'first' && fusion.n === 1);

export function createFuser(deps: FuserDeps): Ask {
  const { env, ask } = deps;
  return (request, options = {}, inside = {}) => {
    if (isPlain(options.fusion)) return ask(request, options, inside);
    const { signal, ...rest } = options;
    const id = newJobId(env.random);
    const controller = new AbortController();
    const cancel = (): void => controller.abort(signal?.reason);
    const events = createChannel<AnswerEvent>(cancel);
    const work = async (): Promise<Answer> => {
      const asked = parseAsk(request, rest);
      throwIfAborted(signal);
      signal?.addEventListener('abort', cancel, { once: true });
      return runFused(deps, { id, asked, inside, emit: events.push, signal: controller.signal }).finally(() => signal?.removeEventListener('abort', cancel));
    };
    const done = work();
    done.then(
      (answer) => {
        events.push({ type: 'done', answer });
        events.end();
      },
      (error: unknown) => events.fail(error),
    );
    return Object.freeze({ id, done, cancel, [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() } satisfies Answering);
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
  const { env, accuracyOf } = deps;
  const { asked } = run;
  const seed = asked.sampling.seed ?? Math.floor(env.random.next() * LIMITS.seed);
  const atHand = findHands(deps, asked);
  const plan = planFusion({ asked, seed, atHand, ...(accuracyOf ? { accuracyOf } : {}) });
  const calls = createCalls(deps, run, plan, atHand);
  const together = plan.ensemble && (await runEnsemble({ ...run, start: plan.ensemble, clock: env.clock, ask: deps.ask, messagesFor: calls.messagesFor, left: calls.left }));
  if (together && !('why' in together)) return told(deps, run, together);
  if (!together) return told(deps, run, await runJob(deps, run, plan.start, calls));
  // Whoever follows the text that was begun goes back to the candidates'.
  run.emit({ type: 'lead', candidate: 0 });
  const note = `It could not be written word by word, because ${together.why}: the engines voted.`;
  return told(deps, run, await runJob(deps, run, { ...plan.start, note }, calls));
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
  const room = createRoom(deps, asked, () => runs.size);
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

// --- Who is there

function findHands({ nodes, self, chosenModel, ownNodes }: FuserDeps, { request: { model, tier }, options: { node, where = 'anywhere', fusion } }: ParsedAsk): AtHand {
  const only = node !== undefined ? [node] : where === 'this tab' ? ownNodes() : where === 'anywhere' ? undefined : where;
  return findAtHand(nodes(), {
    asker: self, chosen: chosenModel(),
    ...(model === undefined ? {} : { model }),
    ...(tier === undefined ? {} : { tier }),
    ...(only === undefined ? {} : { nodes: only }),
    ...(fusion?.budget?.nodes === undefined ? {} : { mostNodes: fusion.budget.nodes }),
  });
}

/** How many candidates may run at once: those that do, and as many more as there are free slots. */
function createRoom(deps: FuserDeps, asked: ParsedAsk, running: () => number): { parallel(): number; started(): void } {
  const { clock } = deps.env;
  const count = (): number => Math.max(1, running() + findHands(deps, asked).freeSlots);
  let room = count();
  let changedAt = clock.now();
  return {
    parallel() {
      if (clock.now() - changedAt < NEWS_MS) return room;
      changedAt = clock.now();
      return (room = count());
    },
    started: () => void (changedAt = clock.now()),
  };
}
