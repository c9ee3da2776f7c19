/**
 * One answer written from all, by a model of a larger tier: the last step of a mixture of agents (Wang et al. 2024, arXiv
 * 2406.04692). With a model that is no better than those it reads it loses (measured by others on 8B models: 5 won, 23 lost with
 * six), so it is done only where there is a larger one and the person asks for it. Until it has written, and if it fails, the
 * candidate that most agrees with the others stands.
 */
import type { Message, Tier } from '../../protocol/chat.ts';
import { UNCOMPARED } from './posterior.ts';
import { differentAnswers, withAnswers } from './reading.ts';
import { createSelect } from './select.ts';
import type { FusionPolicy, Review } from './types.ts';

export interface SynthesisOptions {
  readonly messages: readonly Message[];
  /** Larger than that of the candidates. */
  readonly tier: Tier;
  readonly seed: number;
}

/** As many as a small list has; more are seldom different. */
const MOST_ANSWERS = 8;

const WISH = 'Now answer yourself. Use what is right in these answers, leave out what is wrong, and do not speak of them.';

export const createSynthesise = (): FusionPolicy => ({ ...createSelect(), name: 'synthesise' });

export function createSynthesis({ messages, tier, seed }: SynthesisOptions): Review {
  return {
    name: 'synthesise',
    writes: true,
    plan(ballots, _verdict, index) {
      const answers = differentAnswers(ballots, MOST_ANSWERS);
      if (answers.length === 0) return null;
      const labels = answers.map((_, place) => `Answer ${place + 1}`);
      return [{ index, messages: withAnswers(messages, answers, labels, WISH), tier, seed }];
    },
    judge(_ballots, { votes }, [text]) {
      return text?.trim() ? { text, chosen: null, votes, confidence: UNCOMPARED } : null;
    },
  };
}
