/** A job for a chosen node that goes ahead of its grant. */
import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../protocol/engine-node.ts';
import { LlamboError, type ErrorCode } from '../../shared/errors.ts';
import { nodeAddress, type TaskId } from '../../shared/ids.ts';
import { createJobRig, FILE, grantOf, peer, resultOf, tokens, type JobRig } from '../../testing/job-rig.ts';
import type { JobEffect } from '../types.ts';

const NODE = nodeAddress('a', '0');

interface AheadRig extends JobRig {
  /** Of the task that went ahead. */
  readonly task: TaskId;
  hears(event: TaskEvent): readonly JobEffect[];
  loses(code: ErrorCode): readonly JobEffect[];
}

/** One that has just begun, with another tab as leader. */
function sentAhead(deadlineMs = 600_000): AheadRig {
  const rig = createJobRig({ nodes: [NODE] }, {}, deadlineMs, true, false, { node: NODE, model: 'small', modelHash: FILE });
  rig.lead('boss');
  const { task } = rig.all('run')[0]!.grant;
  return {
    ...rig, task,
    hears: (event) => rig.tell({ type: 'task', task, event }),
    loses: (code) => rig.tell({ type: 'task failed', task, error: new LlamboError(code, 'No.') }),
  };
}

const types = (effects: readonly JobEffect[]): string[] => effects.map(({ type }) => type);
const seen = (rig: JobRig): string[] => rig.all('emit').map(({ event }) => event.type);
const endOf = (rig: JobRig) => rig.all('report').map(({ report }) => [report.task, report.state, report.error]);

describe('A job that goes ahead', () => {
  it('runs at once, and tells the leader what runs, not that it wants anything', () => {
    const rig = sentAhead();
    expect(types(rig.effects)).toEqual(['run', 'request']);
    expect(rig.all('run')).toMatchObject([{ text: '', tokens: 0, grant: { node: NODE, model: 'small', modelHash: FILE } }]);
    expect(rig.request()).toMatchObject({ turn: 1, wants: false, running: [{ task: rig.task, node: NODE }] });
  });

  it('is like any other once its node has begun: one start, its text, one end', () => {
    const rig = sentAhead();
    expect(seen(rig)).toEqual([]);
    rig.wait(200);
    rig.hears({ type: 'started' });
    rig.hears({ type: 'prefill', done: 5, total: 10 });
    rig.hears(tokens('one'));
    rig.hears(tokens(' two'));
    rig.hears({ type: 'done', result: resultOf('one two') });
    expect(seen(rig)).toEqual(['started', 'prefill', 'text', 'text']);
    expect(rig.all('emit')[0]!.event).toEqual({ type: 'started', node: NODE, model: 'small' });
    expect(endOf(rig)).toEqual([[rig.task, 'speaking', null], [rig.task, 'ended', null]]);
    expect(rig.outcome()).toMatchObject({ ok: true, answer: { text: 'one two', node: NODE, model: 'small', modelHash: FILE, timings: { queueMs: 5, firstTokenMs: 200 } } });
    expect(rig.all('request')).toHaveLength(1);
    expect(rig.all('settle')).toHaveLength(1);
  });

  it('tells a new leader what runs, and one that comes back too', () => {
    const rig = sentAhead();
    rig.lead('other', 2);
    expect(rig.request()).toMatchObject({ turn: 2, wants: false, running: [{ task: rig.task, node: NODE }] });
    rig.lead(null, 2);
    rig.lead('other', 2);
    expect(rig.all('request').map(({ request }) => request.wants)).toEqual([false, false, false]);
    expect(rig.all('run')).toHaveLength(1);
  });

  it('waits while nobody leads, and goes ahead when somebody does', () => {
    const rig = createJobRig({ nodes: [NODE] }, {}, 600_000, true, false, { node: NODE, model: 'small', modelHash: FILE });
    rig.lead(null);
    expect(rig.effects).toEqual([]);
    rig.lead('boss');
    expect(types(rig.effects)).toEqual(['run', 'request']);
  });

  it('gets no second node, however silent the first is', () => {
    const rig = sentAhead();
    rig.hears(tokens('one'));
    rig.tell({ type: 'suspect', peer: peer('a') });
    rig.wait(300_000);
    expect(rig.all('request').every(({ request }) => !request.wants)).toBe(true);
    expect(rig.all('run')).toHaveLength(1);
  });
});

describe('What was not taken there and then', () => {
  /** As if it had never been: asks like any other, and nobody has seen anything. */
  function expectOrdinary(rig: AheadRig): void {
    expect(seen(rig)).toEqual([]);
    expect(endOf(rig)).toEqual([[rig.task, 'ended', 'aborted']]);
    expect(rig.request()).toMatchObject({ turn: 2, why: 'new', wants: true, running: [], avoid: [] });
    expect(rig.outcome()).toBeNull();
    rig.wait(500);
    rig.tell({ type: 'grant', turn: 2, grant: grantOf('a') });
    rig.writes('a', 'one');
    rig.done('a', 'one');
    expect(seen(rig)).toEqual(['started', 'text']);
    expect(rig.outcome()).toMatchObject({ ok: true, answer: { text: 'one', node: NODE, timings: { queueMs: 505 } } });
    expect((rig.outcome() as { answer: object }).answer).not.toHaveProperty('movedFrom');
  }

  it.each(['busy', 'refused', 'not-ready', 'not-found', 'stopped', 'aborted', 'unreachable', 'peer-lost'] as const)('asks the leader, silently: the worker says %s', (code) => {
    const rig = sentAhead();
    rig.loses(code);
    expect(rig.all('stop')).toEqual([]);
    expectOrdinary(rig);
  });

  it('does not wait in a line past the others: it is stopped, and asks the leader', () => {
    const rig = sentAhead();
    rig.hears({ type: 'queued', place: 1 });
    expect(rig.all('stop')).toEqual([{ type: 'stop', task: rig.task }]);
    // What it still says is nobody's.
    expect(rig.hears(tokens('lost'))).toEqual([]);
    expect(rig.loses('aborted')).toEqual([]);
    expectOrdinary(rig);
  });

  it('is refused by the leader like any other', () => {
    const rig = sentAhead();
    rig.loses('busy');
    rig.refuse('not-found');
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'not-found' } });
    expect(rig.all('withdraw')).toHaveLength(1);
  });

  it('goes ahead no second time, whoever leads', () => {
    const rig = sentAhead();
    rig.loses('busy');
    rig.lead('other', 2);
    expect(rig.all('run')).toHaveLength(1);
    expect(rig.request()).toMatchObject({ turn: 3, why: 'again', wants: true, running: [] });
  });
});

describe('A job that went ahead fails', () => {
  it('as any for a chosen node does, once that has begun', () => {
    for (const code of ['peer-lost', 'engine-crashed', 'stopped', 'refused'] as const) {
      const rig = sentAhead();
      rig.hears(tokens('one'));
      rig.loses(code);
      expect(rig.outcome()).toMatchObject({ ok: false, error: { code } });
      expect(endOf(rig).at(-1)).toEqual([rig.task, 'ended', code]);
      expect(rig.all('run')).toHaveLength(1);
    }
  });

  it('at once, if the node died of it or the request is at fault', () => {
    for (const code of ['engine-crashed', 'bad-request', 'context-overflow', 'timeout'] as const) {
      const rig = sentAhead();
      rig.loses(code);
      expect(rig.outcome()).toMatchObject({ ok: false, error: { code } });
      expect(rig.all('settle')).toHaveLength(1);
    }
  });

  it('when its time is over, and stops what runs', () => {
    const rig = sentAhead(1000);
    rig.wait(1000);
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'timeout' } });
    expect(rig.all('stop')).toEqual([{ type: 'stop', task: rig.task }]);
    expect(types(rig.effects).slice(-2)).toEqual(['withdraw', 'settle']);
  });

  it('as cancelled: without an answer before the node has begun, with what was written after', () => {
    const early = sentAhead();
    early.tell({ type: 'cancel' });
    expect(early.outcome()).toMatchObject({ ok: false, error: { code: 'aborted' } });
    expect(early.all('stop')).toHaveLength(1);
    const late = sentAhead();
    late.hears(tokens('one'));
    late.tell({ type: 'cancel' });
    expect(late.outcome()).toMatchObject({ ok: true, answer: { text: 'one', finishReason: 'cancelled' } });
    for (const rig of [early, late]) expect(endOf(rig).at(-1)).toEqual([rig.task, 'ended', 'aborted']);
  });
});
