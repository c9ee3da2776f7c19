/** What a fused job comes to: the answer with all that is said about it, in figures and in words. Pure. */
import type { Answer } from '../../protocol/chat.ts';
import type { Fused, FusionPolicyName, Vote } from '../../protocol/fusion.ts';
import { normaliseAnswer } from '../../shared/normalise-answer.ts';
import type { CandidateRun } from './candidate-run.ts';
import type { FusedStart, Matter, Verdict } from './types.ts';

/** Characters of a token if no candidate is done: those of the tiny engines have some two, of larger models three to four. */
const CHARS_PER_TOKEN = 3;

export interface Ending {
  readonly start: FusedStart;
  /** Those that began, in the order of the plan. */
  readonly runs: readonly CandidateRun[];
  /** What read them. */
  readonly reviews: readonly CandidateRun[];
  readonly verdict: Verdict;
  /** What was done in the end. */
  readonly policy: FusionPolicyName;
  readonly startedAt: number;
  readonly now: number;
  /** Why it is less than was asked for. */
  readonly notes: readonly string[];
}

/** As measured with those that are done. */
export function charsPerToken(runs: readonly CandidateRun[]): number {
  const done = runs.flatMap(({ answer }) => (answer && answer.usage.answerTokens > 0 ? [answer] : []));
  const characters = sum(done.map(({ text }) => text.length));
  return characters === 0 ? CHARS_PER_TOKEN : characters / sum(done.map(({ usage }) => usage.answerTokens));
}

/** Of prompts and answers, so far. */
export function tokensOf(runs: readonly CandidateRun[]): number {
  const size = charsPerToken(runs);
  return sum(runs.map((run) => run.promptTokens + run.tokens(size)));
}

/** @param answer of the candidate that was chosen, or that stands for the others */
export function fusedAnswer(answer: Answer, text: string, ending: Ending): Answer {
  return { ...answer, text, ...fusedOf(text, ending) };
}

function fusedOf(text: string, { start, runs, reviews, verdict, policy, startedAt, now, notes }: Ending): Fused {
  const size = charsPerToken(runs);
  return {
    policy,
    promptClass: start.matter.promptClass,
    votes: verdict.votes,
    confidence: verdict.confidence,
    dissent: dissentOf(text, verdict, start.matter),
    candidates: runs.map((run) => run.candidate(start.matter, start.isHeld, size)),
    chosen: verdict.chosen,
    cost: {
      calls: runs.length + reviews.length,
      tokens: tokensOf([...runs, ...reviews]),
      seconds: (now - startedAt) / 1000,
      saved: savedOf(runs, start.plan.length, size),
    },
    ...(notes.length > 0 ? { note: notes.join(' ') } : {}),
  };
}

/** The votes that are not the answer: of each field those behind the first. */
export function dissentOf(text: string, { chosen, votes }: Verdict, { format }: Matter): readonly Vote[] {
  const answer = normaliseAnswer(text, format);
  const firsts = new Set<string>();
  return votes.filter(({ field, candidates, answer: said }) => {
    if (field === undefined) return chosen === null ? said !== answer : !candidates.includes(chosen);
    const isFirst = !firsts.has(field);
    firsts.add(field);
    return !isFirst;
  });
}

/** Of the tokens that all would have written, had each that was stopped, or never began, become as long as those that are done. */
function savedOf(runs: readonly CandidateRun[], planned: number, size: number): number {
  const done = runs.filter(({ state }) => state === 'done');
  if (done.length === 0) return 0;
  const each = sum(done.map((run) => run.tokens(size))) / done.length;
  const failed = runs.filter(({ state }) => state === 'failed').length;
  const whole = each * (planned - failed);
  const written = sum(runs.filter(({ state }) => state !== 'failed').map((run) => run.tokens(size)));
  return whole === 0 ? 0 : Math.max(0, 1 - written / whole);
}

/** What went wrong with candidates, in words. */
export function troubles(runs: readonly CandidateRun[], isCounted: (run: CandidateRun) => boolean): string[] {
  const failed = runs.filter(({ state }) => state === 'failed');
  const spoilt = runs.filter((run) => run.state === 'done' && !isCounted(run)).length;
  return [
    ...(failed.length > 0 ? [`${failed.length} of ${runs.length} failed: ${failed[0]!.error!.message}`] : []),
    ...(spoilt > 0 ? [`${spoilt} of ${runs.length} said nothing that counts.`] : []),
  ];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
