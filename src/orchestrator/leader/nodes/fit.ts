/** What a wish asks for, in the words of the groups; and if nobody can serve it, why, in words for people. */
import type { Tier } from '../../../protocol/chat.ts';
import type { JobShape } from '../../../protocol/job.ts';
import { TIERS } from '../../../protocol/job.ts';
import { LlamboError } from '../../../shared/errors.ts';
import { groupKey, type Asked } from './groups.ts';
import type { NodeFacts } from '../../types.ts';

/** An answer of fewer tokens is none: the context must have so much more than the prompt. */
const LEAST_ANSWER = 16;

/** Context tokens that the wish needs at the least. */
export const needOf = ({ promptTokens, maxTokens }: JobShape): number => promptTokens + Math.min(maxTokens, LEAST_ANSWER);

const fromTier = (tier: Tier): readonly Asked[] => TIERS.slice(TIERS.indexOf(tier)).map((value) => ({ kind: 'tier', value, sharedKey: groupKey(null, 'tier', value) }));
const FROM: Readonly<Record<Tier, readonly Asked[]>> = { tiny: fromTier('tiny'), medium: fromTier('medium'), large: fromTier('large') };
const ANY: readonly Asked[] = fromTier('tiny').toReversed();

/**
 * Which groups serve it, those that are tried first in front. Weights count more than a model's name, and that more than a
 * tier. A tier: that one, and the ones above as long as it has no room. Nothing: the highest tier that has room.
 */
export function askedOf({ model, modelHash, tier }: JobShape): readonly Asked[] {
  if (modelHash !== undefined) return [{ kind: 'hash', value: modelHash, sharedKey: groupKey(null, 'hash', modelHash) }];
  if (model !== undefined) return [{ kind: 'model', value: model, sharedKey: groupKey(null, 'model', model) }];
  return tier === undefined ? ANY : FROM[tier];
}

/** Whether its model is the one that is asked for, as far as the wish says. */
export function hasModel({ facts: { model } }: { readonly facts: Pick<NodeFacts, 'model'> }, shape: JobShape): boolean {
  if (!model) return false;
  if (shape.modelHash !== undefined && model.hash !== shape.modelHash) return false;
  if (shape.model !== undefined) return model.id === shape.model;
  return shape.modelHash !== undefined || shape.tier === undefined || TIERS.indexOf(model.tier) >= TIERS.indexOf(shape.tier);
}

const wanted = ({ model, modelHash, tier }: JobShape): string =>
  model !== undefined ? `the model "${model}"` : modelHash !== undefined ? 'these weights' : tier !== undefined ? `a model of the tier "${tier}" or above` : 'a model';

export const noNode = (): LlamboError =>
  new LlamboError('not-found', 'The node that was asked for is gone.', { advice: 'Ask again without naming a node, or name one that is there.' });

export const notHere = (shape: JobShape): LlamboError =>
  new LlamboError('not-ready', `The node that was asked for is not ready, or works for its own tab only, or does not have ${wanted(shape)}.`, {
    advice: 'Ask without naming a node.',
  });

export function notReady(shape: JobShape): LlamboError {
  const advice =
    shape.model !== undefined || shape.modelHash !== undefined
      ? 'Load it in one of the tabs, or ask without naming a model.'
      : 'Load one in any of the tabs.';
  return new LlamboError('not-ready', `No node of the swarm has ${wanted(shape)}.`, { advice });
}

export const allAvoided = (shape: JobShape): LlamboError =>
  new LlamboError('not-ready', `Every node of the swarm that has ${wanted(shape)} has failed this job.`, { advice: 'Restart one of them, or ask again later.' });

export const tooLong = ({ promptTokens }: JobShape, contextTokens: number): LlamboError =>
  new LlamboError('context-overflow', `The prompt has about ${promptTokens} tokens, and no node that could answer takes more than ${contextTokens}.`, {
    advice: 'Shorten it, or start a new conversation; or load a model with a longer context.',
    details: { promptTokens, contextTokens },
  });
