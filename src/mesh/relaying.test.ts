/** Whole meshes on a simulated network in which two of three never reach each other directly. */
import { describe, expect, it, vi } from 'vitest';
import type { LocalFacts, Mesh } from './mesh-types.ts';
import { createMesh } from './mesh.ts';
import { adOf } from './node-ad.ts';
import { createSharingLedger } from './sharing.ts';
import { createTaskServer } from './task-server.ts';
import type { Clock } from '../shared/env.ts';
import { LIMITS } from '../protocol/limits.ts';
import { nodeAddress, partsOf, type EndpointId } from '../shared/ids.ts';
import { makeTask } from '../testing/engine-node-suite.ts';
import { createFakeCrypto, createFakeRoom } from '../testing/fake-crypto.ts';
import { createFakeRelayCrypto } from '../testing/fake-relay-crypto.ts';
import { createScriptedNode } from '../testing/scripted-node.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createSimClock } from '../testing/sim-clock.ts';
import { createSimNetwork } from '../testing/sim-network.ts';
import { createWorld, type Host } from '../testing/sim-world.ts';
import { SHARED } from '../testing/task-rig.ts';

const FACTS: Omit<LocalFacts, 'name'> = { visible: true, eligible: true, cores: 4, nodes: [], sharing: { slots: 2, busy: 0 } };

function createStage() {
  const random = createSeededRandom(3);
  const clock = createSimClock();
  const world = createWorld(clock, random, { latencyMs: 20, jitterMs: 5, loss: 0 });
  /** Pairs that never find a path to each other, as behind two strict firewalls. */
  const apart = new Set<string>();
  const key = (one: Host, other: Host): string => [one.name, other.name].sort().join(' ');
  const network = createSimNetwork({ ...world, connected: (one, other) => !apart.has(key(one, other)) && world.connected(one, other) }, random);
  const room = { ...createFakeRoom(), code: '', link: () => '', door: (letter: string, door: number) => `${letter}-door-of-the-room-${door}` as EndpointId };
  let seed = 10;

  async function until(condition: () => boolean, ms = 60_000): Promise<number> {
    const start = clock.now();
    for (;;) {
      await new Promise((resolve) => void setImmediate(resolve));
      if (condition()) return clock.now() - start;
      if (!clock.step(start + ms)) throw new Error(`Never: ${String(condition)}`);
    }
  }

  async function join(name: string, founds = false) {
    seed += 1;
    const crypto = createFakeCrypto(seed);
    const identity = crypto.newIdentity();
    const host = world.host(name);
    // A dead machine's timers are dead too.
    const own: Clock = { now: clock.now, wallTime: clock.wallTime, after: host.after };
    const env = { clock: own, random: createSeededRandom(seed) };
    const { node: local } = await createScriptedNode(env);
    const tasks = createTaskServer({ env, ledger: createSharingLedger(own, SHARED), node: (wanted) => (wanted === partsOf(local.address).node ? local : null) });
    const mesh: Mesh = createMesh({
      env, identity, crypto, room, founds, tasks,
      gated: false, founder: null, gateStorage: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      relayCrypto: createFakeRelayCrypto(seed),
      link: '', code: '', build: 'test',
      transport: network.transport(host),
      facts: { ...FACTS, name, nodes: [adOf(local.info())] },
      tick(everyMs, callback) {
        let going = true;
        const again = (): void => void own.after(everyMs, () => going && (callback(), again()));
        again();
        return () => void (going = false);
      },
    });
    const started = mesh.start();
    let settled = false;
    started.then(() => (settled = true), () => (settled = true));
    await until(() => settled);
    await started;
    const pathTo = (peer: string): string | null => mesh.info().peers.find(({ id }) => id === peer)?.path ?? null;
    return { mesh, id: identity.peer, node: partsOf(local.address).node, host, pathTo };
  }
  return { clock, until, join, apart };
}

// Minutes of several tabs.
vi.setConfig({ testTimeout: 30_000 });

/** Two that are apart, and others who reach both. */
async function apartFrom(...others: readonly string[]) {
  const stage = createStage();
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
