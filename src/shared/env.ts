/**
 * Time and chance as interfaces. Everything that decides takes these; the one real version is `system-env.ts`,
 * the one for tests is `testing/manual-clock.ts`.
 */

/** Monotonic time in milliseconds, and one-shot timers. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. For durations only. */
  now(): number;
  /** Milliseconds since 1970 UTC; may jump. For dates that a person reads. */
  wallTime(): number;
  /** Calls back once, `ms` from now. The returned function cancels it and may be called at any time. */
  after(ms: number, callback: () => void): () => void;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** 16 characters of a–z and 0–9 (about 82 bits) that nobody can guess. */
  id(): string;
}

export interface Env {
  readonly clock: Clock;
  readonly random: Random;
}
