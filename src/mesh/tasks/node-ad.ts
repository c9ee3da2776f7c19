/** A node as others see it: what it says of itself on the wire, and what that is on the other side. Pure. */
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { NodeAd } from '../../protocol/peer.ts';
import { nodeAddress, partsOf, type PeerId } from '../../shared/ids.ts';

const whole = (value: number, most: number): number => (Number.isFinite(value) ? Math.min(most, Math.max(0, Math.round(value))) : 0);

const speed = (value: number): number => (Number.isFinite(value) ? Math.max(0, value) : 0);

/**
 * What to tell of a node of ours. Figures are cut to the bounds of `nodeAdSchema`, so that an odd one never costs a link.
 * @param line tasks of others that wait for this node outside of it, in the task server's line
 * @param shared others may be given tasks on it
 */
export function adOf(info: NodeInfo, line = 0, shared: boolean = info.shared): NodeAd {
  const { address, state, model, slots, busy, waiting, threads, tokensPerSecond, prefillPerSecond, restarts, memoryBytes } = info;
  return {
    node: partsOf(address).node,
    shared,
    state,
    model: model && {
      id: model.id.slice(0, 256),
      name: model.name.slice(0, 128),
      tier: model.tier,
      hash: model.hash,
      contextTokens: whole(model.contextTokens, 2 ** 24),
    },
    slots: whole(slots, 64),
    busy: whole(busy, 64),
    waiting: whole(waiting + line, 1024),
    threads: whole(threads, 256),
    tokensPerSecond: speed(tokensPerSecond),
    prefillPerSecond: speed(prefillPerSecond),
    restarts: whole(restarts, 1000),
    memoryBytes: whole(memoryBytes, Number.MAX_SAFE_INTEGER),
  };
}

/** A node of another tab. Its texts are a stranger's: data to be shown as text, and no more. */
export const infoOf = (peer: PeerId, { node, ...facts }: NodeAd): NodeInfo => Object.freeze({ ...facts, address: nodeAddress(peer, node), peer, local: false });

/** What is left of a node that is gone: nothing can run there. */
export const goneInfo = (info: NodeInfo): NodeInfo =>
  Object.freeze({ ...info, state: 'stopped', model: null, slots: 0, busy: 0, waiting: 0, memoryBytes: 0 } satisfies NodeInfo);
