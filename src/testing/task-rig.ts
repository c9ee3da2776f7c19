/** One tab that works for others, with a scripted node, and as many askers as a test wants, on a clock that is moved by hand. */
import { createRemoteNode, type RemoteNode } from '../mesh/tasks/remote-node.ts';
import { adOf } from '../mesh/tasks/node-ad.ts';
import { createSharingLedger, type SharingLedger } from '../mesh/tasks/sharing.ts';
import { createTaskServer, type GivenNews, type TaskServer } from '../mesh/tasks/task-server.ts';
import type { LocalEngineNode } from '../engine/engine-client.ts';
import type { TaskEvent, Task } from '../protocol/engine-node.ts';
import type { Sharing } from '../protocol/peer.ts';
import type { Env } from '../shared/env.ts';
import type { LlamboError } from '../shared/errors.ts';
import { partsOf } from '../shared/ids.ts';
import { makeTask } from './engine-node-suite.ts';
import { createFakeLinkPair, fakeDeviceId, fakePeerId, type FakeLinkPair } from './fake-link.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { createScriptedNode, type ScriptedNodeOptions } from './scripted-node.ts';
import type { ScriptedWorker } from './scripted-worker.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createTestGrants, type TestGrants } from './test-grants.ts';

export const SHARED: Sharing = { on: true, slots: 0, tokensPerHour: 0, keptModels: [] };

export interface Asker extends FakeLinkPair {
  /** The worker's node, as this asker has it, with a grant for each run. */
  readonly node: RemoteNode;
  /** The same without. */
  readonly ungranted: RemoteNode;
}

export interface TaskRig {
  readonly clock: ManualClock;
  readonly env: Env;
  readonly ledger: SharingLedger;
  readonly server: TaskServer;
  /** The worker's own. */
  readonly local: LocalEngineNode;
  readonly workers: readonly ScriptedWorker[];
  readonly news: readonly GivenNews[];
  readonly grants: TestGrants;
  /** A peer with a link to the worker. Two of one device count as one person. */
  join(name?: string, device?: string): Asker;
}

export async function createTaskRig(sharing: Partial<Sharing> = {}, options?: ScriptedNodeOptions): Promise<TaskRig> {
  const clock = createManualClock();
  const env = { clock, random: createSeededRandom(1) };
  const { node: local, workers } = await createScriptedNode(env, options);
  const ledger = createSharingLedger(clock, { ...SHARED, ...sharing });
  const server = createTaskServer({ env, ledger, node: (name) => (name === partsOf(local.address).node ? local : null) });
  const grants = createTestGrants(clock, fakePeerId('far'));
  const news: GivenNews[] = [];
  server.onNews((entry) => void news.push(entry));
  return {
    clock, env, ledger, server, local, workers, news, grants,
    join(name = 'near', device = name) {
      const pair = createFakeLinkPair({ peer: fakePeerId(name), device: fakeDeviceId(device) });
      server.attach(pair.far, grants.guard.redeem);
      const ungranted = createRemoteNode({ env, peer: pair.near.peer, ad: adOf(local.info()), link: async () => pair.near });
      return { ...pair, ungranted, node: grants.granted(ungranted, pair.far.peer) };
    },
  };
}

/** A run that goes on by itself: what has come so far, and how it ended. */
export interface Running {
  readonly events: readonly TaskEvent[];
  text(): string;
  /** The error's code, or `done`. Null while it runs. */
  end(): string | null;
  readonly error: () => LlamboError | null;
  /** As `end`, once it has. */
  readonly ended: Promise<string>;
  abort(): void;
}

export function startRun(node: Pick<RemoteNode, 'run'>, question: string, change: Partial<Task> = {}): Running {
  const controller = new AbortController();
  const events: TaskEvent[] = [];
  let end: string | null = null;
  let failure: LlamboError | null = null;
  const run = async (): Promise<string> => {
    try {
      for await (const event of node.run(makeTask(question, { sampling: { temperature: 0 }, ...change }), { signal: controller.signal })) events.push(event);
      end = 'done';
    } catch (error) {
      failure = error as LlamboError;
      end = failure.code;
    }
    return end;
  };
  return {
    events,
    text: () => events.map((event) => (event.type === 'tokens' ? event.text : '')).join(''),
    end: () => end,
    error: () => failure,
    ended: run(),
    abort: () => controller.abort(),
  };
}
