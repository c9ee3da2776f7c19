/** What the collected candidates come to: each contender with 1, 3, 5 … of them, on the same answers. Pure. */
import { isRight } from '../questions/scoring.ts';
import { mcnemar, pairedBootstrap, wilson, type Interval } from '../questions/statistics.ts';
import { answersByQuestion, isAnswerOf } from './asked-questions.ts';
import { calibrationOf } from './calibration.ts';
import type { Calibration, ContenderResult, Cost, EarlyResult, Evaluation, GroupResult, Lead, Score, SingleResult } from './evaluation.ts';
import { createNormalise, outcomeOf, type Outcome } from './outcome.ts';
import type { Contender, MeasuredQuestion, MeasureRun, TakenAnswer } from './types.ts';

/** How many candidates, at the most: the sizes that are usual in what is published about votes. */
export const SIZES = [1, 3, 5, 9, 15] as const;

export interface EvaluateOptions {
  readonly sizes?: readonly number[];
  /** That work in parallel; as many as a built-in engine has slots, if absent. */
  readonly nodes?: number;
  /** Of resampling, for each interval of a difference. */
  readonly rounds?: number;
}

/** A question with the answers of all candidates, in the plan's order. */
interface Finished {
  readonly question: MeasuredQuestion;
  readonly answers: readonly TakenAnswer[];
}

/**
 * @returns null while no question has all its answers
 * @throws RangeError if the plan has no greedy candidate to compare with
 */
export function evaluate(run: MeasureRun, contenders: readonly Contender[], { sizes = SIZES, nodes = 4, rounds = 2000 }: EvaluateOptions = {}): Evaluation | null {
  const finished = finishedOf(run);
  if (finished.length === 0) return null;
  const questions = finished.map(({ question }) => question);
  const groups = groupsOf(questions);
  const singles = singlesOf(run, finished, groups);
  const rightOf = ({ index }: SingleResult): number => finished.filter(({ question, answers }) => isRight(question, answers[index]!.text)).length;
  const best = singles.reduce((one, other) => (rightOf(other) > rightOf(one) ? other : one));
  const baseline = finished.map(({ question, answers }) => isRight(question, answers[best.index]!.text));
  const msPerToken = speedOf(finished);
  const leadOf = createLeadOf(rounds);
  const normalise = createNormalise();
  const possible = sizes.filter((n) => n <= run.plan.length);
  const all = contenders.flatMap((contender) =>
    possible.map((n) => {
      const outcomes = finished.map(({ question, answers }) => outcomeOf(contender, question, answers, { n, nodes, normalise }));
      const result = resultOf(contender.name, n, outcomes, { baseline, groups, msPerToken, leadOf });
      return { result, calibrations: calibrationsOf(contender.name, n, outcomes) };
    }),
  );
  return {
    version: 1,
    questions: questions.length,
    unfinished: run.questions.length - questions.length,
    kinds: [...new Set(questions.map(({ kind }) => kind))],
    models: [...new Set(finished.flatMap(({ answers }) => answers.map(({ model }) => model)))],
    nodes,
    msPerToken,
    singles,
    best: singles.indexOf(best),
    results: all.map(({ result }) => result),
    calibrations: all.flatMap(({ calibrations }) => calibrations),
  };
}

/** Those with an answer, or a failure, of each candidate. */
function finishedOf({ plan, questions, answers }: MeasureRun): readonly Finished[] {
  const byQuestion = answersByQuestion(answers);
  return questions.flatMap((question) => {
    const given = byQuestion.get(question.key) ?? [];
    const ofPlan = plan.flatMap((candidate) => given.find((answer) => isAnswerOf(candidate, answer)) ?? []);
    return ofPlan.length === plan.length ? [{ question, answers: ofPlan }] : [];
  });
}

/** Places of the questions of each kind, of each level and of all. */
function groupsOf(questions: readonly MeasuredQuestion[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  const names = [...new Set(questions.map(({ kind }) => kind)), 'easy', 'hard', 'all'];
  for (const name of names) groups.set(name, []);
  questions.forEach(({ kind, difficulty }, place) => [kind, difficulty, 'all'].forEach((name) => groups.get(name)?.push(place)));
  return new Map([...groups].filter(([, places]) => places.length > 0));
}

const scoreOf = (rights: readonly boolean[]): Score => {
  const right = rights.filter(Boolean).length;
  return { right, count: rights.length, ...wilson(right, rights.length) };
};

type LeadOf = (one: readonly boolean[], other: readonly boolean[]) => Lead;

/**
 * Which of the questions were gained is the same to a resampling as how many, so equal counts are resampled once: with many
 * contenders and kinds that is most of the work.
 */
function createLeadOf(rounds: number): LeadOf {
  const known = new Map<string, Lead>();
  return (one, other) => {
    const gained = one.filter((right, place) => right && !other[place]).length;
    const lost = other.filter((right, place) => right && !one[place]).length;
    const key = `${gained} ${lost} ${one.length}`;
    const lead = known.get(key) ?? { ...bootstrapped(gained, lost, one.length, rounds), gained, lost, chance: mcnemar(gained, lost) };
    known.set(key, lead);
    return lead;
  };
}

function bootstrapped(gained: number, lost: number, count: number, rounds: number): Interval & { readonly difference: number } {
  const pairs = Array.from({ length: count }, (_, place) => place);
  return pairedBootstrap(pairs.map((place) => place < gained), pairs.map((place) => place >= gained && place < gained + lost), { rounds });
}

/** The first greedy candidate of each model. */
function singlesOf({ plan }: MeasureRun, finished: readonly Finished[], groups: ReadonlyMap<string, readonly number[]>): readonly SingleResult[] {
  const byModel = new Map(plan.filter(({ temperature }) => temperature === 0).toReversed().map((candidate) => [candidate.model, candidate]));
  const greedy = plan.filter((candidate) => byModel.get(candidate.model) === candidate);
  if (greedy.length === 0) throw new RangeError('None of the candidates is greedy: there is nothing to compare with.');
  return greedy.map(({ index }) => {
    const rights = finished.map(({ question, answers }) => isRight(question, answers[index]!.text));
    const perGroup = [...groups].map(([group, places]) => ({ group, score: scoreOf(places.map((place) => rights[place]!)) }));
    return { model: finished[0]!.answers[index]!.model, index, groups: perGroup };
  });
}

/** What all results are made with. */
interface Bench {
  /** Whether the best single engine had each question right. */
  readonly baseline: readonly boolean[];
  readonly groups: ReadonlyMap<string, readonly number[]>;
  readonly msPerToken: number;
  readonly leadOf: LeadOf;
}

function resultOf(contender: string, n: number, outcomes: readonly Outcome[], bench: Bench): ContenderResult {
  const { baseline, groups, msPerToken, leadOf } = bench;
  const rights = outcomes.map(({ right }) => right);
  const results = [...groups].map(([group, places]) => {
    const [ours, theirs] = [places.map((place) => rights[place]!), places.map((place) => baseline[place]!)];
    const lead = leadOf(ours, theirs);
    return { group, score: scoreOf(ours), lead, adjusted: lead.chance };
  });
  return { contender, n, groups: adjusted(results), cost: costOf(outcomes, msPerToken), early: earlyOf(outcomes, rights, bench) };
}

/** Holm's step-down (1979) over the kinds: who looks at twenty finds one in twenty by chance. */
function adjusted(results: readonly GroupResult[]): readonly GroupResult[] {
  const isKind = ({ group }: GroupResult): boolean => !['easy', 'hard', 'all'].includes(group);
  const kinds = results.filter(isKind).sort((one, other) => one.lead.chance - other.lead.chance);
  let atLeast = 0;
  const values = new Map(kinds.map(({ group, lead }, rank) => [group, (atLeast = Math.max(atLeast, Math.min(1, lead.chance * (kinds.length - rank))))]));
  return results.map((result) => ({ ...result, adjusted: values.get(result.group) ?? result.adjusted }));
}

type Spent = Pick<Outcome, 'calls' | 'promptTokens' | 'tokens' | 'time'>;

function costOf(spent: readonly Spent[], msPerToken: number): Cost {
  const mean = (value: (one: Spent) => number): number => spent.reduce((sum, one) => sum + value(one), 0) / spent.length;
  return {
    calls: mean(({ calls }) => calls),
    promptTokens: mean(({ promptTokens }) => promptTokens),
    tokens: mean(({ tokens }) => tokens),
    seconds: (mean(({ time }) => time) * msPerToken) / 1000,
  };
}

function earlyOf(outcomes: readonly Outcome[], rights: readonly boolean[], { msPerToken, leadOf }: Bench): EarlyResult {
  const early = outcomes.map((outcome) => outcome.early);
  const total = (values: readonly { readonly tokens: number }[]): number => values.reduce((sum, { tokens }) => sum + tokens, 0);
  const stopped = early.map(({ right }) => right);
  return {
    score: scoreOf(stopped),
    lead: leadOf(stopped, rights),
    changed: early.filter(({ changed }) => changed).length / early.length,
    cost: costOf(early, msPerToken),
    saved: total(outcomes) === 0 ? 0 : 1 - total(early) / total(outcomes),
  };
}

function calibrationsOf(contender: string, n: number, outcomes: readonly Outcome[]): readonly Calibration[] {
  const holds = outcomes.flatMap(({ stated }) => stated.map(({ value, held }) => ({ stated: value, came: held })));
  const shares = outcomes.flatMap(({ share, right }) => (share === null ? [] : [{ stated: Math.min(1, Math.max(0, share)), came: right }]));
  return (['holds', 'right'] as const).flatMap((of) => {
    const statements = of === 'holds' ? holds : shares;
    return n > 1 && statements.length > 0 ? [{ contender, n, of, ...calibrationOf(statements) }] : [];
  });
}

function speedOf(finished: readonly Finished[]): number {
  const answers = finished.flatMap((one) => one.answers);
  const total = (value: (answer: TakenAnswer) => number): number => answers.reduce((sum, answer) => sum + value(answer), 0);
  return total(({ ms }) => ms) / Math.max(1, total(({ tokens }) => tokens));
}
