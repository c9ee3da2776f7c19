/** The strategies by the names that `swarm.yaml` has for them. */
import type { StrategyName } from '../../protocol/policy.ts';
import { createLeastLoaded } from './least-loaded.ts';
import { createRandomChoice } from './random.ts';
import { createRoundRobin } from './round-robin.ts';
import { createShortestCompletion } from './shortest-completion.ts';
import { createSticky } from './sticky.ts';
import type { Strategy } from './strategy.ts';
import { createTwoChoices } from './two-choices.ts';
import { createWeighted } from './weighted.ts';

const MAKERS: Readonly<Record<StrategyName, () => Strategy>> = {
  'round-robin': createRoundRobin,
  random: createRandomChoice,
  'least-loaded': createLeastLoaded,
  weighted: createWeighted,
  'two-choices': createTwoChoices,
  'shortest-completion': createShortestCompletion,
  sticky: createSticky,
};

export const createStrategy = (name: StrategyName): Strategy => MAKERS[name]();
