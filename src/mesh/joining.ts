/**
 * How this tab comes in: its steps, the time that it may take, and why it failed. What is done at each step is `mesh.ts`'s.
 *
 * ```
 *   joining --advance('in')--> in
 *      |                        |
 *      '------- fail ----> failed (also when the time is over, or a tab that is in is put out)
 * ```
 */
import { LIMITS } from '../protocol/limits.ts';
import type { JoinStep, SwarmInfo } from '../protocol/peer.ts';
import { createDeadline, linkedController } from '../shared/abort.ts';
import type { Clock } from '../shared/env.ts';
import { asLlamboError, type LlamboError } from '../shared/errors.ts';

export interface JoiningDeps {
  readonly clock: Clock;
  /** This tab has left: joining ends with its reason. */
  readonly life: AbortSignal;
  /** It failed: closes everything. */
  close(): void;
  onChange(): void;
}

export interface Joined extends Pick<SwarmInfo, 'state' | 'step' | 'waiting'> {
  readonly problem: LlamboError | null;
}

export interface Joining {
  now(): Joined;
  /**
   * Comes in, within `LIMITS.joinMs`. Once.
   * @throws LlamboError what `enter` throws, `timeout`, `aborted`; that is why it failed then
   */
  run(enter: (signal: AbortSignal) => Promise<void>, options?: { signal?: AbortSignal }): Promise<void>;
  /** A person is asked to let this tab in, and may take `LIMITS.admissionMs`. */
  wait(): void;
  advance(step: JoinStep): void;
  fail(problem: LlamboError): void;
}

export function createJoining({ clock, life, close, onChange }: JoiningDeps): Joining {
  let joined: Joined = { state: 'joining', step: 'signalling', waiting: false, problem: null };
  let extend: (ms: number) => void = () => undefined;

  function become(change: Partial<Joined>): void {
    joined = { ...joined, ...change };
    onChange();
  }

  function fail(problem: LlamboError): void {
    if (life.aborted) return;
    joined = { ...joined, state: 'failed', problem };
    close();
    onChange();
  }

  return {
    now: () => joined,
    fail,
    async run(enter, { signal } = {}) {
      const join = linkedController(signal);
      life.addEventListener('abort', () => join.abort(life.reason), { once: true });
      const deadline = createDeadline(clock, LIMITS.joinMs, 'Joining');
      ({ extend } = deadline);
      try {
        await deadline.orLate(enter(join.signal));
      } catch (error) {
        const problem = asLlamboError(error);
        fail(problem);
        throw problem;
      } finally {
        join.abort();
      }
    },
    wait() {
      if (joined.state !== 'joining') return;
      extend(LIMITS.admissionMs);
      become({ waiting: true });
    },
    advance(step) {
      if (joined.state !== 'joining') return;
      become({ step, state: step === 'in' ? 'in' : 'joining', waiting: joined.waiting && step !== 'in' });
    },
  };
}
