/** Whether fusion does what it is for, by an evaluation. Pure. */
import type { ContenderResult, Evaluation, GroupResult } from './evaluation.ts';

export interface Goal {
  readonly goal: 'gain of vote' | 'early stop' | 'auto does no harm';
  readonly met: boolean;
  /** What it is judged by; null: it was not among the contenders. */
  readonly result: ContenderResult | null;
}

/** Classes of questions on which a vote must be better than the best single engine, beyond chance. */
const GAINING_KINDS = 3;
const SIGNIFICANT = 0.05;
/** Of the tokens. */
const SAVED = 0.5;
/** Of accuracy, that early stop may cost. */
const EARLY_LOSS = 0.01;
/** Of accuracy, that `auto` may cost against one greedy engine, and how many questions it takes to say so. */
const AUTO_LOSS = 0.02;
const AUTO_QUESTIONS = 1000;

/** Kinds on which it is better than the best single engine, looked at all of them. */
export function gainingKinds({ groups }: ContenderResult, { kinds }: Evaluation): readonly GroupResult[] {
  return groups.filter(({ group, lead, adjusted }) => kinds.includes(group) && lead.difference > 0 && adjusted < SIGNIFICANT);
}

/** Each is judged with the most candidates that there are: the size was not chosen by its outcome. */
export function goalsOf(evaluation: Evaluation): readonly Goal[] {
  const most = Math.max(...evaluation.results.map(({ n }) => n));
  const resultOf = (name: string): ContenderResult | null => evaluation.results.find(({ contender, n }) => contender === name && n === most) ?? null;
  const [vote, auto] = [resultOf('vote'), resultOf('auto')];
  const autoLow = auto?.groups.find(({ group }) => group === 'all')?.lead.low ?? -1;
  return [
    { goal: 'gain of vote', met: vote !== null && gainingKinds(vote, evaluation).length >= GAINING_KINDS, result: vote },
    { goal: 'early stop', met: vote !== null && vote.early.saved >= SAVED && vote.early.lead.low >= -EARLY_LOSS, result: vote },
    { goal: 'auto does no harm', met: autoLow > -AUTO_LOSS && evaluation.questions >= AUTO_QUESTIONS, result: auto },
  ];
}
