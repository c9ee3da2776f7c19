/** Tasks for tests of engine nodes, and runs of them to their ends. */
import type { EngineNode, Task, TaskEvent, TaskResult } from '../protocol/engine-node.ts';
import type { LlamboError } from '../shared/errors.ts';
import type { TaskId } from '../shared/ids.ts';

let counter = 0;

export function makeTask(question: string, change: Partial<Task> = {}): Task {
  counter += 1;
  return {
    id: `task-${counter}` as TaskId,
    messages: [{ role: 'user', content: question }],
    sampling: { temperature: 0, maxTokens: 40 },
    seed: 42,
    profile: 'exact',
    deadlineMs: 60_000,
    ...change,
  };
}

export interface Finished {
  readonly events: TaskEvent[];
  readonly text: string;
  readonly result: TaskResult;
}

export async function runToEnd(node: EngineNode, task: Task, signal?: AbortSignal): Promise<Finished> {
  const events: TaskEvent[] = [];
  for await (const event of node.run(task, signal ? { signal } : {})) events.push(event);
  const last = events.at(-1);
  if (last?.type !== 'done') throw new Error(`the last event is ${last?.type}`);
  return { events, text: textOf(events), result: last.result };
}

export const textOf = (events: readonly TaskEvent[]): string => events.map((event) => (event.type === 'tokens' ? event.text : '')).join('');

export const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no error', (error: LlamboError) => error.code);

/** Settles when the node has no task left. */
export function idle(node: EngineNode): Promise<void> {
  return new Promise((resolve) => {
    const look = (): boolean => node.info().busy === 0 && node.info().waiting === 0;
    if (look()) return resolve();
    const off = node.onChange(() => {
      if (!look()) return;
      off();
      resolve();
    });
  });
}
