/** How often each model was right with each class of question, from a run: what a weighted vote goes by. Pure. */
import type { PromptClass } from '../protocol/fusion.ts';
import { isRight } from '../questions/scoring.ts';
import type { MeasuredQuestion, MeasureRun } from './types.ts';

/** One model with one class of questions. */
export interface Learned {
  readonly model: string;
  readonly promptClass: PromptClass;
  readonly right: number;
  readonly asked: number;
}

/** What a question is taken for when it is asked. */
export type ClassOf = (question: MeasuredQuestion) => PromptClass;

/**
 * All answers count, whatever their temperature: those are the voices that will be weighed. Failures don't.
 *
 * @param counts which questions to learn from; not those that are judged with what was learned
 */
export function learn({ questions, answers }: MeasureRun, classOf: ClassOf, counts: (question: MeasuredQuestion) => boolean = () => true): readonly Learned[] {
  const asked = new Map(questions.filter(counts).map((question) => [question.key, { question, promptClass: classOf(question) }]));
  const found = new Map<string, Learned>();
  for (const { question: key, model, text, finishReason } of answers) {
    const known = asked.get(key);
    if (!known || finishReason === 'error') continue;
    const { question, promptClass } = known;
    const had = found.get(`${promptClass} ${model}`) ?? { model, promptClass, right: 0, asked: 0 };
    found.set(`${promptClass} ${model}`, { ...had, right: had.right + Number(isRight(question, text)), asked: had.asked + 1 });
  }
  return [...found.values()];
}

/**
 * For a run that is judged with what it taught: in two halves, each judged with what the other taught, so that no answer has
 * a say in its own weight (cross-fitting).
 */
export function learnCrosswise(run: MeasureRun, classOf: ClassOf): (question: MeasuredQuestion) => readonly Learned[] {
  const isOdd = ({ key }: MeasuredQuestion): boolean => Number.parseInt(key.slice(-1), 16) % 2 === 1;
  const [fromEven, fromOdd] = [learn(run, classOf, (question) => !isOdd(question)), learn(run, classOf, isOdd)];
  return (question) => (isOdd(question) ? fromEven : fromOdd);
}
