/** The one event log: bounded, typed, without prompts. Whoever wants to know what happened reads it here. */
import type { EventFilter } from '../protocol/llambo.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { LogEntry, LogEvent } from '../protocol/log-event.ts';
import { createChannel } from '../shared/channel.ts';
import { Emitter } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';

export interface EventLog {
  add(entry: LogEntry): void;
  /** The newest of those that are wanted, the oldest first. */
  last(count: number, wanted: (event: LogEvent) => boolean): readonly LogEvent[];
  /** What is remembered and then what comes, until the reader leaves the loop or the signal fires. */
  read(filter?: EventFilter): AsyncIterable<LogEvent>;
}

export function createEventLog(clock: Clock, limit: number = LIMITS.logEvents): EventLog {
  const added = new Emitter<LogEvent>();
  let events: LogEvent[] = [];
  let sequence = 0;

  function read({ types, after = -1, signal }: EventFilter = {}): AsyncIterable<LogEvent> {
    const wanted = (event: LogEvent): boolean => event.sequence > after && (!types || types.includes(event.type));
    const channel = createChannel<LogEvent>(() => off());
    const off = added.on((event) => {
      if (wanted(event)) channel.push(event);
    });
    const end = (): void => {
      off();
      channel.end();
    };
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
    for (const event of events) if (wanted(event)) channel.push(event);
    return channel;
  }

  return {
    add(entry) {
      const event: LogEvent = Object.freeze({ ...entry, time: clock.wallTime(), sequence });
      sequence += 1;
      // Dropping half at a time keeps adding cheap: one copy in `limit / 2` events.
      if (events.length >= limit) events = events.slice(-Math.floor(limit / 2));
      events.push(event);
      added.emit(event);
    },
    last: (count, wanted) => events.filter(wanted).slice(-count),
    read,
  };
}
