/**
 * `globalThis.llambo`: the same app that the page shows, for the console, for scripts and for embedding.
 * `docs/api.md` is made from this file and what it names.
 *
 * ```js
 * const answer = await llambo.ask('What is 47 + 38?').done;
 * for await (const event of llambo.ask('Tell me a story.')) if (event.type === 'text') console.log(event.delta);
 * ```
 */
import type { Unsubscribe } from '../shared/emitter.ts';
import type { DeviceId, PeerId } from '../shared/ids.ts';
import type { NodeInfo } from './engine-node.ts';
import type { SwarmInfo } from './peer.ts';
import type { Answering, AskOptions, ChatRequest } from './chat.ts';
import type { LogEvent } from './log-event.ts';
import type { Verdict } from './rules-schema.ts';
import type { MetricsReader } from './metrics.ts';
import type { ModelInfo, ModelState } from './models.ts';
import type { Snapshot } from './snapshot.ts';

export interface LoadOptions {
  /** Aborting pauses a download; what has arrived is kept. */
  signal?: AbortSignal;
  onProgress?: (state: ModelState) => void;
}

export interface EventFilter {
  /** Only these types; all if absent. */
  types?: readonly LogEvent['type'][];
  /** Only events after this sequence number; those still in memory come first. All if absent. */
  after?: number;
  /** Ends the iteration. */
  signal?: AbortSignal;
}

export interface SwarmEvents {
  /** A peer is in. */
  joined: { peer: PeerId; name: string };
  /** A peer is out: it said so, it fell silent, or it was removed. */
  left: { peer: PeerId; name: string; reason: 'left' | 'dead' | 'removed' };
  /** Somebody leads from now on; null: nobody does. */
  leader: { leader: PeerId | null; term: number };
  /** The swarm as a whole, after each change. */
  change: SwarmInfo | null;
}

export interface Swarm {
  /**
   * Joins the swarm of a link or of a six-word code, or founds one if none is given. A tab is in one swarm at most: another one is left.
   * @param options.gate for a new swarm: newcomers wait until somebody lets them in
   * @throws LlamboError `bad-request` (the link is damaged), `unreachable` (no signalling), `refused` (wrong secret, full,
   *   other version, barred, not let in), `unsupported` (no WebRTC), `aborted`
   */
  join(link?: string, options?: { signal?: AbortSignal; gate?: boolean }): Promise<{ link: string }>;
  /** Tells the others and closes every link. */
  leave(): Promise<void>;
  /**
   * Lets a device in that knocks or was barred, or removes and bars one. See `snapshot().swarm.gate`.
   * @throws LlamboError `refused` where this tab's person may not decide that, `not-ready` in no swarm
   */
  admit(device: DeviceId, verdict: Verdict): Promise<void>;
  on<Name extends keyof SwarmEvents>(event: Name, listener: (value: SwarmEvents[Name]) => void): Unsubscribe;
}

export interface Llambo {
  /** Of the app. */
  readonly version: string;
  /** Resolves when an engine can answer. Rejects if this browser can't run one; the error says what to do. */
  readonly ready: Promise<void>;
  /** The catalogue and what was added to it, with what is stored. */
  models(): Promise<ModelInfo[]>;
  /**
   * Downloads a model if needed, loads it, and lets it answer from then on.
   * @param model a catalogue id, the URL of a GGUF, or a GGUF file (all parts of a split one)
   * @throws LlamboError `not-found`, `download-failed`, `hash-mismatch`, `disk-full`, `model-invalid`, `aborted`, …
   */
  load(model: string | File | readonly File[], options?: LoadOptions): Promise<ModelInfo>;
  /**
   * Asks. Starts at once, without waiting for anybody to listen. In a swarm any tab that shares may answer, unless
   * `options.where` or `options.node` says otherwise; if its node is lost, the answer goes on at another.
   * Failures reject `done` and end the iteration: `bad-request` names the field, `context-overflow` has the figures.
   */
  ask(request: string | ChatRequest, options?: AskOptions): Answering;
  readonly swarm: Swarm;
  /** Every engine node that can be asked: this tab's, and those of the swarm. `ask(…, { node: address })` asks one of them. */
  nodes(): NodeInfo[];
  /** The whole app as the page shows it: frozen, plain data. */
  snapshot(): Snapshot;
  /** The event log: first what is remembered, then what comes, until the loop is left. */
  events(filter?: EventFilter): AsyncIterable<LogEvent>;
  /** Figures of nodes, peers and the swarm: what was counted here, and their last hour, second by second. */
  readonly metrics: MetricsReader;
  /**
   * Reads the namespace: who is there and how it goes there, as small texts of one `key value` a line. `/n/llambo` has the peers
   * (`self` is this tab), `/n/llambo/<peer>` has `name`, `links`, `sharing` and its nodes, and a node has `status`, `model`,
   * `load`, `speed`, `tasks` and `log`. Tasks and logs of another tab are asked of that tab.
   * @returns the text of a file; the names in a directory, of which those of directories end in `/`
   * @throws LlamboError `not-found`, and of another tab `busy`, `timeout`, `peer-lost`, `aborted`
   */
  read(path: string, options?: { signal?: AbortSignal }): Promise<string | string[]>;
}
