/**
 * An `EngineNode` that stands for an HTTP server with OpenAI's interface: llama-server, vLLM, Ollama, a cluster behind one
 * address. It owns what is known of the server, how many tasks are there at once, and whether it is there at all. It knows
 * nothing of settings, storage and pages.
 */
import type { Tier } from '../../protocol/chat.ts';
import type { EngineNode, NodeInfo, Task, TaskEvent, TaskResult } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { background, linkedController, throwIfAborted } from '../../shared/abort.ts';
import { createChannel } from '../../shared/channel.ts';
import { Emitter } from '../../shared/emitter.ts';
import type { Env } from '../../shared/env.ts';
import { LlamboError, asLlamboError, isAbort, type ErrorCode } from '../../shared/errors.ts';
import { partsOf, type Address } from '../../shared/ids.ts';
import { createAdmission, type Admission } from '../worker/admission.ts';
import { createEventBatcher, type EventBatcher } from '../worker/event-batcher.ts';
import { createNativeHttp } from './native-http.ts';
import { probeServer, type ServerFacts, type ServerWish } from './native-probe.ts';
import { assertPossible } from './native-request.ts';
import { runAtServer } from './native-run.ts';
import { createServerWatch } from './server-watch.ts';

export interface NativeServerSpec extends ServerWish {
  /** As `serverRoot` gives it. */
  readonly root: string;
  /** Empty: none. It goes to that server and nowhere else. */
  readonly key: string;
  readonly tier: Tier;
  /** Others in a swarm may be given tasks on it. */
  readonly share: boolean;
}

export interface NativeNodeDeps {
  readonly env: Env;
  readonly address: Address;
  readonly fetch: typeof fetch;
  readonly server: NativeServerSpec;
  /** Absolute address of this page. */
  readonly pageUrl: string;
}

export interface NativeNode extends EngineNode {
  /**
   * Asks the server what it is; also the way back from state `error`. A server that can't be reached is asked again and
   * again, at growing intervals, until it answers or the node is stopped.
   * @throws LlamboError `unreachable`, `refused` (the key), `not-found` (no such interface, no model), `timeout`, `stopped`, …
   */
  start(options?: { signal?: AbortSignal }): Promise<ServerFacts>;
  /** What is told of it changes; what runs there goes on. */
  adjust(change: Pick<NativeServerSpec, 'tier' | 'share'>): void;
}

const SPEED_WEIGHT = 0.3;

/** Failures of the server, not of the request. */
const SERVER_FAILURES: readonly ErrorCode[] = ['unreachable', 'engine-crashed'];
/** Only the person can mend these: asking again would be refused again. */
const FOR_THE_PERSON: readonly ErrorCode[] = ['refused', 'not-found'];

export function createNativeNode({ env, address, fetch, server, pageUrl }: NativeNodeDeps): NativeNode {
  const { clock } = env;
  const http = createNativeHttp({ clock, fetch, server, pageUrl });
  const changes = new Emitter<NodeInfo>();
  /** Probes and runs that have not ended. */
  const open = new Set<AbortController>();
  const watch = createServerWatch(clock, () => background(start(), () => undefined));
  let { tier } = server;
  let facts: ServerFacts | null = null;
  let admission: Admission | null = null;
  let info: NodeInfo = Object.freeze({
    address, peer: partsOf(address).peer, local: true, shared: server.share, state: 'loading', model: null, slots: 0, busy: 0, waiting: 0, threads: 0,
    tokensPerSecond: 0, prefillPerSecond: 0, restarts: 0, memoryBytes: 0,
  } satisfies NodeInfo);

  function update(change: Partial<NodeInfo>): void {
    if (info.state === 'stopped') return;
    const { problem, ...rest } = info;
    const stays = problem !== undefined && (change.state ?? info.state) === 'error';
    info = Object.freeze({ ...rest, ...(stays ? { problem } : {}), ...change });
    changes.emit(info);
  }

  function onPlaces(): void {
    const { busy = 0, waiting = 0 } = admission ?? {};
    const up = info.state === 'idle' || info.state === 'busy';
    update({ busy, waiting, ...(up ? { state: busy + waiting > 0 ? 'busy' : 'idle' } : {}) });
  }

  async function start({ signal }: { signal?: AbortSignal } = {}): Promise<ServerFacts> {
    assertOpen();
    watch.rest();
    if (!facts) update({ state: 'loading' });
    const ending = linkedController(signal);
    open.add(ending);
    try {
      const found = await probeServer({ clock, http, root: server.root, key: server.key, wish: server }, ending.signal);
      assertOpen();
      onFound(found);
      return found;
    } catch (error) {
      if (!isAbort(error) && info.state !== 'stopped') goDown(asLlamboError(error));
      throw error;
    } finally {
      open.delete(ending);
      ending.abort();
    }
  }

  function onFound(found: ServerFacts): void {
    watch.good();
    facts = found;
    // Tasks that run or wait keep their places: how many there are stays as it was found first.
    admission ??= createAdmission(found.slots, LIMITS.nodeQueue, onPlaces);
    const { model, contextTokens } = found;
    update({ state: 'idle', model: { id: model, name: model, tier, hash: null, contextTokens }, slots: Math.min(found.slots, info.slots || found.slots) });
    onPlaces();
  }

  function goDown(error: LlamboError): void {
    update({ state: 'error', problem: [error.message, error.advice].filter(Boolean).join(' ') });
    if (!FOR_THE_PERSON.includes(error.code)) watch.askLater();
  }

  function learn(error: unknown): void {
    const { code, details } = asLlamboError(error);
    // One request was refused: whoever asks for such things must not take the server from the others.
    if (details?.['status'] !== undefined) return;
    if ([...SERVER_FAILURES, ...FOR_THE_PERSON].includes(code) && watch.bad()) goDown(withoutWords(asLlamboError(error)));
  }

  function learnSpeed({ usage, timings }: TaskResult): void {
    watch.good();
    const read = timings.prefillMs > 0 ? ((usage.promptTokens - usage.cachedTokens) * 1000) / timings.prefillMs : 0;
    update({ tokensPerSecond: average(info.tokensPerSecond, timings.tokensPerSecond), prefillPerSecond: average(info.prefillPerSecond, read) });
  }

  async function drive(task: Task, controller: AbortController, batcher: EventBatcher): Promise<void> {
    assertOpen();
    if (!facts || !admission || info.state === 'error') throw notReady(info);
    // Refused by us, not by the server: it says nothing about the server.
    assertPossible(task, facts.kind);
    const { signal } = controller;
    const overdue = new LlamboError('timeout', `The answer took longer than ${Math.round(task.deadlineMs / 1000)} s.`);
    const cancelDeadline = clock.after(task.deadlineMs, () => controller.abort(overdue));
    const queuedAt = clock.now();
    let release = (): void => undefined;
    try {
      release = await admission.enter(signal, (place) => batcher.add({ type: 'queued', place }));
      batcher.add({ type: 'started' });
      const queueMs = clock.now() - queuedAt;
      const result = await runAtServer({ clock, http, facts, root: server.root, key: server.key, task, queueMs, signal, emit: batcher.add }).catch((error: unknown) => {
        if (!signal.aborted) learn(error);
        throw error;
      });
      learnSpeed(result);
      batcher.add({ type: 'done', result });
    } catch (error) {
      throw signal.aborted && signal.reason instanceof LlamboError ? signal.reason : error;
    } finally {
      cancelDeadline();
      await batcher.flush();
      release();
    }
  }

  async function* run(task: Task, { signal }: { signal?: AbortSignal } = {}): AsyncGenerator<TaskEvent, void, void> {
    throwIfAborted(signal);
    const controller = linkedController(signal);
    open.add(controller);
    const channel = createChannel<TaskEvent>(() => controller.abort());
    const batcher = createEventBatcher(clock, LIMITS.batchMs, async (events) => events.forEach(channel.push));
    drive(task, controller, batcher).then(() => channel.end(), (error: unknown) => channel.fail(error));
    try {
      yield* channel;
    } finally {
      open.delete(controller);
      controller.abort();
    }
  }

  function assertOpen(): void {
    if (info.state === 'stopped') throw removed();
  }

  return {
    address,
    info: () => info,
    onChange: (listener) => changes.on(listener),
    start,
    run,
    adjust(change) {
      ({ tier } = change);
      update({ shared: change.share, model: info.model && { ...info.model, tier } });
    },
    async stop() {
      if (info.state === 'stopped') return;
      watch.rest();
      update({ state: 'stopped', model: null, slots: 0, busy: 0, waiting: 0 });
      for (const controller of open) controller.abort(removed());
    },
  };
}

const average = (before: number, now: number): number => (now <= 0 ? before : before === 0 ? now : before * (1 - SPEED_WEIGHT) + now * SPEED_WEIGHT);

/** A server may repeat what it was asked, and why a node is down is shown to more people than those who asked. */
function withoutWords({ code, message, advice = 'Look at the server’s log.' }: LlamboError): LlamboError {
  const plain: Partial<Record<ErrorCode, string>> = {
    'engine-crashed': `Its last ${LIMITS.nativeFailures} answers failed.`,
    'not-found': 'It does not have what it was asked for any more.',
  };
  return new LlamboError(code, plain[code] ?? message, { advice });
}

const removed = (): LlamboError => new LlamboError('stopped', 'This server was removed.', { advice: 'Ask another node.' });

function notReady({ state, problem }: NodeInfo): LlamboError {
  if (state === 'error') return new LlamboError('not-ready', `This server does not answer: ${problem ?? 'unknown'}`, { advice: 'It is tried again by itself; the settings have a button for it.' });
  return new LlamboError('not-ready', 'This server has not said yet what it has.', { advice: 'Ask again in a moment.' });
}
