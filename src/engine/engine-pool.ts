/**
 * The engine nodes of one tab: starts and stops them per model, within the tab's memory budget and the device's
 * threads. It knows nothing of prompts; who asks picks a node with `find` and talks to it directly.
 */
import type { EngineNode, NodeInfo } from '../protocol/engine-node.ts';
import type { LoadSpec } from '../protocol/engine-api.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import { LIMITS } from '../protocol/limits.ts';
import { background, throwIfAborted } from '../shared/abort.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';
import type { Address, ModelHash } from '../shared/ids.ts';
import type { LocalEngineNode } from './engine-client.ts';
import type { ThreadLease, ThreadLedger } from './thread-ledger.ts';

export interface PoolModel {
  readonly entry: CatalogEntry;
  readonly files: readonly Blob[];
  readonly hash: ModelHash | null;
}

export interface EnginePoolDeps {
  readonly clock: Clock;
  readonly ledger: ThreadLedger;
  /** Bytes, over all nodes of this tab. One node is always allowed. */
  readonly memoryBytes: number;
  /** Absolute URLs of the wasm. */
  readonly wasm: Pick<LoadSpec, 'wasmUrl' | 'compat'>;
  /** A node in state `loading`, with an address of its own. */
  createNode(): LocalEngineNode;
}

/** The nodes of one model, those that load or failed too. */
export interface PoolShare {
  readonly entry: CatalogEntry;
  readonly nodes: readonly NodeInfo[];
}

export interface EnginePool {
  nodes(): readonly NodeInfo[];
  /** By model, in the order in which they were started. */
  models(): readonly PoolShare[];
  /** Of the memory budget, what no node has; below 0 if the one that is always allowed takes more. */
  spareBytes(): number;
  onChange(listener: () => void): Unsubscribe;
  /**
   * Starts or stops nodes until `count` run this model (fewer if the memory budget ends before). Settles when all
   * stand; the first is usable as soon as its state says so. Calls are carried out one after another. Nodes that were
   * made with other slots or another context are loaded anew, as soon as they are idle.
   * @param threads of each node; 0 = its share of the device's budget
   * @throws the first node's loading error, if none could be started
   */
  scale(model: PoolModel, count: number, options?: { threads?: number; signal?: AbortSignal }): Promise<void>;
  /** The ready node with this model that has the most room; null if none. */
  find(model: string): EngineNode | null;
  get(address: Address): EngineNode | null;
  stop(): Promise<void>;
}

interface Member {
  readonly node: LocalEngineNode;
  model: PoolModel;
  /** What it was loaded with last. */
  made: Pick<LoadSpec, 'slots' | 'context'>;
  /** Threads it would like. */
  want: number;
  lease: ThreadLease;
}

/** Free threads are taken up only after this long without coming and going, so that reloading a page costs others nothing. */
const GROW_AFTER_MS = 10_000;

export function createEnginePool(deps: EnginePoolDeps): EnginePool {
  const { clock, ledger } = deps;
  const changes = new Emitter<void>();
  let members: readonly Member[] = [];
  let work: Promise<unknown> = Promise.resolve();
  let cancelGrow = (): void => undefined;
  /** A busy node has more than its share: look again when one falls idle. */
  let owed = false;

  /** One change of the pool at a time. A failed one does not stop the next. */
  function inTurn<T>(job: () => Promise<T>): Promise<T> {
    const result = work.then(job);
    work = result.catch(() => undefined);
    return result;
  }

  async function startNode(model: PoolModel, want: number, signal?: AbortSignal): Promise<void> {
    const node = deps.createNode();
    const lease = await ledger.lease(want);
    const member: Member = { node, model, want, lease, made: model.entry };
    members = [...members, member];
    node.onChange(({ state }) => {
      if (owed && state === 'idle') rebalanceSoon(false);
      changes.emit();
    });
    changes.emit();
    try {
      await node.load(loadSpec(member), signal ? { signal } : {});
    } catch (error) {
      await remove(member);
      throw error;
    }
  }

  function loadSpec({ model: { entry, files, hash }, lease }: Member): LoadSpec {
    return {
      model: { id: entry.id, name: entry.name, tier: entry.tier, hash },
      files,
      context: entry.context,
      slots: entry.slots,
      ubatch: entry.ubatch,
      threads: Math.min(lease.threads, entry.maxThreads),
      memoryBytes: entry.memoryBytes,
      ...deps.wasm,
      ...(entry.chatTemplate === undefined ? {} : { chatTemplate: entry.chatTemplate }),
      ...(entry.systemPrompt === undefined ? {} : { warmPrompt: entry.systemPrompt }),
    };
  }

  async function remove(member: Member): Promise<void> {
    members = members.filter((other) => other !== member);
    await member.node.stop();
    member.lease.release();
    changes.emit();
  }

  const running = (model: string): Member[] => members.filter((member) => member.model.entry.id === model);

  const bytesOf = (some: readonly Member[]): number => some.reduce((sum, { model }) => sum + model.entry.memoryBytes, 0);

  /** Nodes that fit: `count`, or fewer by memory, but one if one is asked for. */
  function affordable({ entry }: PoolModel, count: number): number {
    const others = members.filter((member) => member.model.entry.id !== entry.id);
    const fitting = Math.floor((deps.memoryBytes - bytesOf(others)) / entry.memoryBytes);
    return Math.min(count, LIMITS.nodes, Math.max(1, fitting));
  }

  async function scale(model: PoolModel, count: number, threads: number, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const wanted = count === 0 ? 0 : affordable(model, count);
    const want = threads || Math.min(model.entry.maxThreads, Math.ceil(ledger.budget / Math.max(1, wanted)));
    const stale = running(model.entry.id).filter(({ node, model: { hash } }) => hash !== model.hash || node.info().state === 'error');
    // Those that stay are the busiest: an answer that moves begins anew.
    const kept = running(model.entry.id).filter((member) => !stale.includes(member)).sort((one, other) => open(other) - open(one));
    for (const member of [...stale, ...kept.slice(wanted)]) await remove(member);
    const staying = kept.slice(0, wanted);
    const isChanged = staying.some((member) => member.want !== want || !isMadeLike(member, model.entry));
    for (const member of staying) [member.want, member.model] = [want, model];
    if (isChanged) await rebalance(true);
    for (let have = Math.min(kept.length, wanted); have < wanted; have += 1) {
      try {
        // One after another: wasm instances made at once get less address space together.
        await startNode(model, want, signal);
      } catch (error) {
        if (have === 0) throw error;
        return; // fewer nodes than hoped for, and the pool works
      }
    }
  }

  /** Gives threads back, or takes up free ones, by loading idle nodes anew. Busy ones are looked at again when they fall idle. */
  async function rebalance(grow: boolean): Promise<void> {
    owed = false;
    for (const member of members) await rebalanceOne(member, grow);
  }

  async function rebalanceOne(member: Member, grow: boolean): Promise<void> {
    const isIdle = (): boolean => member.node.info().state === 'idle';
    const standing = await ledger.standing(member.want, member.lease.threads);
    const unfair = standing === 'over' || (standing === 'under' && grow);
    if (unfair && isIdle()) {
      member.lease.release();
      member.lease = await ledger.lease(member.want);
    }
    const spec = loadSpec(member);
    const isAsWanted = spec.threads === member.node.info().threads && isMadeLike(member, spec);
    // An answer may have started while we waited for the lease: its node stays as it is until it is done.
    if (isAsWanted || !isIdle()) {
      owed ||= unfair || !isAsWanted;
      return;
    }
    member.made = spec;
    await member.node.load(spec);
  }

  const rebalanceSoon = (grow: boolean): void => background(inTurn(() => rebalance(grow)), () => undefined);

  ledger.onChange(() => {
    rebalanceSoon(false);
    cancelGrow();
    cancelGrow = clock.after(GROW_AFTER_MS, () => rebalanceSoon(true));
  });

  return {
    nodes: () => members.map(({ node }) => node.info()),
    models: () => [...new Map(members.map(({ model: { entry } }) => [entry.id, entry])).values()].map((entry) => ({ entry, nodes: running(entry.id).map(({ node }) => node.info()) })),
    spareBytes: () => deps.memoryBytes - bytesOf(members),
    onChange: (listener) => changes.on(listener),
    scale: (model, count, { threads = 0, signal } = {}) => inTurn(() => scale(model, count, threads, signal)),
    find(model) {
      const ready = running(model).filter(({ node }) => ['idle', 'busy'].includes(node.info().state));
      return ready.map(({ node }) => node).sort((a, b) => load(a.info()) - load(b.info()))[0] ?? null;
    },
    get: (address) => members.find(({ node }) => node.address === address)?.node ?? null,
    async stop() {
      cancelGrow();
      await inTurn(async () => void (await Promise.all(members.map(remove))));
    },
  };
}

const isMadeLike = ({ made }: Member, { slots, context }: Member['made']): boolean => made.slots === slots && made.context === context;

/** Tasks per slot. */
const load = ({ busy, waiting, slots }: NodeInfo): number => (busy + waiting) / Math.max(1, slots);

/** Tasks that run or wait there. */
function open({ node }: Member): number {
  const { busy, waiting } = node.info();
  return busy + waiting;
}

/** Nodes of a tab if nobody says otherwise: one per two cores, at least one, at most four. */
export const defaultNodeCount = (cores: number): number => Math.max(1, Math.min(LIMITS.defaultNodes, Math.floor(cores / 2)));

