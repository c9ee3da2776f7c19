/** Answers made of several, in words. Pure. */
import type { Candidate, Confidence, FusionOptions, FusionPolicyName, Fused, PromptClass, Vote } from '../../protocol/fusion.ts';
import type { Reply } from '../../protocol/snapshot.ts';
import { formatCount, formatDuration } from '../format.ts';
import { safeText } from '../swarm/safe-text.ts';

/** What a fused answer has beside its text; the time is in `cost`. */
export type FusedAnswer = Fused;

/** @returns null if one engine answered */
export function fusedOf(answer: Partial<Fused>): FusedAnswer | null {
  return answer.votes && answer.candidates && answer.cost && answer.confidence && answer.policy && answer.promptClass ? (answer as FusedAnswer) : null;
}

export const POLICY_WORDS: Readonly<Record<FusionPolicyName, { readonly name: string; readonly hint: string }>> = {
  auto: { name: 'Auto', hint: 'Several engines where that has been measured to help, else one' },
  first: { name: 'First', hint: 'Whichever is done first' },
  vote: { name: 'Vote', hint: 'The answer that most agree on' },
  weighted: { name: 'Weighted vote', hint: 'Who was right more often counts more' },
  select: { name: 'Best of all', hint: 'The text that resembles the others most' },
  ensemble: { name: 'Word by word', hint: 'All engines choose each next word together; slow' },
  synthesise: { name: 'Rewritten by a larger model', hint: 'Needs a larger model in the swarm' },
};

export const CLASS_WORDS: Readonly<Record<PromptClass, string>> = {
  number: 'a number', choice: 'one of a few options', 'yes-no': 'yes or no', list: 'a list', json: 'JSON', word: 'a word or two', open: 'free text',
};

const LABELS: Readonly<Record<Exclude<FusionPolicyName, 'auto'>, string>> = {
  first: 'First of', vote: 'Vote of', weighted: 'Weighted vote of', select: 'Best of', ensemble: 'Word by word by', synthesise: 'Rewritten from',
};

/** What the control beside the prompt says. @param fusion null: one engine */
export function fusionLabel(fusion: FusionOptions | null): string {
  if (fusion === null) return 'One engine';
  if (fusion.policy === 'auto') return 'Auto';
  return `${LABELS[fusion.policy]} ${fusion.n ?? DEFAULT_COUNT}`;
}

/** Candidates if nobody says how many. */
export const DEFAULT_COUNT = 5;

/** The candidates that were counted: whoever was not waited for has no vote. */
const counted = ({ candidates }: FusedAnswer): readonly Candidate[] => candidates.filter(({ finishReason }) => finishReason === 'stop' || finishReason === 'length');

/** Each of them came from a node of its own. Five runs of two engines are not five engines. */
function voters(candidates: readonly Candidate[]): string {
  const nodes = new Set(candidates.map(({ node }) => node)).size;
  return nodes === candidates.length ? 'engine' : 'answer';
}

const many = (count: number, noun: string): string => `${noun}${count === 1 ? '' : 's'}`;

/** "7 of 9 engines agree", "Best of 5 answers", "First of 3 engines". */
export function outcomeWords(answer: FusedAnswer): string {
  const done = counted(answer);
  const noun = voters(done);
  switch (answer.policy) {
    case 'first':
      return `First of ${answer.cost.calls} ${many(answer.cost.calls, voters(answer.candidates))}`;
    case 'select':
      return `Best of ${done.length} ${many(done.length, noun)}`;
    case 'synthesise':
      return `Written from ${done.length} ${many(done.length, 'answer')}`;
    case 'ensemble':
      return `Word by word by ${answer.cost.calls} ${many(answer.cost.calls, 'engine')}`;
    case 'auto':
    case 'vote':
    case 'weighted':
      return agreementWords(answer, done.length, noun);
  }
}

function agreementWords({ votes, chosen }: FusedAnswer, total: number, noun: string): string {
  if (votes.some(({ field }) => field !== undefined)) return `${total} ${many(total, noun)}, counted field by field`;
  // A mean of numbers is nobody's answer.
  const leading = chosen === null ? undefined : (votes.find(({ candidates }) => candidates.includes(chosen)) ?? votes[0]);
  if (!leading) return `From ${total} ${many(total, noun)}`;
  if (leading.count === 1 && total > 1) return `All ${total} ${many(total, noun)} differ`;
  return leading.count === total ? (total === 1 ? `One ${noun}` : `All ${total} ${many(total, noun)} agree`) : `${leading.count} of ${total} ${many(total, noun)} agree`;
}

/** The one line under a fused answer, in parts: outcome, time, what was saved. */
export function summaryParts(answer: FusedAnswer): string[] {
  const { seconds, saved } = answer.cost;
  const share = Math.round(saved * 100);
  return [outcomeWords(answer), formatDuration(seconds * 1000), ...(share > 0 ? [`${share} % of the work saved`] : [])];
}

/** While they are still being heard: "3 of 5 heard: “85” has 2". */
export function votingWords({ votes, pending }: NonNullable<Reply['voting']>): string {
  const whole = votes.filter(({ field }) => field === undefined);
  const heard = new Set(votes.flatMap(({ candidates }) => candidates)).size;
  const [leading] = whole;
  return `${heard} of ${heard + pending} heard${leading && heard > 1 ? `: “${safeText(leading.text, 40, 'no words')}” has ${leading.count}` : ''}`;
}

/** No answer, or no field's, has more than half of the voices. */
export function isSplit({ votes }: FusedAnswer): boolean {
  const fields = [...new Set(votes.map(({ field }) => field))];
  return fields.some((field) => {
    const counts = votes.filter((vote) => vote.field === field).map(({ count }) => count);
    return counts.length > 1 && Math.max(...counts) * 2 <= counts.reduce((sum, count) => sum + count, 0);
  });
}

/** How sure it is, and in what sense. */
export function confidenceWords({ value, meaning }: Confidence): string {
  switch (meaning) {
    case 'certain':
      return 'Certain: whoever was not heard could not have changed it.';
    case 'posterior':
      return `${chance(value)}: how likely it is that more answers of the same engines would not have changed it. It says nothing about whether they are right.`;
    case 'score':
      return `${chance(value)} ahead of the next best text. That is no probability.`;
    case 'none':
      return 'One answer, compared with nothing.';
  }
}

/** Never 100 % of what is not certain. */
function chance(value: number): string {
  return value > 0.99 ? 'Over 99 %' : `${Math.floor(value * 100)} %`;
}

/** "2 of 9, 22 % of the weight". The weight only where it is not the count's share. */
export function voteWords({ count, weight }: Vote, total: number): string {
  const byWeight = total > 0 && Math.abs(weight - count / total) > 0.005;
  return `${count} of ${total}${byWeight ? `, ${Math.round(weight * 100)} % of the weight` : ''}`;
}

/** How a candidate was asked, and what its engine thought of its own words. */
export function candidateFacts({ seed, temperature, logprob, tokens, finishReason }: Candidate): string[] {
  return [
    temperature === null ? 'its own temperature' : temperature === 0 ? 'greedy' : `temperature ${temperature.toFixed(2)}`,
    `seed ${seed}`,
    `${formatCount(tokens)} ${many(tokens, 'token')}`,
    ...(logprob === null ? [] : [`log-probability ${logprob > -0.005 ? '0.00' : logprob.toFixed(2).replace('-', '−')} a token`]),
    ...(finishReason === 'cancelled' ? ['not waited for'] : finishReason === 'length' ? ['reached the length limit'] : finishReason === 'error' ? ['failed'] : []),
  ];
}
