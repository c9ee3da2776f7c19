import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../protocol/engine-node.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { createEventBatcher } from './event-batcher.ts';

const tokens = (text: string): TaskEvent => ({ type: 'tokens', text, count: 1 });

function setUp() {
  const clock = createManualClock();
  const sent: TaskEvent[][] = [];
  const batcher = createEventBatcher(clock, 16, async (events) => void sent.push(events));
  return { clock, sent, batcher };
}

describe('event-batcher', () => {
  it('sends the first word at once and then one message a frame', async () => {
    const { clock, sent, batcher } = setUp();
    for (const word of ['a', 'b', 'c']) batcher.add(tokens(word));
    expect(sent).toEqual([[tokens('a')]]);
    await clock.advance(16);
    expect(sent.slice(1)).toEqual([[{ type: 'tokens', text: 'bc', count: 2 }]]);
  });

  it('sends no empty messages, and is quick again after a pause', async () => {
    const { clock, sent, batcher } = setUp();
    batcher.add(tokens('a'));
    await clock.advance(100);
    expect(sent).toHaveLength(1);
    batcher.add(tokens('b'));
    expect(sent).toHaveLength(2);
  });

  it('keeps the order, joins text and log-probabilities, and keeps only the latest progress', async () => {
    const { sent, batcher } = setUp();
    batcher.add({ type: 'started' });
    batcher.add({ type: 'prefill', done: 1, total: 9 });
    batcher.add({ type: 'prefill', done: 5, total: 9 });
    batcher.add({ ...tokens('a'), logprobs: [{ token: 'a', logprob: -1 }] } as TaskEvent);
    batcher.add({ ...tokens('b'), logprobs: [{ token: 'b', logprob: -2 }] } as TaskEvent);
    await batcher.flush();
    expect(sent.flat()).toEqual([
      { type: 'started' },
      { type: 'prefill', done: 5, total: 9 },
      { type: 'tokens', text: 'ab', count: 2, logprobs: [{ token: 'a', logprob: -1 }, { token: 'b', logprob: -2 }] },
    ]);
  });

  it('settles a flush only when the page has everything', async () => {
    const clock = createManualClock();
    const order: string[] = [];
    const batcher = createEventBatcher(clock, 16, async () => {
      await Promise.resolve();
      order.push('delivered');
    });
    batcher.add(tokens('a'));
    batcher.add(tokens('b'));
    await batcher.flush();
    order.push('flushed');
    expect(order).toEqual(['delivered', 'delivered', 'flushed']);
  });
});
