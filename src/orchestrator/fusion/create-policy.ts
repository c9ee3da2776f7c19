/** From what a person asks for to who decides. What reads the candidates afterwards (a judge, a synthesis) is in files of its own. */
import type { FusionOptions, FusionPolicyName } from '../../protocol/fusion.ts';
import { createFirst } from './first.ts';
import { createSelect, type MarkOf } from './select.ts';
import { createSynthesise } from './synthesise.ts';
import type { FusionPolicy, Matter } from './types.ts';
import { createVote } from './vote.ts';
import { createWeighted } from './weighted.ts';
import type { AccuracyOf } from './weights.ts';

/** What policies may know of the world. */
export interface PolicyContext {
  /** Of `weighted`. Absent: all are taken to be equally good. */
  readonly accuracyOf?: AccuracyOf;
  /** Of `select` by `judge`. Absent: by agreement. */
  readonly markOf?: MarkOf;
}

export type PolicyChoice = Pick<FusionOptions, 'score' | 'average'> & { readonly policy: Exclude<FusionPolicyName, 'auto' | 'ensemble'> };

/** `auto` is decided before (`auto.ts`), and an ensemble has one candidate and nothing to judge. */
export function createPolicy({ policy, score, average }: PolicyChoice, matter: Matter, { accuracyOf, markOf }: PolicyContext = {}): FusionPolicy {
  switch (policy) {
    case 'first':
      return createFirst(matter);
    case 'vote':
      return createVote(matter);
    case 'weighted':
      return createWeighted(matter, { ...(accuracyOf ? { accuracyOf } : {}), ...(average ? { average } : {}) });
    case 'select':
      return createSelect({ ...(score ? { score } : {}), ...(markOf ? { markOf } : {}) });
    case 'synthesise':
      return createSynthesise();
  }
}
