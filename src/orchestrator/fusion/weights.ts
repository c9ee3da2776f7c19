/**
 * How much a voice counts: more if its engine was right more often, and if it was sure of its words. Pure; where the counts of
 * right answers come from is told from outside.
 */
import type { Candidate, PromptClass } from '../../protocol/fusion.ts';
import type { Weighing } from './tally.ts';

/** How often somebody was right with questions whose answers are known. */
export interface Measured {
  readonly right: number;
  readonly asked: number;
}

/** What was measured for a candidate's node, or if that is not known for its model; null: nothing. */
export type AccuracyOf = (who: Pick<Candidate, 'node' | 'model' | 'modelHash'>, promptClass: PromptClass) => Measured | null;

export const UNMEASURED: AccuracyOf = () => null;

/**
 * Among how many answers somebody who knows nothing would choose. Yes or no: two; most questions with letters have four. Of the
 * rest it is only known that they are many: weights grow with its logarithm, and ten or a hundred change few winners.
 */
const ALTERNATIVES: Readonly<Record<PromptClass, number>> = { 'yes-no': 2, choice: 4, number: 10, word: 10, list: 10, json: 10, open: 10 };

/** What is believed before anything is measured weighs as much as two questions: Laplace's rule of succession. */
const PRIOR_QUESTIONS = 2;

/**
 * Nobody is taken for better than right nineteen times in twenty, however short the test was that says so. It bounds a weight,
 * and so makes it possible to see that a vote is decided.
 */
const MOST_ACCURATE = 0.95;

/** Of one who is no better than guessing, or always lies: decides where nobody better speaks, and only there. */
const LEAST = 2 ** -10;

/** How sure one is taken to be who did not tell its log-probabilities: half-way. */
const UNTOLD = 0.5;

/**
 * How likely somebody is right. Laplace's rule, but what is believed of one who was never measured is not an even chance: it is
 * half-way between guessing and always being right.
 */
export function accuracy(measured: Measured | null, promptClass: PromptClass): number {
  const { right, asked } = measured ?? { right: 0, asked: 0 };
  const believed = (1 + 1 / ALTERNATIVES[promptClass]) / 2;
  return Math.min(MOST_ACCURATE, (right + PRIOR_QUESTIONS * believed) / (asked + PRIOR_QUESTIONS));
}

/**
 * The weight that makes a vote of independent voices right most often: the log-odds of being right (Nitzan and Paroush 1982,
 * "Optimal decision rules in uncertain dichotomous choice situations", International Economic Review 23). With k alternatives
 * the odds are against each of k − 1 wrong ones, so that guessing weighs nothing.
 */
export function logOdds(probability: number, promptClass: PromptClass): number {
  return Math.log((probability * (ALTERNATIVES[promptClass] - 1)) / (1 - probability));
}

/**
 * Log-odds, times how likely its own engine found a word of the answer (the geometric mean of its tokens' probabilities): answers
 * that their engine is unsure of are wrong more often (Taubenfeld et al. 2025, "Confidence improves self-consistency", arXiv
 * 2502.06233). Log-probabilities are claims: one that claims to be quite sure gains what an honest one lacks, and no more.
 */
export function weighingBy(accuracyOf: AccuracyOf, promptClass: PromptClass): Weighing {
  return {
    weightOf(ballot) {
      const sureness = ballot.logprob === null ? UNTOLD : Math.exp(Math.min(0, ballot.logprob));
      return Math.max(LEAST, logOdds(accuracy(accuracyOf(ballot, promptClass), promptClass), promptClass) * sureness);
    },
    most: logOdds(MOST_ACCURATE, promptClass),
  };
}
