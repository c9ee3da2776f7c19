/** A fused job in the hand: a policy that counts, candidates that say what the test says, and what the reader gets. */
import { createFusedJob } from '../orchestrator/fusion/fused-job.ts';
import type { Ballot, FusedEffect, FusedEvent, FusedJob, FusedStart, FusionPolicy, ReviewPlan } from '../orchestrator/fusion/types.ts';
import type { Answer, AnswerEvent, FinishReason } from '../protocol/chat.ts';
import type { Vote } from '../protocol/fusion.ts';
import type { LlamboError } from '../shared/errors.ts';
import { nodeAddress, type ModelHash } from '../shared/ids.ts';

export const HASH = 'a'.repeat(64) as ModelHash;

/** The most votes; ties to whoever has the smallest index. Certain when nobody else can catch up. @param posterior what it says until then */
export const counting = (name: FusionPolicy['name'] = 'vote', posterior?: number): FusionPolicy => ({
  name,
  judge(ballots, pending) {
    const groups = new Map<string, Ballot[]>();
    for (const ballot of ballots) groups.set(ballot.answer, [...(groups.get(ballot.answer) ?? []), ballot]);
    const least = (all: readonly Ballot[]): number => Math.min(...all.map(({ index }) => index));
    const sorted = [...groups].toSorted(([, one], [, other]) => other.length - one.length || least(one) - least(other));
    const votes = sorted.map(([answer, all]): Vote => {
      const candidates = all.map(({ index }) => index).toSorted((one, other) => one - other);
      return { answer, text: all.find(({ index }) => index === candidates[0])!.text, count: all.length, weight: all.length / ballots.length, candidates };
    });
    const [first, second] = votes;
    if (!first) return { text: null, chosen: null, votes, confidence: { value: 0, meaning: 'none' } };
    const isCertain = first.count > (second?.count ?? 0) + pending;
    const confidence = isCertain ? ({ value: 1, meaning: 'certain' } as const) : ({ value: posterior ?? Math.min(0.9, first.weight), meaning: 'posterior' } as const);
    return { text: first.text, chosen: first.candidates[0]!, votes, confidence };
  },
});

export const plan = (n: number): FusedStart['plan'] =>
  Array.from({ length: n }, (_, index) => ({ index, seed: 100 + index, temperature: index / 10, model: `m${index % 2}`, profile: 'exact' as const }));

export function answerOf(candidate: number, text: string, finishReason: FinishReason = 'stop'): Answer {
  return {
    text, finishReason,
    usage: { promptTokens: 10, cachedTokens: 0, answerTokens: Math.ceil(text.length / 2) },
    timings: { queueMs: 0, firstTokenMs: 5, tokensPerSecond: 30 },
    model: `m${candidate % 2}`, modelHash: HASH, node: nodeAddress('t', `${candidate}`), seed: 100 + candidate, profile: 'exact',
    logprobs: [{ token: text, logprob: -0.5 }, { token: '', logprob: -0.1 }],
  };
}

export interface FusedRig {
  readonly job: FusedJob;
  /** All effects so far. */
  readonly effects: readonly FusedEffect[];
  readonly events: readonly AnswerEvent[];
  readonly started: readonly number[];
  readonly reviews: readonly ReviewPlan[];
  readonly stopped: readonly number[];
  readonly outcomes: readonly Extract<FusedEffect, { type: 'settle' }>['outcome'][];
  /** @throws if it has not settled, or not with an answer */
  answer(): Answer;
  send(event: FusedEvent): readonly FusedEffect[];
  /** A node takes it. */
  begin(candidate: number): void;
  say(candidate: number, delta: string): void;
  end(candidate: number, text: string, finishReason?: FinishReason): void;
  fail(candidate: number, error: LlamboError): void;
  wait(ms: number): void;
  /** What a reader has who follows `lead`. */
  shown(): { readonly candidate: number; readonly text: string };
}

export function createFusedRig(n: number, change: Partial<FusedStart> = {}): FusedRig {
  const job = createFusedJob({
    plan: plan(n), policy: counting(), matter: { format: 'number', promptClass: 'number' }, confidence: 0.95, budget: {}, isHeld: false,
    parallel: () => n, hashOf: () => HASH, ...change,
  });
  const effects: FusedEffect[] = [];
  let now = 1000;
  const of = <T extends FusedEffect['type']>(type: T): Extract<FusedEffect, { type: T }>[] =>
    effects.filter((effect): effect is Extract<FusedEffect, { type: T }> => effect.type === type);
  const said = (candidate: number, event: Extract<FusedEvent, { type: 'said' }>['event']): void => void send({ type: 'said', candidate, event });

  function send(event: FusedEvent): readonly FusedEffect[] {
    const made = job.handle(event, now);
    effects.push(...made);
    return made;
  }

  send({ type: 'tick' });
  return {
    job,
    effects,
    get events() {
      return of('emit').map(({ event }) => event);
    },
    get started() {
      return of('start').map((effect) => effect.plan.index);
    },
    get reviews() {
      return of('review').map((effect) => effect.plan);
    },
    get stopped() {
      return of('stop').map(({ candidate }) => candidate);
    },
    get outcomes() {
      return of('settle').map(({ outcome }) => outcome);
    },
    answer() {
      const [outcome] = of('settle').map((effect) => effect.outcome);
      if (!outcome?.ok) throw new Error(outcome ? `it failed: ${outcome.error.message}` : 'it has not settled');
      return outcome.answer;
    },
    send,
    begin: (candidate) => said(candidate, { type: 'started', node: nodeAddress('t', `${candidate}`), model: `m${candidate % 2}` }),
    say: (candidate, delta) => said(candidate, { type: 'text', delta, candidate: 0 }),
    end: (candidate, text, finishReason) => void send({ type: 'answered', candidate, answer: answerOf(candidate, text, finishReason) }),
    fail: (candidate, error) => void send({ type: 'failed', candidate, error }),
    wait(ms) {
      now += ms;
      const wakeAt = job.wakeAt();
      if (wakeAt !== null && wakeAt <= now) send({ type: 'tick' });
    },
    shown() {
      let candidate = 0;
      const texts = new Map<number, string>();
      for (const { event } of of('emit')) {
        if (event.type === 'lead') candidate = event.candidate;
        if (event.type === 'text') texts.set(event.candidate, (texts.get(event.candidate) ?? '') + event.delta);
      }
      return { candidate, text: texts.get(candidate) ?? '' };
    },
  };
}
