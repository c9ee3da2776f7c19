/** Fusion's policies as contenders of a measurement: each judges the same collected answers as it would judge them live. Pure. */
import { createFirst } from '../orchestrator/fusion/first.ts';
import { createSelect } from '../orchestrator/fusion/select.ts';
import type { FusionPolicy, Matter } from '../orchestrator/fusion/types.ts';
import { createVote } from '../orchestrator/fusion/vote.ts';
import { createWeighted } from '../orchestrator/fusion/weighted.ts';
import type { AccuracyOf } from '../orchestrator/fusion/weights.ts';
import { learnCrosswise, type Learned } from '../measure/learn.ts';
import type { PromptClass } from '../protocol/fusion.ts';
import type { AnswerFormat } from '../shared/normalise-answer.ts';
import type { Approach, Contender, MeasuredQuestion, MeasureRun } from '../measure/types.ts';

/** As `FusionOptions.confidence` is if nobody said. */
const CONFIDENCE = 0.95;

/**
 * @param matterOf what a question is taken for
 * @returns first, vote, weighted (by log-probabilities alone), weighted by what was learned from the other half of the run, and both
 *   ways to select that need nobody else
 */
export function createContenders(run: MeasureRun, matterOf: (question: MeasuredQuestion) => Matter): readonly Contender[] {
  const learned = learnCrosswise(run, (question) => matterOf(question).promptClass);
  const contender = (name: string, policyOf: (question: MeasuredQuestion, matter: Matter) => FusionPolicy): Contender => ({
    name,
    approach(question, n) {
      const matter = matterOf(question);
      return approach(policyOf(question, matter), matter, n);
    },
  });
  return [
    contender('first', (_, matter) => createFirst(matter)),
    contender('vote', (_, matter) => createVote(matter)),
    contender('weighted', (_, matter) => createWeighted(matter)),
    contender('weighted, learned', (question, matter) => createWeighted(matter, { accuracyOf: accuracyFrom(learned(question)) })),
    contender('select, agreement', () => createSelect({ score: 'agreement' })),
    contender('select, likelihood', () => createSelect({ score: 'likelihood' })),
  ];
}

/** What a question says of itself: its own format, as if the person had named it. */
export function statedMatter({ format }: MeasuredQuestion): Matter {
  return { format, promptClass: CLASSES[format] };
}

const CLASSES: Readonly<Record<AnswerFormat, PromptClass>> = {
  number: 'number', time: 'number', 'yes-no': 'yes-no', letter: 'choice', words: 'word', refusal: 'word', list: 'list', json: 'json', open: 'open',
};

/** As the machine of a fused job does it: the first valid one is enough for `first`, else the policy's own confidence decides. */
const approach = (policy: FusionPolicy, { format }: Matter, n: number): Approach => ({
  candidates: n,
  format,
  judge: (ballots, pending) => policy.judge(ballots, pending),
  isEnough({ text, confidence: { meaning, value } }) {
    if (text === null) return false;
    return policy.name === 'first' || meaning === 'certain' || (meaning === 'posterior' && value >= CONFIDENCE);
  },
});

const accuracyFrom = (learned: readonly Learned[]): AccuracyOf => ({ model }, promptClass) => learned.find((one) => one.model === model && one.promptClass === promptClass) ?? null;
