/** Fusion's policies as contenders of a measurement: each judges the same collected answers as it would judge them live. Pure. */
import { learnCrosswise, type Learned } from '../measure/learn.ts';
import type { Approach, Contender, MeasuredQuestion, MeasureRun } from '../measure/types.ts';
import { chooseAuto } from '../orchestrator/fusion/auto.ts';
import { createPolicy, type PolicyChoice, type PolicyContext } from '../orchestrator/fusion/create-policy.ts';
import { classifyPrompt, type ClassifiedPrompt } from '../orchestrator/fusion/prompt-class.ts';
import type { FusionPolicy, Matter } from '../orchestrator/fusion/types.ts';
import type { AccuracyOf } from '../orchestrator/fusion/weights.ts';

/** As `FusionOptions.confidence` is if nobody said. */
const CONFIDENCE = 0.95;

export interface ContenderOptions {
  /** That is enough for early stop; 0.95 if absent. */
  readonly confidence?: number;
}

/**
 * @returns `auto`, the policies, a weighted vote with what the other half of the run taught, and where the run has several models a
 *   vote of the first one alone
 */
export function createContenders(run: MeasureRun, { confidence = CONFIDENCE }: ContenderOptions = {}): readonly Contender[] {
  const { plan } = run;
  const models = new Set(plan.map(({ model }) => model)).size;
  const classified = remembered((question) => classifyPrompt({ messages: [...question.messages] }));
  const learned = learnCrosswise(run, (question) => classified(question).matter.promptClass);
  const all = plan.map(({ index }) => index);
  const ofFirst = plan.filter(({ model }) => model === plan[0]!.model).map(({ index }) => index);

  const approach = (policy: FusionPolicy, { format }: Matter, candidates: readonly number[]): Approach => ({
    candidates,
    format,
    judge: (ballots, pending) => policy.judge(ballots, pending),
    // As the machine of a fused job does it.
    isEnough({ text, confidence: { meaning, value } }) {
      if (text === null) return false;
      return policy.name === 'first' || meaning === 'certain' || (meaning === 'posterior' && confidence < 1 && value >= confidence);
    },
  });
  const contender = (name: string, choice: PolicyChoice, contextOf: (question: MeasuredQuestion) => PolicyContext = () => ({}), members = all): Contender => ({
    name,
    approach(question, n) {
      const { matter } = classified(question);
      return approach(createPolicy(choice, matter, contextOf(question)), matter, members.slice(0, n));
    },
  });
  const auto: Contender = {
    name: 'auto',
    approach(question, n) {
      const { policy, n: wanted, diversity } = chooseAuto(classified(question), { n }, models);
      const { matter } = classified(question);
      if (policy === 'ensemble') throw new RangeError('An ensemble can\'t be judged by answers that were given one by one.');
      return approach(createPolicy({ policy }, matter), matter, (diversity === 'family' ? all : ofFirst).slice(0, wanted));
    },
  };
  return [
    auto,
    contender('first', { policy: 'first' }),
    contender('vote', { policy: 'vote' }),
    ...(models > 1 ? [contender('vote, one model', { policy: 'vote' }, undefined, ofFirst)] : []),
    contender('weighted', { policy: 'weighted' }),
    contender('weighted, learned', { policy: 'weighted' }, (question) => ({ accuracyOf: accuracyFrom(learned(question)) })),
    contender('select, agreement', { policy: 'select', score: 'agreement' }),
    contender('select, likelihood', { policy: 'select', score: 'likelihood' }),
  ];
}

/** Each question is looked at once, however many contenders and sizes there are. */
function remembered(classify: (question: MeasuredQuestion) => ClassifiedPrompt): (question: MeasuredQuestion) => ClassifiedPrompt {
  const known = new Map<string, ClassifiedPrompt>();
  return (question) => {
    const found = known.get(question.key) ?? classify(question);
    known.set(question.key, found);
    return found;
  };
}

const accuracyFrom = (learned: readonly Learned[]): AccuracyOf => ({ model }, promptClass) =>
  learned.find((one) => one.model === model && one.promptClass === promptClass) ?? null;
