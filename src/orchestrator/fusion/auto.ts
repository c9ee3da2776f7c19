/**
 * The default for a plain question: how many engines, and how their answers become one, by the kind of answer that it asks for and
 * by what is at hand. Says why, in a sentence for the person. Pure; what pays is in `recommendations.ts`.
 */
import type { Diversity, FusionOptions, FusionPolicyName, PromptClass } from '../../protocol/fusion.ts';
import type { ClassifiedPrompt } from './prompt-class.ts';
import { RECOMMENDATIONS, type Recommended } from './recommendations.ts';

/** What was chosen, and why. */
export interface AutoChoice {
  readonly policy: Exclude<FusionPolicyName, 'auto'>;
  readonly n: number;
  readonly diversity: Diversity;
  /** A sentence or two, for `Fused.note`. */
  readonly note: string;
}

/** As a person would say it. */
const KINDS: Readonly<Record<PromptClass, string>> = {
  number: 'a number', choice: 'one of some answers', 'yes-no': 'yes or no', list: 'a list', json: 'JSON', word: 'a word or two', open: 'a text',
};

/**
 * @param asked what the person said beside `auto` is kept: a number of candidates is the most, how they differ is as wanted
 * @param models that could answer, of one tier
 * @param table what measurements say; the built-in one if absent
 */
export function chooseAuto(
  { matter: { promptClass }, because }: ClassifiedPrompt,
  { n, diversity }: Pick<FusionOptions, 'n' | 'diversity'>,
  models: number,
  table: Readonly<Record<PromptClass, Recommended>> = RECOMMENDATIONS,
): AutoChoice {
  const kind = `It ${because}, so the answer is ${KINDS[promptClass]}.`;
  const line = table[promptClass][models > 1 ? 'several' : 'one'];
  const count = Math.min(line.n, n ?? line.n);
  if (count <= 1) return { policy: 'first', n: 1, diversity: line.diversity, note: `${kind} One engine was asked: ${n === 1 ? 'no more were to be' : line.source}.` };
  return {
    policy: line.policy, n: count, diversity: diversity ?? line.diversity,
    note: `${kind} Up to ${count} engines of ${models} models were asked, by ${line.policy}: ${line.source}.`,
  };
}
