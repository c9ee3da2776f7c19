import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { parseMessage } from '../../protocol/parse.ts';
import { LlamboError } from '../../shared/errors.ts';
import { cut, joinTo, wireErrorOf } from './wire-events.ts';

const isSendable = (message: object): boolean => {
  const text = JSON.stringify(message);
  return parseMessage(JSON.parse(text)).kind === 'message' && new TextEncoder().encode(text).length <= LIMITS.messageBytes;
};

const token = fc.record({ token: fc.string({ unit: 'binary', maxLength: 400 }), logprob: fc.double() });
const tokens = fc
  .record({
    text: fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 0, max: 3 * LIMITS.eventChars }).map((length) => 'x'.repeat(length))),
    logprobs: fc.array(fc.record({ token: fc.string({ maxLength: 9 }), logprob: fc.double(), alternatives: fc.array(token, { maxLength: 30 }) }), { maxLength: 12 }),
    repeat: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ text, logprobs, repeat }): TaskEvent => {
    const all = Array.from({ length: repeat }, () => logprobs).flat();
    return { type: 'tokens', text, count: 1, ...(all.length > 0 ? { logprobs: all } : {}) };
  });
const progress = fc.constantFrom<TaskEvent>({ type: 'queued', place: 2 }, { type: 'started' }, { type: 'prefill', done: 1, total: 9 });

describe('events on their way', () => {
  it('fit into messages one by one, and lose neither text nor tokens nor order of kinds', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: tokens }, progress), { maxLength: 8 }), (events) => {
        const waiting: TaskEvent[] = [];
        for (const event of events) for (const piece of cut(event)) joinTo(waiting, piece);
        for (const event of waiting) expect(isSendable({ t: 'task-events', id: 'task-1', seq: 0, events: [event] })).toBe(true);
        expect(sums(waiting)).toEqual(sums(events));
      }),
      { numRuns: 12 },
    );
  });

  it('are one while they wait: newer progress in place of older, text joined', () => {
    const waiting: TaskEvent[] = [];
    const events: TaskEvent[] = [
      { type: 'queued', place: 2 }, { type: 'queued', place: 1 }, { type: 'started' }, { type: 'prefill', done: 1, total: 2 }, { type: 'prefill', done: 2, total: 2 },
      { type: 'tokens', text: 'a', count: 1 }, { type: 'tokens', text: 'b', count: 2 },
    ];
    for (const event of events) joinTo(waiting, event);
    expect(waiting).toEqual([{ type: 'queued', place: 1 }, { type: 'started' }, { type: 'prefill', done: 2, total: 2 }, { type: 'tokens', text: 'ab', count: 3 }]);
  });

  it('carry errors within bounds', () => {
    const figures = Array.from({ length: 20 }, (_, index): [string, number] => [`figure ${index}`, index]);
    const details: Record<string, number | string> = { nan: Number.NaN, long: 'x'.repeat(999), ...Object.fromEntries(figures) };
    const error = wireErrorOf(new LlamboError('busy', 'm'.repeat(5000), { advice: 'a'.repeat(5000), details }));
    expect(isSendable({ t: 'task-end', id: 'task-1', seq: 0, error })).toBe(true);
    expect(isSendable({ t: 'task-end', id: 'task-1', seq: 0, error: wireErrorOf(new Error('odd')) })).toBe(true);
    expect(error.details).toMatchObject({ 'figure 0': 0 });
  });
});

function sums(events: readonly TaskEvent[]): unknown {
  const written = events.flatMap((event) => (event.type === 'tokens' ? [event] : []));
  return {
    text: written.map(({ text }) => text).join(''),
    count: written.reduce((sum, { count }) => sum + count, 0),
    logprobs: written.reduce((sum, { logprobs }) => sum + (logprobs?.length ?? 0), 0),
    kinds: events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]),
  };
}
