/** Whether an answer is right. By the same canonical forms by which votes are counted. */
import { normaliseAnswer, numberIn } from '../shared/normalise-answer.ts';
import type { Question } from './types.ts';

/**
 * @param text what an engine wrote
 * @returns of questions without one right answer: whether it wrote something, and spoke of all that was asked for
 */
export function isRight({ answer, format, mentions = [] }: Pick<Question, 'answer' | 'format' | 'mentions'>, text: string): boolean {
  switch (format) {
    case 'open': {
      const said = text.toLowerCase();
      return said.trim() !== '' && mentions.every((word) => said.includes(word.toLowerCase()));
    }
    case 'number': {
      const [expected, found] = [numberIn(answer), numberIn(text)];
      // A unit may be left out where the question named it; a wrong one makes another amount.
      return expected !== null && found !== null && expected.value === found.value && (found.unit === null || expected.unit === null || found.unit === expected.unit);
    }
    case 'time':
    case 'yes-no':
    case 'letter':
    case 'words':
    case 'list':
    case 'json':
    case 'refusal':
      return normaliseAnswer(text, format) === normaliseAnswer(answer, format);
  }
}
