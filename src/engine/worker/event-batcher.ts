/**
 * Between the model, which speaks token by token, and the page, which paints frame by frame: the first word goes out
 * at once, then at most one message a frame. Progress replaces older progress; text is joined.
 */
import type { TokenLogprob } from '../../protocol/chat.ts';
import type { TaskEvent } from '../../protocol/engine-node.ts';
import type { Clock } from '../../shared/env.ts';

type Tokens = Extract<TaskEvent, { type: 'tokens' }>;

export interface EventBatcher {
  add(event: TaskEvent): void;
  /** Sends what is left, now. Settles when the page has it, so that nothing overtakes it. */
  flush(): Promise<void>;
}

export function createEventBatcher(clock: Clock, frameMs: number, send: (events: TaskEvent[]) => Promise<void>): EventBatcher {
  let pending: TaskEvent[] = [];
  let cancelTimer: (() => void) | null = null;
  let delivered = Promise.resolve();

  function flush(): Promise<void> {
    cancelTimer?.();
    cancelTimer = null;
    if (pending.length === 0) return delivered;
    const events = pending;
    pending = [];
    delivered = Promise.all([delivered, send(events)]).then(() => undefined);
    return delivered;
  }

  const onTimer = (): void => {
    cancelTimer = null;
    if (pending.length === 0) return;
    void flush();
    wait();
  };
  const wait = (): void => {
    cancelTimer = clock.after(frameMs, onTimer);
  };

  return {
    add(event) {
      pending = join(pending, event);
      if (cancelTimer) return;
      void flush();
      wait();
    },
    flush,
  };
}

function join(events: TaskEvent[], event: TaskEvent): TaskEvent[] {
  const last = events.at(-1);
  if (last?.type === 'tokens' && event.type === 'tokens') return [...events.slice(0, -1), joinTokens(last, event)];
  if (last?.type === event.type && (event.type === 'prefill' || event.type === 'queued')) return [...events.slice(0, -1), event];
  return [...events, event];
}

function joinTokens(a: Tokens, b: Tokens): Tokens {
  const logprobs: readonly TokenLogprob[] = [...(a.logprobs ?? []), ...(b.logprobs ?? [])];
  return { type: 'tokens', text: a.text + b.text, count: a.count + b.count, ...(logprobs.length > 0 ? { logprobs } : {}) };
}
