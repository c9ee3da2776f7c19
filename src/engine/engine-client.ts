/**
 * The page's side of one engine node: an `EngineNode` over a worker that may die at any moment. It owns the worker's
 * life: starts it, races every call with its death, pings it while it works, and restarts it with back-off after a
 * crash. Comlink alone would leave calls to a dead worker pending for ever.
 */
import type { EngineNode, NodeInfo, Task, TaskEvent, TaskResult } from '../protocol/engine-node.ts';
import type { HostStatus, LoadReport, LoadSpec } from '../protocol/engine-api.ts';
import { LIMITS } from '../protocol/limits.ts';
import { abortable, background, throwIfAborted } from '../shared/abort.ts';
import { createChannel } from '../shared/channel.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import type { Env } from '../shared/env.ts';
import { LlamboError, asLlamboError, fromWire } from '../shared/errors.ts';
import { partsOf, type Address } from '../shared/ids.ts';
import { startWorkerLink, type WorkerLike, type WorkerLink } from './worker-link.ts';

export interface EngineClientDeps {
  readonly env: Env;
  readonly address: Address;
  /** A new engine worker. */
  createWorker(): WorkerLike;
}

/** A node that this tab owns: what everybody sees, and the loading that only the owner does. */
export interface LocalEngineNode extends EngineNode {
  /**
   * Loads a model, once; also the way back from state `error`.
   * @throws LlamboError `model-invalid`, `download-failed` (the wasm), `engine-crashed`, `timeout`, `stopped`, `aborted`
   */
  load(spec: LoadSpec, options?: { signal?: AbortSignal }): Promise<LoadReport>;
}

const SPEED_WEIGHT = 0.3;
/** Tokens of a prompt that tell how fast it was read: fewer, after a cached prefix, measure what one step costs. */
const LEAST_READ = 8;

/** @param speed 0: nothing was learnt */
const averaged = (known: number, speed: number): number => (speed <= 0 ? known : known === 0 ? speed : known + SPEED_WEIGHT * (speed - known));

export function createEngineClient({ env, address, createWorker }: EngineClientDeps): LocalEngineNode {
  const changes = new Emitter<NodeInfo>();
  let info: NodeInfo = Object.freeze({
    address, peer: partsOf(address).peer, local: true, shared: true, state: 'loading', model: null,
    slots: 0, busy: 0, waiting: 0, threads: 0, tokensPerSecond: 0, prefillPerSecond: 0, restarts: 0, memoryBytes: 0,
  } satisfies NodeInfo);
  let link: WorkerLink | null = null;
  let spec: LoadSpec | null = null;
  let cancelRestart = (): void => undefined;
  let startedAt = 0;
  /** Runs of ours that have not ended. */
  let open = 0;

  function update(change: Partial<NodeInfo>): void {
    const { problem, ...rest } = info;
    const stays = problem !== undefined && (change.state ?? info.state) === 'error';
    info = Object.freeze({ ...rest, ...(stays ? { problem } : {}), ...change });
    changes.emit(info);
  }

  /** Idle means that nobody is owed anything: the worker's slot is free before its last words have arrived here. */
  function onStatus({ busy, waiting }: HostStatus): void {
    if (info.state === 'idle' || info.state === 'busy') update({ state: busy > 0 || open > 0 ? 'busy' : 'idle', busy, waiting });
  }

  function stopLink(reason: LlamboError): void {
    link?.close(reason);
    link = null;
  }

  async function start(loadSpec: LoadSpec, signal?: AbortSignal): Promise<LoadReport> {
    throwIfAborted(signal);
    stopLink(new LlamboError('stopped', 'The engine was loaded anew.'));
    update({ state: 'loading', model: null, slots: 0, busy: 0, waiting: 0 });
    const mine = startWorkerLink(env.clock, createWorker(), (error) => onDeath(mine, error));
    link = mine;
    spec = loadSpec;
    try {
      const outcome = await abortable(mine.load(loadSpec, onStatus), signal);
      if (!outcome.ok) throw fromWire(outcome.error);
      startedAt = env.clock.now();
      update({ ...described(loadSpec, outcome.value), state: 'idle' });
      return outcome.value;
    } catch (error) {
      if (link === mine) fail(asLlamboError(error));
      throw error;
    }
  }

  function fail(error: LlamboError): void {
    stopLink(error);
    update({ state: 'error', problem: error.message, busy: 0, waiting: 0, slots: 0 });
  }

  /** The worker died on its own. Its calls have been rejected already; here it is decided whether it comes back. */
  function onDeath(dead: WorkerLink, error: LlamboError): void {
    if (link !== dead || !spec) return;
    const restarts = env.clock.now() - startedAt > LIMITS.restartForgiveMs ? 0 : info.restarts;
    const wasLoaded = info.state === 'idle' || info.state === 'busy';
    fail(error);
    if (!wasLoaded || restarts >= LIMITS.restarts) return;
    const again = spec;
    update({ state: 'loading', restarts: restarts + 1 });
    cancelRestart = env.clock.after(LIMITS.restartDelayMs * 2 ** restarts, () => background(start(again), () => undefined));
  }

  async function drive(task: Task, signal: AbortSignal | undefined, push: (event: TaskEvent) => void): Promise<void> {
    const mine = link;
    if (!mine || !info.model) throw notReady(info);
    open += 1;
    const outcome = await mine.run(task, push, signal).finally(() => {
      open -= 1;
      onStatus(info);
    });
    if (outcome.ok) return;
    const error = fromWire(outcome.error);
    // The wasm is dead though its worker lives: the same end.
    if (error.code === 'engine-crashed') mine.crash(error);
    throw error;
  }

  async function* run(task: Task, { signal }: { signal?: AbortSignal } = {}): AsyncGenerator<TaskEvent, void, void> {
    throwIfAborted(signal);
    const left = new AbortController();
    const channel = createChannel<TaskEvent>(() => left.abort());
    const relay = (): void => left.abort(signal?.reason);
    signal?.addEventListener('abort', relay, { once: true });
    drive(task, left.signal, (event) => {
      if (event.type === 'done') learnSpeeds(event.result);
      channel.push(event);
    }).then(() => channel.end(), (error: unknown) => channel.fail(error));
    try {
      yield* channel;
    } finally {
      signal?.removeEventListener('abort', relay);
    }
  }

  function learnSpeeds({ usage: { promptTokens, cachedTokens }, timings: { tokensPerSecond, prefillMs } }: TaskResult): void {
    const read = promptTokens - cachedTokens;
    update({
      tokensPerSecond: averaged(info.tokensPerSecond, tokensPerSecond),
      prefillPerSecond: averaged(info.prefillPerSecond, read >= LEAST_READ && prefillMs > 0 ? (read * 1000) / prefillMs : 0),
    });
  }

  return {
    address,
    info: () => info,
    onChange: (listener): Unsubscribe => changes.on(listener),
    load: (loadSpec, { signal } = {}) => {
      cancelRestart();
      return start(loadSpec, signal);
    },
    run,
    async stop() {
      if (info.state === 'stopped') return;
      cancelRestart();
      spec = null;
      stopLink(new LlamboError('stopped', 'The engine was stopped.'));
      update({ state: 'stopped', model: null, slots: 0, busy: 0, waiting: 0, memoryBytes: 0 });
    },
  };
}

const described = (spec: LoadSpec, report: LoadReport): Pick<NodeInfo, 'model' | 'slots' | 'threads' | 'memoryBytes'> => ({
  model: { ...spec.model, contextTokens: report.contextTokens },
  slots: report.slots,
  threads: report.threads,
  memoryBytes: spec.memoryBytes,
});

function notReady({ state, problem }: NodeInfo): LlamboError {
  if (state === 'stopped') return new LlamboError('stopped', 'This engine was stopped.', { advice: 'Ask another one.' });
  const why = state === 'error' ? `This engine failed: ${problem ?? 'unknown'}` : 'This engine is still loading.';
  return new LlamboError('not-ready', why, { advice: state === 'error' ? 'Load the model again.' : 'Ask again in a moment.' });
}
