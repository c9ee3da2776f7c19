import { describe, expect, it } from 'vitest';
import { nodeAddress } from '../../shared/ids.ts';
import { LlamboError } from '../../shared/errors.ts';
import { FILE, begun, createJobRig, grantOf, resultOf, task } from '../../testing/job-rig.ts';
import type { JobEffect } from '../types.ts';

const typesOf = (effects: readonly JobEffect[]): string[] => effects.map((effect) => (effect.type === 'emit' ? effect.event.type : effect.type));

describe('a job that nothing happens to', () => {
  it('asks, runs, streams, and ends with the answer', () => {
    const rig = createJobRig();
    expect(rig.machine.wakeAt()).toBeNull();
    expect(rig.lead('boss')).toEqual([
      { type: 'request', request: { job: 'job-1', turn: 1, why: 'new', wants: true, avoid: [], running: [], deadlineMs: 600_000, shape: expect.objectContaining({ profile: 'chat' }) as object } },
    ]);
    expect(rig.tell({ type: 'place', turn: 1, place: 3, estimateMs: 900 })).toEqual([{ type: 'emit', event: { type: 'queued', place: 3, estimateMs: 900 } }]);
    rig.wait(700);
    expect(typesOf(rig.grant('a'))).toEqual(['started', 'run']);
    expect(rig.machine.view()).toEqual({ running: [{ task: 'task-a', node: '/n/llambo/a/0' }], waiting: false, text: '' });
    rig.says('a', { type: 'prefill', done: 10, total: 10 });
    rig.wait(300);
    expect(typesOf(rig.writes('a', 'Hello'))).toEqual(['report', 'text']);
    rig.writes('a', ' world');
    expect(typesOf(rig.done('a', 'Hello world'))).toEqual(['report', 'withdraw', 'settle']);
    expect(rig.outcome()).toEqual({
      ok: true,
      answer: {
        text: 'Hello world', finishReason: 'stop', usage: resultOf('Hello world').usage, model: 'small', modelHash: FILE, node: '/n/llambo/a/0', seed: 7, profile: 'chat',
        timings: { queueMs: 705, firstTokenMs: 1000, tokensPerSecond: 20 },
      },
    });
    expect(rig.all('report').map(({ report }) => [report.state, report.error, report.firstTokenMs])).toEqual([['speaking', null, 300], ['ended', null, 300]]);
  });

  it('does nothing after its end', () => {
    const rig = begun('x');
    rig.done('a', 'x');
    const after = [rig.writes('a', 'y'), rig.fails('a', 'peer-lost'), rig.lead('other', 2), rig.tell({ type: 'cancel' }), rig.tell({ type: 'tick' })];
    expect(after.flat()).toEqual([]);
    expect(rig.machine.wakeAt()).toBeNull();
    expect(rig.machine.view()).toEqual({ running: [], waiting: false, text: 'x' });
  });

  it('hands on log-probabilities, if the node gives any', () => {
    const rig = begun('');
    rig.says('a', { type: 'tokens', text: 'x', count: 1, logprobs: [{ token: 'x', logprob: -0.5 }] });
    rig.done('a', 'x');
    expect(rig.outcome()).toMatchObject({ answer: { logprobs: [{ token: 'x', logprob: -0.5 }] } });
  });
});

describe('asking the leader', () => {
  it('asks again, once in the same turn, ever more seldom, until it is answered', () => {
    const rig = createJobRig();
    rig.lead('boss');
    const times: number[] = [];
    const start = rig.now();
    while (times.length < 5) {
      rig.wait(rig.machine.wakeAt()! - rig.now());
      times.push(rig.now() - start);
    }
    expect(times).toEqual([2000, 6000, 14_000, 24_000, 34_000]);
    expect(rig.all('request').map(({ request }) => `${request.turn} ${request.why}`)).toEqual(['1 new', '1 again', '2 again', '2 again', '3 again', '3 again']);
    expect(rig.request().deadlineMs).toBe(600_000 - 34_000);
  });

  it('asks now and then while it waits in line, because a grant can be lost', () => {
    const rig = createJobRig();
    rig.lead('boss');
    rig.tell({ type: 'place', turn: 1, place: 1, estimateMs: 0 });
    expect(rig.wait(9999)).toEqual([]);
    for (let count = 0; count < 5; count += 1) {
      expect(rig.wait(count === 0 ? 1 : 10_000)).toMatchObject([{ type: 'request', request: { turn: 1, why: 'again' } }]);
      rig.tell({ type: 'place', turn: 1, place: 1, estimateMs: 0 });
    }
  });

  it('tells a new leader that it has moved, because that goes before others', () => {
    const rig = begun('x');
    rig.fails('a', 'engine-crashed');
    expect(rig.lead('next', 2)).toMatchObject([{ type: 'request', request: { why: 'moved', wants: true } }]);
    expect(rig.wait(2000)).toMatchObject([{ type: 'request', request: { why: 'again', turn: 3 } }]);
  });

  it('waits while nobody leads, and asks whoever is next, in a new turn', () => {
    const rig = createJobRig();
    expect(rig.lead(null, 0)).toEqual([]);
    expect(rig.wait(5000)).toEqual([]);
    expect(rig.lead('boss')).toMatchObject([{ request: { turn: 1, why: 'new', deadlineMs: 595_000 } }]);
    rig.lead(null);
    expect(rig.wait(20_000)).toEqual([]);
    expect(rig.lead('next', 2)).toMatchObject([{ request: { turn: 2, why: 'again', wants: true } }]);
    // The old leader's grant comes late: its slot is not kept.
    expect(rig.tell({ type: 'grant', turn: 1, grant: grantOf('late') })).toMatchObject([{ type: 'report', report: { task: 'task-late', state: 'ended', error: 'aborted' } }]);
    expect(typesOf(rig.grant('a'))).toEqual(['started', 'run']);
  });

  it('asks the same leader in the same turn when it is back', () => {
    const rig = createJobRig();
    rig.lead('boss');
    rig.lead(null);
    expect(rig.lead('boss')).toMatchObject([{ request: { turn: 1, why: 'again' } }]);
    expect(rig.lead('boss')).toEqual([]);
    expect(rig.lead('boss', 2)).toMatchObject([{ request: { turn: 2, why: 'again' } }]);
  });

  it('tells a new leader what runs, and wants nothing', () => {
    const rig = begun('x');
    expect(rig.lead(null)).toEqual([]);
    expect(rig.lead('next', 2)).toMatchObject([
      { type: 'request', request: { why: 'again', wants: false, turn: 2, running: [{ task: 'task-a', node: '/n/llambo/a/0' }] } },
    ]);
    rig.writes('a', 'y');
    rig.done('a', 'xy');
    expect(rig.outcome()).toMatchObject({ ok: true, answer: { text: 'xy' } });
    expect(rig.outcome()).not.toHaveProperty('answer.movedFrom');
  });

  it('tells what runs once a minute, so that the leader can forget whom it does not hear of', () => {
    const rig = begun('x', { nodes: [nodeAddress('a', '0')] });
    expect(rig.wait(59_999)).toEqual([]);
    for (const minute of [1, 2, 3]) expect(rig.wait(minute === 1 ? 1 : 60_000)).toMatchObject([{ type: 'request', request: { turn: minute + 1, wants: false, running: [{ task: 'task-a' }] } }]);
  });

  it('waits for the only node that may do it to start again, unless the person chose that one', () => {
    const own = createJobRig({ nodes: [nodeAddress('a', '0')] }, {}, 600_000, false);
    own.lead('boss');
    own.grant('a');
    expect(own.fails('a', 'engine-crashed')).toMatchObject([{ type: 'report' }, { type: 'request', request: { why: 'moved' } }]);
    own.grant('again', { node: nodeAddress('a', '0') });
    own.done('again', 'x');
    expect(own.outcome()).toMatchObject({ ok: true });
    const chosen = begun('x', { nodes: [nodeAddress('a', '0')] });
    chosen.fails('a', 'engine-crashed');
    expect(chosen.outcome()).toMatchObject({ ok: false, error: { code: 'engine-crashed' } });
  });

  it('takes a grant that comes twice once', () => {
    const rig = begun('x');
    expect(rig.tell({ type: 'grant', turn: 1, grant: grantOf('a') })).toEqual([]);
    rig.done('a', 'x');
    expect(rig.all('run')).toHaveLength(1);
  });

  it('keeps the job when the queue is full, and tries again', () => {
    const rig = createJobRig();
    rig.lead('boss');
    const [queued] = rig.refuse('busy', 1000);
    expect(queued).toMatchObject({ type: 'emit', event: { type: 'queued' } });
    expect(rig.wait(999)).toEqual([]);
    expect(rig.wait(251)).toMatchObject([{ type: 'request', request: { turn: 2, wants: true } }]);
    // Somebody else leads: no reason to wait.
    rig.refuse('busy', 20_000);
    expect(rig.lead('next', 2)).toMatchObject([{ type: 'request', request: { turn: 3 } }]);
  });

  it('ends when nobody can ever take it', () => {
    const rig = createJobRig();
    rig.lead('boss');
    expect(typesOf(rig.refuse('context-overflow'))).toEqual(['withdraw', 'settle']);
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'context-overflow', advice: expect.any(String) as string } });
  });

  it('ends when its time is over, wherever it is', () => {
    const never = createJobRig({}, {}, 30_000);
    never.lead(null);
    expect(typesOf(never.wait(30_000))).toEqual(['settle']);
    expect(never.outcome()).toMatchObject({ ok: false, error: { code: 'timeout', advice: expect.any(String) as string } });
    const rig = begun('x', {}, {}, 1_500);
    rig.wait(1_499);
    rig.writes('a', 'y');
    expect(typesOf(rig.wait(1)).slice(-4)).toEqual(['stop', 'report', 'withdraw', 'settle']);
    expect(rig.machine.view().text).toBe('xy');
    const past = createJobRig({}, {}, -5);
    expect(typesOf(past.lead('boss'))).toContain('settle');
  });
});

describe('cancel', () => {
  it('gives what was written', () => {
    const rig = begun('half a');
    rig.wait(500);
    expect(typesOf(rig.tell({ type: 'cancel' }))).toEqual(['stop', 'report', 'withdraw', 'settle']);
    expect(rig.all('report').at(-1)!.report).toMatchObject({ state: 'ended', error: 'aborted' });
    expect(rig.outcome()).toMatchObject({
      ok: true,
      answer: { text: 'half a', finishReason: 'cancelled', usage: { promptTokens: 0, cachedTokens: 0, answerTokens: 1 }, timings: { tokensPerSecond: 2 } },
    });
  });

  it('is an error if nothing ever ran', () => {
    const waiting = createJobRig();
    waiting.lead('boss');
    expect(typesOf(waiting.tell({ type: 'cancel' }))).toEqual(['withdraw', 'settle']);
    expect(waiting.outcome()).toMatchObject({ ok: false, error: { code: 'aborted' } });
    expect(typesOf(createJobRig().tell({ type: 'cancel' }))).toEqual(['settle']);
  });

  it('gives what was written while it waits for another node', () => {
    const rig = begun('half a');
    rig.fails('a', 'peer-lost');
    rig.tell({ type: 'cancel' });
    expect(rig.outcome()).toMatchObject({ ok: true, answer: { text: 'half a', node: '/n/llambo/a/0', finishReason: 'cancelled' } });
  });
});

describe('a node that fails', () => {
  it('is left for another, which goes on with the text so far', () => {
    const rig = begun('one two');
    expect(rig.fails('a', 'engine-crashed')).toMatchObject([
      { type: 'report', report: { task: 'task-a', state: 'ended', error: 'engine-crashed' } },
      { type: 'request', request: { turn: 2, why: 'moved', avoid: ['/n/llambo/a/0'], running: [], shape: { model: 'small' } } },
    ]);
    expect(rig.grant('b')).toMatchObject([
      { type: 'emit', event: { type: 'moved', from: '/n/llambo/a/0', to: '/n/llambo/b/0', reason: 'engine-crashed' } },
      { type: 'run', text: 'one two' },
    ]);
    rig.writes('b', ' three');
    rig.says('b', { type: 'done', result: resultOf(' three', { usage: { promptTokens: 12, cachedTokens: 0, answerTokens: 2 } }) });
    expect(rig.text()).toBe('one two three');
    expect(rig.outcome()).toMatchObject({
      ok: true,
      answer: { text: 'one two three', node: '/n/llambo/b/0', movedFrom: ['/n/llambo/a/0'], usage: { promptTokens: 11, answerTokens: 3 } },
    });
  });

  it('may be tried again if there is no other, but not a third time', () => {
    const rig = begun('x');
    rig.fails('a', 'engine-crashed');
    expect(rig.refuse('not-found')).toMatchObject([{ type: 'request', request: { turn: 3, why: 'moved', avoid: [] } }]);
    rig.grant('a', { task: task('a2') });
    rig.fails('a2', 'engine-crashed');
    expect(rig.refuse('not-found')).toMatchObject([{ type: 'request', request: { avoid: ['/n/llambo/a/0'] } }]);
    // Any model would do by now, for a chat.
    expect(rig.refuse('not-ready')).toMatchObject([{ type: 'request', request: { shape: expect.not.objectContaining({ model: 'small' }) as object } }]);
    rig.refuse('not-ready');
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'not-ready' } });
    expect(rig.machine.view().text).toBe('x');
  });

  it('an exact answer does not go on with another model', () => {
    const rig = begun('x', { profile: 'exact' });
    rig.fails('a', 'peer-lost');
    expect(rig.request().shape).toMatchObject({ model: 'small', modelHash: FILE });
    rig.refuse('not-found');
    rig.refuse('not-found');
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'not-found', advice: expect.stringContaining('small') as string } });
  });

  it('a tab that was gone before it began is no sign against the job', () => {
    const rig = begun('x');
    for (const name of ['a', 'b', 'c', 'd']) {
      rig.grant(name);
      rig.fails(name, 'peer-lost');
    }
    expect(rig.outcome()).toBeNull();
  });

  it('three that die of it are enough', () => {
    const rig = begun('x');
    for (const name of ['a', 'b', 'c']) {
      rig.grant(name);
      rig.fails(name, 'engine-crashed');
    }
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'engine-crashed', advice: expect.stringContaining('request itself') as string, details: { lost: 3 } } });
  });

  it.each(['busy', 'refused', 'not-ready', 'stopped', 'unreachable'] as const)('%s is no sign against the job, but slows it down', (code) => {
    const rig = createJobRig({}, {}, 120_000);
    rig.lead('boss');
    for (let count = 0; count < 16; count += 1) {
      if (rig.machine.view().waiting) rig.grant(`n${count}`);
      rig.fails(`n${count}`, code);
    }
    expect(rig.all('run')).toHaveLength(16);
    expect(rig.outcome()).toBeNull();
    const before = rig.all('request').length;
    rig.wait(9_000);
    expect(rig.all('request')).toHaveLength(before);
    rig.wait(1_000);
    rig.grant('last');
    rig.done('last', '');
    expect(rig.outcome()).toMatchObject({ ok: true });
  });

  it('when all say no, it asks them again ever later', () => {
    const rig = createJobRig();
    rig.lead('boss');
    const gaps: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      rig.grant('a', { task: task(`${count}`) });
      rig.fails(`${count}`, 'not-ready');
      const asked = rig.now();
      rig.refuse('not-found');
      if (rig.machine.wakeAt()! - asked < 2000) rig.wait(rig.machine.wakeAt()! - asked);
      gaps.push(rig.now() - asked);
    }
    expect(gaps.slice(1)).toEqual([125, 250, 500, 1000, 0]);
  });

  it('whose error is the request\'s own ends the job', () => {
    const rig = begun('x');
    rig.fails('a', 'context-overflow');
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'context-overflow', message: 'It failed.', advice: expect.any(String) as string } });
  });

  it('and was chosen by the person ends the job; if it has no room it is waited for', () => {
    const nodes = [nodeAddress('a', '0')];
    const rig = begun('x', { nodes });
    rig.fails('a', 'engine-crashed');
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'engine-crashed', message: 'It failed.' } });
    const busy = createJobRig({ nodes });
    busy.lead('boss');
    busy.grant('a');
    busy.fails('a', 'busy');
    expect(busy.wait(1300)).toMatchObject([{ type: 'request', request: { why: 'moved', avoid: [] } }]);
    const silent = begun('x', { nodes });
    expect(silent.wait(59_000)).toEqual([]);
    // A node that ends a task on its own is not somebody's cancel.
    silent.fails('a', 'aborted');
    expect(silent.outcome()).toMatchObject({ error: { code: 'stopped' } });
  });
});

describe('an exact answer', () => {
  it('is written again from the start, and the reader sees none of it twice', () => {
    const rig = begun('one two', { profile: 'exact' });
    rig.says('a', { type: 'tokens', text: ' thr', count: 1, logprobs: [{ token: ' thr', logprob: -9 }] });
    rig.fails('a', 'peer-lost');
    rig.grant('b');
    for (const piece of ['one', ' two th', 'ree', ' four']) rig.says('b', { type: 'tokens', text: piece, count: 1, logprobs: [{ token: piece, logprob: -1 }] });
    rig.done('b', 'one two three four');
    expect(rig.text()).toBe('one two three four');
    expect(rig.outcome()).toMatchObject({ answer: { text: 'one two three four', usage: { answerTokens: 18, promptTokens: 10 }, logprobs: ['one', ' two th', 'ree', ' four'].map((token) => ({ token, logprob: -1 })) } });
  });

  it('is not taken from a node that writes another text, or a shorter one', () => {
    const rig = begun('one two', { profile: 'exact' });
    rig.fails('a', 'peer-lost');
    rig.grant('b');
    rig.writes('b', 'one ');
    const [stop, ended, request] = rig.writes('b', 'ton');
    expect([stop, ended]).toMatchObject([{ type: 'stop', task: 'task-b' }, { type: 'report', report: { error: 'hash-mismatch' } }]);
    expect(request).toMatchObject({ type: 'request', request: { avoid: ['/n/llambo/a/0', '/n/llambo/b/0'] } });
    rig.grant('c');
    rig.writes('c', 'one');
    rig.done('c', 'one');
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'hash-mismatch', advice: expect.any(String) as string } });
    expect(rig.text()).toBe('one two');
  });

  it('is not given to another file of the same name', () => {
    const rig = begun('x', { profile: 'exact' });
    rig.fails('a', 'peer-lost');
    expect(typesOf(rig.grant('b', { modelHash: 'e'.repeat(64) as typeof FILE }))).toEqual(['report']);
    expect(typesOf(rig.wait(2000))).toEqual(['request']);
  });
});

it('keeps an error\'s own advice', () => {
  const rig = createJobRig();
  rig.lead('boss');
  rig.tell({ type: 'refused', turn: 1, error: new LlamboError('timeout', 'Late.', { advice: 'Hurry.' }) });
  expect(rig.outcome()).toMatchObject({ error: { advice: 'Hurry.' } });
});
