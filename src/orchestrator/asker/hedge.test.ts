import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../protocol/engine-node.ts';
import { nodeAddress } from '../../shared/ids.ts';
import { createJobRig, peer, task, tokens, type JobRig } from '../../testing/job-rig.ts';

const A = nodeAddress('a', '0');
const B = nodeAddress('b', '0');

/** Node `a` has been granted; it may write something. */
function running(text: string | null, ...options: Parameters<typeof createJobRig>): JobRig {
  const rig = createJobRig(...options);
  rig.lead('boss');
  rig.grant('a');
  if (text !== null) rig.writes('a', text);
  return rig;
}

/** And has fallen silent, so that `b` runs beside it. */
function hedged(text: string | null, ...options: Parameters<typeof createJobRig>): JobRig {
  const rig = running(text, ...options);
  rig.wait(text === null ? 3000 : 2000);
  rig.grant('b');
  return rig;
}

const hedgeRequest = { type: 'request', request: { why: 'hedge', wants: true, avoid: [A], running: [{ task: 'task-a', node: A }] } };

describe('a second node is asked for', () => {
  it('when a stream that has begun is silent', () => {
    const rig = running('x');
    rig.wait(1500);
    rig.writes('a', 'y');
    expect(rig.wait(1999)).toEqual([]);
    expect(rig.wait(1)).toMatchObject([hedgeRequest]);
    expect(rig.machine.view()).toMatchObject({ waiting: false });
  });

  it('when no first token comes in the time that the grant names; progress puts that off, but not for ever', () => {
    const still = running(null);
    expect(still.wait(2999)).toEqual([]);
    expect(still.wait(1)).toMatchObject([hedgeRequest]);
    const rig = running(null);
    const events: TaskEvent[] = [{ type: 'queued', place: 1 }, { type: 'started' }, { type: 'prefill', done: 1, total: 9 }, { type: 'prefill', done: 2, total: 9 }];
    for (const event of events) {
      expect(rig.wait(2000)).toEqual([]);
      rig.says('a', event);
    }
    expect(rig.wait(999)).toEqual([]);
    expect(rig.wait(1)).toMatchObject([hedgeRequest]);
  });

  it('at once when its peer is suspect, unless it is heard again', () => {
    const rig = running('x');
    expect(rig.tell({ type: 'suspect', peer: peer('other') })).toEqual([]);
    expect(rig.tell({ type: 'suspect', peer: peer('a') })).toMatchObject([hedgeRequest]);
    const told = rig.writes('a', 'y');
    expect(told).toMatchObject([{ type: 'emit' }, { type: 'request', request: { wants: false, running: [{ task: 'task-a' }] } }]);
    expect(rig.tell({ type: 'grant', turn: 2, grant: { task: task('b'), node: B, model: 'small', modelHash: null, hedgeMs: 1 } })).toMatchObject([{ type: 'report', report: { error: 'aborted' } }]);
  });

  it('again later if it is refused, and that is no error', () => {
    const rig = running('x');
    rig.wait(2000);
    expect(rig.refuse('busy', 4000)).toEqual([]);
    expect(rig.wait(3999)).toEqual([]);
    expect(rig.wait(1001)).toMatchObject([hedgeRequest]);
    rig.refuse('not-found');
    rig.writes('a', 'y');
    // What was refused is not looked for: there is nothing to tell.
    expect(rig.wait(1999)).toEqual([]);
    expect(rig.wait(1)).toMatchObject([hedgeRequest]);
  });

  it('not for a silence in which this tab was asleep itself, once', () => {
    const rig = running('x');
    const asleep = rig.now() + 30_000;
    expect(rig.machine.handle({ type: 'tick' }, asleep)).toEqual([]);
    expect(rig.machine.wakeAt()).toBe(asleep + 2000);
    expect(rig.machine.handle({ type: 'tick' }, asleep + 2000)).toMatchObject([hedgeRequest]);
    const twice = running('x');
    twice.machine.handle({ type: 'tick' }, asleep);
    expect(twice.machine.handle({ type: 'tick' }, asleep + 9000)).toMatchObject([hedgeRequest]);
  });
});

describe('of two nodes', () => {
  it('the one that leads goes on if it is first', () => {
    const rig = hedged('x');
    rig.says('b', { type: 'prefill', done: 5, total: 9 });
    expect(rig.writes('a', 'y')).toMatchObject([{ type: 'stop', task: 'task-b' }, { type: 'report', report: { task: 'task-b', error: 'aborted' } }, { type: 'emit', event: { delta: 'y' } }]);
    rig.done('a', 'xy');
    expect(rig.outcome()).toMatchObject({ answer: { text: 'xy', node: A } });
    expect(rig.outcome()).not.toHaveProperty('answer.movedFrom');
    // Nothing of the hedge was shown.
    expect(rig.all('emit').map(({ event }) => event.type)).toEqual(['started', 'text', 'text']);
  });

  it('the second leads from its first new text on', () => {
    const rig = hedged('x');
    expect(rig.all('run').at(-1)).toMatchObject({ text: 'x', grant: { node: B } });
    expect(rig.writes('b', 'y')).toMatchObject([
      { type: 'report', report: { task: 'task-b', state: 'speaking' } },
      { type: 'stop', task: 'task-a' },
      { type: 'report', report: { task: 'task-a', state: 'ended', error: 'timeout' } },
      { type: 'emit', event: { type: 'moved', from: A, to: B, reason: 'timeout' } },
      { type: 'emit', event: { type: 'text', delta: 'y' } },
    ]);
    expect(rig.writes('a', 'late')).toEqual([]);
    rig.done('b', 'y');
    expect(rig.outcome()).toMatchObject({ answer: { text: 'xy', movedFrom: [A], node: B, usage: { answerTokens: 2 } } });
  });

  it('a slow one that was heard is not blamed', () => {
    const rig = hedged(null);
    rig.says('a', { type: 'prefill', done: 5, total: 9 });
    rig.writes('b', 'x');
    expect(rig.all('report').find(({ report }) => report.state === 'ended')).toMatchObject({ report: { task: 'task-a', error: 'aborted' } });
  });

  it('in profile exact, repeating is not speaking', () => {
    const rig = hedged('xyz', { profile: 'exact' });
    rig.writes('b', 'xy');
    expect(rig.machine.view().running).toHaveLength(2);
    rig.writes('b', 'zw');
    expect(rig.machine.view().running).toEqual([{ task: 'task-b', node: B }]);
    expect(rig.text()).toBe('xyzw');
  });

  it('the second leads at once if the first fails; if the second fails, it is forgotten', () => {
    const first = hedged('x');
    expect(first.fails('a', 'peer-lost')).toMatchObject([{ type: 'report' }, { type: 'emit', event: { type: 'moved', from: A, to: B, reason: 'peer-lost' } }]);
    first.done('b', '');
    expect(first.outcome()).toMatchObject({ ok: true, answer: { text: 'x', movedFrom: [A] } });
    const second = hedged('x');
    // It is silent still, so that another is asked for.
    expect(second.fails('b', 'engine-crashed')).toMatchObject([{ type: 'report', report: { task: 'task-b', error: 'engine-crashed' } }, { type: 'request', request: { why: 'hedge', avoid: [B, A] } }]);
    second.writes('a', 'y');
    second.done('a', 'xy');
    expect(second.outcome()).toMatchObject({ ok: true, answer: { text: 'xy', node: A } });
  });

  it('the second may finish without a word', () => {
    const rig = hedged('x');
    rig.done('b', '');
    expect(rig.outcome()).toMatchObject({ ok: true, answer: { text: 'x', node: B, movedFrom: [A] } });
    expect(rig.all('stop')).toEqual([{ type: 'stop', task: 'task-a' }]);
  });

  it('a second that is silent too makes room for a third', () => {
    const rig = running('x', {}, { silenceMs: 4000 });
    rig.wait(4000);
    rig.grant('b');
    const news = rig.wait(6000);
    expect(news).toMatchObject([{ type: 'stop', task: 'task-b' }, { type: 'report', report: { error: 'timeout' } }, { type: 'request', request: { why: 'hedge', avoid: [B, A] } }]);
  });
});

describe('a wish for a second node', () => {
  it('becomes one for a first if the first fails meanwhile', () => {
    const rig = running('x');
    rig.wait(2000);
    expect(rig.fails('a', 'peer-lost')).toMatchObject([{ type: 'report' }, { type: 'request', request: { turn: 3, why: 'moved', running: [] } }]);
  });

  it('is told to a new leader as what it is', () => {
    const rig = running('x');
    rig.wait(2000);
    expect(rig.lead('next', 2)).toMatchObject([hedgeRequest]);
  });

  it('is not fulfilled by the node that runs already', () => {
    const rig = running('x');
    rig.wait(2000);
    expect(rig.grant('again', { node: A })).toMatchObject([{ type: 'report', report: { task: 'task-again', error: 'aborted' } }]);
    expect(rig.machine.view().running).toHaveLength(1);
  });
});

describe('a node that says nothing for long', () => {
  it('is given up, with or without a second', () => {
    const rig = running('x');
    rig.wait(2000);
    rig.refuse('busy', 30_000);
    expect(rig.wait(8000)).toMatchObject([
      { type: 'stop', task: 'task-a' },
      { type: 'report', report: { error: 'timeout' } },
      { type: 'request', request: { why: 'moved', avoid: [A] } },
    ]);
  });

  it('is no loss if it had it wait in its line', () => {
    const rig = running(null);
    for (const name of ['b', 'c', 'd', 'e']) {
      rig.says(rig.machine.view().running[0]!.task.slice('task-'.length), { type: 'queued', place: 4 });
      rig.wait(3000);
      rig.refuse('busy', 30_000);
      rig.wait(12_000);
      rig.grant(name);
    }
    expect(rig.outcome()).toBeNull();
    expect(rig.all('report').map(({ report }) => report.error)).toEqual(['busy', 'busy', 'busy', 'busy']);
  });

  it('is kept while nobody leads: nobody could name another', () => {
    const rig = running('x');
    rig.lead(null);
    expect(rig.wait(60_000)).toEqual([]);
    expect(rig.lead('next', 2)[0]).toMatchObject({ type: 'request', request: { why: 'hedge' } });
  });

  it('three of them end the job', () => {
    const rig = running('x');
    for (const name of ['b', 'c']) {
      rig.wait(15_000);
      rig.grant(name);
      rig.says(name, tokens('y'));
    }
    rig.wait(15_000);
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'timeout', details: { lost: 3 } } });
  });
});
