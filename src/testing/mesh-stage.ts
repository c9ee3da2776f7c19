/** Whole meshes on a simulated network, on a virtual clock: what is said of one tab among others is tried with these. */
import type { Identity } from '../mesh/identity.ts';
import type { LocalFacts, Mesh } from '../mesh/mesh-types.ts';
import { createMesh } from '../mesh/mesh.ts';
import { adOf } from '../mesh/tasks/node-ad.ts';
import { createSharingLedger } from '../mesh/tasks/sharing.ts';
import { createTaskServer } from '../mesh/tasks/task-server.ts';
import type { Connection } from '../mesh/transport/transport.ts';
import type { Clock } from '../shared/env.ts';
import { partsOf, type EndpointId } from '../shared/ids.ts';
import { createFakeCrypto, createFakeRoom } from './fake-crypto.ts';
import { createFakeRelayCrypto } from './fake-relay-crypto.ts';
import { linkDeps } from './mesh-peers.ts';
import { createScriptedNode } from './scripted-node.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createSimClock } from './sim-clock.ts';
import { createSimNetwork } from './sim-network.ts';
import { createWorld, type Host } from './sim-world.ts';
import { createStranger, type Stranger } from './stranger.ts';
import { SHARED } from './task-rig.ts';

const NO_STORAGE = { load: () => Promise.resolve(null), save: () => Promise.resolve() };
const FACTS: Omit<LocalFacts, 'name'> = { visible: true, eligible: true, cores: 4, nodes: [], sharing: { slots: 2, busy: 0 } };

export interface MeshTab {
  readonly mesh: Mesh;
  readonly identity: Identity;
  readonly id: Identity['peer'];
  /** The name of its one engine node. */
  readonly node: string;
  readonly host: Host;
  /** How it is linked with a peer; null: not directly. */
  pathTo(peer: string): string | null;
}

export interface MeshStage {
  readonly clock: ReturnType<typeof createSimClock>;
  /** Pairs of names ("a b", in order) that never find a path to each other. */
  readonly apart: Set<string>;
  /** Lets time pass until it is so. @returns milliseconds that it took @throws after `ms` */
  until(condition: () => boolean, ms?: number): Promise<number>;
  /** A tab opens the link (or founds the room), and is in when this settles. @param again a tab that was here before comes back */
  join(name: string, founds?: boolean, again?: MeshTab): Promise<MeshTab>;
  /** Somebody with the secret who keeps no rules, linked with whoever holds the first door. */
  stranger(name: string): Promise<{ readonly stranger: Stranger; readonly identity: Identity }>;
}

export function createMeshStage(): MeshStage {
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

  async function join(name: string, founds = false, again?: MeshTab): Promise<MeshTab> {
    seed += 1;
    const crypto = createFakeCrypto(seed);
    const identity = again?.identity ?? crypto.newIdentity();
    const host = again?.host ?? world.host(name);
    // A dead machine's timers are dead too.
    const own: Clock = { now: clock.now, wallTime: clock.wallTime, after: host.after };
    const env = { clock: own, random: createSeededRandom(seed) };
    const { node: local } = await createScriptedNode(env);
    const tasks = createTaskServer({ env, ledger: createSharingLedger(own, SHARED), node: (wanted) => (wanted === partsOf(local.address).node ? local : null) });
    const mesh: Mesh = createMesh({
      env, identity, crypto, room, founds, tasks,
      gated: false, founder: null, gateStorage: NO_STORAGE, policyStorage: NO_STORAGE,
      relayCrypto: createFakeRelayCrypto(seed),
      link: '', code: '', build: 'test',
      transport: network.transport(host),
      serve: (path) => ({ kind: 'file', text: `${name} at ${path}\n` }),
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
    return { mesh, identity, id: identity.peer, node: partsOf(local.address).node, host, pathTo };
  }
  async function stranger(name: string): Promise<{ stranger: Stranger; identity: Identity }> {
    seed += 1;
    const deps = linkDeps(clock, { seed, room });
    let connection: Connection | null = null;
    const dialled = network.transport(world.host(name)).open().then((endpoint) => endpoint.dial(room.door(endpoint.ids[0]!.charAt(0), 0)));
    dialled.then((made) => (connection = made), () => undefined);
    await until(() => connection !== null);
    const made = createStranger(await dialled, deps, async () => {
      const end = clock.now() + 200;
      await until(() => clock.now() >= end);
    });
    await made.play('welcome');
    return { stranger: made, identity: deps.identity };
  }

  return { clock, until, join, stranger, apart };
}
