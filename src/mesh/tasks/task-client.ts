/**
 * One task over one link, from the asker's side: sends it, reads what comes back, and believes it no further than the
 * protocol goes.
 *
 * ```
 *            task ->                task-events <- (seq 0, 1, 2, …)          task-end <-
 *   (start) ---------> [running] -------------------------------> [running] ------------> (settled)
 *                          | abort, leave, deadline: task-cancel ->, settled here at once
 *                          | link ends: settled with `peer-lost`
 *                          | a broken rule: settled with `peer-lost`, and the link ends as violation `protocol`
 * ```
 *
 * Rules that a worker can break: `seq` counts `task-events` and `task-end` together from 0 without a gap; nothing comes after
 * `done` but a `task-end` without error; a `task-end` without error comes only after `done`; the text of `done` is the sum
 * of all `tokens`; no log-probabilities unless asked for; text, tokens and number of events are bounded.
 *
 * Messages of a task that is not running here are ignored: after a `task-cancel` the worker's last words are still under way.
 */
import type { Task, TaskEvent } from '../../protocol/engine-node.ts';
import type { SealedGrant } from '../../protocol/grant.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import { parseMessage } from '../../protocol/parse.ts';
import { abortError, LlamboError, fromWire } from '../../shared/errors.ts';
import { throwIfAborted } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import type { TaskId } from '../../shared/ids.ts';
import type { LinkEnd, PeerLink } from '../link/peer-link.ts';

export interface LinkRun {
  readonly clock: Clock;
  readonly link: PeerLink;
  /** On the wire: that of the grant, or fresh for each run, because an id that runs already is a violation there. */
  readonly id: TaskId;
  readonly grant?: SealedGrant;
  /** The node's own name within its peer. */
  readonly node: string;
  /** Its `deadlineMs` is what is left of it. */
  readonly task: Task;
  readonly signal: AbortSignal;
  push(event: TaskEvent): void;
}

/** How long after its deadline a task may be silent: over there a cancelled one may take this long to free its slot. */
const GRACE_MS = LIMITS.cancelGraceMs;

/**
 * Settles when the task has ended.
 * @throws LlamboError `aborted`, `bad-request` (it can't be sent), `peer-lost`, `timeout`, and whatever the worker says
 */
export async function runOverLink({ clock, link, id, node, task, grant, signal, push }: LinkRun): Promise<void> {
  const message = taskMessage(id, node, task, grant);
  throwIfAborted(signal);
  const reader = createReader(task, push);
  await new Promise<void>((resolve, reject) => {
    const subscriptions: (() => void)[] = [];
    const settle = (error?: LlamboError): void => {
      for (const off of subscriptions.splice(0)) off();
      if (error) reject(error);
      else resolve();
    };
    /** Ends here at once; the worker is told, and what it still sends is ignored. After `done` there is nothing to lose. */
    const giveUp = (error: LlamboError): void => {
      link.send({ t: 'task-cancel', id });
      settle(reader.isDone() ? undefined : error);
    };
    const broken = (what: string): void => {
      settle(new LlamboError('peer-lost', 'The tab that worked for us broke the rules, and the link to it was closed.', { advice: 'Ask another node.' }));
      link.end({ kind: 'violation', reason: 'protocol', what });
    };
    const onAbort = (): void => giveUp(signal.reason instanceof LlamboError ? signal.reason : abortError());
    signal.addEventListener('abort', onAbort, { once: true });
    subscriptions.push(
      () => signal.removeEventListener('abort', onAbort),
      clock.after(task.deadlineMs + GRACE_MS, () => giveUp(overdue(task))),
      link.onMessage((incoming) => {
        if ((incoming.t !== 'task-events' && incoming.t !== 'task-end') || incoming.id !== id) return;
        const outcome = incoming.t === 'task-end' ? reader.end(incoming) : reader.events(incoming);
        if (outcome.kind === 'violation') broken(`task: ${outcome.what}`);
        else if (outcome.kind === 'end') settle(outcome.error);
      }),
    );
    let cancelSend = (): void => undefined;
    subscriptions.push(() => cancelSend());
    /** Prompts are long: what goes beyond the link's own line would end it. It does not say when it is shorter, so we look once a frame. */
    const send = (): void => {
      if (link.bufferedBytes() > LIMITS.bufferHighBytes) cancelSend = clock.after(LIMITS.batchMs, send);
      else link.send(message);
    };
    send();
    // The last, because a link that has ended says so at once.
    subscriptions.push(link.onEnd((end) => settle(reader.isDone() ? undefined : lost(end))));
  });
}

/**
 * The message as the other side will read it, so that nothing of ours ends a link.
 * @throws LlamboError `bad-request`
 */
function taskMessage(id: TaskId, node: string, { id: _, ...wanted }: Task, grant?: SealedGrant): MessageOf<'task'> {
  const task = { ...wanted, deadlineMs: Math.min(wanted.deadlineMs, LIMITS.taskMs) };
  // As JSON has it: fields that are undefined vanish.
  const text = JSON.stringify({ t: 'task', id, node, task, grant });
  const parsed = parseMessage(JSON.parse(text));
  const bytes = new TextEncoder().encode(text).length;
  if (parsed.kind === 'message' && parsed.message.t === 'task' && bytes <= LIMITS.messageBytes && !isDeep(task.schema, LIMITS.messageDepth - 2)) return parsed.message;
  throw new LlamboError('bad-request', 'The request is larger than what can be sent to another tab.', {
    advice: `Ask in this tab, or shorten it: ${LIMITS.remotePromptChars} characters in ${LIMITS.remoteMessages} messages are the most.`,
  });
}

const isDeep = (value: unknown, levels: number): boolean =>
  typeof value === 'object' && value !== null && (levels === 0 || Object.values(value).some((part) => isDeep(part, levels - 1)));

type Outcome =
  | { readonly kind: 'on' }
  | { readonly kind: 'end'; readonly error?: LlamboError }
  | { readonly kind: 'violation'; readonly what: string };

const ON: Outcome = { kind: 'on' };
const violation = (what: string): Outcome => ({ kind: 'violation', what });

interface Reader {
  events(message: MessageOf<'task-events'>): Outcome;
  end(message: MessageOf<'task-end'>): Outcome;
  /** The answer is whole; only `task-end` is missing. */
  isDone(): boolean;
}

/** Events without a token: one for each place in line and each step of reading the prompt, and more is no progress any more. */
const MOST_PROGRESS = 4096;

function createReader(task: Task, push: (event: TaskEvent) => void): Reader {
  let next = 0;
  let done = false;
  let text = '';
  let tokens = 0;
  let progress = 0;

  /** @returns what is wrong with it */
  function check(event: TaskEvent): string | null {
    if (done) return 'events after done';
    if (event.type !== 'tokens' || event.count === 0) progress += 1;
    if (progress > MOST_PROGRESS) return 'too many events';
    if (event.type === 'done') return event.result.text === text ? null : 'the text is not the sum of its tokens';
    if (event.type !== 'tokens') return null;
    text += event.text;
    tokens += Math.max(event.count, event.logprobs?.length ?? 0);
    if (text.length > LIMITS.answerChars || tokens > LIMITS.maxTokens) return 'too long';
    return event.logprobs && task.logprobs === undefined ? 'log-probabilities that nobody asked for' : null;
  }

  return {
    isDone: () => done,
    events(message) {
      if (message.seq !== next) return violation(`seq ${message.seq} in place of ${next}`);
      next += 1;
      for (const event of message.events) {
        const wrong = check(event);
        if (wrong) return violation(wrong);
        done = event.type === 'done';
        push(event);
      }
      return ON;
    },
    end({ seq, error }) {
      if (seq !== next) return violation(`seq ${seq} in place of ${next}`);
      if (done !== (error === null)) return violation(done ? 'an error after done' : 'an end without done or error');
      return error ? { kind: 'end', error: theirs(fromWire(error)) } : { kind: 'end' };
    },
  };
}

/** `aborted` is what our own side says when its caller stops a run. If the worker says so, it was somebody over there. */
const theirs = (error: LlamboError): LlamboError =>
  error.code === 'aborted' ? new LlamboError('stopped', 'The tab that worked for us stopped the answer.', { advice: 'Ask another node.' }) : error;

const lost = (end: LinkEnd): LlamboError =>
  new LlamboError('peer-lost', end.kind === 'left' ? 'The tab that worked for us was closed.' : 'The link to the tab that worked for us is gone.', {
    advice: 'Ask again: another node may be free.',
  });

export const overdue = ({ deadlineMs }: Pick<Task, 'deadlineMs'>): LlamboError => new LlamboError('timeout', `The answer took longer than ${Math.round(deadlineMs / 1000)} s.`);
