import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../protocol/log-event.ts';
import { nodeAddress } from '../shared/ids.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createEventLog, type EventLog } from './event-log.ts';

const node = nodeAddress('p', 'n');
const stopped = (reason: string) => ({ type: 'node stopped', node, reason }) as const;

async function take(log: EventLog, count: number, filter: Parameters<EventLog['read']>[0] = {}): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for await (const event of log.read(filter)) if (events.push(event) === count) break;
  return events;
}

describe('event-log', () => {
  it('gives what is remembered and then what comes, in order', async () => {
    const log = createEventLog(createManualClock(7));
    log.add(stopped('one'));
    const reading = take(log, 2);
    await Promise.resolve();
    log.add(stopped('two'));
    expect(await reading).toMatchObject([{ reason: 'one', sequence: 0, time: 7 }, { reason: 'two', sequence: 1 }]);
  });

  it('is bounded, and numbers go on', async () => {
    const log = createEventLog(createManualClock(), 10);
    for (let index = 0; index < 25; index += 1) log.add(stopped(`${index}`));
    const stop = new AbortController();
    const events: LogEvent[] = [];
    for await (const event of log.read({ signal: stop.signal })) {
      events.push(event);
      if (event.sequence === 24) stop.abort();
    }
    expect(events.length).toBeLessThanOrEqual(10);
    expect(events.at(-1)!.sequence).toBe(24);
  });

  it('filters by type and by number, and ends with the signal', async () => {
    const log = createEventLog(createManualClock());
    log.add({ type: 'model deleted', model: 'a' });
    log.add(stopped('one'));
    log.add({ type: 'model deleted', model: 'b' });
    expect(await take(log, 1, { types: ['model deleted'], after: 0 })).toMatchObject([{ model: 'b' }]);
    expect(await take(log, 9, { signal: AbortSignal.abort() })).toEqual([]);
  });
});
