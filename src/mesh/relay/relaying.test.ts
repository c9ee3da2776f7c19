/** Whole meshes on a simulated network in which two of three never reach each other directly. */
import { describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import { nodeAddress } from '../../shared/ids.ts';
import { makeTask } from '../../testing/engine-node-suite.ts';
import { createMeshStage } from '../../testing/mesh-stage.ts';

// Minutes of several tabs.
vi.setConfig({ testTimeout: 30_000 });

/** Two that are apart, and others who reach both. */
async function apartFrom(...others: readonly string[]) {
  const stage = createMeshStage();
  stage.apart.add('asker worker');
  const [first, ...more] = others;
  const founder = await stage.join(first!, true);
  const between = [founder];
  for (const name of more) between.push(await stage.join(name));
  const asker = await stage.join('asker');
  const worker = await stage.join('worker');
  const paths = (): (string | null)[] => [asker.pathTo(worker.id), worker.pathTo(asker.id)];
  const took = await stage.until(() => paths().every((path) => path === 'relayed'));
  return { ...stage, asker, worker, between, paths, took };
}

describe('two tabs that no direct link can join', () => {
  it('are linked over a third, a prompt runs there, and the link stays', async () => {
    const { asker, worker, between: [third], paths, took, until, clock } = await apartFrom('third');
    expect(took).toBeLessThan(LIMITS.dialMs + 5_000);
    expect([third!.pathTo(asker.id), third!.pathTo(worker.id)]).toEqual(['simulated', 'simulated']);

    const events: string[] = [];
    let isOver = false;
    const run = async (): Promise<void> => {
      for await (const { type } of asker.mesh.node(nodeAddress(worker.id, worker.node))!.run(makeTask('Hello'))) events.push(type);
    };
    run().catch((error: unknown) => events.push(String(error))).finally(() => (isOver = true));
    await until(() => isOver);
    expect(events.at(-1)).toBe('done');

    const start = clock.now();
    let steady = true;
    await until(() => {
      steady &&= paths().every((path) => path === 'relayed') && asker.mesh.info().peers.length === 3;
      return clock.now() - start > 90_000;
    }, 100_000);
    expect(steady).toBe(true);
  });

  it('are linked directly some time after that has become possible', async () => {
    const { apart, paths, until } = await apartFrom('third');
    apart.clear();
    expect(await until(() => paths().every((path) => path === 'simulated'), 5 * 60_000)).toBeLessThan(2 * 60_000);
  });

  it('are linked again soon after the tab between them has died', async () => {
    const { asker, worker, between: [third], join, paths, until } = await apartFrom('third');
    const fourth = await join('fourth');
    await until(() => [asker, worker].every(({ pathTo }) => pathTo(fourth.id) === 'simulated'));
    let broke = 0;
    asker.mesh.onNews((news) => void (news.type === 'unlinked' && news.peer === worker.id && (broke += 1)));
    third!.host.crash();
    const took = await until(() => asker.mesh.info().peers.length === 3 && broke > 0 && paths().every((path) => path === 'relayed'));
    // Twelve seconds until a silent tab is taken for dead; the dial that leads nowhere is not tried first again.
    expect(took).toBeLessThan(LIMITS.deadMs + 6_000);
  });
});
