/** What tools take from here, in one place: collecting the answers of a run, and what it comes to. */
export { planCandidates } from '../orchestrator/fusion/diversity.ts';
export { drawQuestions, exactKinds } from '../measure/asked-questions.ts';
export { collect } from '../measure/collect.ts';
export { evaluate } from '../measure/evaluate.ts';
export { evaluationCsv } from '../measure/evaluation-csv.ts';
export { gainingKinds, goalsOf } from '../measure/goals.ts';
export { readOwnQuestions } from '../measure/own-questions.ts';
export { answerLine, headLine, questionLine, readRun, resumed } from '../measure/run-lines.ts';
export { createContenders } from './measure-contenders.ts';
