/** The configuration as the page shows it. */
import type { ConfigEntry } from './config-fields.ts';
import type { ConfigProblem } from './config-problem.ts';

/** By key (`swarm.queue.most`), as a person would type it: `2s`, `512MB`, `true`; lists of texts one a line, other lists by their length. */
export type ConfigValues = Readonly<Record<string, string>>;

export interface ConfigInfo {
  /** Every section and key that there is, in the order of the file. */
  readonly entries: readonly ConfigEntry[];
  /** The person's own `swarm.yaml`, with the rest commented out. Empty until it was asked for with `showConfig`. */
  readonly text: string;
  /** What the person set here. */
  readonly own: ConfigValues;
  /** What counts where the person set nothing: the site's word, or the default. */
  readonly below: ConfigValues;
  /** What counts now. Differs from the two where the swarm has a configuration of its own. */
  readonly counts: ConfigValues;
  /** Of the last change that was refused; empty once one was taken. */
  readonly problems: readonly ConfigProblem[];
  /** The whole text that was refused, where `problems` have their lines; null if it was a single value, or nothing. */
  readonly refused: string | null;
  /** The founder or a steward decided the swarm's part for all. */
  readonly fromSwarm: boolean;
}
