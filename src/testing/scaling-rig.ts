/** A tab with scripted engines, real pool and real scaling, in a swarm that the test makes up, on a clock that the test moves. */
import { createEngines, type Engines } from '../app/engines.ts';
import { createEventLog } from '../app/event-log.ts';
import { createScaling, type Scaling } from '../app/scaling.ts';
import { createState, type State } from '../app/state.ts';
import { createEngineClient, type LocalEngineNode } from '../engine/engine-client.ts';
import { createEnginePool, type EnginePool } from '../engine/engine-pool.ts';
import type { StoredModel } from '../engine/model-store.ts';
import { createThreadLedger } from '../engine/thread-ledger.ts';
import type { Sender, Standing } from '../orchestrator/ports.ts';
import type { EngineNode } from '../protocol/engine-node.ts';
import type { LogEvent } from '../protocol/log-event.ts';
import type { ControlMessage, MessageOf } from '../protocol/messages.ts';
import type { CatalogEntry, ModelInfo } from '../protocol/models.ts';
import type { PeerInfo } from '../protocol/peer.ts';
import { DEFAULT_POLICY, type SwarmPolicy } from '../protocol/policy.ts';
import type { Settings, Snapshot } from '../protocol/snapshot.ts';
import { Emitter } from '../shared/emitter.ts';
import { LlamboError } from '../shared/errors.ts';
import { nodeAddress, parseModelHash, type DeviceId, type PeerId } from '../shared/ids.ts';
import { createFakeChannels, createFakeLocks } from './fake-locks.ts';
import { createManualClock, settle, type ManualClock } from './manual-clock.ts';
import { makeTask, runToEnd } from './node-runs.ts';
import { createScriptedWorker } from './scripted-worker.ts';
import { createSeededRandom } from './seeded-random.ts';

export const MB = 1e6;
export const SELF: Sender = { peer: 'me' as PeerId, device: 'mine' as DeviceId };
const SETTINGS: Settings = { nodes: 0, threads: 0, name: '', fusion: null, stayHere: false, sharing: { on: true, slots: 0, tokensPerHour: 0, keptModels: [] } };

export const entryOf = (id: string, change: Partial<CatalogEntry> = {}): CatalogEntry => ({
  id, name: id, license: 'MIT', files: [], tier: 'medium', context: 256, slots: 2, ubatch: 8, maxThreads: 1, memoryBytes: 100 * MB, goodAt: 'tests', ...change,
});

export const peerOf = (id: string, nodes: Record<string, number> = {}, change: Partial<PeerInfo> = {}): PeerInfo =>
  ({
    id, device: id, name: id, self: id === SELF.peer, link: id === SELF.peer ? 'self' : 'direct', visible: true, sharing: { slots: 4, busy: 0 },
    nodes: Object.entries(nodes).flatMap(([model, count]) => Array.from({ length: count }, (_, index) => ({
      address: nodeAddress(id, `${model}-${index}`), peer: id, state: 'idle', shared: true, model: { id: model }, slots: 2, busy: 0, waiting: 0,
    }))),
    ...change,
  }) as unknown as PeerInfo;

export interface ScalingRig {
  readonly clock: ManualClock;
  readonly pool: EnginePool;
  readonly engines: Engines;
  readonly scaling: Scaling;
  readonly state: State;
  /** What this tab has sent. */
  readonly sent: readonly { readonly to: PeerId; readonly message: ControlMessage }[];
  /** Jobs that wait at the leader, if this tab leads. */
  readonly demand: Map<string, number>;
  /** How often scaling has looked so far. */
  looks(): number;
  /** `model: nodes`, of those that this tab has. */
  counts(): Record<string, number>;
  scaled(): readonly Extract<LogEvent, { type: 'scaled' }>[];
  asked(): readonly Extract<LogEvent, { type: 'asked for nodes' }>[];
  setSettings(change: Partial<Settings>): Promise<void>;
  setPolicy(change: Partial<SwarmPolicy>): void;
  /** Offered from now on; the engines are told, as the app does. */
  offer(entries: readonly CatalogEntry[]): Promise<void>;
  /** Nobody: this tab is alone. */
  swarm(leader: string | null, peers?: readonly PeerInfo[], term?: number): void;
  wish(change: Partial<MessageOf<'scale'>>, from?: string): Promise<void>;
  /** Answers that take so many seconds each. */
  ask(node: EngineNode, count: number, seconds: number): Promise<unknown>;
}

export interface ScalingRigOptions {
  readonly cores?: number;
  readonly memoryBytes?: number;
  readonly settings?: Partial<Settings>;
  readonly policy?: Partial<SwarmPolicy>;
  /** The first is built in. */
  readonly catalog?: readonly CatalogEntry[];
  /** Beside the built-in one, those whose files are here. */
  readonly stored?: readonly string[];
  readonly added?: readonly string[];
  /** Which nodes fail to load, counted from 1. */
  fails?(node: number): boolean;
}

export function createScalingRig({ cores = 4, memoryBytes = 2000 * MB, fails = () => false, ...options }: ScalingRigOptions = {}): ScalingRig {
  const { catalog = [entryOf('tiny', { tier: 'tiny', memoryBytes: 30 * MB }), entryOf('smol')], stored = ['smol'], added = [] } = options;
  const clock = createManualClock();
  const env = { clock, random: createSeededRandom(3) };
  const log = createEventLog(clock);
  const state = createState({ swarm: null, settings: { ...SETTINGS, ...options.settings } } as unknown as Snapshot);
  const [policies, standings, messages] = [new Emitter<void>(), new Emitter<Standing>(), new Emitter<[Sender, ControlMessage]>()];
  const demand = new Map<string, number>();
  const sent: { to: PeerId; message: ControlMessage }[] = [];
  let policy: SwarmPolicy = { ...DEFAULT_POLICY, ...options.policy };
  let standing: Standing = { leader: SELF.peer, term: 0 };
  let offered = catalog;
  let [made, looks] = [0, 0];

  function createNode(): LocalEngineNode {
    const number = (made += 1);
    const script = { tokenMs: 1000, answer: () => 'word '.repeat(200).trim() };
    const node = createEngineClient({ env, address: nodeAddress(SELF.peer, `${number}`), createWorker: () => createScriptedWorker(env, script) });
    return fails(number) ? { ...node, load: () => Promise.reject(new LlamboError('engine-crashed', 'There is no address space.')) } : node;
  }

  const pool = createEnginePool({
    clock, memoryBytes, createNode,
    wasm: { wasmUrl: 'none' },
    ledger: createThreadLedger({ locks: createFakeLocks(), channel: createFakeChannels()(), random: env.random, cores }),
  });
  const infoOf = ({ id }: CatalogEntry, index: number): ModelInfo =>
    ({ id, origin: added.includes(id) ? 'url' : index === 0 ? 'built-in' : 'catalogue', state: { kind: stored.includes(id) ? 'stored' : 'remote' } }) as ModelInfo;
  const store = {
    list: () => offered.map(infoOf),
    promote: () => Promise.resolve(),
    ensure: (id: string): Promise<StoredModel> => Promise.resolve({ entry: catalog.find((entry) => entry.id === id)!, files: [new File(['GGUF'], id)], hash: parseModelHash('a'.repeat(64))! }),
  };
  const shape = (entry: CatalogEntry): CatalogEntry => offered.find(({ id }) => id === entry.id) ?? entry;
  const engines = createEngines({ pool, log, clock, cores, shape, store: store as unknown as Parameters<typeof createEngines>[0]['store'], builtIn: catalog[0]!.id, settings: () => state.get().settings });
  const scaling = createScaling({
    clock, pool, engines, store, state, log, cores,
    orchestrator: {
      view() {
        looks += 1;
        return { jobs: [], leader: standing.leader === SELF.peer ? { waiting: 0, waitingByDevice: new Map(), slots: 0, assigned: 0, demand } : null };
      },
    },
    control: {
      self: SELF,
      standing: () => standing,
      onStanding: (listener) => standings.on(listener),
      send: (to, message) => void sent.push({ to, message }),
      onMessage: (listener) => messages.on(([from, message]) => listener(from, message)),
    },
    config: { policy: () => policy, onChange: (listener) => policies.on(listener) },
    entry: (id) => offered.find((entry) => entry.id === id) ?? null,
  });

  return {
    clock, pool, engines, scaling, state, sent, demand,
    looks: () => looks,
    counts: () => Object.fromEntries(pool.models().map(({ entry, nodes }) => [entry.id, nodes.length])),
    scaled: () => log.last(100, ({ type }) => type === 'scaled') as Extract<LogEvent, { type: 'scaled' }>[],
    asked: () => log.last(100, ({ type }) => type === 'asked for nodes') as Extract<LogEvent, { type: 'asked for nodes' }>[],
    async setSettings(change) {
      state.set({ settings: { ...state.get().settings, ...change } });
      await engines.applySettings();
      await settle();
    },
    setPolicy(change) {
      policy = { ...policy, ...change };
      policies.emit();
    },
    async offer(entries) {
      offered = entries;
      await engines.applySettings();
    },
    swarm(leader, peers = [], term = 1) {
      standing = leader === null ? { leader: SELF.peer, term: 0 } : { leader: leader as PeerId, term };
      standings.emit(standing);
      state.set({ swarm: leader === null ? null : ({ state: 'in', peers } as unknown as Snapshot['swarm']) });
    },
    async wish(change, from = 'ada') {
      messages.emit([{ peer: from as PeerId, device: from as DeviceId }, { t: 'scale', term: 1, tier: 'medium', model: 'smol', nodes: 1, reason: 'jobs wait', ...change }]);
      await settle();
      await settle();
    },
    async ask(node, count, seconds) {
      const answers = Array.from({ length: count }, () => runToEnd(node, makeTask('speak', { sampling: { maxTokens: seconds }, deadlineMs: 3_600_000 })));
      await settle();
      return Promise.all(answers);
    },
  };
}
