/** All kinds. A new one is a file beside this and a place in this list; the suite of kinds does the rest. */
import type { QuestionKind } from '../types.ts';
import { parity, products, sums } from './arithmetic.ts';
import { choice, json } from './constrained.ts';
import { followUps, remembering } from './conversation.ts';
import { change, clock, plurals, units } from './everyday.ts';
import { calendar, facts, numberWords, oddOneOut, opposites } from './knowledge.ts';
import { sentiment, spam, topic, urgency } from './labels.ts';
import { comparing, logic, sequences, sorting } from './orders.ts';
import { refusals, stories, talk } from './talk.ts';
import { extracting, reading } from './texts.ts';
import { wordProblems } from './word-problems.ts';

export const KINDS: readonly QuestionKind[] = [
  sums, products, wordProblems, parity, comparing, sorting, sequences, logic, oddOneOut, numberWords, units, change, clock, calendar, facts, opposites, plurals,
  choice, json, followUps, remembering, sentiment, spam, topic, urgency, extracting, reading, refusals, talk, stories,
];
