/** Whole meshes on a simulated network in which two of three never reach each other directly. */
import { describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import { nodeAddress } from '../../shared/ids.ts';
import { makeTask } from '../../testing/engine-node-suite.ts';
import { createMeshStage, type MeshTab } from '../../testing/mesh-stage.ts';

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

/** One run on the other's node. */
function ask(asker: MeshTab, worker: MeshTab, question: string): { text(): string; ended(): string | null } {
  let [text, ended]: [string, string | null] = ['', null];
  const run = async (): Promise<void> => {
    for await (const event of asker.mesh.node(nodeAddress(worker.id, worker.node))!.run(makeTask(question, { sampling: { maxTokens: 1000 } }))) {
      if (event.type === 'tokens') text += event.text;
    }
  };
  run().then(() => (ended = 'done'), (error: unknown) => (ended = String(error)));
  return { text: () => text, ended: () => ended };
}

describe('two tabs that no direct link can join', () => {
  it('are linked over a third, a prompt runs there, and the link stays', async () => {
    const { asker, worker, between: [third], paths, took, until, clock } = await apartFrom('third');
    // Not after the dial that leads nowhere has given up.
    expect(took).toBeLessThan(LIMITS.relayAfterMs + 2_000);
    expect([third!.pathTo(asker.id), third!.pathTo(worker.id)]).toEqual(['simulated', 'simulated']);

    const run = ask(asker, worker, 'Hello');
    await until(() => run.ended() !== null);
    expect(run.ended()).toBe('done');

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

  it('go over to a direct link that opens late, and what runs between them runs on without a word lost or doubled', async () => {
    const { apart, asker, worker, paths, until } = await apartFrom('third');
    const ends: string[] = [];
    asker.mesh.onNews((news) => void (news.type === 'unlinked' && ends.push(news.reason)));
    const early = ask(asker, worker, 'Count to 200.');
    await until(() => early.text().length > 0);
    apart.clear();
    // The direct dial was never given up.
    expect(await until(() => paths().every((path) => path === 'simulated'))).toBeLessThan(LIMITS.dialMs - LIMITS.relayAfterMs);
    expect(early.ended()).toBeNull();
    const late = ask(asker, worker, 'Count to 20.');
    await until(() => early.ended() !== null && late.ended() !== null);
    const count = (to: number): string => Array.from({ length: to }, (_, index) => index + 1).join(' ');
    expect([early.ended(), early.text(), late.ended(), late.text()]).toEqual(['done', count(200), 'done', count(20)]);
    expect(ends).toEqual([]);
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
