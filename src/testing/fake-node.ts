/**
 * An engine node on a virtual clock, without an engine: it counts, token by token, as far as the question says, and goes on
 * after a prefix as a model would. It breaks nothing if it gets more than its slots; it remembers it.
 */
import type { EngineNode, NodeInfo, Task, TaskEvent } from '../protocol/engine-node.ts';
import { abortError, LlamboError } from '../shared/errors.ts';
import { Emitter } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';
import { partsOf, type Address } from '../shared/ids.ts';

export interface FakeNodeOptions {
  readonly model?: string;
  readonly tier?: 'tiny' | 'medium' | 'large';
  readonly slots?: number;
  readonly tokenMs?: number;
  readonly prefillMs?: number;
  readonly contextTokens?: number;
}

export interface FakeNode extends EngineNode {
  /** Its runs fail, and it takes no others. */
  crash(): void;
  /** Its runs say no more, and do not end. */
  freeze(): void;
  set(change: Partial<NodeInfo>): void;
  /** The most that ran at once, and how many began. */
  readonly most: number;
  readonly begun: number;
  readonly running: number;
}

/** What a node says to "count to N". */
export const counted = (most: number): string => Array.from({ length: most }, (_, index) => index + 1).join(' ');

/** The answer's tokens that are still to be written. */
function remaining({ messages }: Task): string[] {
  const question = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const last = messages.at(-1)!;
  const prefix = last.role === 'assistant' ? last.content : '';
  const whole = counted(Number(/count to (\d+)/.exec(question)?.[1] ?? 3));
  return (whole.startsWith(prefix) ? whole.slice(prefix.length) : ` after ${prefix}`).match(/\s*\S+/g) ?? [];
}

export function createFakeNode(clock: Clock, address: Address, options: FakeNodeOptions = {}): FakeNode {
  const { model = 'm', tier = 'tiny', slots = 2, tokenMs = 20, prefillMs = 40, contextTokens = 4096 } = options;
  const changes = new Emitter<NodeInfo>();
  const waits = new Set<(error: LlamboError) => void>();
  let frozen = false;
  let [most, begun, running] = [0, 0, 0];
  let info: NodeInfo = {
    address, peer: partsOf(address).peer, local: true, shared: true, state: 'idle', model: { id: model, name: model, tier, hash: null, contextTokens },
    slots, busy: 0, waiting: 0, threads: 1, tokensPerSecond: 0, prefillPerSecond: 0, restarts: 0, memoryBytes: 1,
  };

  function set(change: Partial<NodeInfo>): void {
    info = { ...info, ...change };
    changes.emit(info);
  }

  const wait = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        cancel();
        waits.delete(fail);
        signal?.removeEventListener('abort', stop);
        settle();
      };
      const fail = (error: LlamboError): void => end(() => reject(error));
      const stop = (): void => fail(abortError());
      const cancel = clock.after(ms, () => {
        if (!frozen) end(resolve);
      });
      waits.add(fail);
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });

  async function* write(task: Task, signal: AbortSignal | undefined): AsyncGenerator<TaskEvent, void, void> {
    const startedAt = clock.now();
    yield { type: 'started' };
    await wait(prefillMs, signal);
    const prefilledAt = clock.now();
    yield { type: 'prefill', done: 10, total: 10 };
    const tokens = remaining(task);
    for (const text of tokens) {
      await wait(tokenMs, signal);
      yield { type: 'tokens', text, count: 1 };
    }
    const decodeMs = clock.now() - prefilledAt;
    yield {
      type: 'done',
      result: {
        text: tokens.join(''), finishReason: 'stop', seed: task.seed,
        usage: { promptTokens: 10, cachedTokens: 0, answerTokens: tokens.length },
        timings: { queueMs: 0, prefillMs: prefilledAt - startedAt, decodeMs, tokensPerSecond: (tokens.length * 1000) / Math.max(1, decodeMs) },
      },
    };
  }

  async function* run(task: Task, { signal }: { signal?: AbortSignal } = {}): AsyncGenerator<TaskEvent, void, void> {
    if (info.state !== 'idle' && info.state !== 'busy') throw new LlamboError('not-ready', 'This engine failed.', { advice: 'Ask another.' });
    begun += 1;
    running += 1;
    most = Math.max(most, running);
    set({ busy: running, state: 'busy' });
    try {
      yield* write(task, signal);
    } finally {
      running -= 1;
      set({ busy: running, ...(info.state === 'busy' && running === 0 ? { state: 'idle' } : {}) });
    }
  }

  return {
    address,
    info: () => info,
    onChange: (listener) => changes.on(listener),
    run,
    stop: async () => undefined,
    crash() {
      set({ state: 'error' });
      for (const fail of [...waits]) fail(new LlamboError('engine-crashed', 'The engine died.', { advice: 'Ask again.' }));
    },
    freeze: () => void (frozen = true),
    set,
    get most() {
      return most;
    },
    get begun() {
      return begun;
    },
    get running() {
      return running;
    },
  };
}
