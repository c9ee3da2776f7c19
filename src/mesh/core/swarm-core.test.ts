import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createStage } from '../../testing/sim-stage.ts';

describe('a swarm in which not everybody can reach everybody', () => {
  it('has one leader and one roster over three in a row', () => {
    const stage = createStage(2);
    const [first, middle, last] = ['a', 'b', 'c'].map(() => stage.swarm.join());
    stage.world.block(first!.host, last!.host);
    stage.until(() => [middle, last].every((peer) => peer!.state === 'in') && stage.checks.unsettled(true) === null);
    stage.clock.run(60_000);
    expect(stage.checks.unsettled(true)).toBeNull();
    expect(last!.links.has(first!.id)).toBe(false);
    expect(stage.leader()).toBe(first);
    expect(last!.core.obeys({ leader: first!.id, term: 1 })).toBe(true);
  });
});

describe('a large swarm', () => {
  it('is linked in part, and stays one when its leader dies', { timeout: 30_000 }, () => {
    const stage = createStage(4);
    const peers = stage.grow(24);
    // After a minute ranks have changed and with them the deputy; a minute later the links of the former one have gone.
    stage.clock.run(180_000);
    const [leader] = peers;
    const counts = peers.map(({ links }) => links.size).sort((one, other) => one - other);
    expect(leader!.links.size).toBe(23);
    // Leader and deputy have all; the others these two and their neighbours on the ring.
    expect(counts[21]).toBeLessThanOrEqual(2 + 2 * LIMITS.extraLinks + 1);
    stage.swarm.crash(leader!);
    expect(stage.until(() => stage.checks.unsettled(true) === null)).toBeLessThan(15_000);
  });

  it('takes no more than it can hold', { timeout: 30_000 }, () => {
    const stage = createStage(6);
    const peers = stage.grow(LIMITS.peers);
    expect(peers[0]!.core.refuses('newcomer' as PeerId)).toBe('full');
    expect(peers[0]!.core.refuses(peers[5]!.id)).toBeNull();
    const late = stage.swarm.join();
    stage.clock.run(10_000);
    expect(late.state).toBe('joining');
    expect(peers[3]!.core.view().entries).toHaveLength(LIMITS.peers);
  });
});

describe('the core', () => {
  const noon = 12 * 3600 * 1000;

  it('drops whoever speaks for another, and names absurd terms', () => {
    const stage = createStage();
    const [one, other] = stage.grow(2);
    const victim = one!.core;
    const message = { t: 'vote?', claim: { term: 9, rank: 1, leader: 'somebodyelse' as PeerId }, pre: true } as const;
    expect(victim.handle({ type: 'message', from: other!.id, message }, noon)).toContainEqual({ type: 'drop', peer: other!.id, reason: 'violation', what: 'vote?: for another' });
    expect(victim.view().links.has(other!.id)).toBe(false);
    const second = createStage();
    const [leader, liar] = second.grow(2);
    const beat = { t: 'beat', claim: { term: 2 ** 40, rank: 1, leader: liar!.id }, tick: 1, provisional: false, roster: 1, rival: null } as const;
    const effects = leader!.core.handle({ type: 'message', from: liar!.id, message: beat }, second.clock.now());
    expect(effects).toContainEqual({ type: 'drop', peer: liar!.id, reason: 'violation', what: 'beat: term' });
    expect(leader!.core.view().term).toBe(1);
  });

  it('is silent after it left', () => {
    const stage = createStage();
    const [one] = stage.grow(2);
    expect(one!.core.handle({ type: 'leave' }, stage.clock.now()).map((effect) => effect.type)).toEqual(['send']);
    expect(one!.core.handle({ type: 'tick' }, stage.clock.now() + 1000)).toEqual([]);
  });

  it('gives the same view until something changed, and tells when it has', () => {
    const stage = createStage();
    const [one] = stage.grow(1);
    const view = one!.core.view();
    stage.clock.run(500);
    expect(one!.core.view()).toBe(view);
    stage.forget();
    stage.swarm.feed(one!, { type: 'self', change: { name: 'Ada' } });
    expect(one!.core.view().self.name).toBe('Ada');
    expect(stage.happenings[0]!.effects).toContainEqual({ type: 'tell', event: { type: 'changed' } });
  });

  it('answers a ping at once, inside the call', () => {
    const stage = createStage();
    const [one, other] = stage.grow(2);
    const ping = { t: 'beat', ping: 7, claim: null, tick: 0, provisional: false, roster: 0, rival: null } as const;
    const [answer] = one!.core.handle({ type: 'message', from: other!.id, message: ping }, stage.clock.now());
    expect(answer).toMatchObject({ type: 'send', to: other!.id, message: { t: 'beat', pong: 7 } });
  });

  it('takes a silent link for suspect after five seconds, and ends it after twelve', () => {
    const stage = createStage();
    const [one, other] = stage.grow(2);
    stage.cut(other!);
    const suspected = stage.until(() => one!.core.view().links.get(other!.id)?.suspect === true);
    expect(suspected).toBeGreaterThan(LIMITS.suspectMs - LIMITS.beatMs);
    expect(suspected).toBeLessThan(LIMITS.suspectMs + LIMITS.beatMs);
    const ended = suspected + stage.until(() => !one!.core.view().links.has(other!.id));
    expect(ended).toBeGreaterThan(LIMITS.deadMs - LIMITS.beatMs);
    expect(ended).toBeLessThan(LIMITS.deadMs + LIMITS.beatMs);
  });

  it('dials a wanted peer beyond the plan, and keeps that link while it is wanted', { timeout: 30_000 }, () => {
    const stage = createStage(8);
    const peers = stage.grow(LIMITS.fullMeshPeers + 6);
    stage.clock.run(75_000);
    const one = peers.find(({ links }) => links.size < 6)!;
    const other = peers.find(({ id, links }) => links.size < 6 && id !== one.id && !one.links.has(id))!;
    const renew = (): void => {
      for (const [peer, to] of [[one, other], [other, one]] as const) stage.swarm.feed(peer, { type: 'want link', peer: to.id });
    };
    renew();
    stage.until(() => one.links.has(other.id));
    for (let minute = 0; minute < 3; minute += 1) {
      stage.clock.run(50_000);
      renew();
    }
    expect(one.links.has(other.id)).toBe(true);
    stage.clock.run(130_000);
    expect(one.links.has(other.id)).toBe(false);
  });
});
