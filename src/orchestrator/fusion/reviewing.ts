/** The runs that read a fused job's candidates, while they do: a judge's, or one that writes an answer of all. Decides nothing. */
import { createCandidateRun, type CandidateRun, type Said } from './candidate-run.ts';
import type { Lead } from './lead.ts';
import type { FusedEvent, FusedStart, Review, ReviewPlan, Verdict } from './types.ts';

export interface ReviewingDeps {
  readonly review: Review;
  readonly plans: readonly ReviewPlan[];
  readonly now: number;
  readonly lead: Pick<Lead, 'hear' | 'show'>;
  readonly hashOf: FusedStart['hashOf'];
}

export interface Reviewing {
  readonly runs: readonly CandidateRun[];
  has(index: number): boolean;
  hear(index: number, event: Exclude<FusedEvent, { type: 'cancel' | 'tick' }>, now: number): void;
  open(): readonly CandidateRun[];
  /** What each of them said, null for one that failed; null: not all have ended. */
  ended(): readonly (string | null)[] | null;
  /** Whose words the answer is, if it is not a candidate's. */
  writer(verdict: Verdict): CandidateRun | null;
  /** Whose words the reader sees now; null: still a candidate's. */
  shown(): CandidateRun | null;
  /** Why one failed, to be said in a sentence. */
  trouble(): string;
}

export function createReviewing({ review, plans, now: startedAt, lead, hashOf }: ReviewingDeps): Reviewing {
  const runs = plans.map(({ index, seed }) => createCandidateRun({ index, seed, temperature: 0, profile: 'exact' }, startedAt, hashOf));
  const find = (index: number): CandidateRun | undefined => runs.find(({ plan }) => plan.index === index);
  const [first] = runs;

  /** The reader follows what is written, from its first word on. */
  function tell(run: CandidateRun, event: Said, hadText: boolean): void {
    if (!review.writes || run !== first) return;
    if (event.type === 'text' && !hadText) lead.show(run);
    lead.hear(run, event);
  }

  return {
    runs,
    has: (index) => find(index) !== undefined,
    hear(index, event, now) {
      const run = find(index);
      if (run?.state !== 'running') return;
      if (event.type === 'answered') return run.finish(event.answer);
      if (event.type === 'failed') return run.fail(event.error);
      const hadText = run.text !== '';
      run.hear(event.event, now);
      tell(run, event.event, hadText);
    },
    open: () => runs.filter(({ state }) => state === 'running'),
    ended: () => (runs.every(({ state }) => state !== 'running') ? runs.map(({ state, text }) => (state === 'done' ? text : null)) : null),
    writer: ({ chosen }) => (review.writes && chosen === null && first?.state === 'done' ? first : null),
    shown: () => (review.writes && first && first.text !== '' ? first : null),
    trouble() {
      const error = runs.find((run) => run.error)?.error;
      return error ? ` (${error.message})` : '';
    },
  };
}
