/**
 * From what happens to what is counted. What the leader knows of tasks comes as its notes; what this tab asks or works
 * itself comes as progress; what it knows of others' nodes is what they say of themselves. One task may come by several of
 * these ways, and is counted once. Pure.
 */
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { TaskReport } from '../../protocol/job.ts';
import type { MetricName } from '../../protocol/metrics.ts';
import { partsOf, type Address, type PeerId, type TaskId } from '../../shared/ids.ts';
import type { LeaderNote } from '../types.ts';
import type { Registry } from './registry.ts';

export interface PeerNodes {
  readonly peer: PeerId;
  readonly nodes: readonly NodeInfo[];
}

export type MetricInput =
  /** Of the leader in this tab; or of this tab's own jobs, made in the same form, while another leads. */
  | { readonly type: 'note'; readonly note: LeaderNote }
  /** A task that runs here, or that this tab asked for. @param tokens written so far */
  | { readonly type: 'progress'; readonly task: TaskId; readonly node: Address; readonly tokens: number }
  /** Every peer with all its nodes, as they say. What has not changed may be the same object, and then costs next to nothing. */
  | { readonly type: 'nodes'; readonly peers: readonly PeerNodes[] }
  /** Jobs that wait at the leader in this tab; null: it leads no more. */
  | { readonly type: 'queue'; readonly waiting: number | null }
  /** Somebody leads since now. */
  | { readonly type: 'elected'; readonly leader: PeerId; readonly term: number };

/** Tasks that are remembered at least, so that none counts twice: those of the last minute of a large swarm. Twice as many at the most. */
const KEPT_TASKS = 8192;

interface Known {
  tokens: number;
  granted: boolean;
  ended: boolean;
}

interface Load {
  readonly slots: number;
  readonly busy: number;
  readonly waiting: number;
}
const NO_LOAD: Load = { slots: 0, busy: 0, waiting: 0 };

export function createIntake(registry: Registry): (input: MetricInput) => void {
  /** Two generations: forgetting the oldest one by one would cost more than all the rest. */
  let [tasks, olderTasks] = [new Map<TaskId, Known>(), new Map<TaskId, Known>()];
  const peers = new Map<PeerId, PeerNodes & { readonly load: Load }>();
  let elected = '';

  function known(task: TaskId): Known {
    const found = tasks.get(task) ?? olderTasks.get(task) ?? { tokens: 0, granted: false, ended: false };
    tasks.set(task, found);
    if (tasks.size >= KEPT_TASKS) [tasks, olderTasks] = [new Map<TaskId, Known>(), tasks];
    return found;
  }

  const scopesOf = (node: Address): readonly ['swarm', PeerId, Address] => ['swarm', partsOf(node).peer, node];

  function count(node: Address, name: MetricName, amount: number): void {
    if (amount > 0) for (const scope of scopesOf(node)) registry.add(scope, name, amount);
  }

  function progress(task: TaskId, node: Address, tokens: number): void {
    const found = known(task);
    if (found.ended || tokens <= found.tokens) return;
    count(node, 'tokens-out', tokens - found.tokens);
    found.tokens = tokens;
  }

  function ended({ task, node, state, error, promptTokens, cachedTokens, answerTokens, firstTokenMs }: TaskReport): void {
    if (state !== 'ended' || known(task).ended) return;
    progress(task, node, answerTokens);
    known(task).ended = true;
    count(node, 'tokens-in', promptTokens - cachedTokens);
    if (firstTokenMs > 0) for (const scope of scopesOf(node)) registry.measure(scope, 'first-token', firstTokenMs);
    if (error !== null && error !== 'aborted') count(node, 'failures', 1);
  }

  function onNote(note: LeaderNote): void {
    switch (note.type) {
      case 'granted': {
        const found = known(note.task);
        if (found.granted) return;
        found.granted = true;
        count(note.node, 'grants', 1);
        if (note.why === 'moved') count(note.node, 'moves', 1);
        if (note.why === 'hedge') count(note.node, 'hedges', 1);
        return registry.measure('swarm', 'queue-wait', note.waitedMs);
      }
      case 'ended':
        return ended(note.report);
      case 'refused':
        return registry.add('swarm', 'refusals', 1);
      case 'breaker':
        return note.state === 'open' ? count(note.node, 'rests', 1) : undefined;
    }
  }

  function gauge(scope: 'swarm' | PeerId | Address, { slots, busy, waiting }: Load): void {
    registry.set(scope, 'slots', slots);
    registry.set(scope, 'utilisation', slots === 0 ? 0 : Math.min(1, busy / slots));
    registry.set(scope, 'waiting', waiting);
  }

  function onPeer({ peer, nodes }: PeerNodes): void {
    const before = peers.get(peer);
    if (before?.nodes === nodes) return;
    const old = new Map(before?.nodes.map((node) => [node.address, node]));
    for (const node of nodes) {
      if (old.get(node.address) !== node) gauge(node.address, node);
      old.delete(node.address);
    }
    for (const address of old.keys()) gauge(address, NO_LOAD);
    const load = sum(nodes);
    peers.set(peer, { peer, nodes, load });
    gauge(peer, load);
  }

  function onNodes(list: readonly PeerNodes[]): void {
    const here = new Set(list.map(({ peer }) => peer));
    for (const peer of peers.keys()) {
      if (here.has(peer)) continue;
      onPeer({ peer, nodes: [] });
      peers.delete(peer);
    }
    for (const one of list) onPeer(one);
    gauge('swarm', sum([...peers.values()].map(({ load }) => load)));
    registry.set('swarm', 'peers', list.length);
    registry.set('swarm', 'nodes', list.reduce((total, { nodes }) => total + nodes.length, 0));
  }

  return (input) => {
    switch (input.type) {
      case 'note':
        return onNote(input.note);
      case 'progress':
        return progress(input.task, input.node, input.tokens);
      case 'nodes':
        return onNodes(input.peers);
      case 'queue':
        return registry.set('swarm', 'queue', input.waiting ?? 0);
      case 'elected': {
        const now = `${input.term} ${input.leader}`;
        if (now !== elected) registry.add('swarm', 'elections', 1);
        elected = now;
      }
    }
  };
}

function sum(loads: readonly Load[]): Load {
  return loads.reduce((total, { slots, busy, waiting }) => ({ slots: total.slots + slots, busy: total.busy + busy, waiting: total.waiting + waiting }), NO_LOAD);
}
