/** What the core makes of a device that was barred. Who bars it, and that everybody ends the links with it, is the gate's. */
import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../../shared/ids.ts';
import type { SimPeer } from '../../testing/sim-swarm.ts';
import { createStage } from '../../testing/sim-stage.ts';

const deviceOf = (peer: SimPeer): DeviceId => peer.core.view().self.device;
const knows = (peer: SimPeer, other: SimPeer): boolean => peer.core.view().entries.some(({ peer: id }) => id === other.id);

describe('a barred device', () => {
  it('is removed from all rosters, and stays out though neighbours still pass on what it says', () => {
    const stage = createStage(3);
    const [leader, eve, ...others] = stage.grow(5);
    stage.forget();
    for (const peer of [leader!, ...others]) stage.swarm.feed(peer, { type: 'bar', devices: new Set([deviceOf(eve!)]) });
    expect(knows(leader!, eve!)).toBe(false);
    stage.until(() => others.every((peer) => !knows(peer, eve!)));
    const left = stage.happenings.flatMap(({ peer, effects }) => (others.includes(peer) ? effects : [])).filter((effect) => effect.type === 'tell' && effect.event.type === 'left');
    expect(left).toHaveLength(others.length);
    for (const effect of left) expect(effect).toMatchObject({ event: { peer: eve!.id, reason: 'removed' } });
    for (let second = 0; second < 30; second += 1) {
      stage.clock.run(1000);
      expect([leader!, ...others].filter((peer) => knows(peer, eve!))).toEqual([]);
    }
    // Allowed again, it is back by its own next word.
    for (const peer of [leader!, ...others]) stage.swarm.feed(peer, { type: 'bar', devices: new Set() });
    stage.until(() => [leader!, ...others].every((peer) => knows(peer, eve!)));
  });

  it('that leads is followed no more: another leads at once and buries it', () => {
    const stage = createStage(3);
    const [leader, ...others] = stage.grow(5);
    const device = deviceOf(leader!);
    stage.cut(leader!);
    for (const peer of others) stage.swarm.feed(peer, { type: 'bar', devices: new Set([device]) });
    const took = stage.until(() => others.every((peer) => others.some(({ id }) => id === peer.core.view().leader) && !knows(peer, leader!)));
    // Less than the lease, which others would have waited for.
    expect(took).toBeLessThan(5000);
  });
});
