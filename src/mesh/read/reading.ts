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
import type { MessageOf, PeerMessage } from '../../protocol/messages.ts';
import type { NamespaceReading } from '../../protocol/namespace.ts';
import { linkedController, throwIfAborted } from '../../shared/abort.ts';
import { abortError, LlamboError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/env.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { createRateLimit, type RateLimit } from '../link/rate-limit.ts';

export interface ReadingDeps {
  readonly clock: Clock;
  /** This tab has left: what is being read ends with its reason. */
  readonly signal: AbortSignal;
  /**
   * What this tab tells others: of itself, and nothing of anybody else.
   * @throws LlamboError for what is not there
   */
  serve(path: string): NamespaceReading;
  /** A link to that peer, looked for if there is none. @throws LlamboError `timeout`, `peer-lost`, `aborted` */
  link(peer: PeerId, signal: AbortSignal): Promise<PeerLink>;
}

export interface Reading {
  /** @returns true if the message was one of these */
  hear(link: PeerLink, message: PeerMessage): boolean;
  /**
   * @param path of that peer's part
   * @throws LlamboError `not-found`, `busy`, `timeout` ({@link LIMITS.readMs}; a tab of an older build never answers),
   *   `peer-lost`, `aborted`, and what `link` throws
   */
  read(peer: PeerId, path: string, options?: { signal?: AbortSignal }): Promise<NamespaceReading>;
}

type Answer = MessageOf<'read-answer'>['found'];

/** Frames are counted by the link; here it is how often somebody asks. */
const RATE = { messagesPerSecond: LIMITS.readsPerSecond, bytesPerSecond: LIMITS.readsPerSecond * LIMITS.pathChars * 4, burstSeconds: 2 };

export function createReading({ clock, signal: life, serve, link }: ReadingDeps): Reading {
  const pending = new Map<number, { readonly link: PeerLink; settle(answer: Answer): void }>();
  const rates = new WeakMap<PeerLink, RateLimit>();
  let asked = 0;

  function rateOf(over: PeerLink): RateLimit {
    const rate = rates.get(over) ?? createRateLimit(RATE, clock.now());
    rates.set(over, rate);
    return rate;
  }

  function answer(path: string): Answer {
    try {
      const found = serve(path);
      return found.kind === 'dir' ? { kind: 'dir', entries: found.entries.slice(0, LIMITS.readEntries) } : { kind: 'file', text: found.text.slice(0, LIMITS.readChars) };
    } catch {
      return { kind: 'error', code: 'not-found' };
    }
  }

  function ask(over: PeerLink, path: string, signal: AbortSignal): Promise<Answer> {
    const id = (asked += 1);
    const offs: (() => void)[] = [() => pending.delete(id)];
    const answered = new Promise<Answer>((settle, reject) => {
      const stop = (): void => reject(signal.reason instanceof LlamboError ? signal.reason : abortError());
      if (signal.aborted) return stop();
      pending.set(id, { link: over, settle });
      signal.addEventListener('abort', stop, { once: true });
      offs.push(
        () => signal.removeEventListener('abort', stop),
        clock.after(LIMITS.readMs, () => reject(new LlamboError('timeout', 'That tab did not say.', { advice: 'Try again; it may be busy, or of an older build.' }))),
        over.onEnd(() => reject(lost())),
      );
      over.send({ t: 'read', id, path });
    });
    return answered.finally(() => offs.forEach((off) => off()));
  }

  return {
    hear(over, message) {
      if (message.t === 'read-answer') {
        const question = pending.get(message.id);
        // Of another link, or too late.
        if (question?.link === over) question.settle(message.found);
        return true;
      }
      if (message.t !== 'read') return false;
      const may = over.bufferedBytes() <= LIMITS.bufferHighBytes && rateOf(over).take(message.path.length, clock.now());
      over.send({ t: 'read-answer', id: message.id, found: may ? answer(message.path) : { kind: 'error', code: 'busy' } });
      return true;
    },
    async read(peer, path, { signal } = {}) {
      const stop = linkedController(signal);
      const leave = (): void => stop.abort(life.reason);
      if (life.aborted) leave();
      life.addEventListener('abort', leave, { once: true });
      try {
        throwIfAborted(stop.signal);
        const found = await ask(await link(peer, stop.signal), path, stop.signal);
        if (found.kind !== 'error') return found;
        if (found.code === 'busy') throw new LlamboError('busy', 'That tab was asked too often.', { advice: 'Wait a second and try again.' });
        throw new LlamboError('not-found', `That tab has nothing at ${path}.`, { advice: 'Read the directory above it.' });
      } finally {
        life.removeEventListener('abort', leave);
        stop.abort();
      }
    },
  };
}

const lost = (): LlamboError => new LlamboError('peer-lost', 'The link to that tab is gone.', { advice: 'Try again.' });
