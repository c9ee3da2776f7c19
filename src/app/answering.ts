/** A running request as whoever asked holds it: events to iterate, a promise, and a way to end it. What is done for it is not known here. */
import type { Answer, AnswerEvent, Answering } from '../protocol/chat.ts';
import { throwIfAborted } from '../shared/abort.ts';
import { createChannel, type Channel } from '../shared/channel.ts';
import type { Random } from '../shared/env.ts';
import { newJobId, type JobId } from '../shared/ids.ts';

/** What the work gets. */
export interface RunningRequest {
  readonly id: JobId;
  readonly events: Pick<Channel<AnswerEvent>, 'push'>;
  /** Fires when the request is cancelled, or the signal of whoever asked does. */
  readonly signal: AbortSignal;
}

/**
 * Starts at once, without waiting for anybody to listen.
 *
 * @param signal of whoever asked
 * @param check what is wrong with the request it throws, before anything is done
 * @param work its `done` event is told here
 */
export function createAnswering<T>(random: Random, signal: AbortSignal | undefined, check: () => T, work: (asked: T, request: RunningRequest) => Promise<Answer>): Answering {
  const controller = new AbortController();
  const id = newJobId(random);
  const cancel = (): void => controller.abort(signal?.reason);
  const events = createChannel<AnswerEvent>(cancel);
  const start = async (): Promise<Answer> => {
    const asked = check();
    throwIfAborted(signal);
    signal?.addEventListener('abort', cancel, { once: true });
    return work(asked, { id, events, signal: controller.signal }).finally(() => signal?.removeEventListener('abort', cancel));
  };
  const done = start();
  done.then(
    (answer) => {
      events.push({ type: 'done', answer });
      events.end();
    },
    (error: unknown) => events.fail(error),
  );
  return Object.freeze({ id, done, cancel, [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() });
}
