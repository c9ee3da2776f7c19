/** What is wrong with a `swarm.yaml`: where, what, and what would be right. */
export interface ConfigProblem {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** `swarm.queue.most`; empty: the file as a whole. */
  readonly key: string;
  /** A sentence without a full stop: `must be true or false, not "maybe"`. */
  readonly message: string;
  /** What is allowed there; null where the message says all. */
  readonly allowed: string | null;
}
