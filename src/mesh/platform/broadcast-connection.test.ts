import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { EndpointId } from '../../shared/ids.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { createBroadcastConnection, type BroadcastConnection } from './broadcast-connection.ts';
import { parseWord, type BroadcastWord } from './broadcast-messages.ts';

/** One end, and what it posted but for data. */
function setUp() {
  const clock = createManualClock();
  const posted: (BroadcastWord | null)[] = [];
  const connection: BroadcastConnection = createBroadcastConnection({
    clock, remote: 'b-there' as EndpointId, outgoing: true, binding: new Uint8Array(1), post: (message) => posted.push(parseWord(message)), hangUp: () => undefined,
  });
  connection.onMessage(() => undefined);
  const hear = (bytes: number): void => connection.heard({ v: 1, type: 'data', channel: 0, bytes: new Uint8Array(bytes) });
  return { clock, connection, hear, posted, acks: () => posted.flatMap((word) => (word?.type === 'ack' ? [word.count] : [])) };
}

describe('what a tab says of what has come', () => {
  it('is one word for many heartbeats', async () => {
    const { clock, hear, acks } = setUp();
    for (let beat = 0; beat < 4; beat += 1) {
      hear(140);
      await clock.advance(1000);
    }
    expect(acks()).toEqual([]);
    await clock.advance(1000);
    expect(acks()).toEqual([4 * 140]);
    await clock.advance(60_000);
    expect(acks()).toEqual([4 * 140]);
  });

  it('comes soon after more than that, also if it began with little, and at once where somebody may wait', async () => {
    const { clock, hear, acks } = setUp();
    hear(100);
    await clock.advance(10);
    hear(5000);
    await clock.advance(20);
    expect(acks()).toEqual([5100]);
    hear(100);
    hear(LIMITS.frameBytes);
    expect(acks()).toEqual([5100, 100 + LIMITS.frameBytes]);
    await clock.advance(60_000);
    expect(acks()).toHaveLength(2);
  });

  it('is enough for the other side never to wait for it', () => {
    const [near, far] = [setUp(), setUp()];
    const frame = new Uint8Array(1000);
    for (let count = 0; count < 2000; count += 1) {
      near.connection.send(frame);
      for (const word of near.posted.splice(0)) far.connection.heard(word);
      for (const word of far.posted.splice(0)) near.connection.heard(word);
    }
    expect(near.connection.bufferedBytes()).toBeLessThan(LIMITS.bufferLowBytes);
  });
});
