/** Tasks of others on a server that a person connected, when the person takes it back: as it is for engines of the tab. */
import { afterEach, describe, expect, it } from 'vitest';
import { createNativeNode } from '../engine/native/native-node.ts';
import { createRemoteNode } from '../mesh/tasks/remote-node.ts';
import { adOf } from '../mesh/tasks/node-ad.ts';
import { createSharingLedger } from '../mesh/tasks/sharing.ts';
import { createTaskServer } from '../mesh/tasks/task-server.ts';
import { nodeAddress, type PeerId } from '../shared/ids.ts';
import { systemEnv } from '../shared/system-env.ts';
import { createFakeLinkPair, fakeDeviceId, fakePeerId } from '../testing/fake-link.ts';
import { startScriptedHttpServer } from '../testing/scripted-http-server.ts';
import { SHARED, startRun } from '../testing/task-rig.ts';
import { sharedNode, type OwnNodes } from './own-nodes.ts';

const ME = 'me' as PeerId;

let closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.map((close) => close()));
  closers = [];
});

/** A tab with one server that has one slot, and two tasks of another tab there: one runs without a word, one is in line. */
async function setUp() {
  const http = await startScriptedHttpServer({ slots: 1 });
  const node = createNativeNode({
    env: systemEnv, address: nodeAddress(ME, 'native-1'), fetch: globalThis.fetch, pageUrl: 'https://llambo.example/',
    server: { root: http.url, key: '', model: '', slots: 0, contextTokens: 0, tier: 'large', share: true },
  });
  closers.push(() => node.stop(), () => http.close());
  await node.start();
  const own: OwnNodes = { nodes: () => [node.info()], get: (address) => (address === node.address ? node : null), onChange: (listener) => node.onChange(() => listener()) };
  const ledger = createSharingLedger(systemEnv.clock, SHARED);
  const tasks = createTaskServer({ env: systemEnv, ledger, node: (name) => sharedNode(own, nodeAddress(ME, name)) });
  const { near, far } = createFakeLinkPair({ peer: fakePeerId('near'), device: fakeDeviceId('near') });
  tasks.attach(far, async () => null);
  const remote = createRemoteNode({ env: systemEnv, peer: near.peer, ad: adOf(node.info()), link: async () => near });
  http.fail({ type: 'silence' });
  const runs = [startRun(remote, 'count to 90', { profile: 'chat' }), startRun(remote, 'count to 90', { profile: 'chat' })];
  await until(tasks.onChange, () => tasks.given().map(({ state }) => state).join() === 'running,waiting');
  // The silence is for the first of them.
  while (!http.seen.some(({ path }) => path.includes('chat'))) await new Promise((resolve) => void setImmediate(resolve));
  return { node, ledger, tasks, runs, near };
}

/** Settles when it is so. */
function until(onChange: (listener: () => void) => () => void, so: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const off = onChange(() => look());
    const look = (): void => {
      if (!so()) return;
      off();
      resolve();
    };
    look();
  });
}

type Rig = Awaited<ReturnType<typeof setUp>>;

describe('a server that a person connected and shares', () => {
  it.each<[string, (rig: Rig) => void]>([
    ['is taken back', ({ node }) => node.adjust({ tier: 'large', share: false })],
    ['is not shared any more because nothing is', ({ ledger }) => ledger.set({ ...SHARED, on: false })],
    ['has a model that is kept from now on', ({ ledger }) => ledger.set({ ...SHARED, keptModels: ['scripted'] })],
  ])('%s: what runs there for others ends at once with words that make the asker move on', async (_, takeBack) => {
    const rig = await setUp();
    takeBack(rig);
    expect(await Promise.all(rig.runs.map(({ ended }) => ended))).toEqual(['stopped', 'refused']);
    for (const { error } of rig.runs) expect(error()?.advice).toMatch(/^Ask another node/);
    await until((listener) => rig.node.onChange(() => listener()), () => rig.node.info().state === 'idle');
    expect(rig.tasks.given()).toEqual([]);
    expect(rig.near.ended()).toBeNull();
    // The person goes on with it.
    expect(await startRun(rig.node, 'count to 3', { profile: 'chat' }).ended).toBe('done');
  });

  it('keeps its guests when something else of it changes', async () => {
    const rig = await setUp();
    rig.node.adjust({ tier: 'tiny', share: true });
    expect(rig.tasks.given().map(({ state }) => state)).toEqual(['running', 'waiting']);
    expect(rig.runs.map(({ end }) => end())).toEqual([null, null]);
    for (const run of rig.runs) run.abort();
    await Promise.all(rig.runs.map(({ ended }) => ended));
  });
});
