import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';
import { beliefs, createStage, type Stage } from '../../testing/sim-stage.ts';
import type { SimPeer } from '../../testing/sim-swarm.ts';
import { createLeadership } from './leadership.ts';
import { createRoster } from './membership.ts';
import { createQuorum } from './quorum.ts';

/** Those who were cut off are back, and all is one: under whom, and in full? */
function mergeOf(stage: Stage): { leader: SimPeer; provisional: boolean } {
  stage.world.heal();
  stage.until(() => stage.checks.unsettled(true) === null);
  stage.clock.run(5000);
  return { leader: stage.leader(), provisional: stage.leader().core.view().provisional };
}

describe('one that comes back after it was alone', () => {
  it.each([12_000, 40_000, 5 * 60_000])('leaves the others their leader, after %d ms', (ms) => {
    const stage = createStage();
    const peers = stage.grow(6);
    const lone = peers[5]!;
    stage.cut(lone);
    stage.clock.run(ms);
    expect(beliefs([peers[0]!, lone])).toEqual([
      { leader: peers[0]!.id, term: 1, provisional: false },
      { leader: lone.id, term: 2, provisional: true },
    ]);
    expect(mergeOf(stage)).toEqual({ leader: peers[0], provisional: false });
    expect(peers[0]!.core.view().term).toBe(3);
  });

  it('has not given up the others while it is alone, however long', () => {
    const stage = createStage();
    const peers = stage.grow(4);
    stage.cut(peers[3]!);
    stage.clock.run(2 * LIMITS.redialForMs);
    expect(beliefs([peers[3]!])[0]).toMatchObject({ leader: peers[3]!.id, provisional: true });
  });

  it('has lost the lead if it was the leader', () => {
    const stage = createStage();
    const peers = stage.grow(6);
    stage.cut(peers[0]!);
    stage.clock.run(40_000);
    const elected = peers[1]!.core.view().leader;
    expect(beliefs(peers.slice(0, 2))).toEqual([
      { leader: peers[0]!.id, term: 1, provisional: true },
      { leader: elected, term: 2, provisional: false },
    ]);
    const { leader, provisional } = mergeOf(stage);
    expect([leader.id, provisional]).toEqual([elected, false]);
  });
});

describe('a part of a swarm', () => {
  it('stays provisional under the next leader too, if it hears good-bye from the first or elects one', () => {
    const stage = createStage();
    const peers = stage.grow(9);
    const part = peers.slice(5);
    stage.cut(...part);
    stage.clock.run(40_000);
    const leaderOf = (): SimPeer => part.find(({ state, core }) => state === 'in' && core.view().leading)!;
    expect(leaderOf().core.view().provisional).toBe(true);
    stage.swarm.leave(leaderOf());
    stage.clock.run(20_000);
    expect(leaderOf().core.view()).toMatchObject({ term: 3, provisional: true });
    stage.swarm.crash(leaderOf());
    stage.clock.run(30_000);
    expect(leaderOf().core.view().provisional).toBe(true);
    expect(leaderOf().core.view().entries).toHaveLength(2);
    expect(mergeOf(stage)).toEqual({ leader: peers[0], provisional: false });
  });

  it('is one with the other half again, under the leader that had the half of it', () => {
    const stage = createStage();
    const peers = stage.grow(6);
    stage.cut(...peers.slice(3));
    stage.clock.run(40_000);
    expect(beliefs([peers[0]!, peers[5]!]).map(({ term, provisional }) => [term, provisional])).toEqual([[1, false], [2, true]]);
    expect(mergeOf(stage)).toEqual({ leader: peers[0], provisional: false });
  });

  it('becomes one when no part had most', () => {
    const stage = createStage();
    const peers = stage.grow(6);
    stage.world.partition(new Map(peers.map(({ host }, index) => [host, index % 3])));
    stage.clock.run(40_000);
    expect(beliefs(peers.slice(0, 3)).map(({ provisional }) => provisional)).toEqual([true, true, true]);
    expect(mergeOf(stage).provisional).toBe(false);
  });

  it('is the swarm when those who died were not found for long', () => {
    const stage = createStage();
    const peers = stage.grow(6);
    for (const peer of peers.slice(0, 4)) stage.swarm.crash(peer);
    stage.clock.run(LIMITS.redialForMs / 2);
    expect(beliefs(peers.slice(4)).map(({ provisional }) => provisional)).toEqual([true, true]);
    stage.clock.run(LIMITS.redialForMs / 2 + 30_000);
    expect(beliefs(peers.slice(4)).map(({ provisional }) => provisional)).toEqual([false, false]);
  });
});

describe('the last one', () => {
  it('leads in full if it founded the swarm, or if the others said good-bye', () => {
    const stage = createStage();
    const [founder, ...others] = stage.grow(1);
    expect(beliefs([founder!])).toEqual([{ leader: founder!.id, term: 1, provisional: false }]);
    others.push(...stage.grow(3));
    for (const peer of [founder!, ...others.slice(0, 2)]) {
      stage.swarm.leave(peer);
      stage.clock.run(20_000);
    }
    expect(beliefs([others[2]!])[0]).toMatchObject({ leader: others[2]!.id, provisional: false });
  });

  it('leads when the other of a pair died, and in full as soon as a newcomer follows it', () => {
    const stage = createStage();
    const [first, second] = stage.grow(2);
    stage.swarm.crash(first!);
    stage.until(() => second!.core.view().leading && second!.core.view().entries.length === 1);
    stage.clock.run(20_000);
    expect(second!.core.view().provisional).toBe(true);
    const [newcomer] = stage.grow(1);
    expect(beliefs([second!, newcomer!])).toEqual(Array.from({ length: 2 }, () => ({ leader: second!.id, term: 2, provisional: false })));
  });

  it('goes on in full if it led the pair', () => {
    const stage = createStage();
    const [first, second] = stage.grow(2);
    stage.swarm.crash(second!);
    stage.clock.run(30_000);
    expect(beliefs([first!])).toEqual([{ leader: first!.id, term: 1, provisional: false }]);
  });
});

it('counts a newcomer when it follows, not when it has shaken hands', () => {
  const ids = ['self', 'one', 'other'] as PeerId[];
  const [self, one, other] = ids as [PeerId, PeerId, PeerId];
  const leadership = createLeadership(self, 0);
  const roster = createRoster(self);
  const quorum = createQuorum({ self, leadership, roster });
  leadership.lead({ term: 2, rank: 8, leader: self }, true, 0);
  quorum.missed('dead' as PeerId, 0);
  for (const peer of ids) roster.take({ peer, incarnation: 1, revision: 1 } as PeerEntry);
  const reached = new Set(ids);
  expect(quorum.hasMost(reached, 1000)).toBe(false);
  quorum.follows(one);
  expect(quorum.hasMost(reached, 1000)).toBe(false);
  quorum.follows(other);
  expect(quorum.hasMost(reached, 1000)).toBe(true);
});
