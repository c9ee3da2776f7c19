/** Whole tabs, as the app has them, on a simulated network. */
import { describe, expect, it, vi } from 'vitest';
import type { LlamboError } from '../shared/errors.ts';
import { nodeAddress } from '../shared/ids.ts';
import { makeTask, runToEnd } from '../testing/engine-node-suite.ts';
import { createMeshStage, type MeshStage, type MeshTab } from '../testing/mesh-stage.ts';

// Minutes of several tabs, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 });

/** Everybody sees the same peers and the same leader. */
const agreed = (tabs: readonly MeshTab[]): boolean => {
  const views = tabs.map(({ mesh }) => JSON.stringify([mesh.info().leader, mesh.info().term, mesh.info().peers.map(({ id }) => id).sort()]));
  return new Set(views).size === 1 && tabs[0]!.mesh.info().leader !== null && tabs[0]!.mesh.info().peers.length === tabs.length;
};

async function swarmOf(...names: readonly string[]): Promise<MeshStage & { tabs: MeshTab[] }> {
  const stage = createMeshStage();
  const tabs: MeshTab[] = [];
  for (const name of names) tabs.push(await stage.join(name, tabs.length === 0));
  await stage.until(() => agreed(tabs));
  return { ...stage, tabs };
}

/** Lets virtual time pass while a promise is on its way. */
async function meanwhile<T>({ until }: MeshStage, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = promise.then(() => (isOver = true), () => (isOver = true));
  await until(() => isOver);
  await settled;
  return promise;
}

describe('a tab among others', () => {
  it('is in at once, and all agree who is there and who leads', async () => {
    const { until, tabs: [first, second, third] } = await swarmOf('first', 'second', 'third');
    await until(() => third!.pathTo(second!.id) === 'simulated', 5000);
    expect(first!.mesh.info()).toMatchObject({ state: 'in', step: 'in', leader: first!.id, problem: null });
    expect(second!.mesh.info().peers[0]).toMatchObject({ id: second!.id, self: true });
  });

  it('knows the round trip to each, on both sides of a link', async () => {
    const { tabs, until } = await swarmOf('first', 'second');
    const trips = (): (number | null | undefined)[] => tabs.map(({ mesh }) => mesh.info().peers[1]?.rttMs);
    expect(await until(() => trips().every((trip) => typeof trip === 'number'))).toBeLessThan(4000);
    // Twenty to twenty-five milliseconds each way.
    for (const trip of trips()) expect(trip).toBeGreaterThanOrEqual(40);
  });

  it('asks a node of another, and gets what that one would say itself', async () => {
    const stage = await swarmOf('asker', 'worker');
    const [asker, worker] = stage.tabs;
    const remote = asker!.mesh.node(nodeAddress(worker!.id, worker!.node))!;
    const { text } = await meanwhile(stage, runToEnd(remote, makeTask('Count to 20.')));
    expect(text).toBe(Array.from({ length: 20 }, (_, index) => index + 1).join(' '));
  });

  it('loses its runs on another with "peer-lost" when it leaves', async () => {
    const stage = await swarmOf('asker', 'worker');
    const [asker, worker] = stage.tabs;
    const remote = asker!.mesh.node(nodeAddress(worker!.id, worker!.node))!;
    let words = 0;
    const run = async (): Promise<string> => {
      for await (const { type } of remote.run(makeTask('Count to 500.', { sampling: { maxTokens: 500 } }))) if (type === 'tokens') words += 1;
      return 'done';
    };
    const code = run().catch((error: LlamboError) => error.code);
    await stage.until(() => words > 0);
    asker!.mesh.leave();
    expect(await meanwhile(stage, code)).toBe('peer-lost');
  });

  it('leaves and comes back under the same id, and everybody sees it again', async () => {
    const stage = await swarmOf('first', 'second', 'third');
    const [first, second, third] = stage.tabs;
    third!.mesh.leave();
    await stage.until(() => agreed([first!, second!]));
    const back = await stage.join('third', false, third);
    expect(back.id).toBe(third!.id);
    expect(await stage.until(() => agreed([first!, second!, back]))).toBeLessThan(3000);
  });

  it('goes on when the leader leaves: another leads within a second', async () => {
    const stage = await swarmOf('first', 'second', 'third');
    const [first, second, third] = stage.tabs;
    first!.mesh.leave();
    expect(await stage.until(() => second!.mesh.info().leader === third!.mesh.info().leader && second!.mesh.info().leader !== first!.id)).toBeLessThan(1000);
    await stage.until(() => agreed([second!, third!]));
  });

  it('says so when somebody is there whom no way leads to, and is in with them once there is one', async () => {
    const stage = createMeshStage();
    const founder = await stage.join('founder', true);
    stage.apart.add('founder newcomer');
    const newcomer = await stage.join('newcomer');
    expect(newcomer.mesh.info()).toMatchObject({ state: 'in', problem: { code: 'unreachable' } });
    stage.apart.clear();
    await stage.until(() => agreed([founder, newcomer]));
    expect(newcomer.mesh.info().problem).toBeNull();
  });

  it('shows its own facts to others soon after they changed', async () => {
    const stage = await swarmOf('first', 'second');
    const [first, second] = stage.tabs;
    second!.mesh.setFacts({ name: 'Ada', sharing: { slots: 1, busy: 1 } });
    const seen = (): boolean => first!.mesh.info().peers.some(({ name, sharing }) => name === 'Ada' && sharing.busy === 1);
    expect(await stage.until(seen)).toBeLessThan(2000);
  });

  it('keeps the objects of peers of whom nothing changed', async () => {
    const stage = await swarmOf('first', 'second', 'third');
    const [first, second, third] = stage.tabs;
    const before = first!.mesh.info().peers.find(({ id }) => id === third!.id)!;
    second!.mesh.setFacts({ name: 'Ada' });
    await stage.until(() => first!.mesh.info().peers.some(({ name }) => name === 'Ada'));
    const after = first!.mesh.info().peers.find(({ id }) => id === third!.id)!;
    expect(after.rttMs === before.rttMs ? after : before).toBe(before);
  });
});
