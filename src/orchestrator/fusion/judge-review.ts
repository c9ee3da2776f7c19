/**
 * A judge: another engine is shown the different answers and names the best. Engines prefer a place in the list whatever stands
 * there (Zheng et al. 2023, "Judging LLM-as-a-judge", arXiv 2306.05685, section 3.3), so it is asked in several orders, each
 * answer in another place each time; an answer's mark is the share of the orders in which it was named.
 */
import type { Message, Tier } from '../../protocol/chat.ts';
import { differentAnswers, withAnswers, type Different } from './reading.ts';
import { createSelect } from './select.ts';
import type { Review, ReviewPlan } from './types.ts';

export interface JudgeOptions {
  readonly messages: readonly Message[];
  readonly seed: number;
  /** At least; absent: whatever answers. */
  readonly tier?: Tier;
}

/** What it may say; and so the most answers that are judged: the commonest. */
const LETTERS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] as const;

/** Each is a run of its own; with four, one that goes by places alone names four different answers. */
const MOST_ORDERS = 4;

const WISH = 'Which of these answers is best? Say its letter.';

export function createJudgeReview({ messages, seed, tier }: JudgeOptions): Review {
  return {
    name: 'select',
    writes: false,
    plan(ballots, _verdict, index) {
      const answers = differentAnswers(ballots, LETTERS.length);
      if (answers.length < 2) return null;
      return ordersOf(answers).map((order, turn): ReviewPlan => {
        const choices = LETTERS.slice(0, order.length);
        return { index: index + turn, messages: withAnswers(messages, order, choices, WISH), choices, seed, ...(tier ? { tier } : {}) };
      });
    },
    judge(ballots, _verdict, said) {
      const orders = ordersOf(differentAnswers(ballots, LETTERS.length));
      const named = said.map((letter, turn) => orders[turn]?.[LETTERS.findIndex((each) => each === letter?.trim())]?.answer);
      const heard = named.filter((answer) => answer !== undefined);
      if (heard.length === 0) return null;
      const marks = new Map(ballots.map(({ index, answer }) => [index, heard.filter((each) => each === answer).length / heard.length]));
      return createSelect({ score: 'judge', markOf: (index) => marks.get(index) ?? null }).judge(ballots, 0);
    },
  };
}

/** The list turned round, in equal steps: nobody stands in the same place twice. */
function ordersOf(answers: readonly Different[]): readonly (readonly Different[])[] {
  const count = Math.min(MOST_ORDERS, answers.length);
  return Array.from({ length: count }, (_, turn) => {
    const from = Math.floor((turn * answers.length) / count);
    return [...answers.slice(from), ...answers.slice(0, from)];
  });
}
