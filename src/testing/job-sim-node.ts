/**
 * A simulated engine node: writes each job's own text, token by token, as a real engine does: what goes on after a text gives the
 * rest of it, what begins anew gives all. And the ways in which a node can fail those who wait for it.
 */
import type { NodeModel, TaskEvent } from '../protocol/engine-node.ts';
import type { Profile, Tier } from '../protocol/chat.ts';
import type { NodeFacts } from '../orchestrator/types.ts';
import { LIMITS } from '../protocol/limits.ts';
import { LlamboError, type ErrorCode } from '../shared/errors.ts';
import { partsOf, type Address, type DeviceId, type ModelHash, type TaskId } from '../shared/ids.ts';
import { numberOf } from './job-sim-names.ts';
import type { JobWorld, Life } from './job-sim-world.ts';

/**
 * `silent` takes tasks and says nothing; `mute` stops in the midst; `pretender` reads for ever; `busy` advertises room and has none;
 * `breaks` fails with codes that are the node's; `picky` with codes that are the request's; `babbler` also sends tokens of tasks that
 * are not its own; `differs` repeats other texts than others wrote.
 */
export type Temper = 'good' | 'slow' | 'silent' | 'mute' | 'pretender' | 'busy' | 'breaks' | 'picky' | 'babbler' | 'differs';

const BREAKS: readonly ErrorCode[] = ['engine-crashed', 'not-ready', 'stopped', 'unreachable', 'refused', 'busy', 'aborted', 'not-found'];
const PICKS: readonly ErrorCode[] = ['bad-request', 'context-overflow', 'timeout', 'internal'];

/** A task as it arrives: the simulation knows what the prompt makes a model write. */
export interface SimTask {
  readonly id: TaskId;
  /** Number of the tab that asked. */
  readonly asker: number;
  readonly truth: readonly string[];
  /** What the reader has. */
  readonly text: string;
  readonly profile: Profile;
  readonly promptTokens: number;
  /** The leader sent it, or the tab here. */
  readonly granted: boolean;
  /** @param id of another task than this, from a babbler */
  say(event: TaskEvent, id?: TaskId): void;
  fail(error: LlamboError): void;
}

export interface SimNode {
  readonly address: Address;
  facts(): NodeFacts;
  take(task: SimTask): void;
  cancel(task: TaskId): void;
  /** A tab is gone, or the link to it: nobody waits for its tasks. */
  forget(asker: number): void;
  /** All that runs fails; it loads again. */
  crash(): void;
  readonly inUse: number;
  /** Tasks of other tabs that run here. */
  readonly guests: number;
}

export interface SimNodeOptions {
  readonly address: Address;
  readonly device: DeviceId;
  readonly model: NodeModel & { readonly tier: Tier };
  readonly slots: number;
  readonly temper: Temper;
  readonly onChange: () => void;
}

/** Tasks that wait in its own line. */
const LINE = 4;

export const simModel = (id: string, tier: Tier): NodeModel & { readonly tier: Tier } => ({ id, name: id, tier, hash: id.padEnd(64, '0') as ModelHash, contextTokens: 4096 });

export function createSimNode(world: JobWorld, life: Life, { address, device, model, slots, temper, onChange }: SimNodeOptions): SimNode {
  const { between, chance, pick } = world;
  const running = new Map<TaskId, SimTask>();
  const line: SimTask[] = [];
  const stepMs = between(5, 120) * (temper === 'slow' ? 15 : 1);
  const { peer } = partsOf(address);
  const owner = numberOf(peer);
  let state: NodeFacts['state'] = 'idle';

  const ungranted = (of: number): number => [...running.values(), ...line].filter(({ granted, asker }) => !granted && asker === of).length;
  const lives = (task: SimTask): boolean => running.get(task.id) === task;

  function end(task: SimTask, error: ErrorCode | null): void {
    running.delete(task.id);
    if (error) task.fail(new LlamboError(error, `The node says ${error}.`, error === 'busy' ? { details: { retryMs: 300 } } : {}));
    next();
    onChange();
  }

  function next(): void {
    while (state === 'idle' && running.size < slots && line.length > 0) {
      const task = line.shift()!;
      running.set(task.id, task);
      if (temper === 'silent') continue;
      task.say({ type: 'started' });
      life.after(stepMs, () => read(task, 0));
    }
    line.forEach((task, index) => task.say({ type: 'queued', place: index + 1 }));
  }

  function read(task: SimTask, done: number): void {
    if (!lives(task)) return;
    task.say({ type: 'prefill', done: Math.min(done, task.promptTokens), total: task.promptTokens });
    if (done < task.promptTokens || temper === 'pretender') return void life.after(temper === 'pretender' ? 900 : stepMs, () => read(task, done + 64));
    write(task, task.profile === 'exact' ? 0 : tokensIn(task));
  }

  function write(task: SimTask, at: number): void {
    if (!lives(task)) return;
    if (temper === 'mute' && at > 3) return;
    if ((temper === 'breaks' || temper === 'picky') && chance(0.15)) return end(task, pick(temper === 'breaks' ? BREAKS : PICKS));
    if (temper === 'babbler') task.say({ type: 'tokens', text: 'babble', count: 1 }, `task-${Math.floor(between(0, 1e6))}` as TaskId);
    if (at >= task.truth.length) return finish(task);
    const count = Math.min(1 + Math.floor(between(0, 6)), task.truth.length - at);
    const text = task.truth.slice(at, at + count).join('');
    // What another wrote after the part that the reader has, nobody could tell.
    const isOther = temper === 'differs' && task.profile === 'exact' && task.text !== '' && at === 0;
    task.say({ type: 'tokens', text: isOther ? `#${text.slice(1)}` : text, count });
    life.after(stepMs * between(0.5, 1.5), () => write(task, at + count));
  }

  function finish(task: SimTask): void {
    const from = task.profile === 'exact' ? 0 : tokensIn(task);
    const timings = { queueMs: 0, prefillMs: stepMs, decodeMs: stepMs * task.truth.length, tokensPerSecond: 1000 / stepMs };
    const usage = { promptTokens: task.promptTokens, cachedTokens: 0, answerTokens: task.truth.length - from };
    task.say({ type: 'done', result: { text: task.truth.slice(from).join(''), finishReason: 'stop', usage, timings, seed: 1 } });
    end(task, null);
  }

  function drop(isDropped: (task: SimTask) => boolean): void {
    for (const task of [...running.values()]) if (isDropped(task)) running.delete(task.id);
    for (const task of [...line]) if (isDropped(task)) line.splice(line.indexOf(task), 1);
    next();
    onChange();
  }

  return {
    address,
    facts: () => ({
      address, device, model, slots, state,
      peer, shared: true,
      busy: temper === 'busy' ? 0 : running.size, waiting: line.length,
      tokensPerSecond: 0, prefillPerSecond: 0, rttMs: null, suspect: false,
    }),
    take(task) {
      if (state !== 'idle') return task.fail(new LlamboError('not-ready', 'It loads.'));
      if (temper === 'busy' || line.length >= LINE) return task.fail(new LlamboError('busy', 'No room.', { details: { retryMs: 500 } }));
      if (!task.granted && ungranted(task.asker) >= LIMITS.ungrantedTasks) return task.fail(new LlamboError('busy', 'No more without a grant.'));
      const behind = task.granted ? line.findIndex(({ granted }) => !granted) : -1;
      line.splice(behind < 0 ? line.length : behind, 0, task);
      next();
      onChange();
    },
    cancel: (id) => drop((task) => task.id === id),
    forget: (asker) => drop((task) => task.asker === asker),
    crash() {
      const all = [...running.values(), ...line];
      running.clear();
      line.length = 0;
      state = 'loading';
      for (const task of all) task.fail(new LlamboError('engine-crashed', 'It crashed.'));
      onChange();
      life.after(between(500, 5000), () => {
        state = 'idle';
        onChange();
      });
    },
    get inUse() {
      return running.size + line.length;
    },
    get guests() {
      return [...running.values()].filter(({ asker }) => asker !== owner).length;
    },
  };
}

/** Of what the reader has. @throws Error if that is no part of the job's text: then the asker is wrong */
function tokensIn({ truth, text }: SimTask): number {
  let [at, length] = [0, 0];
  while (length < text.length && at < truth.length) length += truth[at++]!.length;
  if (length !== text.length || truth.slice(0, at).join('') !== text) throw new Error(`A run was asked to go on after ${JSON.stringify(text)}, which nobody wrote.`);
  return at;
}
