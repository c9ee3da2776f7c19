import { describe, expect, it } from 'vitest';
import type { EngineNode, TaskEvent } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf, PeerMessage } from '../../protocol/messages.ts';
import type { NodeAd } from '../../protocol/peer.ts';
import type { TaskId } from '../../shared/ids.ts';
import { makeTask } from '../../testing/engine-node-suite.ts';
import { createFakeLinkPair } from '../../testing/fake-link.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { createTaskRig, startRun } from '../../testing/task-rig.ts';
import { WORDS_MS, createTaskOutbox } from './task-outbox.ts';
import { createTaskServer } from './task-server.ts';

const said = (text: string): TaskEvent => ({ type: 'tokens', text, count: 1 });
const ad = (busy: number): NodeAd => ({
  node: 'a', shared: true, state: 'busy', model: null, slots: 2, busy, waiting: 0, threads: 1, tokensPerSecond: 0, prefillPerSecond: 0, restarts: 0, memoryBytes: 1,
});
const brief = (message: PeerMessage): string =>
  message.t === 'node' ? `node ${message.ad.busy}` : message.t === 'task-events' ? `${message.id} ${message.seq}: ${message.events.map((event) => (event.type === 'tokens' ? event.text : event.type)).join('|')}` : message.t === 'task-end' ? `${message.id} ${message.seq}: end` : message.t;

function setUp() {
  const clock = createManualClock();
  const { near, far } = createFakeLinkPair();
  const outbox = createTaskOutbox(clock, far);
  return { clock, near, far, outbox, open: (name: string) => outbox.open(`task-${name}` as TaskId), sent: () => far.sent.map(brief) };
}
const signal = new AbortController().signal;

describe('what a worker says over a link', () => {
  it('goes out at once, in order, news of a node before later words, and otherwise within a frame', async () => {
    const { outbox, open, sent, clock } = setUp();
    const stream = open('a');
    outbox.node(ad(1));
    expect(sent()).toEqual([]);
    stream.add({ type: 'started' });
    stream.add(said('x'));
    outbox.node(ad(0));
    outbox.node(ad(2));
    stream.end(null);
    outbox.node(ad(1));
    await clock.advance(LIMITS.batchMs);
    expect(sent()).toEqual(['node 1', 'task-a 0: started', 'task-a 1: x', 'node 2', 'task-a 2: end', 'node 1']);
  });

  it('gathers words after the first, of all tasks in one go, and holds back nothing else', async () => {
    const { open, sent, clock } = setUp();
    const [a, b] = [open('a'), open('b')];
    a.add(said('1'));
    b.add(said('1'));
    for (const text of ['2', '3', '4']) {
      await clock.advance(LIMITS.batchMs);
      for (const stream of [a, b]) stream.add(said(text));
    }
    expect(sent()).toEqual(['task-a 0: 1', 'task-b 0: 1']);
    await clock.advance(WORDS_MS - 3 * LIMITS.batchMs);
    expect(sent().slice(2)).toEqual(['task-a 1: 234', 'task-b 1: 234']);
    a.add(said('5'));
    a.add({ type: 'prefill', done: 1, total: 2 });
    b.add(said('5'));
    b.end(null);
    expect(sent().slice(4)).toEqual(['task-a 2: 5|prefill', 'task-b 2: 5', 'task-b 3: end']);
    a.add(said('6'));
    await clock.advance(WORDS_MS);
    expect(sent().slice(7)).toEqual(['task-a 3: 6']);
    // Silent for longer: the next word goes at once.
    await clock.advance(WORDS_MS);
    a.add(said('7'));
    expect(sent().slice(8)).toEqual(['task-a 4: 7']);
  });

  it('waits while the network is behind, joined, and then tasks take turns', async () => {
    const { outbox, far, open, sent, clock } = setUp();
    const [a, b] = [open('a'), open('b')];
    far.setBuffered(LIMITS.bufferHighBytes + 1);
    for (const text of ['1', '2', '3']) for (const stream of [a, b]) stream.add(said(text));
    a.end(null);
    outbox.node(ad(1));
    await clock.advance(10 * LIMITS.batchMs);
    expect(sent()).toEqual([]);
    far.setBuffered(0);
    await clock.advance(LIMITS.batchMs);
    expect(sent()).toEqual(['node 1', 'task-a 0: 123', 'task-b 0: 123', 'task-a 1: end']);
  });

  it('asks its reader to wait when much waits, and lets it go on with room, an abort, or the end of the link', async () => {
    const { outbox, far, open, clock } = setUp();
    far.setBuffered(LIMITS.bufferHighBytes + 1);
    const streams = ['a', 'b', 'c'].map(open);
    const letGo: string[] = [];
    const controller = new AbortController();
    for (const [index, stream] of streams.entries()) {
      for (let count = 0; count < 20; count += 1) stream.add(said('x'.repeat(LIMITS.eventChars)));
      void stream.room(index === 0 ? controller.signal : signal).then(() => letGo.push('abc'[index]!));
    }
    await clock.advance(LIMITS.batchMs);
    expect(letGo).toEqual([]);
    controller.abort();
    await clock.advance(LIMITS.batchMs);
    expect(letGo).toEqual(['a']);
    far.setBuffered(0);
    await clock.advance(LIMITS.batchMs);
    expect(letGo.sort()).toEqual(['a', 'b', 'c']);
    outbox.close();
  });

  it('lets readers go when the link is gone, and says no more', async () => {
    const { outbox, far, open, clock, sent } = setUp();
    far.setBuffered(LIMITS.bufferHighBytes + 1);
    const stream = open('a');
    for (let count = 0; count < 20; count += 1) stream.add(said('x'.repeat(LIMITS.eventChars)));
    const room = stream.room(signal);
    outbox.close();
    await room;
    far.setBuffered(0);
    stream.add(said('y'));
    stream.end(null);
    outbox.node(ad(1));
    await clock.advance(1000);
    expect(sent()).toEqual([]);
  });

  it('takes half of what a link may carry, however many tasks talk at once, and loses nothing', async () => {
    const { open, clock, far } = setUp();
    const streams = Array.from({ length: LIMITS.peerTasks }, (_, index) => open(`${index}`));
    const frames = 30;
    for (let frame = 0; frame < frames; frame += 1) {
      for (const stream of streams) stream.add(said('.'));
      await clock.advance(LIMITS.batchMs);
    }
    const seconds = (frames * LIMITS.batchMs) / 1000 + LIMITS.linkBurstSeconds / 2;
    expect(far.sent.length).toBeLessThanOrEqual((LIMITS.linkMessagesPerSecond / 2) * seconds + 1);
    // Each has its turn once more.
    await clock.advance((LIMITS.peerTasks * 1000) / (LIMITS.linkMessagesPerSecond / 2) + LIMITS.batchMs);
    const dots = far.sent.map(brief).join('').split('.').length - 1;
    expect(dots).toBe(LIMITS.peerTasks * frames);
  });

  it('is read from the node only as fast as it can be sent', async () => {
    const rig = await createTaskRig();
    let read = 0;
    async function* talk(): AsyncGenerator<TaskEvent> {
      for (; read < 1000; read += 1) yield said('x'.repeat(LIMITS.eventChars));
    }
    const node: EngineNode = { ...rig.local, run: talk };
    const { near, far } = createFakeLinkPair();
    createTaskServer({ env: rig.env, ledger: rig.ledger, node: () => node }).attach(far, rig.grants.guard.redeem);
    far.setBuffered(LIMITS.bufferHighBytes + 1);
    const { id, ...task } = makeTask('hello');
    near.send({ t: 'task', id, node: 'a', task: task as MessageOf<'task'>['task'] });
    await rig.clock.advance(10 * LIMITS.batchMs);
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(16);
    near.end({ kind: 'closed' });
    await rig.clock.advance(10 * LIMITS.batchMs);
    expect(read).toBe(1000);
  });

  it('is bounded for an asker that does not read: the answer waits, and comes whole when it does', async () => {
    const rig = await createTaskRig();
    const asker = rig.join();
    const run = startRun(asker.node, 'count to 60');
    await rig.clock.advance(50);
    asker.far.setBuffered(LIMITS.bufferHighBytes + 1);
    const before = asker.far.sent.length;
    await rig.clock.advance(1000);
    expect(asker.far.sent.length).toBe(before);
    asker.far.setBuffered(0);
    await rig.clock.advance(100);
    expect(await run.ended).toBe('done');
    expect(run.text()).toBe(Array.from({ length: 60 }, (_, index) => index + 1).join(' '));
    // Some fifty words in one or two messages.
    expect(asker.far.sent.length - before).toBeLessThan(8);
  });
});
