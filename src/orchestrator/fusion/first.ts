/** The fastest answer that holds what was asked for. Who starts candidates stops as soon as there is one. */
import { numberIn } from '../../shared/normalise-answer.ts';
import { UNCOMPARED } from './posterior.ts';
import { answerOf, EQUAL, tally, votesOf } from './tally.ts';
import type { Ballot, FusionPolicy, Matter } from './types.ts';
import { NOTHING } from './vote.ts';

/** While others may come, one that does not hold such an answer is not taken; when all have come, the first of them is. */
export function createFirst(matter: Matter): FusionPolicy {
  return {
    name: 'first',
    judge(ballots, pending) {
      const inOrder = [...ballots].sort((one, other) => one.arrival - other.arrival);
      const taken = inOrder.find((ballot) => holdsAnswer(ballot, matter)) ?? (pending === 0 ? inOrder[0] : undefined);
      const votes = votesOf(tally(ballots, pending, (ballot) => answerOf(ballot, matter), EQUAL));
      if (!taken) return { ...NOTHING, votes };
      return { text: taken.text, chosen: taken.index, votes: firstFirst(votes, taken.index), confidence: UNCOMPARED };
    },
  };
}

const firstFirst = <T extends { readonly candidates: readonly number[] }>(votes: readonly T[], index: number): readonly T[] =>
  [...votes].sort((one, other) => Number(other.candidates.includes(index)) - Number(one.candidates.includes(index)));

/** Whether it is what was asked for: a number where that is a number, some words where it is words. That it can't tell is an answer, too. */
export function holdsAnswer(ballot: Ballot, matter: Matter): boolean {
  const { answer } = ballot;
  if (answer === '' || answerOf(ballot, matter) === 'refusal') return answer !== '';
  switch (matter.format) {
    case 'number':
      return numberIn(answer) !== null;
    case 'time':
      return /^\d\d:\d\d$/u.test(answer);
    case 'yes-no':
      return answer === 'yes' || answer === 'no';
    case 'letter':
      return /^[A-H]$/u.test(answer);
    case 'json':
      return isJson(answer);
    case 'list':
    case 'words':
    case 'refusal':
    case 'open':
      return true;
  }
}

/** An object or a list: what is no JSON is compared as words, and a word alone may be a number. */
function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
