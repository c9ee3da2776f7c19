import { describe, expect, it } from 'vitest';
import type { TaskId } from '../shared/ids.ts';
import { continued, createHoldBack, repeats } from './continuing.ts';
import type { Task } from './engine-node.ts';
import { LIMITS } from './limits.ts';

const task: Task = { id: 'task' as TaskId, messages: [{ role: 'user', content: 'Go on?' }], sampling: { maxTokens: 10 }, seed: 1, profile: 'chat', deadlineMs: 1000 };

describe('an answer that is continued', () => {
  it('has what is written as its beginning, and the rest of its bound', () => {
    expect(continued(task, 'one two', 4)).toEqual({ ...task, messages: [...task.messages, { role: 'assistant', content: 'one two' }], sampling: { maxTokens: 6 } });
    expect(continued({ ...task, sampling: {} }, 'one', 1).sampling.maxTokens).toBe(LIMITS.defaultMaxTokens - 1);
    // The last token may have come with the loss: whoever goes on has to end it.
    expect(continued(task, 'one', 10).sampling.maxTokens).toBe(1);
  });

  it('goes on with what the request itself began', () => {
    const begun = { ...task, messages: [...task.messages, { role: 'assistant' as const, content: 'Yes, ' }] };
    expect(continued(begun, 'because', 1).messages.at(-1)).toEqual({ role: 'assistant', content: 'Yes, because' });
  });

  it('is as it was if nothing is written', () => expect(continued(task, '', 0)).toBe(task));
});

describe('an answer that repeats', () => {
  it.each<[string, Partial<Task>]>([['exact', { profile: 'exact' }], ['a schema', { schema: { type: 'object' } }], ['a grammar', { grammar: 'root ::= "yes" | "no"' }]])('is the same task: %s', (_, more) => {
    const again = { ...task, ...more };
    expect(repeats(again)).toBe(true);
    expect(continued(again, 'ye', 1)).toBe(again);
    const fresh = createHoldBack(again, 'ye');
    expect(['y', 'es', '!'].map(fresh)).toEqual(['', 's', '!']);
  });
});
