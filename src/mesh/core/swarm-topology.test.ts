/** What comes of a decision about size and links, in swarms that go on meanwhile. Who decides it, and how all hear of it, is the policy's. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_TOPOLOGY, type Topology } from '../../protocol/policy.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { SimPeer } from '../../testing/sim-swarm.ts';
import { createStage, type Stage } from '../../testing/sim-stage.ts';

const MINUTE = 60_000;

/** They hear of it one after another, within two seconds. */
function decide({ clock, swarm }: Stage, change: Partial<Topology>, peers: readonly SimPeer[]): void {
  const topology = { ...DEFAULT_TOPOLOGY, ...change };
  for (const [index, peer] of peers.entries()) clock.after((index * 7919) % 2000, () => swarm.feed(peer, { type: 'topology', topology }));
}

const degrees = (peers: readonly SimPeer[]): number[] => peers.map(({ links }) => links.size).sort((one, other) => one - other);

/** Links that were ended because one end did not need them. */
const endings = ({ happenings }: Stage): number =>
  happenings.flatMap(({ effects }) => effects).filter((effect) => effect.type === 'drop' && effect.reason === 'surplus').length;

/** The most links that one pair made, one after another. */
function comings({ happenings }: Stage): number {
  const counts = new Map<string, number>();
  for (const { peer, event } of happenings) {
    if (event.type !== 'linked') continue;
    const way = `${peer.id} ${event.peer}`;
    counts.set(way, (counts.get(way) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

describe('a decision about the links', () => {
  it('makes a full mesh of a swarm that was linked in part, and back, without a link that comes and goes', { timeout: 60_000 }, () => {
    const stage = createStage(11);
    const peers = stage.grow(20);
    stage.clock.run(3 * MINUTE);
    expect(degrees(peers)[10]).toBeLessThan(6);
    stage.forget();
    decide(stage, { fullMesh: 24 }, peers);
    stage.until(() => degrees(peers)[0] === 19);
    stage.clock.run(MINUTE);
    expect([degrees(peers)[0], endings(stage)]).toEqual([19, 0]);
    stage.forget();
    decide(stage, { fullMesh: 4, neighbours: 2 }, peers);
    stage.clock.run(3 * MINUTE);
    // Leader and deputy with all, the others with these and two on each side.
    expect(degrees(peers)[17]).toBeLessThanOrEqual(7);
    expect(degrees(peers)[0]).toBeGreaterThanOrEqual(4);
    expect([endings(stage) > 60, comings(stage)]).toEqual([true, 0]);
    expect(stage.checks.unsettled(true)).toBeNull();
    // Nothing is left to be done.
    stage.forget();
    stage.clock.run(3 * MINUTE);
    expect([endings(stage), comings(stage)]).toEqual([0, 0]);
  });

  it('that some can\'t follow, because their build is old, costs each of their links one coming back in ten minutes', { timeout: 60_000 }, () => {
    const stage = createStage(12);
    const peers = stage.grow(12);
    stage.forget();
    decide(stage, { fullMesh: 4 }, peers.slice(0, 8));
    stage.clock.run(9 * MINUTE);
    expect(comings(stage)).toBe(1);
    expect(stage.checks.unsettled(true)).toBeNull();
    const after = degrees(peers);
    stage.clock.run(MINUTE / 2);
    expect(degrees(peers)).toEqual(after);
    // They hear of it after all.
    decide(stage, { fullMesh: 4 }, peers);
    stage.clock.run(12 * MINUTE);
    expect(degrees(peers)[9]).toBeLessThanOrEqual(5);
  });

  it('holds while leaders die, and in the largest swarm', { timeout: 120_000 }, () => {
    const stage = createStage(13);
    const peers = stage.grow(48);
    decide(stage, { fullMesh: 8, neighbours: 3 }, peers);
    stage.clock.run(1000);
    stage.swarm.crash(stage.leader());
    expect(stage.until(() => stage.checks.unsettled(true) === null)).toBeLessThan(20_000);
    stage.clock.run(4 * MINUTE);
    const left = degrees(peers.filter(({ state }) => state === 'in'));
    expect([left.length, left[0]! >= 6, left[44]! <= 10]).toEqual([47, true, true]);
  });
});

describe('a decision about the size', () => {
  it('refuses newcomers to a full swarm, and sends nobody away', { timeout: 30_000 }, () => {
    const stage = createStage(14);
    const peers = stage.grow(6);
    for (const peer of peers) stage.swarm.feed(peer, { type: 'topology', topology: { ...DEFAULT_TOPOLOGY, peers: 4 } });
    expect(peers[2]!.core.refuses('newcomer' as PeerId)).toBe('full');
    const late = stage.swarm.join();
    stage.clock.run(10_000);
    expect([late.state, stage.checks.unsettled(true)]).toEqual(['joining', null]);
    expect(peers[5]!.core.view().entries).toHaveLength(6);
    // Three go, and there is room for one.
    for (const peer of peers.slice(3)) stage.swarm.leave(peer);
    stage.until(() => late.state === 'in' && stage.checks.unsettled(true) === null);
    expect(peers[0]!.core.refuses('newcomer' as PeerId)).toBe('full');
  });

  it('lets those back in who were cut off, though it is too small for them by now', { timeout: 30_000 }, () => {
    const stage = createStage(15);
    const peers = stage.grow(6);
    stage.cut(...peers.slice(4));
    stage.until(() => peers[0]!.core.view().entries.length === 4 && peers[5]!.core.view().entries.length === 2);
    for (const peer of peers.slice(0, 4)) stage.swarm.feed(peer, { type: 'topology', topology: { ...DEFAULT_TOPOLOGY, peers: 3 } });
    stage.world.heal();
    stage.until(() => peers.every(({ core }) => core.view().entries.length === 6));
  });

  it('keeps its number when many come at once through several doors', { timeout: 30_000 }, () => {
    const stage = createStage(16);
    const peers = stage.grow(5);
    const topology = { ...DEFAULT_TOPOLOGY, peers: 8 };
    for (const peer of peers) stage.swarm.feed(peer, { type: 'topology', topology });
    for (let count = 0; count < 12; count += 1) stage.swarm.feed(stage.swarm.join(), { type: 'topology', topology });
    stage.clock.run(20_000);
    expect(peers[0]!.core.view().entries).toHaveLength(8);
  });
});
