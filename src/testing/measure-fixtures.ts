/** Runs for tests of measuring, written as tables: what each candidate says to each question. */
import { keyOf } from '../measure/asked-questions.ts';
import type { Approach, Contender, MeasuredBallot, MeasuredQuestion, MeasuredVerdict, MeasureRun, PlannedCandidate, TakenAnswer } from '../measure/types.ts';
import { nodeAddress } from '../shared/ids.ts';

export function madeQuestion(content: string, answer: string, kind = 'sums', difficulty = 'easy'): MeasuredQuestion {
  const messages = [{ role: 'user' as const, content }];
  return { key: keyOf(messages), kind, difficulty, messages, answer, format: 'number' };
}

export const madePlan = (n: number): readonly PlannedCandidate[] =>
  Array.from({ length: n }, (_, index) => ({ index, seed: 100 + index, temperature: index / 10, model: 'tiny-1' }));

export function madeAnswer(question: MeasuredQuestion, planned: PlannedCandidate, text: string, changes: Partial<TakenAnswer> = {}): TakenAnswer {
  const { index, seed, temperature, model } = planned;
  return {
    question: question.key, index, seed, temperature, model: model ?? 'tiny-1', modelHash: null, node: nodeAddress('peer', 'node'), text, finishReason: 'stop',
    logprob: -0.5, promptTokens: 20, tokens: 10, ms: 100, ...changes,
  };
}

/**
 * @param table for each question what the candidates say, in the plan's order; all right answers are 1
 * @param changes of the answer of a candidate: how long it is
 */
export function madeRun(
  table: readonly (readonly string[])[],
  changes: (index: number, question: number) => Partial<TakenAnswer> = () => ({}),
  kindOf: (question: number) => string = () => 'sums',
): MeasureRun {
  const plan = madePlan(table[0]?.length ?? 0);
  const questions = table.map((_, place) => madeQuestion(`Question ${place}?`, '1', kindOf(place), place % 2 === 0 ? 'easy' : 'hard'));
  const answers = table.flatMap((row, place) => row.map((text, index) => madeAnswer(questions[place]!, plan[index]!, text, changes(index, place))));
  return { maxTokens: 50, plan, questions, answers };
}

interface Counted {
  readonly answer: string;
  readonly text: string;
  readonly candidates: number[];
}

function counted(ballots: readonly MeasuredBallot[]): readonly Counted[] {
  const found = new Map<string, Counted>();
  for (const { answer, text, index } of [...ballots].sort((one, other) => one.index - other.index)) {
    const had = found.get(answer);
    if (had) had.candidates.push(index);
    else found.set(answer, { answer, text, candidates: [index] });
  }
  return [...found.values()].sort((one, other) => other.candidates.length - one.candidates.length || one.candidates[0]! - other.candidates[0]!);
}

/** The most frequent answer, of equal ones that of the earliest candidate; sure when the second can't reach the first, else by share. */
export function judgePlurality(ballots: readonly MeasuredBallot[], pending: number): MeasuredVerdict {
  const groups = counted(ballots);
  const votes = groups.map(({ answer, text, candidates }) => ({ answer, text, count: candidates.length, weight: candidates.length / ballots.length, candidates }));
  const [first, second] = votes;
  if (!first) return { text: null, votes, confidence: { value: 0, meaning: 'none' } };
  const isCertain = first.count > (second?.count ?? 0) + pending;
  return { text: first.text, votes, confidence: isCertain ? { value: 1, meaning: 'certain' } : { value: first.weight, meaning: 'posterior' } };
}

/** @param enough stops at this confidence; 1: only when it is certain */
export const plurality = (enough = 1, name = 'vote'): Contender => ({
  name,
  approach: (question, n): Approach => ({
    candidates: Array.from({ length: n }, (_, place) => place), format: question.format, judge: judgePlurality,
    isEnough: ({ confidence: { value, meaning } }) => meaning === 'certain' || (enough < 1 && meaning === 'posterior' && value >= enough),
  }),
});
