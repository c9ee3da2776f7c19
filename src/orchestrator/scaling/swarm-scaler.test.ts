import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type SwarmPolicy } from '../../protocol/policy.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createSwarmScaler, PATIENCE_MS, REST_MS, type PeerNodes, type ScaleWish, type SwarmLoad } from './swarm-scaler.ts';

const POLICY: SwarmPolicy = { ...DEFAULT_POLICY, tiers: { medium: { model: 'smol', least: 1, most: 3 } } };
const peer = (name: string, nodes: Record<string, number> = {}, change: Partial<PeerNodes> = {}): PeerNodes => ({
  peer: name as PeerId, able: true, visible: true, nodes: new Map(Object.entries(nodes)), ...change,
});
const FULL = { slots: 4, busy: 4, waiting: 3 };
const HALF = { slots: 4, busy: 2, waiting: 0 };

/** The same load, second by second. */
function watch(swarm: SwarmLoad, seconds: number, scaler = createSwarmScaler(() => POLICY), from = 0): { at: number; wish: ScaleWish }[] {
  return Array.from({ length: seconds }, (_, at) => scaler.decide(swarm, (from + at) * 1000).map((wish) => ({ at: from + at, wish }))).flat();
}

describe('the scaler of a swarm', () => {
  it('asks for the least at once: a tab that is looked at, with the fewest nodes', () => {
    const swarm = { tiers: {}, peers: [peer('a', { tiny: 2 }), peer('b', { tiny: 1 }, { visible: false }), peer('c', { tiny: 1 })] };
    expect(watch(swarm, 1)).toMatchObject([{ wish: { peer: 'c', model: 'smol', nodes: 1, tier: 'medium' } }]);
  });

  it('asks no tab that is full', () => {
    const swarm = { tiers: { medium: FULL }, peers: [peer('a', { smol: 1, tiny: 15 }), peer('b', { tiny: 15 }, { visible: false })] };
    expect(watch(swarm, 10).map(({ wish }) => wish.peer)).toEqual(['b']);
  });

  it('asks nobody who can\'t or will not', () => {
    expect(watch({ tiers: {}, peers: [peer('a', {}, { able: false })] }, 10)).toEqual([]);
  });

  it('asks for one more while jobs wait, up to the most', () => {
    const peers = [peer('a', { smol: 1 }), peer('b')];
    expect(watch({ tiers: { medium: FULL }, peers }, 10)).toMatchObject([{ at: 5, wish: { peer: 'b', nodes: 1 } }]);
    const full = [peer('a', { smol: 2 }), peer('b', { smol: 1 })];
    expect(watch({ tiers: { medium: FULL }, peers: full }, 60)).toEqual([]);
  });

  it('waits for whom it asked, then lets that one rest and asks another', () => {
    const swarm = { tiers: { medium: FULL }, peers: [peer('a', { smol: 1 }), peer('b'), peer('c')] };
    const asked = watch(swarm, 5 + 2 * (PATIENCE_MS / 1000) + 20);
    expect(asked.map(({ wish }) => wish.peer)).toEqual(['b', 'c', 'a']);
    expect(asked[1]!.at - asked[0]!.at).toBeGreaterThanOrEqual(PATIENCE_MS / 1000);
  });

  it('comes back to a peer that rested', () => {
    const scaler = createSwarmScaler(() => POLICY);
    const swarm = { tiers: {}, peers: [peer('a')] };
    const asked = watch(swarm, (PATIENCE_MS + REST_MS) / 1000 + 2, scaler);
    expect(asked.map(({ at }) => at)).toEqual([0, (PATIENCE_MS + REST_MS) / 1000]);
  });

  it('is content once the wish was followed', () => {
    const scaler = createSwarmScaler(() => POLICY);
    expect(watch({ tiers: {}, peers: [peer('a')] }, 1, scaler)).toHaveLength(1);
    expect(watch({ tiers: { medium: HALF }, peers: [peer('a', { smol: 1 })] }, 100, scaler, 1)).toEqual([]);
  });

  it('takes one away where there are most, after a minute of idling, and leaves the least', () => {
    const idle = { tiers: { medium: { slots: 12, busy: 0, waiting: 0 } }, peers: [peer('a', { smol: 1 }), peer('b', { smol: 2 })] };
    expect(watch(idle, 61)).toMatchObject([{ at: 60, wish: { peer: 'b', nodes: 1 } }]);
    expect(watch({ tiers: { medium: { slots: 4, busy: 0, waiting: 0 } }, peers: [peer('a', { smol: 1 })] }, 300)).toEqual([]);
  });

  it('leaves nodes alone that a person keeps, and still asks that tab for more', () => {
    const scaler = createSwarmScaler(() => ({ ...POLICY, tiers: { medium: { model: 'smol', least: 0, most: 3 } } }));
    const peers = [peer('a', { smol: 1 })];
    const idle = { tiers: { medium: { slots: 4, busy: 0, waiting: 0 } }, peers };
    expect(watch(idle, 1800, scaler)).toMatchObject([{ at: 60, wish: { peer: 'a', nodes: 0 } }]);
    expect(watch({ tiers: { medium: FULL }, peers }, 10, scaler, 1800)).toMatchObject([{ at: 1805, wish: { peer: 'a', nodes: 2 } }]);
  });

  it('leaves tiers that nobody named to the people', () => {
    const scaler = createSwarmScaler(() => DEFAULT_POLICY);
    expect(watch({ tiers: { tiny: FULL, medium: FULL, large: FULL }, peers: [peer('a')] }, 100, scaler)).toEqual([]);
  });
});
