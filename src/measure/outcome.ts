/** What a contender makes of the answers to one question: with all of them, and stopped as soon as it says that it is enough. Pure. */
import { isRight } from '../questions/scoring.ts';
import { normaliseAnswer } from '../shared/normalise-answer.ts';
import { scheduleOn, spentBy, type Slot } from './schedule.ts';
import type { Approach, Contender, MeasuredBallot, MeasuredQuestion, MeasuredVerdict, TakenAnswer } from './types.ts';

/** One question, one contender, one size. */
export interface Outcome {
  readonly right: boolean;
  readonly calls: number;
  /** Read, all calls. */
  readonly promptTokens: number;
  /** Written, all calls. */
  readonly tokens: number;
  /** Until the last was done, in written tokens of one node. */
  readonly time: number;
  /** Of the votes' weight, the winner's; null if it does not count votes. */
  readonly share: number | null;
  readonly early: EarlyOutcome;
  /** What was stated after each answer but the last, and whether it came true. */
  readonly stated: readonly StatedConfidence[];
}

export interface EarlyOutcome {
  readonly right: boolean;
  /** Another answer than that of all candidates. */
  readonly changed: boolean;
  readonly calls: number;
  readonly promptTokens: number;
  readonly tokens: number;
  readonly time: number;
}

export interface StatedConfidence {
  readonly value: number;
  readonly meaning: 'certain' | 'posterior';
  /** The leader of that moment was the winner of all. */
  readonly held: boolean;
}

export interface OutcomeOptions {
  /** The most candidates. */
  readonly n: number;
  /** How many work in parallel. */
  readonly nodes: number;
  readonly normalise: typeof normaliseAnswer;
}

/** The same text is compared with others for each contender and each size: made comparable once. */
export function createNormalise(): typeof normaliseAnswer {
  const known = new Map<string, string>();
  return (text, format) => {
    const key = `${format} ${text}`;
    const found = known.get(key) ?? normaliseAnswer(text, format);
    known.set(key, found);
    return found;
  };
}

/** @param answers to this question, in the plan's order, all of them */
export function outcomeOf(contender: Contender, question: MeasuredQuestion, answers: readonly TakenAnswer[], { n, nodes, normalise }: OutcomeOptions): Outcome {
  const approach = contender.approach(question, n);
  const asked = approach.candidates.map((place) => answers[place]!);
  const slots = scheduleOn(nodes, asked.map(({ tokens }) => tokens));
  const ballots = slots.map(({ index }, arrival) => ballotOf(asked[index]!, index, arrival, (text) => normalise(text, approach.format)));
  const verdicts = verdictsOf(approach, ballots);
  const last = verdicts.at(-1)!;
  const said = ({ text }: MeasuredVerdict): string | null => (text === null ? null : normalise(text, question.format));
  const wins = (verdict: MeasuredVerdict): boolean => said(verdict) === said(last);
  return {
    right: isRight(question, last.text ?? ''),
    calls: asked.length,
    promptTokens: sum(asked.map(({ promptTokens }) => promptTokens)),
    tokens: sum(asked.map(({ tokens }) => tokens)),
    time: slots.at(-1)?.to ?? 0,
    share: last.votes[0]?.weight ?? null,
    early: earlyOf(question, asked, slots, verdicts, firstEnough(approach, ballots, slots, verdicts), wins),
    stated: verdicts.slice(0, -1).flatMap((verdict) => {
      const { meaning, value } = verdict.confidence;
      return verdict.text !== null && (meaning === 'certain' || meaning === 'posterior') ? [{ value, meaning, held: wins(verdict) }] : [];
    }),
  };
}

/** After each arrival; the last one is that of all. What failed is no ballot, but nobody waits for it any more. */
function verdictsOf(approach: Approach, ballots: readonly (MeasuredBallot | null)[]): readonly MeasuredVerdict[] {
  const counted = ballots.map((_, done) => ballots.slice(0, done + 1).filter((ballot) => ballot !== null));
  return counted.map((some, done) => approach.judge(some, ballots.length - done - 1));
}

/**
 * As the fused job does it: certain by all who are done; else sure by those before the first of the plan who still writes, since
 * who is quick is no fair sample of all.
 *
 * @returns the arrival after which it is enough; −1: only after the last
 */
function firstEnough(approach: Approach, ballots: readonly (MeasuredBallot | null)[], slots: readonly Slot[], verdicts: readonly MeasuredVerdict[]): number {
  const done = new Set<number>();
  let gap = 0;
  return verdicts.findIndex((verdict, arrival) => {
    done.add(slots[arrival]!.index);
    while (done.has(gap)) gap += 1;
    if (!approach.isEnough(verdict) || verdict.confidence.meaning !== 'posterior') return approach.isEnough(verdict);
    const fair = approach.judge(ballots.slice(0, arrival + 1).filter((ballot) => ballot !== null && ballot.index < gap) as MeasuredBallot[], slots.length - gap);
    return approach.isEnough(fair) && fair.votes[0]?.answer === verdict.votes[0]?.answer;
  });
}

function earlyOf(
  question: MeasuredQuestion, asked: readonly TakenAnswer[], slots: readonly Slot[], verdicts: readonly MeasuredVerdict[],
  enough: number, wins: (verdict: MeasuredVerdict) => boolean,
): EarlyOutcome {
  const end = enough < 0 ? verdicts.length - 1 : enough;
  const verdict = verdicts[end]!;
  const time = slots[end]?.to ?? 0;
  const { calls, tokens } = spentBy(slots, time, new Set(slots.slice(0, end + 1).map(({ index }) => index)));
  // They begin in the order of asking, so those that began are the first ones.
  const promptTokens = sum(asked.slice(0, calls).map((one) => one.promptTokens));
  return { right: isRight(question, verdict.text ?? ''), changed: !wins(verdict), calls, promptTokens, tokens, time };
}

/** @returns null for what is no vote: it failed, or is without a word */
function ballotOf(answer: TakenAnswer, index: number, arrival: number, normalise: (text: string) => string): MeasuredBallot | null {
  const { text, node, model, modelHash, seed, temperature, logprob, tokens, finishReason } = answer;
  if (node === null || text.trim() === '' || (finishReason !== 'stop' && finishReason !== 'length')) return null;
  const said = normalise(text);
  return { text, answer: said, node, model, modelHash, seed, temperature, logprob, tokens, finishReason, replayable: modelHash !== null, index, arrival };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
