import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import { DEFAULT_TOPOLOGY, type Topology } from '../../protocol/policy.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { createDoorPlan } from './door-plan.ts';
import { createRedial } from './redial.ts';
import { planLinks } from './topology.ts';

const names = (count: number): PeerId[] => Array.from({ length: count }, (_, index) => `peer${index}` as PeerId);
const entry = (peer: PeerId, doors: number[] = []): PeerEntry => ({ peer, rank: 8, doors, links: [], endpoints: [`s-${peer}`] }) as unknown as PeerEntry;

describe('the plan of links', () => {
  const plans = (count: number, topology: Topology = DEFAULT_TOPOLOGY) => {
    const members = new Set(names(count));
    const [leader, deputy] = names(2);
    return new Map(names(count).map((self) => [self, planLinks({ self, members, leader: leader!, deputy: deputy!, topology })]));
  };

  it('links everybody with everybody while they are few', () => {
    for (const [self, { wanted }] of plans(LIMITS.fullMeshPeers)) expect([wanted.size, wanted.has(self)]).toEqual([LIMITS.fullMeshPeers - 1, false]);
  });

  it('has few links in a large swarm, each wanted at both ends', () => {
    const all = plans(LIMITS.peers);
    let ends = 0;
    for (const [self, { wanted }] of all) {
      ends += wanted.size;
      for (const other of wanted) expect(all.get(other)!.wanted.has(self)).toBe(true);
    }
    // Leader and deputy with everybody (125), and a ring.
    expect(ends / 2).toBeLessThanOrEqual(125 + LIMITS.peers * LIMITS.extraLinks);
    expect(ends / 2).toBeGreaterThan(125);
  });

  it('is as the swarm decided: larger full meshes, and rings with more neighbours', () => {
    for (const [self, { wanted }] of plans(30, { peers: 64, fullMesh: 32, neighbours: 1 })) expect([wanted.size, wanted.has(self)]).toEqual([29, false]);
    for (const neighbours of [1, 3, LIMITS.extraLinksMost]) {
      const all = plans(LIMITS.peers, { peers: LIMITS.peers, fullMesh: 2, neighbours });
      for (const [self, { wanted }] of all) for (const other of wanted) expect(all.get(other)!.wanted.has(self)).toBe(true);
      const sizes = names(LIMITS.peers).slice(2).map((self) => all.get(self)!.wanted.size);
      expect([Math.min(...sizes) >= 2 * neighbours, Math.max(...sizes) <= 2 * neighbours + 2]).toEqual([true, true]);
    }
    // More neighbours than there are.
    for (const [, { wanted }] of plans(3, { peers: 64, fullMesh: 2, neighbours: 8 })) expect(wanted.size).toBe(2);
  });

  it('moves the links of its neighbours only when somebody comes', () => {
    const [before, after] = [plans(40), plans(41)];
    const moved = names(40).slice(2).filter((self) => [...before.get(self)!.wanted].some((other) => !after.get(self)!.wanted.has(other)));
    expect(moved.length).toBeLessThanOrEqual(2 * LIMITS.extraLinks);
  });
});

describe('dialling', () => {
  const [low, high] = ['a' as PeerId, 'b' as PeerId];

  it('leaves the first word to the smaller id', () => {
    const random = createSeededRandom(1);
    const [first, second] = [createRedial(low, random), createRedial(high, random)];
    expect(first.due([entry(high)], () => true, 0)).toHaveLength(1);
    expect(second.due([entry(low)], () => true, 0)).toEqual([]);
    expect(second.due([entry(low)], () => true, 2000)).toHaveLength(1);
  });

  it('waits longer after each failure, up to a bound, and never dials one twice at once', () => {
    const redial = createRedial(low, createSeededRandom(1));
    const gaps: number[] = [];
    let now = 0;
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const start = now;
      while (redial.due([entry(high)], () => true, now).length === 0) now += 10;
      gaps.push(now - start);
      expect(redial.due([entry(high)], () => true, now + 5000)).toEqual([]);
      redial.failed(high, now);
    }
    expect(gaps[1]).toBeLessThan(LIMITS.redialFirstMs + 10);
    expect(gaps[4]).toBeGreaterThan(gaps[1]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(LIMITS.redialLastMs + 10);
  });

  it('dials a few at once, and keeps room for members beside the lost', () => {
    const redial = createRedial(low, createSeededRandom(1));
    for (const peer of names(LIMITS.fullMeshPeers)) redial.lost(entry(peer), 0);
    const lost = redial.due([], () => true, 0);
    const members = redial.due(names(30).slice(20).map((peer) => entry(peer)), () => true, 0);
    expect([lost.length, members.length]).toEqual([LIMITS.pendingDials / 2, LIMITS.pendingDials / 2]);
  });

  it('dials more at once when so many are lost that it must be cut off itself', () => {
    const redial = createRedial(low, createSeededRandom(1));
    const others = names(30).filter((peer) => peer !== low);
    for (const peer of others.slice(0, LIMITS.fullMeshPeers + 1)) redial.lost(entry(peer), 0);
    expect(redial.due([], () => true, 10_000)).toHaveLength(LIMITS.pendingDialsCutOff / 2);
    for (const peer of others.slice(0, 4)) redial.found(peer);
    expect(redial.due([], () => true, 10_000)).toEqual([]);
  });

  it('gives the lost up in the end', () => {
    const redial = createRedial(low, createSeededRandom(1));
    redial.lost(entry(high), 0);
    expect(redial.due([], () => true, LIMITS.redialForMs + 1)).toEqual([]);
  });
});

describe('doors', () => {
  const [leader, deputy, third, fourth] = names(4);
  const situation = (self: PeerId, entries: PeerEntry[]) => ({ self, leader: leader!, deputy: deputy!, entries });

  it('are taken by leader, deputy and the next fittest, one each', () => {
    const entries = [leader!, deputy!, third!, fourth!].map((peer) => entry(peer));
    const taken = [leader!, deputy!, third!, fourth!].map((self) => createDoorPlan(self).due(situation(self, entries), 0));
    // Of the other two the larger id is the fitter one.
    expect(taken).toEqual([[{ type: 'hold door', door: 0 }], [{ type: 'hold door', door: 1 }], [], [{ type: 'hold door', door: 2 }]]);
  });

  it('of strangers are knocked at, and the next is tried', () => {
    const plan = createDoorPlan(leader!);
    const entries = [entry(leader!)];
    expect(plan.due(situation(leader!, entries), 0)).toEqual([{ type: 'hold door', door: 0 }]);
    expect(plan.became(0, 'taken', entries)).toEqual({ changed: false, effects: [{ type: 'knock', door: 0 }] });
    expect(plan.due(situation(leader!, entries), LIMITS.beatMs)).toEqual([{ type: 'hold door', door: 1 }]);
    expect(plan.became(1, 'held', entries).changed).toBe(true);
    expect(plan.held()).toEqual([1]);
  });

  it('that turn out to be free are given back by who has one', () => {
    const plan = createDoorPlan(leader!);
    plan.became(0, 'held', []);
    plan.became(2, 'held', []);
    expect(plan.due(situation(leader!, [entry(leader!, [0])]), 0)).toEqual([{ type: 'release door', door: 2 }]);
    expect(plan.held()).toEqual([0]);
  });
});
