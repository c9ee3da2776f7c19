/**
 * Nodes of a simulated swarm under load: what they can really do, which the leader doesn't know. Streams of one node share it:
 * with n of them each goes at 1 ÷ (1 + slope × (n − 1)) of its speed alone, in reading and in writing (processor sharing with a
 * load-dependent rate). Kept as one clock of work for each node, so that a change costs as much as the node has slots.
 */
import { LIMITS } from '../protocol/limits.ts';
import type { Random } from '../shared/env.ts';
import type { ErrorCode } from '../shared/errors.ts';
import { nodeAddress, type Address, type DeviceId, type PeerId } from '../shared/ids.ts';
import type { NodeFacts } from '../orchestrator/types.ts';
import { normal } from './load-work.ts';
import type { SimClock } from './sim-clock.ts';

/** What one run asks of a node, and whom it tells. */
export interface LoadRun {
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Whose prefix may be in the cache. */
  readonly affinity: string;
  spoke(measured: { prefillMs: number; cachedTokens: number }): void;
  /** @param written tokens, up to now */
  ended(error: ErrorCode | null, measured: { written: number; decodeMs: number }): void;
}

export interface Machine {
  readonly address: Address;
  readonly kind: MachineKind;
  /** Alone, milliseconds a token. */
  readonly tokenMs: number;
  readonly prefillMs: number;
  readonly slots: number;
  readonly rttMs: number;
  readonly alive: boolean;
  /** Streams now, and those in its line. */
  readonly streams: number;
  readonly waiting: number;
  start(run: LoadRun): void;
  /** Nobody wants it any more: it ends without a word. */
  stop(run: LoadRun): void;
  /** From now on it does nothing, and nobody has noticed. */
  freeze(): void;
  /** Everything there ends with `peer-lost`: its askers have noticed. */
  die(): void;
  /** Whether that conversation's prefix is in its cache. */
  remembers(affinity: string): boolean;
  /** As its peer tells others. */
  facts(): NodeFacts;
  /** How many times longer everything takes with so many streams. */
  factor(streams: number): number;
}

/** Slots and speeds as measured for small models on such devices, rounded; shares as in a swarm of strangers. */
export const MACHINE_KINDS = [
  { name: 'phone', share: 0.4, tokensPerSecond: 4, prefillFactor: 8, slots: [1, 1], slope: 0.9 },
  { name: 'laptop', share: 0.35, tokensPerSecond: 15, prefillFactor: 10, slots: [1, 4], slope: 0.6 },
  { name: 'desktop', share: 0.2, tokensPerSecond: 40, prefillFactor: 15, slots: [2, 8], slope: 0.35 },
  { name: 'server', share: 0.05, tokensPerSecond: 120, prefillFactor: 25, slots: [8, 16], slope: 0.1 },
] as const;
export type MachineKind = (typeof MACHINE_KINDS)[number];

/** Of all runs, and of all runs on the few nodes that are broken. */
const CRASH_SHARE = 0.001;
const BROKEN = { share: 0.005, crashes: 0.9 };
/** Nodes that promise four times the slots that they have. */
const BOASTERS = 0.005;
/** Nodes that have not answered yet, and claim no speed. */
const NEWCOMERS = 0.2;
export const CACHED_SHARE = 0.8;

interface Stream {
  readonly run: LoadRun;
  readonly startedAt: number;
  readonly cachedTokens: number;
  /** On the node's clock of work. */
  readonly firstAt: number;
  readonly endAt: number;
  /** Where it will crash; Infinity: nowhere. */
  readonly crashAt: number;
  spokeAt: number | null;
}

export function createMachine(clock: SimClock, random: Random, id: number, kind: MachineKind): Machine {
  const spread = (sigma: number): number => Math.exp(sigma * normal(random));
  const tokenMs = (1000 / kind.tokensPerSecond) * spread(0.25);
  const prefillMs = (tokenMs / kind.prefillFactor) * spread(0.15);
  const [least, most] = kind.slots;
  const slots = least + Math.floor(random.next() * (most - least + 1));
  const crashes = random.next() < BROKEN.share ? BROKEN.crashes : CRASH_SHARE;
  const claimedSlots = random.next() < BOASTERS ? 4 * slots : slots;
  const claims = random.next() < NEWCOMERS ? null : { tokens: (1000 / tokenMs) * spread(0.3), prefill: (1000 / prefillMs) * spread(0.3) };
  const rttMs = 20 + 60 * random.next() * spread(0.4);
  const address = nodeAddress(`p${id}`, 'n1');

  const streams: Stream[] = [];
  const line: LoadRun[] = [];
  const cache: string[] = [];
  let alive = true;
  let frozen = false;
  /** The clock of work, and when it was read. */
  let work = { done: 0, at: 0 };
  let cancelTimer = (): void => undefined;

  const factor = (count: number): number => 1 + kind.slope * Math.max(0, count - 1);

  function advance(): void {
    const now = clock.now();
    work = { done: work.done + (now - work.at) / factor(streams.length), at: now };
  }

  const nextOf = ({ spokeAt, firstAt, endAt, crashAt }: Stream): number => Math.min(spokeAt === null ? firstAt : endAt, crashAt);

  function plan(): void {
    cancelTimer();
    let next = Infinity;
    for (const stream of streams) next = Math.min(next, nextOf(stream));
    if (next < Infinity) cancelTimer = clock.after((next - work.done) * factor(streams.length), due);
  }

  function begin(run: LoadRun): void {
    const cached = cache.indexOf(run.affinity);
    if (cached >= 0) cache.splice(cached, 1);
    const cachedTokens = cached >= 0 ? Math.floor(run.promptTokens * CACHED_SHARE) : 0;
    cache.push(run.affinity);
    if (cache.length > slots) cache.shift();
    const firstAt = work.done + (run.promptTokens - cachedTokens) * prefillMs + tokenMs;
    const endAt = firstAt + run.answerTokens * tokenMs;
    const crashAt = random.next() < crashes ? work.done + random.next() * (endAt - work.done) : Infinity;
    streams.push({ run, startedAt: clock.now(), cachedTokens, firstAt, endAt, crashAt, spokeAt: null });
  }

  const written = ({ run, spokeAt, endAt }: Stream): number => (spokeAt === null ? 0 : Math.max(0, run.answerTokens - Math.ceil((endAt - work.done) / tokenMs)));

  function due(): void {
    advance();
    const now = clock.now();
    for (const stream of [...streams]) {
      if (nextOf(stream) > work.done + 1e-6) continue;
      const { run, startedAt, cachedTokens, endAt, crashAt, spokeAt } = stream;
      if (crashAt <= Math.min(endAt, work.done + 1e-6)) end(stream, 'engine-crashed', written(stream));
      else if (spokeAt !== null) end(stream, null, run.answerTokens);
      else {
        stream.spokeAt = now;
        run.spoke({ prefillMs: now - startedAt, cachedTokens });
      }
    }
    fill();
  }

  function end(stream: Stream, error: ErrorCode | null, tokens: number): void {
    streams.splice(streams.indexOf(stream), 1);
    stream.run.ended(error, { written: tokens, decodeMs: stream.spokeAt === null ? 0 : clock.now() - stream.spokeAt });
  }

  function fill(): void {
    while (streams.length < slots && line.length > 0) begin(line.shift()!);
    plan();
  }

  const claimed = claims ?? { tokens: 0, prefill: 0 };
  return {
    address, kind, tokenMs, prefillMs, slots, rttMs, factor,
    get alive() {
      return alive && !frozen;
    },
    remembers: (affinity) => cache.includes(affinity),
    get streams() {
      return streams.length;
    },
    get waiting() {
      return line.length;
    },
    start(run) {
      if (frozen && alive) return void line.push(run);
      if (!alive) return run.ended('peer-lost', { written: 0, decodeMs: 0 });
      if (streams.length >= slots && line.length >= LIMITS.nodeQueue) return run.ended('busy', { written: 0, decodeMs: 0 });
      // Whoever promises more than it has refuses what is beyond.
      if (claimedSlots > slots && streams.length >= slots) return run.ended('busy', { written: 0, decodeMs: 0 });
      advance();
      line.push(run);
      fill();
    },
    stop(run) {
      if (!alive) return;
      if (!frozen) advance();
      const place = streams.findIndex((stream) => stream.run === run);
      if (place >= 0) streams.splice(place, 1);
      const inLine = line.indexOf(run);
      if (inLine >= 0) line.splice(inLine, 1);
      if (!frozen) fill();
    },
    freeze() {
      advance();
      frozen = true;
      cancelTimer();
    },
    die() {
      if (!frozen) advance();
      alive = false;
      cancelTimer();
      for (const stream of [...streams]) end(stream, 'peer-lost', written(stream));
      for (const run of line.splice(0)) run.ended('peer-lost', { written: 0, decodeMs: 0 });
    },
    facts: () => ({
      address, peer: `p${id}` as PeerId, device: `d${id}` as DeviceId, shared: true, state: streams.length > 0 ? 'busy' : 'idle',
      model: { id: 'model', name: 'model', tier: 'tiny', hash: null, contextTokens: 4096 },
      slots: claimedSlots, busy: streams.length, waiting: line.length, tokensPerSecond: claimed.tokens, prefillPerSecond: claimed.prefill, rttMs, suspect: false,
    }),
  };
}
