import { describe, expect, it } from 'vitest';
import type { NodeAd } from '../../protocol/peer.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { LlamboError } from '../../shared/errors.ts';
import { systemEnv } from '../../shared/system-env.ts';
import { engineNodeSuite, makeTask, runToEnd } from '../../testing/engine-node-suite.ts';
import { createFakeLinkPair } from '../../testing/fake-link.ts';
import { linkedPair } from '../../testing/mesh-peers.ts';
import { createManualClock, settle } from '../../testing/manual-clock.ts';
import { createScriptedNode } from '../../testing/scripted-node.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { SHARED, createTaskRig, startRun } from '../../testing/task-rig.ts';
import { createTestGrants } from '../../testing/test-grants.ts';
import { adOf } from './node-ad.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { ROSTER_LAG_MS, createRemoteNode } from './remote-node.ts';
import { createSharingLedger } from './sharing.ts';
import { createTaskServer } from './task-server.ts';

engineNodeSuite('a node of another tab', async () => {
  const { node: local } = await createScriptedNode(systemEnv);
  const { near, far } = createFakeLinkPair();
  const server = createTaskServer({ env: systemEnv, ledger: createSharingLedger(systemEnv.clock, SHARED), node: () => local });
  const grants = createTestGrants(systemEnv.clock, near.peer);
  server.attach(far, grants.guard.redeem);
  const node = createRemoteNode({ env: systemEnv, peer: near.peer, ad: adOf(local.info()), link: async () => near });
  return { node: grants.granted(node, far.peer), longQuestion: 'count to 90' };
});

engineNodeSuite('a node of another tab, over frames', async () => {
  const { node: local } = await createScriptedNode(systemEnv);
  const { links: [near, far] } = await linkedPair(systemEnv.clock);
  const server = createTaskServer({ env: systemEnv, ledger: createSharingLedger(systemEnv.clock, SHARED), node: () => local });
  const grants = createTestGrants(systemEnv.clock, near.peer);
  server.attach(far, grants.guard.redeem);
  const node = createRemoteNode({ env: systemEnv, peer: near.peer, ad: adOf(local.info()), link: async () => near });
  return { node: grants.granted(node, far.peer), longQuestion: 'count to 90' };
});

const ad: NodeAd = {
  node: 'a', shared: true, state: 'idle', model: { id: 'tiny', name: 'Tiny', tier: 'tiny', hash: null, contextTokens: 256 }, slots: 2, busy: 0, waiting: 0, threads: 1, tokensPerSecond: 0, prefillPerSecond: 0, restarts: 0, memoryBytes: 1,
};

/** A remote node without a worker behind its link. */
function setUp(link?: (options: { signal: AbortSignal }) => Promise<PeerLink>) {
  const env = { clock: createManualClock(), random: createSeededRandom(1) };
  const { near, far, lose } = createFakeLinkPair();
  return { ...env, near, far, lose, node: createRemoteNode({ env, peer: near.peer, ad, link: link ?? (async () => near) }) };
}

describe('an answer over a link', () => {
  it('is word for word and figure for figure the local one, in the exact profile', async () => {
    const rig = await createTaskRig();
    const { node } = rig.join();
    const task = makeTask('tell me more', { logprobs: 2, sampling: { temperature: 0.8, maxTokens: 30 } });
    const [here, there] = [runToEnd(rig.local, task), runToEnd(node, task)];
    await rig.clock.advance(1000);
    const said = (events: Awaited<typeof here>['events']): string =>
      JSON.stringify(events.flatMap((event) => (event.type === 'tokens' ? (event.logprobs ?? []) : [])));
    expect((await there).text).toBe((await here).text);
    expect(said((await there).events)).toBe(said((await here).events));
    expect((await there).result.usage).toEqual((await here).result.usage);
  });
});

describe('waiting for a link', () => {
  const never = (): Promise<PeerLink> => new Promise(() => undefined);

  it('ends as unreachable when nobody answers, and the dial is called off', async () => {
    let dial: AbortSignal | null = null;
    const { node, clock } = setUp(({ signal }) => {
      dial = signal;
      return never();
    });
    const run = startRun(node, 'hello');
    await clock.advance(LIMITS.dialMs + LIMITS.handshakeMs);
    expect(await run.ended).toBe('unreachable');
    expect(dial!.aborted).toBe(true);
  });

  it('ends at the deadline of the task, if that is sooner', async () => {
    const { node, clock } = setUp(never);
    const run = startRun(node, 'hello', { deadlineMs: 50 });
    await clock.advance(50);
    expect(await run.ended).toBe('timeout');
  });

  it('ends at once on the signal', async () => {
    const { node } = setUp(never);
    const run = startRun(node, 'hello');
    await settle();
    run.abort();
    expect(await run.ended).toBe('aborted');
  });

  it('ends as lost when the node leaves the roster meanwhile', async () => {
    const { node } = setUp(never);
    const run = startRun(node, 'hello');
    await settle();
    node.update(null);
    expect(await run.ended).toBe('peer-lost');
  });

  it('says why there is none', async () => {
    const refused = setUp(() => Promise.reject(new LlamboError('refused', 'The room is full.', { advice: 'Wait.' })));
    const run = startRun(refused.node, 'hello');
    expect(await run.ended).toBe('refused');
    expect(run.error()).toMatchObject({ message: 'The room is full.', advice: 'Wait.' });
    expect(await startRun(setUp(() => Promise.reject(new Error('odd'))).node, 'hello').ended).toBe('unreachable');
  });

  it('is not held by a link that has ended already', async () => {
    const { node, near } = setUp();
    near.end({ kind: 'closed' });
    expect(await startRun(node, 'hello').ended).toBe('peer-lost');
  });
});

describe('what is known of a remote node', () => {
  it('comes from the roster, and tells of changes', () => {
    const { node } = setUp();
    const states: string[] = [];
    node.onChange(({ state }) => states.push(state));
    expect(node.info()).toMatchObject({ state: 'idle', local: false, address: node.address });
    node.update({ ...ad, state: 'busy', busy: 1 });
    node.update(null);
    expect(node.info()).toMatchObject({ state: 'stopped', slots: 0, model: null });
    node.update(ad);
    expect(states).toEqual(['busy', 'stopped', 'idle']);
  });

  it('comes from the link while a task is there: the roster is older, and counts when the link is silent', async () => {
    const { node, far, clock } = setUp();
    const run = startRun(node, 'hello');
    await settle();
    far.send({ t: 'node', ad: { ...ad, busy: 2 } });
    await settle();
    expect(node.info().busy).toBe(2);
    node.update({ ...ad, busy: 1 });
    expect(node.info().busy).toBe(2);
    await clock.advance(ROSTER_LAG_MS);
    expect(node.info().busy).toBe(1);
    run.abort();
  });

  it('is what the roster says once the link has ended, and other nodes on that link are not mixed up with it', async () => {
    const { node, far, lose } = setUp();
    const run = startRun(node, 'hello');
    await settle();
    far.send({ t: 'node', ad: { ...ad, busy: 2 } });
    far.send({ t: 'node', ad: { ...ad, node: 'b', busy: 1 } });
    await settle();
    expect(node.info().busy).toBe(2);
    lose();
    expect(node.info().busy).toBe(0);
    expect(await run.ended).toBe('peer-lost');
  });

  it('ends with a detached node: its runs stop, the other tab is told, its engine is not touched', async () => {
    const rig = await createTaskRig();
    const { node } = rig.join();
    const run = startRun(node, 'count to 90');
    await rig.clock.advance(50);
    await node.stop();
    expect(await run.ended).toBe('stopped');
    await rig.clock.advance(50);
    expect(rig.local.info()).toMatchObject({ state: 'idle', busy: 0 });
    node.update(ad);
    expect(node.info().state).toBe('stopped');
  });
});
