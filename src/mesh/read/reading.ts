/**
 * Reading what another peer tells of itself, and telling others: one question and one answer at a time over a link, told
 * apart by numbers. It knows the namespace as paths and texts, and not what they mean.
 *
 * ```
 *   read ->  [pending] --read-answer, or the deadline, or the end of the link--> settled
 *   read <-  answered at once; `busy` beyond the rate, or while the link has no room
 * ```
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { NamespaceReading } from '../../protocol/namespace.ts';
import { abortError, LlamboError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/env.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { createRateLimit } from '../link/rate-limit.ts';

export interface ReadingDeps {
  readonly clock: Clock;
  /**
   * What this tab tells others: of itself, and nothing of anybody else.
   * @throws LlamboError for what is not there
   */
  serve(path: string): NamespaceReading;
  /** A link to that peer, looked for if there is none. @throws LlamboError `unreachable`, `timeout`, `peer-lost`, `aborted` */
  link(peer: PeerId, signal: AbortSignal | undefined): Promise<PeerLink>;
}

export interface Reading {
  /** Answers and hears over this link until it ends. */
  attend(link: PeerLink): void;
  /**
   * @param path of that peer's part
   * @throws LlamboError `not-found`, `busy`, `timeout` ({@link LIMITS.readMs}; a tab of an older build never answers),
   *   `peer-lost`, `aborted`, and what `link` throws
   */
  read(peer: PeerId, path: string, options?: { signal?: AbortSignal }): Promise<NamespaceReading>;
}

type Answer = MessageOf<'read-answer'>['found'];
type Settle = (answer: Answer) => void;

/** Frames are counted by the link; here it is how often somebody asks. */
const RATE = { messagesPerSecond: LIMITS.readsPerSecond, bytesPerSecond: LIMITS.readsPerSecond * LIMITS.pathChars * 4, burstSeconds: 2 };

export function createReading({ clock, serve, link }: ReadingDeps): Reading {
  const pending = new Map<PeerLink, Map<number, Settle>>();
  let asked = 0;

  function answer(path: string): Answer {
    try {
      const found = serve(path);
      return found.kind === 'dir' ? { kind: 'dir', entries: found.entries.slice(0, LIMITS.readEntries) } : { kind: 'file', text: found.text.slice(0, LIMITS.readChars) };
    } catch {
      return { kind: 'error', code: 'not-found' };
    }
  }

  function attend(to: PeerLink): void {
    const rate = createRateLimit(RATE, clock.now());
    pending.set(to, new Map());
    to.onMessage((message) => {
      if (message.t === 'read-answer') return pending.get(to)?.get(message.id)?.(message.found);
      if (message.t !== 'read') return;
      const may = to.bufferedBytes() <= LIMITS.bufferHighBytes && rate.take(message.path.length, clock.now());
      to.send({ t: 'read-answer', id: message.id, found: may ? answer(message.path) : { kind: 'error', code: 'busy' } });
    });
    to.onEnd(() => pending.delete(to));
  }

  function ask(over: PeerLink, path: string, signal: AbortSignal | undefined): Promise<Answer> {
    const open = pending.get(over);
    if (!open) return Promise.reject(lost());
    const id = (asked += 1);
    const offs: (() => void)[] = [];
    const answered = new Promise<Answer>((resolve, reject) => {
      const stop = (): void => reject(signal?.reason instanceof LlamboError ? signal.reason : abortError());
      open.set(id, resolve);
      signal?.addEventListener('abort', stop, { once: true });
      offs.push(
        () => open.delete(id),
        () => signal?.removeEventListener('abort', stop),
        clock.after(LIMITS.readMs, () => reject(new LlamboError('timeout', 'That tab did not say.', { advice: 'Try again; it may be busy, or of an older build.' }))),
        over.onEnd(() => reject(lost())),
      );
      if (signal?.aborted) stop();
      else over.send({ t: 'read', id, path });
    });
    return answered.finally(() => offs.forEach((off) => off()));
  }

  return {
    attend,
    async read(peer, path, { signal } = {}) {
      const found = await ask(await link(peer, signal), path, signal);
      if (found.kind !== 'error') return found;
      if (found.code === 'busy') throw new LlamboError('busy', 'That tab was asked too often.', { advice: 'Wait a second and try again.' });
      throw new LlamboError('not-found', `That tab has nothing at ${path}.`, { advice: 'Read the directory above it.' });
    },
  };
}

const lost = (): LlamboError => new LlamboError('peer-lost', 'The link to that tab is gone.', { advice: 'Try again.' });
