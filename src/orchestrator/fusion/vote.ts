/** The answer that most agree on; of objects, the value that most agree on for each field. */
import { judgeFields } from './fields.ts';
import { confidenceIn, UNCOMPARED } from './posterior.ts';
import { answerOf, EQUAL, tally, votesOf, type Weighing } from './tally.ts';
import type { Ballot, FusionPolicy, Matter, Verdict } from './types.ts';

/** Nobody has said anything yet. */
export const NOTHING: Verdict = { text: null, chosen: null, votes: [], confidence: UNCOMPARED };

export function createVote(matter: Matter): FusionPolicy {
  return { name: 'vote', judge: (ballots, pending) => judgeByCount(matter, EQUAL, ballots, pending) };
}

/** @param weighing how much each counts */
export function judgeByCount(matter: Matter, weighing: Weighing, ballots: readonly Ballot[], pending: number): Verdict {
  const { fields = [] } = matter;
  return (fields.length > 0 ? judgeFields(ballots, pending, fields, weighing) : null) ?? judgeWhole(matter, weighing, ballots, pending);
}

function judgeWhole(matter: Matter, weighing: Weighing, ballots: readonly Ballot[], pending: number): Verdict {
  const counted = tally(ballots, pending, (ballot) => answerOf(ballot, matter), weighing);
  const [best] = counted.groups;
  if (!best) return NOTHING;
  const [{ text, index }] = best.ballots;
  const mayBeFields = pending > 0 && (matter.fields?.length ?? 0) > 0;
  return { text, chosen: index, votes: votesOf(counted), confidence: mayBeFields ? UNCOMPARED : confidenceIn([counted.standing]) };
}
