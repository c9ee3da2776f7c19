/**
 * What `auto` does for each kind of question, and what that is based on. Data: a measurement changes a line, and nothing else has to
 * change. The vote of five was chosen before it was measured; a line that was not measured says so.
 */
import type { Diversity, FusionPolicyName, PromptClass } from '../../protocol/fusion.ts';

export interface Recommendation {
  readonly policy: Exclude<FusionPolicyName, 'auto'>;
  readonly n: number;
  readonly diversity: Diversity;
  /** Where it comes from; ends a sentence. */
  readonly source: string;
}

/** What is known for a kind of question where one model is at hand, and where several of one tier are. */
export interface Recommended {
  readonly one: Recommendation;
  readonly several: Recommendation;
}

/** The greedy answer of one engine: what a question costs anyway. */
const single = (source: string): Recommendation => ({ policy: 'first', n: 1, diversity: 'ladder', source });
const voteOfFive = (source: string): Recommendation => ({ policy: 'vote', n: 5, diversity: 'family', source });

/** `npm run bench:fusion`, 1,000 questions of eleven kinds, in docs/benchmarks.md. Of single kinds nothing can be said: 90 questions each. */
const FAMILY = 'with the two built-in models that was right 0.8 points more often than one greedy engine (0.1 to 1.5, 1,000 questions)';
/** SmolLM2-135M at temperature 0.8, tried once: of 80 sums 18 greedy and 8 by a vote of nine; of 40 capitals 30 and 33; of 40 reviews 23 and 21. */
const ONE_MODEL = 'a vote of one small model with itself lost more on sums than it won on facts, as far as it was tried';
const OPEN = 'no two open texts are the same, and choosing among them by likeness gains little (arXiv 2410.02902)';

/** Different models err differently: that is what a vote needs, and has in a family only. */
const COMPARABLE: Recommended = { one: single(ONE_MODEL), several: voteOfFive(FAMILY) };

export const RECOMMENDATIONS: Readonly<Record<PromptClass, Recommended>> = {
  number: COMPARABLE,
  choice: COMPARABLE,
  'yes-no': COMPARABLE,
  list: COMPARABLE,
  word: COMPARABLE,
  json: COMPARABLE,
  open: { one: single(OPEN), several: single(OPEN) },
};

/** Models (catalogue ids) whose vote was measured together. Others may be far apart: a weak one must not outvote the one that knows. */
const FAMILIES: readonly (readonly string[])[] = [['tiny-1', 'tiny-2']];

/** @returns of models at hand, those that may vote with the first; that one alone if it was measured with none of the others */
export function familyOf<T extends { readonly model: string }>(members: readonly T[]): readonly T[] {
  const [first] = members;
  const family = FAMILIES.find((ids) => first && ids.includes(first.model));
  return members.filter((member) => member === first || (family?.includes(member.model) ?? false));
}
