/** Whose configuration counts, among whole tabs on a simulated network. */
import { describe, expect, it, vi } from 'vitest';
import type { SwarmPart } from '../../protocol/config-schema.ts';
import { createFakeRoom } from '../../testing/fake-crypto.ts';
import { createMeshStage, type MeshStage, type MeshTab } from '../../testing/mesh-stage.ts';
import { signPolicy } from './policy-documents.ts';

// Minutes of several tabs, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 });

const STICKY: SwarmPart = { strategy: 'sticky' };
const RANDOM: SwarmPart = { strategy: 'random', queue: { most: 900 } };

interface Swarm extends MeshStage {
  readonly tabs: readonly [founder: MeshTab, second: MeshTab, third: MeshTab];
}

async function swarm(): Promise<Swarm> {
  const stage = createMeshStage();
  const tabs = [await stage.join('founder', true), await stage.join('second'), await stage.join('third')] as const;
  await stage.until(() => tabs.every(({ mesh }) => mesh.info().peers.length === 3 && mesh.info().leader === tabs[0].id));
  return { ...stage, tabs };
}

const follows = (tabs: readonly MeshTab[], part: SwarmPart, version: number): boolean =>
  tabs.every(({ mesh }) => JSON.stringify([mesh.policy.current()?.part, mesh.policy.current()?.version]) === JSON.stringify([part, version]));

describe('the configuration of a swarm', () => {
  it('is nobody’s until somebody decides, and then the same everywhere within a second', async () => {
    const { tabs, until } = await swarm();
    const [founder, second] = tabs;
    expect(tabs.map(({ mesh }) => mesh.policy.current())).toEqual([null, null, null]);
    await founder.mesh.policy.publish(STICKY);
    expect(await until(() => follows(tabs, STICKY, 1))).toBeLessThan(1000);
    expect(second.mesh.policy.current()?.by).toBe(founder.identity.device);
  });

  it('reaches who comes later, also when its maker and the leader have gone', async () => {
    const { tabs: [founder, second, third], until, join } = await swarm();
    await founder.mesh.policy.publish(STICKY);
    await until(() => follows([second, third], STICKY, 1));
    founder.mesh.leave();
    await until(() => second.mesh.info().leader !== null && second.mesh.info().leader !== founder.id && second.mesh.info().leader === third.mesh.info().leader);
    expect(follows([second, third], STICKY, 1)).toBe(true);
    const newcomer = await join('newcomer');
    await until(() => follows([newcomer], STICKY, 1), 5000);
  });

  it('is changed by a steward, and not by a member', async () => {
    const { tabs, until } = await swarm();
    const [founder, second, third] = tabs;
    await founder.mesh.gate.mark(second.identity.device, true);
    await until(() => second.mesh.info().gate?.mine === 'steward');
    await second.mesh.policy.publish(RANDOM);
    await until(() => follows(tabs, RANDOM, 1));
    await expect(third.mesh.policy.publish(STICKY)).rejects.toMatchObject({ code: 'refused' });
    expect(follows(tabs, RANDOM, 1)).toBe(true);
    // Who is no steward any more leaves it to the founder.
    await founder.mesh.gate.mark(second.identity.device, false);
    await until(() => follows(tabs, RANDOM, 2));
    await expect(second.mesh.policy.publish(STICKY)).rejects.toMatchObject({ code: 'refused' });
    expect(third.mesh.policy.current()?.by).toBe(founder.identity.device);
  });

  it('says how many may be in: one more is refused, and nobody has to go', async () => {
    const { tabs, until, join } = await swarm();
    const part: SwarmPart = { topology: { peers: 2 } };
    await tabs[0].mesh.policy.publish(part);
    await until(() => follows(tabs, part, 1));
    await expect(join('newcomer')).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('full') as string });
    expect(tabs.map(({ mesh }) => mesh.info().peers.length)).toEqual([3, 3, 3]);
    await tabs[0].mesh.policy.publish({ topology: { peers: 4 } });
    await until(() => follows(tabs, { topology: { peers: 4 } }, 2));
    expect((await join('another')).mesh.info().state).toBe('in');
  });

  it('is not changed by what a hostile peer says', async () => {
    const { tabs, until, clock, stranger: enter } = await swarm();
    const [founder] = tabs;
    await founder.mesh.policy.publish(STICKY);
    await until(() => follows(tabs, STICKY, 1));
    const { stranger, identity } = await enter('eve');
    const { document } = stranger.heardOne('policy');
    // The rules by which a document counts come before it.
    expect(stranger.heard.findIndex(({ t }) => t === 'rules')).toBeLessThan(stranger.heard.findIndex(({ t }) => t === 'policy'));
    const wait = (): Promise<number> => until(((end) => () => clock.now() >= end)(clock.now() + 500));
    // Its own device's is nobody's decision; it costs nothing.
    stranger.say({ t: 'policy', document: await signPolicy(identity, createFakeRoom().id, { version: 99, policy: JSON.stringify(RANDOM) }) });
    await wait();
    expect([follows(tabs, STICKY, 1), stranger.heard.some(({ t }) => t === 'refuse')]).toEqual([true, false]);
    // In another's name it costs the link.
    stranger.say({ t: 'policy', document: { ...document, version: 99, policy: JSON.stringify(RANDOM) } });
    await wait();
    expect(follows(tabs, STICKY, 1)).toBe(true);
    expect(stranger.heard.findLast(({ t }) => t === 'refuse')).toEqual({ t: 'refuse', reason: 'identity' });
  });
});
