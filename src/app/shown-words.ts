/** Whose words a reply shows while several engines write at once, and what of their answer is kept with the conversation. */
import type { Answer, AnswerEvent } from '../protocol/chat.ts';
import type { Vote } from '../protocol/fusion.ts';
import { LIMITS } from '../protocol/limits.ts';

export interface ShownWords {
  /** To be shown now. */
  readonly text: string;
  /** The one that is shown has said something. */
  readonly hasWords: boolean;
  /** Several engines were asked. */
  readonly isFused: boolean;
  hear(event: AnswerEvent): void;
}

/** @param begun what the reply had before, and the answer goes on from */
export function createShownWords(begun: string): ShownWords {
  const texts = new Map<number, string>();
  let lead = 0;
  let isFused = false;
  let whole: string | null = null;
  const own = (): string => whole ?? texts.get(lead) ?? '';
  return {
    get text() {
      return begun + own();
    },
    get hasWords() {
      return own() !== '';
    },
    get isFused() {
      return isFused;
    },
    hear(event) {
      if (event.type === 'text') texts.set(event.candidate, (texts.get(event.candidate) ?? '') + event.delta);
      if (event.type === 'lead' || event.type === 'votes' || (event.type === 'done' && event.answer.votes)) isFused = true;
      if (event.type === 'lead') lead = event.candidate;
      // A mean of several is nobody's words.
      if (event.type === 'done' && event.answer.votes) whole = event.answer.text;
    },
  };
}

/** What is kept of an answer beside its text: long candidates are cut, since conversations are stored again and again while they are written. */
export function keptAnswer({ text: _, logprobs: __, ...answer }: Answer): Omit<Answer, 'text' | 'logprobs'> {
  const { votes, dissent, candidates } = answer;
  return {
    ...answer,
    ...(votes ? { votes: votes.map(short) } : {}),
    ...(dissent ? { dissent: dissent.map(short) } : {}),
    ...(candidates ? { candidates: candidates.map(short) } : {}),
  };
}

function short<T extends Pick<Vote, 'text' | 'answer'>>(one: T): T {
  return one.text.length <= LIMITS.candidateChars && one.answer.length <= LIMITS.candidateChars ? one : { ...one, text: cut(one.text), answer: cut(one.answer) };
}

const cut = (text: string): string => (text.length <= LIMITS.candidateChars ? text : `${text.slice(0, LIMITS.candidateChars - 1).toWellFormed()}…`);
