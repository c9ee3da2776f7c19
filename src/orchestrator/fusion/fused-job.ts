/**
 * The machine of one question that several engines answer: starts candidates, hears them, asks its policy after each that
 * ends, stops when it is enough, and settles exactly once. Pure: events and the time in, effects out. It knows no node, no
 * leader and no words of the question; each candidate is an ordinary job to whoever runs its effects.
 *
 * ```
 *   asking --(enough, all ended, budget used up)--> reviewing --> settled
 *      |                                        \--- where nobody reads the candidates ---^
 *      +-- cancel: what is shown, finish reason `cancelled`; nothing shown and nobody at work: aborted
 * ```
 *
 * Its parts: `candidate-run.ts` (one run), `lead.ts` (what is shown), `outcomes.ts` (the answer), `reviewing.ts` (who reads the candidates).
 */
import type { FusionPolicyName } from '../../protocol/fusion.ts';
import { abortError, LlamboError } from '../../shared/errors.ts';
import { advised } from '../asker/outcomes.ts';
import { createCandidateRun, type CandidateRun, type Said } from './candidate-run.ts';
import { createLead } from './lead.ts';
import { charsPerToken, fusedAnswer, tokensOf, troubles, type Ending } from './outcomes.ts';
import { createReviewing, type Reviewing } from './reviewing.ts';
import type { Ballot, FusedEffect, FusedEvent, FusedJob, FusedStart, Verdict } from './types.ts';

/** Before anybody has answered. */
const OPEN: Verdict = { text: null, chosen: null, votes: [], confidence: { value: 0, meaning: 'none' } };

export function createFusedJob(start: FusedStart): FusedJob {
  const { plan, policy, matter, isHeld, budget, review } = start;
  const runs: CandidateRun[] = [];
  const notes = start.note === undefined ? [] : [start.note];
  const lead = createLead(emit);
  let verdict = OPEN;
  let reviewing: Reviewing | null = null;
  let effects: FusedEffect[] = [];
  let now = 0;
  let startedAt: number | null = null;
  /** A budget is used up: nobody new begins. */
  let isClosed = false;
  let isOver = false;

  const running = (): CandidateRun[] => runs.filter(({ state }) => state === 'running');
  const pending = (): number => running().length + (isClosed ? 0 : plan.length - runs.length);
  const ballotOf = (run: CandidateRun): Ballot | null => run.ballot(matter, isHeld);
  const ballots = (): Ballot[] => runs.map(ballotOf).filter((ballot) => ballot !== null);
  const done = (): number => runs.filter(({ state }) => state === 'done').length;
  const size = (): number => charsPerToken(runs);
  const endsAt = (): number => (startedAt === null || budget.seconds === undefined ? Infinity : startedAt + budget.seconds * 1000);

  function push(effect: FusedEffect): void {
    effects.push(effect);
  }

  function emit(event: Said): void {
    push({ type: 'emit', event });
  }

  // --- Candidates

  function fill(): void {
    // One at least: whoever has no room lets it wait in line.
    const room = Math.max(1, start.parallel());
    while (!isClosed && runs.length < plan.length && running().length < room) {
      const next = plan[runs.length]!;
      runs.push(createCandidateRun(next, now, start.hashOf));
      push({ type: 'start', plan: next });
    }
  }

  function stop(run: CandidateRun): void {
    run.stop();
    push({ type: 'stop', candidate: run.plan.index });
  }

  /** Somebody has ended: what does that make of it? */
  function count(run: CandidateRun): void {
    verdict = policy.judge(ballots(), pending());
    if (run.state === 'done') emit({ type: 'votes', votes: verdict.votes, confidence: verdict.confidence, pending: pending() });
    lead.review(runs, verdict);
    if (pending() === 0 || isEnough()) conclude();
  }

  /** Whoever reads the candidates reads them all; else what can't, or hardly will, change is settled. */
  function isEnough(): boolean {
    const { text, confidence: { meaning } } = verdict;
    if (text === null || review) return false;
    if (policy.name === 'first' || meaning === 'certain') return true;
    return meaning === 'posterior' && start.confidence < 1 && isFairlySure();
  }

  /**
   * Sure by those before the first who still writes. All who are done would be no fair sample: short answers come first, and those
   * of the quicker engine together (docs/decisions/0024).
   */
  function isFairlySure(): boolean {
    const gap = running()[0]?.plan.index ?? runs.length;
    const { votes, confidence: { meaning, value } } = policy.judge(ballots().filter(({ index }) => index < gap), plan.length - gap);
    return (meaning === 'posterior' || meaning === 'certain') && value >= start.confidence && votes[0]?.answer === verdict.votes[0]?.answer;
  }

  /** What is there decides. Where nothing is, the one that is shown may finish: an answer that costs too much is better than none. */
  function exhaust(what: string): void {
    isClosed = true;
    notes.push(`The budget of ${what} was used up when ${done()} of ${plan.length} were done.`);
    if (reviewing) return finishReview(null);
    if (verdict.text !== null) return conclude();
    const [kept = running()[0]] = running().filter(({ plan: { index } }) => index === lead.index);
    for (const run of running()) if (run !== kept) stop(run);
    if (!kept) return conclude();
    lead.show(kept);
  }

  function watchBudget(): void {
    if (isClosed) return;
    if (now >= endsAt()) return exhaust(`${budget.seconds} s`);
    if (budget.tokens !== undefined && spent() >= budget.tokens) exhaust(`${budget.tokens} tokens`);
  }

  const spent = (): number => tokensOf([...runs, ...(reviewing?.runs ?? [])]);

  // --- The end

  function conclude(): void {
    for (const run of running()) stop(run);
    // With nobody left to come, a policy may be surer, or choose otherwise, than it was before.
    if (verdict.text === null && ballots().length > 0) verdict = policy.judge(ballots(), 0);
    const plans = review && !isClosed && verdict.text !== null ? review.plan(ballots(), verdict, plan.length) : null;
    if (!review || !plans) return finish(verdict, policy.name);
    reviewing = createReviewing({ review, plans, now, lead, hashOf: start.hashOf });
    for (const next of plans) push({ type: 'review', plan: next });
  }

  /** @param reviewed null: nothing came of it */
  function finishReview(reviewed: Verdict | null): void {
    for (const run of reviewing!.open()) stop(run);
    if (reviewed && review) return finish(reviewed, review.name);
    if (!isClosed) notes.push(`Nothing came of what was to ${review?.writes ? 'be written of the answers' : 'judge the answers'}${reviewing!.trouble()}; this is what they say themselves.`);
    finish(verdict, policy.name);
  }

  function finish(final: Verdict, name: FusionPolicyName): void {
    const words = final.text ?? '';
    const written = reviewing?.writer(final) ?? null;
    const [stands] = final.chosen !== null ? [final.chosen] : (final.votes[0]?.candidates ?? []);
    const answer = written?.answer ?? (stands === undefined ? emptyAnswer() : runs[stands]!.answer);
    if (!answer) return fail();
    if (!written && stands !== undefined && (final.chosen !== null || lead.index >= plan.length)) lead.show(runs[stands]!);
    settle({ ok: true, answer: fusedAnswer(answer, final.text === null ? answer.text : words, ending(final, name)) });
  }

  /** All that are done say nothing: so does one engine then. */
  const emptyAnswer = (): CandidateRun['answer'] => runs.find(({ state }) => state === 'done')?.answer ?? null;

  function fail(): void {
    const error = runs.find((run) => run.error)?.error ?? new LlamboError('stopped', 'The engines that were asked ended it.');
    settle({ ok: false, error: advised(error) });
  }

  function ending(final: Verdict, name: FusionPolicyName): Ending {
    const all = [...notes, ...troubles(runs, (run) => ballotOf(run) !== null)];
    return { start, runs, reviews: reviewing?.runs ?? [], verdict: final, policy: name, startedAt: startedAt ?? now, now, notes: all };
  }

  function settle(outcome: Extract<FusedEffect, { type: 'settle' }>['outcome']): void {
    isOver = true;
    push({ type: 'settle', outcome });
  }

  /** As of one engine: what is shown is the answer, if somebody has begun. */
  function cancel(): void {
    const writer = reviewing?.shown();
    const shown = writer ?? [runs[lead.index], ...runs].find((run) => run?.hasBegun && run.state !== 'failed');
    for (const run of [...running(), ...(reviewing?.open() ?? [])]) stop(run);
    if (!shown) return settle({ ok: false, error: abortError() });
    if (!writer) lead.show(shown);
    const answer = shown.soFar(now, size());
    const final: Verdict = { ...verdict, text: answer.text, chosen: writer ? null : shown.plan.index };
    settle({ ok: true, answer: fusedAnswer(answer, answer.text, ending(final, policy.name)) });
  }

  // --- Events

  function hear(candidate: number, event: Exclude<FusedEvent, { type: 'cancel' | 'tick' }>): void {
    if (reviewing?.has(candidate)) {
      reviewing.hear(candidate, event, now);
      const said = reviewing.ended();
      if (said) finishReview(review!.judge(ballots(), verdict, said));
      return;
    }
    const run = runs[candidate];
    if (run?.state !== 'running') return;
    switch (event.type) {
      case 'said':
        run.hear(event.event, now);
        return lead.hear(run, event.event);
      case 'answered':
        run.finish(event.answer, done());
        return count(run);
      case 'failed':
        run.fail(event.error);
        return count(run);
    }
  }

  function dispatch(event: FusedEvent): void {
    if (event.type === 'cancel') cancel();
    else if (event.type !== 'tick') hear(event.candidate, event);
  }

  return {
    handle(event, at) {
      if (isOver) return [];
      effects = [];
      now = Math.max(now, at);
      startedAt ??= now;
      dispatch(event);
      if (!isOver) watchBudget();
      if (!isOver && !reviewing) fill();
      return effects;
    },
    wakeAt: () => (isOver || isClosed || endsAt() === Infinity ? null : endsAt()),
  };
}
