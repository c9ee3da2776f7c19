import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../protocol/engine-node.ts';
import type { Profile } from '../../protocol/chat.ts';
import { LlamboError, type ErrorCode } from '../../shared/errors.ts';
import type { TaskId } from '../../shared/ids.ts';
import { createJobRig, FILE, grantOf, peer, resultOf, task, type JobRig } from '../../testing/job-rig.ts';
import type { JobEffect, JobEvent } from '../types.ts';

/** What an undisturbed run writes. */
const TRUTH = Array.from({ length: 400 }, (_, index) => `word${index} `).join('');
const NODES = ['a', 'b', 'c', 'd'];
const CODES: ErrorCode[] = ['engine-crashed', 'peer-lost', 'busy', 'refused', 'stopped', 'not-ready', 'unreachable', 'context-overflow', 'bad-request'];
const REFUSALS: ErrorCode[] = ['busy', 'not-found', 'not-ready', 'context-overflow'];

type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'leader'; readonly who: number; readonly term: number }
  | { readonly do: 'grant'; readonly node: number; readonly late: boolean }
  | { readonly do: 'place' | 'suspect' | 'cancel' | 'done' | 'lie'; readonly which: number }
  | { readonly do: 'refuse'; readonly code: number }
  | { readonly do: 'fail'; readonly which: number; readonly code: number }
  | { readonly do: 'write'; readonly which: number; readonly length: number }
  | { readonly do: 'progress'; readonly which: number; readonly queued: boolean };

const which = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.nat(500), fc.nat(8000)) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leader' as const), who: fc.nat(2), term: fc.nat(2) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('grant' as const), node: fc.nat(3), late: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('place', 'suspect', 'place', 'suspect', 'done', 'lie', 'cancel'), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refuse' as const), code: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), which, code: fc.nat(CODES.length - 1) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('write' as const), which, length: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('progress' as const), which, queued: fc.boolean() }) },
);

/** For a chosen node, to which it goes ahead of its grant. */
const AHEAD = { node: grantOf('a').node, model: 'small', modelHash: FILE };

/** Plays the steps on one job, with nodes that write the truth, and looks at each answer of the job. */
function play(steps: readonly Step[], profile: Profile, isAhead: boolean): { rig: JobRig; granted: Set<TaskId>; finished: Set<TaskId> } {
  const rig = isAhead ? createJobRig({ profile, nodes: [AHEAD.node] }, {}, 90_000, true, false, AHEAD) : createJobRig({ profile }, {}, 90_000);
  /** All tasks that ever ran, with what they have written, from where. */
  const runs: { readonly task: TaskId; readonly from: number; written: number; over: boolean }[] = [];
  const granted = new Set<TaskId>();
  const finished = new Set<TaskId>();
  let count = 0;

  const tell = (event: JobEvent): void => {
    for (const effect of rig.tell(event)) if (effect.type === 'run') runs.push({ task: effect.grant.task, from: profile === 'exact' ? 0 : effect.text.length, written: 0, over: false });
    const wakeAt = rig.machine.wakeAt();
    expect(wakeAt === null || wakeAt > rig.now()).toBe(true);
    expect(rig.machine.view().running.length).toBeLessThanOrEqual(2);
  };
  const on = (index: number, event: TaskEvent): void => tell({ type: 'task', task: runs[index % runs.length]!.task, event });

  function make(taken: Step): void {
    const { turn } = rig.all('request').at(-1)?.request ?? { turn: 1 };
    const run = 'which' in taken && runs.length > 0 ? runs[taken.which % runs.length]! : null;
    switch (taken.do) {
      case 'wait':
        return void rig.wait(taken.ms);
      case 'leader':
        return tell({ type: 'leader', leader: taken.who === 0 ? null : peer(`l${taken.who}`), term: taken.term });
      case 'grant': {
        const grant = grantOf(NODES[taken.node]!, { task: task(`${(count += 1)}`) });
        if (!taken.late) granted.add(grant.task);
        return tell({ type: 'grant', turn: taken.late ? turn - 1 : turn, grant });
      }
      case 'place':
        return tell({ type: 'place', turn, place: taken.which, estimateMs: 5 });
      case 'refuse':
        return tell({ type: 'refused', turn, error: new LlamboError(REFUSALS[taken.code]!, 'No.') });
      case 'suspect':
        return tell({ type: 'suspect', peer: peer(NODES[taken.which % 4]!) });
      case 'cancel':
        return taken.which === 0 ? tell({ type: 'cancel' }) : undefined;
      case 'fail':
        if (!run || run.over) return;
        run.over = true;
        finished.add(run.task);
        return tell({ type: 'task failed', task: run.task, error: new LlamboError(CODES[taken.code]!, 'It failed.') });
      case 'write': {
        if (!run || run.over) return;
        const start = run.from + run.written;
        run.written += taken.length;
        return on(taken.which, { type: 'tokens', text: TRUTH.slice(start, start + taken.length), count: 1 });
      }
      case 'lie':
        if (!run || run.over || profile !== 'exact' || run.written >= rig.text().length) return;
        return on(taken.which, { type: 'tokens', text: '#', count: 1 });
      case 'progress':
        return run ? on(taken.which, taken.queued ? { type: 'queued', place: 1 } : { type: 'prefill', done: 1, total: 2 }) : undefined;
      case 'done':
        if (!run || run.over) return;
        run.over = true;
        finished.add(run.task);
        return on(taken.which, { type: 'done', result: resultOf('') });
    }
  }

  make({ do: 'leader', who: 1, term: 0 });
  if (isAhead) granted.add(runs[0]!.task);
  for (const taken of steps) make(taken);
  rig.wait(100_000);
  return { rig, granted, finished };
}

const tasksOf = (effects: readonly JobEffect[], type: 'run' | 'stop'): TaskId[] =>
  effects.flatMap((effect) => (effect.type !== type ? [] : effect.type === 'run' ? [effect.grant.task] : effect.type === 'stop' ? [effect.task] : []));

describe.each<[Profile, string]>([['chat', ''], ['exact', ''], ['chat', ' that goes ahead'], ['exact', ' that goes ahead']])('whatever happens to a job in profile %s%s', (profile, ahead) => {
  const check = (promise: (outcome: ReturnType<typeof play>) => void): void =>
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => promise(play(steps, profile, ahead !== ''))), { numRuns: 200 });

  it('it ends exactly once, in an answer or an error that says what to do, and does nothing more', () => {
    check(({ rig }) => {
      expect(rig.all('settle')).toHaveLength(1);
      expect(rig.effects.at(-1)!.type).toBe('settle');
      expect(rig.all('withdraw')).toHaveLength(rig.all('request').length > 0 ? 1 : 0);
      const outcome = rig.outcome()!;
      if (!outcome.ok && outcome.error.code !== 'aborted') expect(outcome.error.advice).toMatch(/\.$/);
      expect(rig.machine.wakeAt()).toBeNull();
    });
  });

  it('the reader sees a prefix of what an undisturbed run writes, and exactly the answer', () => {
    check(({ rig }) => {
      expect(TRUTH.startsWith(rig.text())).toBe(true);
      expect(rig.machine.view().text).toBe(rig.text());
      const outcome = rig.outcome()!;
      if (outcome.ok) expect(outcome.answer.text).toBe(rig.text());
    });
  });

  it('nothing runs that was not granted, and all that runs is ended and told once', () => {
    check(({ rig, granted, finished }) => {
      const runs = tasksOf(rig.effects, 'run');
      const stops = tasksOf(rig.effects, 'stop');
      const ended = rig.all('report').flatMap(({ report }) => (report.state === 'ended' ? [report.task] : []));
      expect(new Set(ended).size).toBe(ended.length);
      expect(new Set(stops).size).toBe(stops.length);
      expect(new Set(runs).size).toBe(runs.length);
      for (const run of runs) {
        expect(granted.has(run)).toBe(true);
        expect(ended).toContain(run);
        expect(stops.includes(run) || finished.has(run)).toBe(true);
      }
    });
  });

  it('its turns only grow, and it starts once', () => {
    check(({ rig }) => {
      const turns = rig.all('request').map(({ request }) => request.turn);
      expect(turns).toEqual([...turns].sort((one, other) => one - other));
      const emitted = rig.all('emit').map(({ event }) => event.type);
      const starts = emitted.filter((type) => type === 'started').length;
      // Of what goes ahead nothing is said until it has begun.
      const granted = tasksOf(rig.effects, 'run').length - (ahead === '' ? 0 : 1);
      if (granted > 0 || emitted.some((type) => type === 'text' || type === 'moved' || type === 'prefill')) expect(starts).toBe(1);
      else expect(starts).toBeLessThanOrEqual(ahead === '' ? 0 : 1);
      for (const { request } of rig.all('request')) expect(request.deadlineMs).toBeGreaterThan(0);
    });
  });
});
