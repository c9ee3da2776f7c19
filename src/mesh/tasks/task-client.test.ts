import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import { createFakeLinkPair } from '../../testing/fake-link.ts';
import { createManualClock, settle } from '../../testing/manual-clock.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { startRun, type Running } from '../../testing/task-rig.ts';
import { createRemoteNode } from './remote-node.ts';

const said = (text: string, count = 1): TaskEvent => ({ type: 'tokens', text, count });
const done = (text: string): TaskEvent => ({
  type: 'done',
  result: { text, finishReason: 'stop', usage: { promptTokens: 1, cachedTokens: 0, answerTokens: 1 }, timings: { queueMs: 0, prefillMs: 0, decodeMs: 0, tokensPerSecond: 0 }, seed: 42 },
});

/** A run, and a worker that says what the test wants it to say. */
async function setUp(change: Parameters<typeof startRun>[2] = {}) {
  const clock = createManualClock();
  const { near, far, lose } = createFakeLinkPair();
  const asked: MessageOf<'task'>[] = [];
  const cancelled: string[] = [];
  far.onMessage((message) => {
    if (message.t === 'task') asked.push(message);
    if (message.t === 'task-cancel') cancelled.push(message.id);
  });
  const node = createRemoteNode({
    env: { clock, random: createSeededRandom(1) },
    peer: near.peer,
    ad: { node: 'a', shared: true, state: 'idle', model: null, slots: 2, busy: 0, waiting: 0, threads: 1, tokensPerSecond: 0, prefillPerSecond: 0, restarts: 0, memoryBytes: 1 },
    link: async () => near,
  });
  const run: Running = startRun(node, 'hello', change);
  await settle();
  const id = asked[0]!.id;
  const say = (seq: number, ...events: TaskEvent[]): void => far.sendRaw({ t: 'task-events', id, seq, events });
  const end = (seq: number, error: object | null = null): void => far.sendRaw({ t: 'task-end', id, seq, error });
  return { clock, near, far, lose, run, id, say, end, node, asked, cancelled };
}

describe('a worker that keeps to the rules', () => {
  it('is read to the end', async () => {
    const { run, say, end, near } = await setUp();
    say(0, { type: 'queued', place: 1 }, { type: 'started' });
    say(1, said('a'), said('b'));
    say(2, done('ab'));
    end(3);
    expect(await run.ended).toBe('done');
    expect(run.text()).toBe('ab');
    expect(near.ended()).toBeNull();
  });

  it('may fail, and its words come through; what it calls aborted was not us', async () => {
    const first = await setUp();
    first.say(0, said('a'));
    first.end(1, { code: 'engine-crashed', message: 'It died.', advice: 'Ask again.' });
    expect(await first.run.ended).toBe('engine-crashed');
    expect(first.run.error()).toMatchObject({ message: 'It died.', advice: 'Ask again.' });
    const second = await setUp();
    second.end(0, { code: 'aborted', message: 'Stopped.' });
    expect(await second.run.ended).toBe('stopped');
  });

  it('may be lost after its last word: nothing is missing', async () => {
    const { run, say, lose } = await setUp();
    say(0, said('a'), done('a'));
    await settle();
    lose();
    expect(await run.ended).toBe('done');
  });

  it('is ignored after a cancel, whatever is still under way', async () => {
    const { run, say, end, id, near, cancelled } = await setUp();
    say(0, said('a'));
    await settle();
    run.abort();
    expect(await run.ended).toBe('aborted');
    say(1, said('b'));
    say(7, said('c'));
    end(2, { code: 'aborted', message: 'Stopped.' });
    await settle();
    expect(cancelled).toEqual([id]);
    expect(near.ended()).toBeNull();
    expect(run.text()).toBe('a');
  });

  it('may talk of tasks that we know nothing of', async () => {
    const { run, say, end, far, near } = await setUp();
    far.send({ t: 'task-events', id: 'task-other' as never, seq: 3, events: [{ type: 'started' }] });
    far.send({ t: 'task-end', id: 'task-other' as never, seq: 9, error: null });
    say(0, said('a'), done('a'));
    end(1);
    expect(await run.ended).toBe('done');
    expect(near.ended()).toBeNull();
  });
});

describe('a worker that breaks a rule loses its link', () => {
  const cases: Record<string, (worker: Awaited<ReturnType<typeof setUp>>) => void> = {
    'a gap in seq': ({ say }) => say(1, said('a')),
    'the same seq twice': ({ say }) => [0, 0].forEach((seq) => say(seq, said('a'))),
    'seq backwards': ({ say }) => [0, 1, 0].forEach((seq) => say(seq, said('a'))),
    'an end out of order': ({ say, end }) => {
      say(0, said('a'), done('a'));
      end(0);
    },
    'an end without done': ({ say, end }) => {
      say(0, said('a'));
      end(1);
    },
    'an error after done': ({ say, end }) => {
      say(0, said('a'), done('a'));
      end(1, { code: 'internal', message: 'no' });
    },
    'words after done': ({ say }) => say(0, said('a'), done('a'), said('b')),
    'another text at the end': ({ say }) => say(0, said('a'), done('b')),
    'log-probabilities that nobody asked for': ({ say }) => say(0, { type: 'tokens', text: 'a', count: 1, logprobs: [{ token: 'a', logprob: -1 }] }),
    'more tokens than an answer has': ({ say }) => say(0, said('a', LIMITS.maxTokens), said('b', 1)),
    'more text than an answer has': ({ say }) =>
      Array.from({ length: LIMITS.answerChars / LIMITS.eventChars + 1 }, (_, seq) => say(seq, said('x'.repeat(LIMITS.eventChars), 0))),
    'progress without end': ({ say }) =>
      Array.from({ length: 4096 / LIMITS.taskEvents + 1 }, (_, seq) => say(seq, ...Array<TaskEvent>(LIMITS.taskEvents).fill({ type: 'queued', place: 1 }))),
    'a message that is none': ({ far }) => far.sendRaw({ t: 'task-events', id: 7, seq: 0, events: [] }),
  };

  it.each(Object.entries(cases))('%s', async (_, misbehave) => {
    const worker = await setUp();
    const neighbour = startRun(worker.node, 'hello');
    misbehave(worker);
    expect(await worker.run.ended).toBe('peer-lost');
    expect(worker.run.error()?.advice).toBeDefined();
    expect(worker.near.ended()).toMatchObject({ kind: 'violation', reason: 'protocol' });
    expect(await neighbour.ended).toBe('peer-lost');
  });
});

describe('our side of the bargain', () => {
  it('waits no longer than the deadline and a grace for a worker that says nothing, and calls it off', async () => {
    const { run, clock, cancelled, id } = await setUp({ deadlineMs: 1000 });
    await clock.advance(1000 + LIMITS.cancelGraceMs - 1);
    expect(run.end()).toBeNull();
    await clock.advance(1);
    expect(await run.ended).toBe('timeout');
    await settle();
    expect(cancelled).toEqual([id]);
  });

  it('ends every run of a link that ends', async () => {
    const { run, node, near } = await setUp();
    const other = startRun(node, 'hello');
    await settle();
    near.end({ kind: 'silent' });
    expect(await run.ended).toBe('peer-lost');
    expect(await other.ended).toBe('peer-lost');
    expect(run.error()?.advice).toBeDefined();
  });

  it('sends no request that the other side would take for a violation', async () => {
    const { node, asked, near } = await setUp();
    const tooLong = startRun(node, 'x'.repeat(LIMITS.remotePromptChars + 1));
    expect(await tooLong.ended).toBe('bad-request');
    const deep = Array.from({ length: LIMITS.messageDepth }).reduce<object>((inner) => ({ inner }), {});
    expect(await startRun(node, 'hello', { schema: deep as { [key: string]: unknown } }).ended).toBe('bad-request');
    const escapes = '\u0001'.repeat(LIMITS.remotePromptChars);
    expect(await startRun(node, escapes, { grammar: '\u0001'.repeat(LIMITS.grammarChars) }).ended).toBe('bad-request');
    expect(asked).toHaveLength(1);
    expect(near.ended()).toBeNull();
  });

  it('asks for no more time than others give', async () => {
    const { asked } = await setUp({ deadlineMs: 24 * 3_600_000 });
    expect(asked[0]!.task.deadlineMs).toBe(LIMITS.taskMs);
  });

  it('gives each run an id of its own, also if the same task runs twice', async () => {
    const { node, asked } = await setUp();
    const task = { id: 'task-same' as never };
    startRun(node, 'hello', task);
    startRun(node, 'hello', task);
    await settle();
    expect(new Set(asked.map(({ id }) => id)).size).toBe(3);
  });

  it('holds a prompt back while the link is full', async () => {
    const { node, asked, near, clock } = await setUp();
    near.setBuffered(LIMITS.bufferHighBytes + 1);
    const run = startRun(node, 'hello again');
    await clock.advance(10 * LIMITS.batchMs);
    expect(asked).toHaveLength(1);
    near.setBuffered(0);
    await clock.advance(LIMITS.batchMs);
    expect(asked).toHaveLength(2);
    run.abort();
  });
});
