/**
 * A node table without judgement, for tests of the leader: the first node that suits and has a free slot. A node never gets
 * more than its slots; `assign` throws if that is tried, or if a task is given twice.
 */
import type { Assignment, NodeTable, Wish } from '../orchestrator/leader/parts.ts';
import type { NodeFacts } from '../orchestrator/types.ts';
import { LlamboError } from '../shared/errors.ts';
import type { Address, DeviceId, PeerId, TaskId } from '../shared/ids.ts';
import { nodeAddress } from '../shared/ids.ts';

export interface FakeNodeTable extends NodeTable {
  readonly assignments: ReadonlyMap<TaskId, Assignment>;
  /** How often a node was chosen, or none was there. */
  readonly picks: number;
}

export function fakeFacts(name: string, more: Partial<NodeFacts> & { readonly model?: NodeFacts['model'] } = {}): NodeFacts {
  return {
    address: nodeAddress('worker', name), peer: 'worker' as PeerId, device: 'device-worker' as DeviceId, shared: true, state: 'idle',
    model: { id: 'model-tiny', name: 'Tiny', hash: null, contextTokens: 4096, tier: 'tiny' },
    slots: 1, busy: 0, waiting: 0, tokensPerSecond: 20, prefillPerSecond: 100, rttMs: 5, suspect: false, ...more,
  };
}

export function createFakeNodeTable(): FakeNodeTable {
  const nodes = new Map<Address, NodeFacts>();
  const assignments = new Map<TaskId, Assignment>();
  const spoke = new Set<TaskId>();
  let picks = 0;

  const suits = ({ model }: NodeFacts, { shape }: Wish): boolean => model !== null && (shape.model === undefined || shape.model === model.id);
  const used = (address: Address): number => [...assignments.values()].filter(({ node }) => node === address).length;

  function release(task: TaskId): Assignment | null {
    const assignment = assignments.get(task) ?? null;
    assignments.delete(task);
    return assignment;
  }

  return {
    assignments,
    get picks() {
      return picks;
    },
    upsert: (facts) => void nodes.set(facts.address, facts),
    remove(address) {
      nodes.delete(address);
      return [...assignments.values()].filter(({ node }) => node === address).flatMap(({ task }) => release(task) ?? []);
    },
    facts: (address) => nodes.get(address) ?? null,
    standing: (wish) => {
      const able = [...nodes.values()].filter((facts) => suits(facts, wish));
      if (able.length === 0) return new LlamboError('not-ready', 'No node has that model.', { advice: 'Load it.' });
      return able.some(({ state }) => state !== 'loading') ? 'now' : 'soon';
    },
    pick(wish) {
      picks += 1;
      const free = [...nodes.values()].find(({ address, slots, state, ...facts }) =>
        state !== 'loading' && suits({ address, slots, state, ...facts }, wish) && !wish.avoid.includes(address) && used(address) < slots);
      return free?.address ?? null;
    },
    lane: ({ shape, avoid }) => `${shape.model ?? 'any'}|${avoid.join()}`,
    assign(assignment) {
      const { task, node, why } = assignment;
      if (assignments.has(task)) throw new Error(`${task} is given twice`);
      const slots = nodes.get(node)?.slots ?? Infinity;
      // What runs already is taken over as it is.
      if (used(node) >= slots && why !== 'again') throw new Error(`${node} has ${slots} slots`);
      assignments.set(task, assignment);
    },
    assignment: (task) => assignments.get(task) ?? null,
    assignedTo: (job) => [...assignments.values()].filter((assignment) => assignment.job === job),
    report({ task, state }) {
      if (state === 'speaking') spoke.add(task);
      else release(task);
      return null;
    },
    release,
    surplus(node, before) {
      const told = nodes.get(node);
      const known = [...assignments.values()].filter((one) => one.node === node && (spoke.has(one.task) || one.at < before)).length;
      return told ? known - told.busy - told.waiting : Infinity;
    },
    silentSince: (before) => [...assignments.values()].filter(({ task, at }) => at < before && !spoke.has(task)),
    estimateMs: (_wish, ahead) => ahead * 1000,
    hedgeMs: () => 2000,
    get slots() {
      return [...nodes.values()].reduce((sum, { slots }) => sum + slots, 0);
    },
    get assigned() {
      return assignments.size;
    },
    setPolicy: () => undefined,
  };
}
