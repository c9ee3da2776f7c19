/**
 * Which candidate's text is shown while the others are heard, and what the reader is told. It follows the verdict, but stays
 * with a candidate as long as that says what the winners say: another wording of the same answer is no news.
 */
import type { CandidateRun, Said } from './candidate-run.ts';
import type { Verdict } from './types.ts';

export interface Lead {
  /** The index of the run that is shown. */
  readonly index: number;
  /** Passes on what the reader should know of it. */
  hear(run: CandidateRun, event: Said): void;
  /** After a candidate has ended: perhaps another one is to be shown. */
  review(runs: readonly CandidateRun[], verdict: Verdict): void;
  /** This one from now on. */
  show(run: CandidateRun): void;
}

/** As long as nobody has said otherwise, the first is shown: so it is where there is one. */
export function createLead(emit: (event: Said) => void): Lead {
  let index = 0;
  /** The shown one has no word yet, and whoever has one first is shown. */
  let isMute = true;

  function show(run: CandidateRun): void {
    isMute = run.text === '';
    if (run.plan.index === index) return;
    index = run.plan.index;
    emit({ type: 'lead', candidate: index });
    if (run.started) emit(run.started);
  }

  return {
    get index() {
      return index;
    },
    hear(run, event) {
      if (event.type !== 'text') {
        if (run.plan.index === index) emit(event);
        return;
      }
      if (isMute) show(run);
      isMute = false;
      emit({ ...event, candidate: run.plan.index });
    },
    review(runs, { text, chosen, votes }) {
      const next = text === null ? alive(runs, index) : (chosen ?? votes[0]?.candidates[0] ?? null);
      const isSame = text !== null && (votes.find(({ candidates }) => next !== null && candidates.includes(next))?.candidates.includes(index) ?? false);
      if (next !== null && !isSame) show(runs[next]!);
    },
    show,
  };
}

/** As long as nobody is done: the one that is shown, or if that has failed, whoever has come furthest. */
function alive(runs: readonly CandidateRun[], index: number): number | null {
  const fits = ({ state }: CandidateRun): boolean => state === 'running' || state === 'stopped';
  if (runs[index] && fits(runs[index])) return index;
  const furthest = runs.filter(fits).toSorted((one, other) => other.text.length - one.text.length || Number(other.hasBegun) - Number(one.hasBegun));
  return furthest[0]?.plan.index ?? null;
}
