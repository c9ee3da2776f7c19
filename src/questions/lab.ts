/** What tools take from here, in one place: questions, scoring, statistics. */
export { KINDS } from './kinds/index.ts';
export { differentQuestions, questionSource, questionsOf, textOf } from './questions.ts';
export { accuracies, compare, majority } from './figures.ts';
export { isRight } from './scoring.ts';
export { mcnemar, pairedBootstrap, wilson } from './statistics.ts';
export { SPLITS } from './types.ts';
