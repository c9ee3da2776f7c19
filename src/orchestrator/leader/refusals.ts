/** What an asker hears when it gets no node: what happened, what to do, when to try again. */
import type { LlamboErrorOptions } from '../../shared/errors.ts';
import { LlamboError } from '../../shared/errors.ts';

/** V8's, and nobody else's: how many frames a stack has. */
const engine = Error as ErrorConstructor & { stackTraceLimit?: number };

/** An answer and no fault: no stack, since to write that down takes longer than to find out that there is no room. */
function busy(message: string, options: LlamboErrorOptions): LlamboError {
  const { stackTraceLimit } = engine;
  if (stackTraceLimit === undefined) return new LlamboError('busy', message, options);
  engine.stackTraceLimit = 0;
  try {
    return new LlamboError('busy', message, options);
  } finally {
    engine.stackTraceLimit = stackTraceLimit;
  }
}

const seconds = (ms: number): string => `${Math.max(1, Math.round(ms / 1000))} s`;

export function queueFull(why: 'queue' | 'device', retryMs: number): LlamboError {
  const message = why === 'queue' ? 'As many questions wait in this swarm as it takes.' : 'As many of your questions wait as this swarm takes from one device.';
  return busy(message, { advice: `It is tried again in ${seconds(retryMs)}; more nodes would help.`, details: { retryMs } });
}

export function noHedge(retryMs: number): LlamboError {
  return busy('No second node is free for this answer.', { advice: 'The first one goes on.', details: { retryMs } });
}

export function deadlinePast(): LlamboError {
  return new LlamboError('timeout', 'The question came with a deadline in the past.', { advice: 'Ask again with more time.' });
}

export function deadlineOver(waitedMs: number): LlamboError {
  return new LlamboError('timeout', `No node was free within ${seconds(waitedMs)}.`, {
    advice: 'Ask again with more time, or when fewer questions wait; more nodes would help.',
  });
}
