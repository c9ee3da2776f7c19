import { describe, expect, it } from 'vitest';
import type { NodeFacts } from '../orchestrator/types.ts';
import type { Tier } from '../protocol/chat.ts';
import { nodeAddress, type DeviceId, type ModelHash, type PeerId } from '../shared/ids.ts';
import { findAtHand, hashOf, type Wish } from './fusion-members.ts';

const [me, ada] = ['me', 'ada'] as PeerId[] as [PeerId, PeerId];
const [one, other] = ['a'.repeat(64), 'b'.repeat(64)] as ModelHash[] as [ModelHash, ModelHash];

const node = (peer: PeerId, name: string, id: string, tier: Tier = 'tiny', change: Partial<NodeFacts> = {}): NodeFacts => ({
  address: nodeAddress(peer, name), peer, device: 'd' as DeviceId, shared: true, state: 'idle', model: { id, name: id, tier, hash: one, contextTokens: 256 },
  slots: 4, busy: 1, waiting: 0, tokensPerSecond: 0, prefillPerSecond: 0, rttMs: 0, suspect: false, ...change,
});
const wish = (change: Partial<Wish> = {}): Wish => ({ asker: me, chosen: null, ...change });
const models = (nodes: NodeFacts[], change: Partial<Wish> = {}): string[] => findAtHand(nodes, wish(change)).members.map(({ model }) => model);

describe('the models at hand', () => {
  const nodes = [node(me, '1', 'tiny-2'), node(ada, '1', 'tiny-1'), node(ada, '2', 'smol', 'medium'), node(ada, '3', 'tiny-2')];

  it('are of one tier, the best that is there, or that of the chosen model, which comes first', () => {
    expect(models(nodes)).toEqual(['smol']);
    expect(models(nodes, { chosen: 'tiny-2' })).toEqual(['tiny-2', 'tiny-1']);
    expect(models(nodes, { chosen: 'gone' })).toEqual(['smol']);
    expect(models(nodes.toReversed(), { chosen: 'tiny-1' })).toEqual(['tiny-1', 'tiny-2']);
  });

  it('are what was named, or on the nodes that were named', () => {
    expect(models(nodes, { model: 'tiny-1' })).toEqual(['tiny-1']);
    expect(models(nodes, { model: 'nobody' })).toEqual([]);
    expect(models(nodes, { tier: 'medium', chosen: 'tiny-2' })).toEqual(['smol']);
    expect(models(nodes, { tier: 'large' })).toEqual([]);
    expect(models(nodes, { nodes: [nodeAddress(ada, '1'), nodeAddress(me, '1')] })).toEqual(['tiny-1', 'tiny-2']);
  });

  it('are on nodes that answer, and that are given', () => {
    expect(models([node(ada, '1', 'a', 'tiny', { shared: false }), node(me, '1', 'b', 'tiny', { shared: false })])).toEqual(['b']);
    expect(models([node(ada, '1', 'a', 'tiny', { suspect: true }), node(ada, '2', 'b', 'tiny', { guestSlots: 0 }), node(me, '1', 'c', 'tiny', { state: 'loading' })])).toEqual([]);
    expect(models([node(me, '1', 'a', 'tiny', { model: null })])).toEqual([]);
  });

  it('know what is above them', () => {
    expect(findAtHand(nodes, wish({ chosen: 'tiny-2' })).above).toBe('medium');
    expect(findAtHand([...nodes, node(ada, '4', 'big', 'large')], wish({ chosen: 'tiny-2' })).above).toBe('large');
    expect(findAtHand(nodes, wish()).above).toBeNull();
  });

  it('of a budget of nodes: one of each model first, then whoever has most room', () => {
    const busy = [node(me, '1', 'tiny-2', 'tiny', { busy: 4 }), node(ada, '1', 'tiny-1'), node(ada, '3', 'tiny-2', 'tiny', { busy: 0 })];
    const taken = (mostNodes: number) => findAtHand(busy, wish({ mostNodes, chosen: 'tiny-2' })).nodes;
    expect(taken(1)).toEqual([nodeAddress(ada, '3')]);
    expect(taken(2)).toEqual([nodeAddress(ada, '3'), nodeAddress(ada, '1')]);
    expect(taken(9)).toHaveLength(3);
    expect(findAtHand(busy, wish()).nodes).toBeNull();
  });

  it('have as many free slots as their tabs give to others', () => {
    const free = (...all: NodeFacts[]): number => findAtHand(all, wish()).freeSlots;
    expect(free(node(me, '1', 'a'), node(ada, '1', 'a'))).toBe(6);
    expect(free(node(me, '1', 'a', 'tiny', { guestSlots: 1 }), node(ada, '1', 'a', 'tiny', { guestSlots: 2, guestBusy: 1 }), node(ada, '2', 'a', 'tiny', { guestSlots: 2, guestBusy: 1 }))).toBe(4);
    expect(free(node(me, '1', 'a', 'tiny', { busy: 4, waiting: 3 }))).toBe(0);
  });

  it('have weights that are known only if all say the same', () => {
    expect(hashOf(nodes, 'tiny-2')).toBe(one);
    const model = { id: 'tiny-2', name: 'x', tier: 'tiny' as const, hash: other, contextTokens: 1 };
    expect(hashOf([...nodes, node(ada, '9', 'tiny-2', 'tiny', { model })], 'tiny-2')).toBeNull();
    expect(hashOf(nodes, 'nobody')).toBeNull();
  });
});
