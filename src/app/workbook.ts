/**
 * What this tab works on and asks for, as shapes without a word: for the namespace and for metrics. It looks on while the
 * orchestrator is asked and while nodes run, and changes nothing.
 */
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import type { NodePort } from '../orchestrator/ports.ts';
import type { EngineNode, Task, TaskEvent } from '../protocol/engine-node.ts';
import type { Priority } from '../protocol/job.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import type { Address, PeerId, TaskId } from '../shared/ids.ts';
import type { TaskShape } from './namespace-text.ts';

export interface Progress {
  readonly task: TaskId;
  readonly node: Address;
  /** Written so far. */
  readonly tokens: number;
}

export interface Workbook {
  /** The same orchestrator; of what is asked of it, the priority is noted. */
  askedOf(orchestrator: Pick<Orchestrator, 'ask'>): Pick<Orchestrator, 'ask'>;
  /** The same nodes; what runs on them is noted. */
  runsOn(port: NodePort): NodePort;
  /** This tab's own tasks on that node. */
  tasksOn(node: Address): readonly TaskShape[];
  onProgress(listener: (progress: Progress) => void): Unsubscribe;
}

/** @param self who asks */
export function createWorkbook(self: PeerId): Workbook {
  const progress = new Emitter<Progress>();
  const runs = new Map<TaskId, TaskShape & { readonly node: Address }>();
  const priorities = new Map<TaskId, Priority>();
  /** The same view for the same node, so that nodes compare by `===`. */
  const watched = new WeakMap<EngineNode, EngineNode>();

  function note(id: TaskId, change: Partial<TaskShape>): void {
    const run = runs.get(id);
    if (run) runs.set(id, { ...run, ...change });
  }

  function heard(id: TaskId, node: Address, event: TaskEvent): void {
    if (event.type === 'started') note(id, { state: 'running' });
    if (event.type !== 'tokens') return;
    const tokens = (runs.get(id)?.tokens ?? 0) + event.count;
    note(id, { state: 'running', tokens });
    progress.emit({ task: id, node, tokens });
  }

  async function* look(node: EngineNode, task: Task, options: Parameters<EngineNode['run']>[1]): AsyncGenerator<TaskEvent, void, void> {
    const { id } = task;
    const { address } = node;
    runs.set(id, { id, node: address, state: 'waiting', tokens: 0, priority: priorities.get(id) ?? null, model: node.info().model?.id ?? null, for: self });
    try {
      for await (const event of node.run(task, options)) {
        heard(id, address, event);
        yield event;
      }
    } finally {
      runs.delete(id);
      priorities.delete(id);
    }
  }

  function watch(node: EngineNode): EngineNode {
    let view = watched.get(node);
    if (!view) {
      view = { address: node.address, info: () => node.info(), onChange: (listener) => node.onChange(listener), stop: () => node.stop(), run: (task, options) => look(node, task, options) };
      watched.set(node, view);
    }
    return view;
  }

  return {
    askedOf: (orchestrator) => ({
      ask: (start, run) =>
        orchestrator.ask(start, {
          ...run,
          taskFor(grant, text, tokens) {
            const task = run.taskFor(grant, text, tokens);
            priorities.set(task.id, start.shape.priority);
            return task;
          },
        }),
    }),
    runsOn: (port) => ({
      ...port,
      get(address) {
        const node = port.get(address);
        return node && watch(node);
      },
    }),
    tasksOn: (node) => [...runs.values()].filter((run) => run.node === node),
    onProgress: (listener) => progress.on(listener),
  };
}
