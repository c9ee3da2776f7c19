import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import { beliefs, createStage } from '../../testing/sim-stage.ts';

describe('a swarm with a leader', () => {
  it('is led by its founder, and has one roster', () => {
    const stage = createStage();
    const peers = stage.grow(5);
    expect(stage.leader()).toBe(peers[0]);
    expect(stage.checks.unsettled(true)).toBeNull();
    expect(stage.sent('vote?')).toEqual([]);
  });

  it('hands over without an election when the leader leaves', () => {
    const stage = createStage();
    const peers = stage.grow(5);
    const { deputy, term } = peers[1]!.core.view();
    stage.forget();
    stage.swarm.leave(peers[0]!);
    expect(stage.until(() => stage.checks.unsettled(false) === null)).toBeLessThanOrEqual(500);
    expect(beliefs(peers.slice(1))).toEqual(Array.from({ length: 4 }, () => ({ leader: deputy, term: term + 1, provisional: false })));
    stage.clock.run(10_000);
    expect(stage.sent('vote?')).toEqual([]);
  });

  it('elects by majority, and forgets the dead, when the leader dies in silence', () => {
    const stage = createStage();
    const peers = stage.grow(5);
    stage.swarm.crash(peers[0]!);
    const elected = stage.until(() => peers.slice(1).every(({ core }) => core.view().term === 2 && core.view().leader !== null));
    expect(elected).toBeGreaterThan(LIMITS.leaseMs - LIMITS.beatMs);
    expect(elected).toBeLessThan(LIMITS.leaseMs + LIMITS.electionJitterMs + 2 * LIMITS.beatMs);
    expect(beliefs(peers.slice(1)).every(({ provisional }) => !provisional)).toBe(true);
    stage.until(() => stage.checks.unsettled(true) === null);
    expect(elected).toBeLessThan(LIMITS.deadMs + 2 * LIMITS.beatMs);
  });

  it('goes on with its leader while one member hears nothing of it (pre-vote)', () => {
    const stage = createStage(3);
    const peers = stage.grow(4);
    const [leader, , , deaf] = peers;
    const before = beliefs([leader!])[0]!;
    // Its links to the others stay open, so that it could ask for votes with ever higher terms.
    deaf!.core.handle({ type: 'unlinked', peer: leader!.id, reason: 'lost' }, stage.clock.now());
    stage.swarm.skip(deaf!, 4900);
    stage.clock.run(30_000);
    expect(beliefs(peers)).toEqual(peers.map(() => before));
  });

  it('does not change its leader for a fitter one', () => {
    const stage = createStage();
    const peers = stage.grow(3, { cores: 1, visible: false });
    stage.grow(3, { cores: 16, visible: true });
    stage.clock.run(90_000);
    expect(stage.leader()).toBe(peers[0]);
    expect(beliefs(peers)[0]!.term).toBe(1);
  });
});

describe('a divided swarm', () => {
  it('has a provisional leader in the smaller part', () => {
    const stage = createStage();
    const peers = stage.grow(5);
    const [, , , fourth, fifth] = peers;
    stage.cut(fourth!, fifth!);
    stage.until(() => [fourth!, fifth!].every(({ core }) => core.view().term > 1 && core.view().leader !== null));
    expect(beliefs([fourth!, fifth!])).toEqual(Array.from({ length: 2 }, () => ({ leader: fourth!.core.view().leader, term: 2, provisional: true })));
    expect(beliefs([peers[0]!])[0]).toMatchObject({ leader: peers[0]!.id, term: 1, provisional: false });
    stage.clock.run(15_000);
    expect(beliefs([fourth!])[0]!.provisional).toBe(true);
    expect(stage.checks.unsettled(true)).toBeNull();
  });

  it('is one again soon after it heals', () => {
    const stage = createStage();
    const peers = stage.grow(6);
    stage.cut(...peers.slice(0, 2));
    stage.clock.run(40_000);
    stage.world.heal();
    expect(stage.until(() => stage.checks.unsettled(false) === null)).toBeLessThan(15_000);
    const back = stage.leader().core.view().entries.filter(({ incarnation }) => incarnation > 1);
    expect(back.length).toBeGreaterThan(0);
  });

  it('does not take for dead whom it has a link with, while the rosters become one', () => {
    const stage = createStage();
    const peers = stage.grow(6);
    stage.cut(...peers.slice(0, 3));
    stage.clock.run(40_000);
    stage.forget();
    stage.world.heal();
    stage.until(() => stage.checks.unsettled(true) === null);
    stage.clock.run(6000);
    const lost = stage.happenings.flatMap(({ effects }) => effects.filter((effect) => effect.type === 'tell' && effect.event.type === 'left'));
    expect(lost).toEqual([]);
  });

  it('keeps the leader of most after a short cut, though the other has the higher term', () => {
    const stage = createStage();
    const peers = stage.grow(6);
    stage.cut(peers[5]!);
    stage.until(() => peers[5]!.core.view().leading);
    expect(peers[5]!.core.view()).toMatchObject({ term: 2, provisional: true });
    stage.world.heal();
    stage.clock.run(5000);
    expect(stage.leader()).toBe(peers[0]);
    expect(peers[0]!.core.view().term).toBe(3);
  });

  it('merges two parts that used the same term for different leaders', () => {
    const stage = createStage(5);
    const peers = stage.grow(6);
    const [founder, ...rest] = peers;
    // Both parts lose the leader at once, and both open term 2.
    stage.world.partition(new Map([[founder!.host, 2], ...rest.slice(0, 2).map(({ host }) => [host, 1] as const)]));
    stage.swarm.crash(founder!);
    stage.clock.run(25_000);
    const parted = beliefs(rest);
    expect(new Set(parted.map(({ term }) => term))).toEqual(new Set([2]));
    expect(new Set(parted.map(({ leader }) => leader)).size).toBe(2);
    stage.world.heal();
    stage.until(() => stage.checks.unsettled(true) === null);
    expect(beliefs(rest)[0]!.term).toBe(3);
  });
});

describe('a leader that slept', () => {
  it('steps down, gives no more orders, and follows the one that was elected meanwhile', () => {
    const stage = createStage();
    const peers = stage.grow(4);
    const [leader] = peers;
    leader!.host.freeze();
    stage.clock.run(30_000);
    stage.checks.woke(leader!);
    leader!.host.resume();
    expect(leader!.core.obeys({ leader: leader!.id, term: 1 })).toBe(false);
    stage.until(() => stage.checks.unsettled(true) === null);
    expect(stage.leader()).not.toBe(leader);
  });

  it('must be elected anew even if nobody noticed', () => {
    const stage = createStage();
    const peers = stage.grow(3);
    stage.swarm.skip(peers[0]!, LIMITS.gapMs + 100);
    stage.clock.run(300);
    expect(peers[0]!.core.view()).toMatchObject({ leading: false, term: 1 });
    expect(stage.until(() => stage.checks.unsettled(false) === null && peers[1]!.core.view().term > 1)).toBeLessThan(4000);
  });

  it('leads on at once if it is alone', () => {
    const stage = createStage();
    const [alone] = stage.grow(1);
    stage.swarm.skip(alone!, 60_000);
    stage.clock.run(300);
    expect(alone!.core.view()).toMatchObject({ leading: true, term: 2, leader: alone!.id });
  });
});
