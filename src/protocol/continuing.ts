/**
 * Two ways to go on with an answer that lost its node, so that its reader sees no word lost or doubled:
 * - it is *continued*: the text so far becomes the assistant's prefix of the next run;
 * - it *repeats*: the same run again from the start, with the part already shown held back. In profile `exact` the whole is
 *   then identical to an undisturbed run. What is held to a schema or a grammar repeats too: these begin at the beginning.
 */
import type { Message } from './chat.ts';
import type { Task } from './engine-node.ts';
import { LIMITS } from './limits.ts';

/** It can't go on in the middle. */
export const repeats = ({ profile, schema, grammar }: Pick<Task, 'profile' | 'schema' | 'grammar'>): boolean =>
  profile === 'exact' || schema !== undefined || grammar !== undefined;

/** The task that goes on after `text`. @param tokens of the text: the answer as a whole keeps to its bound */
export function continued(task: Task, text: string, tokens: number): Task {
  if (text === '' || repeats(task)) return task;
  const maxTokens = Math.max(1, (task.sampling.maxTokens ?? LIMITS.defaultMaxTokens) - tokens);
  return { ...task, messages: withBeginning(task.messages, text), sampling: { ...task.sampling, maxTokens } };
}

/** Messages to which the answer begins with `text`, and goes on from there. */
export function withBeginning(messages: readonly Message[], text: string): readonly Message[] {
  if (text === '') return messages;
  const last = messages.at(-1);
  return last?.role === 'assistant' ? [...messages.slice(0, -1), { ...last, content: last.content + text }] : [...messages, { role: 'assistant', content: text }];
}

/** For the pieces of a run that {@link continued} started: gives of each piece what the reader doesn't have yet. */
export function createHoldBack(task: Task, text: string): (piece: string) => string {
  let known = repeats(task) ? text.length : 0;
  return (piece) => {
    const rest = piece.slice(known);
    known -= piece.length - rest.length;
    return rest;
  };
}
