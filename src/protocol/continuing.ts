/**
 * Two ways to go on with an answer that lost its node, so that its reader sees no word lost or doubled:
 * - profile `chat`: the text so far becomes the assistant's prefix of the next run;
 * - profile `exact`: the same run again from the start, with the part already shown held back; the whole is then
 *   identical to an undisturbed run.
 */
import type { Message } from './chat.ts';
import type { Task } from './engine-node.ts';

/** The task that goes on after `text`. */
export function continued(task: Task, text: string): Task {
  if (text === '' || task.profile === 'exact') return task;
  const last = task.messages.at(-1);
  const messages: Message[] =
    last?.role === 'assistant'
      ? [...task.messages.slice(0, -1), { ...last, content: last.content + text }]
      : [...task.messages, { role: 'assistant', content: text }];
  return { ...task, messages };
}

/** For the pieces of a run that {@link continued} started: gives of each piece what the reader doesn't have yet. */
export function createHoldBack(task: Task, text: string): (piece: string) => string {
  let known = task.profile === 'exact' ? text.length : 0;
  return (piece) => {
    const rest = piece.slice(known);
    known -= piece.length - rest.length;
    return rest;
  };
}
