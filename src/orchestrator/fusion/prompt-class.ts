/**
 * What kind of answer a question asks for, and so how two answers are compared: by what holds the answer (a schema, choices), else
 * by rules over the last message, else by what was answered last. Cheap and visible: no model is asked. Pure.
 */
import type { ChatRequest, Message } from '../../protocol/chat.ts';
import type { PromptClass } from '../../protocol/fusion.ts';
import { normaliseAnswer, numberIn, type AnswerFormat } from '../../shared/normalise-answer.ts';
import { ASKS, FOLLOWS, LEAD_IN, PROMPT_RULES, type Asked, type PromptRule } from './prompt-rules.ts';
import type { Matter } from './types.ts';

/** What is asked, and the words for why it was taken so. */
export interface ClassifiedPrompt {
  readonly matter: Matter;
  /** Ends the sentence "… because it …". */
  readonly because: string;
}

type Question = Pick<ChatRequest, 'messages' | 'schema' | 'choices'>;

/** Characters of a message that are looked at, at each end: who pastes a book asks before it or after it. */
const LOOKED_AT = 600;
/** Fields of a schema that are counted one by one. More than a form has: such an object is compared as a whole. */
const MOST_FIELDS = 64;
/** An answer of up to so many words says what kind of answer is wanted; a longer one is a text. */
const SHORT_ANSWER = 3;

/** @param format as the person named it; found by rules if absent */
export function classifyPrompt(question: Question, format?: AnswerFormat): ClassifiedPrompt {
  if (format !== undefined) return found(CLASS_OF[format], format, 'was said to', question);
  if (question.choices) return ofChoices(question.choices);
  if (question.schema) return found('json', 'json', 'is held to a schema', question);
  const asked = askedIn(question.messages);
  const follows = FOLLOWS.test(asked.question) ? ofLastAnswer(question.messages) : null;
  const rule = PROMPT_RULES.find((each) => matches(each, asked));
  if (rule && !(follows && rule.promptClass === 'word')) return found(rule.promptClass, rule.format, rule.says);
  return follows ?? (isBrief(asked) ? ofLastAnswer(question.messages) : null) ?? found('open', 'open', 'names no kind of answer');
}

const CLASS_OF: Readonly<Record<AnswerFormat, PromptClass>> = {
  number: 'number', time: 'number', 'yes-no': 'yes-no', letter: 'choice', words: 'word', list: 'list', json: 'json', refusal: 'word', open: 'open',
};

function found(promptClass: PromptClass, format: AnswerFormat, because: string, { schema }: Partial<Question> = {}): ClassifiedPrompt {
  const fields = format === 'json' ? fieldsOf(schema) : [];
  return { matter: { format, promptClass, ...(fields.length > 0 ? { fields } : {}) }, because };
}

function fieldsOf(schema: ChatRequest['schema']): readonly string[] {
  const properties = schema?.['properties'];
  const fields = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  return fields.length <= MOST_FIELDS ? fields : [];
}

/** Two choices that would read as one are compared as they are written. */
function ofChoices(choices: readonly string[]): ClassifiedPrompt {
  const because = 'may only be answered in given words';
  const areApart = (format: AnswerFormat, pattern: RegExp): boolean => {
    const all = choices.map((choice) => normaliseAnswer(choice, format));
    return all.every((choice) => pattern.test(choice)) && new Set(all).size === choices.length;
  };
  if (areApart('yes-no', /^(?:yes|no)$/u)) return found('yes-no', 'yes-no', because);
  if (areApart('letter', /^[A-H]$/u)) return found('choice', 'letter', because);
  return found('choice', areApart('words', /./u) ? 'words' : 'open', because);
}

function matches({ question, text, unless }: PromptRule, asked: Asked): boolean {
  return (question?.test(asked.question) ?? true) && (text?.test(asked.text) ?? true) && !unless?.test(asked.question);
}

/** The person's last message, and what of it asks. */
function askedIn(messages: readonly Message[]): Asked {
  const whole = (messages.findLast(({ role }) => role === 'user')?.content ?? '').trim();
  const text = whole.length <= 2 * LOOKED_AT ? whole : `${whole.slice(0, LOOKED_AT)}\n${whole.slice(-LOOKED_AT)}`;
  const sentences = text.split(/(?<=[\p{L}\d"”)][.!?]"?)\s+|\n+/u).map(withoutFrame).filter((sentence) => sentence !== '');
  const asking = sentences.filter((sentence) => ASKS.test(sentence));
  return { text, question: (asking.length > 0 ? asking : sentences).join(' ') };
}

/** Of "Question: is it so?" what follows the colon, of "Give me the name: It rained." what is before it. */
function withoutFrame(sentence: string): string {
  const whole = sentence.replace(LEAD_IN, '').trim();
  const [, before = '', after = ''] = /^(.*?[\p{L}"”)]):\s+(.*)$/su.exec(whole) ?? [];
  if (before === '') return whole;
  if (ASKS.test(before)) return before;
  return /^\p{L}/u.test(after) && ASKS.test(after) ? after : whole;
}

const isBrief = ({ question }: Asked): boolean => question.endsWith('?') && wordsIn(question) <= SHORT_ANSWER;

const wordsIn = (text: string): number => text.trim().split(/\s+/u).length;

/** @returns null if nothing was answered, or a text */
function ofLastAnswer(messages: readonly Message[]): ClassifiedPrompt | null {
  const last = messages.findLast(({ role }) => role === 'assistant')?.content.trim() ?? '';
  const because = 'goes on with what was answered like this';
  if (last === '' || wordsIn(last) > SHORT_ANSWER) return null;
  if (/^(?:yes|no)\b/iu.test(last)) return found('yes-no', 'yes-no', because);
  return numberIn(last) ? found('number', 'number', because) : found('word', 'words', because);
}
